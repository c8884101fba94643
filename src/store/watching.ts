/**
 * The part of the store's contract that tells the operator: notices on their way out, the watch over late work, the counts of a scrape.
 *
 * @module
 */
import type { Severity } from "../model/alarm.ts";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import type { Lane } from "../model/operation.ts";
import type { JournalEntry } from "../model/resource.ts";

/** Alarms on their way out. A journal row that is an alarm becomes a notice in its own transaction. */
export interface NoticeStore {
  /** Whether alarms become notices from now on: with nobody to send them they would only pile up. */
  keepNotices(kept: boolean): void;
  /** When the next notice may be sent (ms), or `undefined`. */
  nextNoticeMs(): Promise<number | undefined>;
  /** Claims up to `limit` notices for this long, pages first; nobody else gets them meanwhile. */
  takeNotices(limit: number, forMs: number): Promise<readonly Notice[]>;
  /** False when somebody else has claimed it since. */
  endNotice(notice: Notice, how: "sent" | "givenUp"): Promise<boolean>;
  putOffNotice(notice: Notice, forMs: number): Promise<boolean>;
  /** Drops what is too much, oldest first, pages last. @returns how many */
  dropNotices(most: number): Promise<number>;
  /** Deletes what ended longer ago than this. */
  forgetNotices(olderThanMs: number): Promise<void>;
  unsentNotices(): Promise<number>;
}

export interface Notice {
  readonly id: string;
  readonly connection: ConnectionId;
  readonly kind: string;
  readonly severity: Severity;
  readonly resource: ResourceId | undefined;
  readonly correlation: string;
  readonly text: string;
  readonly atMs: number;
  /** This one included. */
  readonly attempts: number;
}

/** What the watch over late work asks for, and what a scrape of `/metrics` reads. */
export interface WatchStore {
  /** Denials that have become late and about which nobody was told at that level yet, oldest first. Reads only. */
  lateDenials(wanted: { readonly alarmAfterMs: number; readonly pageAfterMs: number; readonly limit: number }): Promise<readonly LateDenial[]>;
  /**
   * Marks them as told and appends what `tell` says of those that nobody else has marked first; opens the connection's incident.
   *
   * @returns those that were marked now
   */
  markLate(connection: ConnectionId, late: readonly LateDenial[], tell: (marked: readonly LateDenial[]) => readonly JournalEntry[]): Promise<readonly LateDenial[]>;
  /** The connection's denials of at least this age. */
  denialsOlderThan(connection: ConnectionId, ageMs: number): Promise<{ readonly count: number; readonly oldestMs: number | undefined }>;
  /** When the oldest unfinished denial of each of these connections was accepted (ms); without one, none. */
  oldestDenials(connections: readonly ConnectionId[]): Promise<ReadonlyMap<ConnectionId, number>>;
  /** Open tasks of at least this age, per connection. */
  tasksOlderThan(ageMs: number): Promise<ReadonlyMap<ConnectionId, number>>;
  incidents(): Promise<readonly Incident[]>;
  /** Opens one, unless it is open. @returns whether it was this call that did */
  openIncident(connection: ConnectionId, kind: Incident["kind"], journal: readonly JournalEntry[]): Promise<boolean>;
  /** Notes that it was told of now. @returns false, and nothing is written, when somebody else has done so since it was read */
  toldIncident(incident: Incident, journal: readonly JournalEntry[]): Promise<boolean>;
  /** Closes it, unless a denial of at least `unlessOlderThanMs` is there after all. @returns whether it was this call that did */
  closeIncident(incident: Incident, unlessOlderThanMs: number | undefined, journal: readonly JournalEntry[]): Promise<boolean>;
  openHolds(): Promise<number>;
  reading(connection: ConnectionId): Promise<Reading>;
}

export interface LateDenial {
  readonly connection: ConnectionId;
  readonly resource: ResourceId;
  readonly sinceMs: number;
  readonly level: "alarm" | "page";
}

export interface Incident {
  readonly connection: ConnectionId;
  readonly kind: "denials" | "tasks";
  readonly openedMs: number;
  readonly toldMs: number;
}

/** A connection at one moment. Counts of due work end at 10,000, because counting must stay cheap. */
export interface Reading {
  readonly due: Readonly<Record<Lane, number>>;
  /** Given up until a push or a person. */
  readonly failed: number;
  readonly oldestDenialMs: number | undefined;
  readonly openHolds: number;
  readonly heldPushes: number;
  readonly openTasks: number;
  readonly journalRows: number;
}

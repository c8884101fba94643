/**
 * What the house may ask of the journal, and of the modes that are journalled with it: a part of the contract in `store.ts`.
 *
 * @module
 */
import type { ConnectionId, CorrelationId, ResourceId } from "../model/ids.ts";
import type { Mode } from "../model/mode.ts";
import type { Plan } from "../model/operation.ts";
import type { JournalEntry } from "../model/resource.ts";
import type { Break, ChainRow, Verdict } from "./chain.ts";
import type { JournalRow } from "./person-store.ts";

export interface ModeStore {
  /** From the row, now. `owned`: the resource has a denial that was acknowledged and is not carried out yet. One statement. */
  mode(connection: ConnectionId, resource?: ResourceId): Promise<Mode & { readonly owned: boolean }>;
  /** Every connection that is frozen or observes. */
  modes(): Promise<readonly Mode[]>;
  /** Journalled. False when it was frozen already: the first reason stays. */
  freeze(connection: ConnectionId, why: { readonly by: string; readonly reason: string }): Promise<boolean>;
  /** Journalled. False when it was not frozen. What lay beneath the freeze counts again. */
  unfreeze(connection: ConnectionId, why: { readonly by: string; readonly reason: string }): Promise<boolean>;
  /** Journalled. `promoted`: it has observed before, and nobody asks to do so `again`. */
  observe(connection: ConnectionId, why: { readonly by: string; readonly reason: string; readonly again: boolean }): Promise<"begun" | "observing" | "promoted" | "frozen">;
  /**
   * Ends observing and makes what is parked due. `moved`: something was pushed after journal row `pushesUntilSeq`.
   *
   * @param promotion `people`: those who lose access by the plan; journalled as approved by whoever promotes
   */
  promote(connection: ConnectionId, promotion: { readonly by: string; readonly hash: string; readonly pushesUntilSeq: number; readonly people: readonly ResourceId[] }): Promise<"promoted" | "moved" | "not observing" | "frozen">;
}

export interface JournalStore {
  append(connection: ConnectionId, entries: readonly JournalEntry[]): Promise<void>;
  journal(connection: ConnectionId, wanted: JournalWanted): Promise<readonly JournalRow[]>;
  /** The last row; `seq` 0 = there is none. */
  journalHead(connection: ConnectionId): Promise<{ readonly seq: number; readonly hash: string }>;
  /** Rows exactly as they are stored, in order. */
  chainRows(connection: ConnectionId, afterSeq: number, limit: number): Promise<readonly ChainRow[]>;
  /** The whole chain, read from end to end; other work of the process gets its turn in between. */
  verifyJournal(connection: ConnectionId): Promise<Verdict>;
  /** The first break of `verifyJournal` that nobody has accepted, or `undefined` if the chain is whole. */
  firstBrokenRow(connection: ConnectionId): Promise<number | undefined>;
  /** Operations that somebody intended and of which nobody has said how they ended. */
  openIntent(connection: ConnectionId, resource: ResourceId): Promise<Plan>;
  /** The correlations of the pushes that a hold has kept. */
  heldCorrelations(connection: ConnectionId, hold: string): Promise<readonly string[]>;
  /** Puts on record that an operator knows of a break: from then on it is reported and no longer counts. */
  acceptBreak(connection: ConnectionId, broken: Break, why: { readonly by: string; readonly reason: string }): Promise<void>;
  /**
   * Takes the oldest rows out, and puts on record where the rest begins: the only thing in the house that removes journal rows.
   *
   * @param given `rows`: from the oldest one on, as they stand in an export; `digest`: the export's SHA-256
   * @returns how many; 0, and nothing has changed, unless the database holds exactly these and at least one more
   */
  prune(connection: ConnectionId, given: { readonly rows: readonly ChainRow[]; readonly digest: string; readonly by: string }): Promise<number>;
}

/** Throw-away people of `drawbridge doctor`. */
export interface TrialStore {
  /** From now on no rail counts what this person loses. Journalled. False for somebody who has been here for an hour, and for a group. */
  beginTrial(connection: ConnectionId, resource: ResourceId, why: { readonly by: string; readonly correlation: CorrelationId }): Promise<boolean>;
  /** What the person has lost meanwhile counts for nobody else either. Journalled. */
  endTrial(connection: ConnectionId, resource: ResourceId, why: { readonly by: string; readonly correlation: CorrelationId }): Promise<void>;
}

export interface JournalWanted {
  readonly resource?: ResourceId;
  readonly afterSeq?: number;
  readonly limit: number;
  readonly kinds?: readonly JournalEntry["kind"][];
  /** Both ends included. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** At most 1,000. */
  readonly correlations?: readonly string[];
}

/**
 * The part of the store that answers people who look somebody up; `people.ts` carries it out.
 *
 * @module
 */
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import type { Json } from "../model/json.ts";
import type { JournalEntry } from "../model/resource.ts";

export interface JournalRow {
  readonly seq: number;
  readonly atMs: number;
  readonly resource: ResourceId | undefined;
  readonly correlation: string;
  readonly kind: JournalEntry["kind"];
  readonly data: Json;
  readonly hash: string;
}

/** Whom a name means. At most 20 answers each; several are possible, because an externalId may repeat. */
export interface PersonStore {
  /** Users that are there, by id, userName (letter case apart), externalId or the vendor's account id. */
  named(connection: ConnectionId, name: string): Promise<readonly ResourceId[]>;
  /** Users that were there, by id, or by the account, externalId or e-mail that they had. */
  formerlyNamed(connection: ConnectionId, name: string): Promise<readonly ResourceId[]>;
  /** Users of whom one of the newest rows of the journal speaks: by correlation id, or by a userName that a push gave or took. */
  spokenOf(connection: ConnectionId, name: string, among: number): Promise<readonly ResourceId[]>;
  /** Pushes of other resources (groups) among the newest rows that name this one, oldest first. */
  mentions(connection: ConnectionId, id: ResourceId, among: number): Promise<readonly JournalRow[]>;
}

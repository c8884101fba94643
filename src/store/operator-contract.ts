/**
 * What operators may ask of the store and do to it: a part of the contract in `store.ts`.
 *
 * @module
 */
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import type { Lane } from "../model/operation.ts";
import type { Role } from "../model/operator.ts";
import type { Due, JournalEntry, ResourceType } from "../model/resource.ts";
import type { JournalRow } from "./person-store.ts";

/** Tokens of the operator API. They belong to no connection, and their journal is `operatorsJournal`. */
export interface OperatorStore {
  addOperator(token: NewOperator, journal: readonly JournalEntry[]): Promise<"added" | "exists">;
  /** False when there is none of that name. */
  revokeOperator(name: string, journal: readonly JournalEntry[]): Promise<boolean>;
  /** In order of their names. */
  operators(): Promise<readonly StoredOperator[]>;
  usedOperator(name: string, atMs: number): Promise<void>;
}

export interface NewOperator {
  readonly name: string;
  /** SHA-256 of the token, hex. */
  readonly hash: string;
  readonly role: Role;
  readonly expiresMs: number | undefined;
  readonly by: string;
}

export interface StoredOperator extends NewOperator {
  readonly createdMs: number;
  readonly lastUsedMs: number | undefined;
}

/** Work as people see it: one row for each resource that ever had any. */
export interface WorkStore {
  /** Oldest first. One statement. */
  work(wanted: WorkWanted): Promise<WorkPage>;
  /** `undefined` = never had any work, or is gone. */
  workOf(connection: ConnectionId, resource: ResourceId): Promise<Work | undefined>;
  /** Due now, with all its attempts before it; the time of what is granted begins anew. `running`, `held`, `done`: nothing was changed. */
  retry(connection: ConnectionId, resource: ResourceId, journal: readonly JournalEntry[]): Promise<"retried" | "running" | "held" | "done">;
  /** The same for up to `limit` of what was given up (`failed`), the oldest first. @returns who they were */
  retryFailed(connection: ConnectionId, wanted: { readonly lane?: Lane; readonly limit: number }, journal: (resource: ResourceId) => JournalEntry): Promise<readonly ResourceId[]>;
  /** Rows of the journal, the newest first. */
  newest(connection: ConnectionId, wanted: NewestWanted): Promise<readonly JournalRow[]>;
  /** Since when a vendor is down, and when it is asked next (ms); `undefined` = it is not. */
  outage(connection: ConnectionId): Promise<{ readonly sinceMs: number; readonly probeMs: number } | undefined>;
}

/**
 * `due` now · `running`: somebody is at it · `waiting` for its time · `failed`: given up until a push or a person · `held`: a rail has
 * stopped it, and a person decides · `done`: nothing is left to do.
 */
export const workStates = ["due", "running", "waiting", "failed", "held", "done"] as const;
export type WorkState = (typeof workStates)[number];

export interface WorkWanted {
  readonly connections: readonly ConnectionId[];
  /** Absent = all but `done`. */
  readonly states?: readonly WorkState[];
  readonly lane?: Lane;
  /** At least so old. */
  readonly olderThanMs?: number;
  /** The `next` of the page before. */
  readonly after?: WorkPosition;
  readonly limit: number;
}

export interface WorkPosition {
  readonly sinceMs: number;
  readonly seq: number;
}

export interface WorkPage {
  readonly rows: readonly Work[];
  /** Where the page ended, if there is more. */
  readonly next: WorkPosition | undefined;
}

export interface Work {
  readonly connection: ConnectionId;
  readonly resource: ResourceId;
  readonly type: ResourceType;
  /** userName or displayName. */
  readonly label: string;
  readonly state: WorkState;
  /** `undefined` = done. */
  readonly due: Due | undefined;
  /** When it was opened last (ms). */
  readonly sinceMs: number;
}

export interface NewestWanted {
  /** Only rows before this one. */
  readonly beforeSeq?: number;
  readonly kinds?: readonly JournalEntry["kind"][];
  readonly resource?: ResourceId;
  readonly correlation?: string;
  /** Only among so many of the newest rows before `beforeSeq`: nothing but the resource has an index. */
  readonly among: number;
  readonly limit: number;
}

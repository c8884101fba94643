/**
 * The memory: what the rest of the house may ask of the store. One implementation, two engines behind it.
 *
 * Every method takes a connection, so no row of another one can ever be touched. Every method that changes something is one
 * transaction, and none waits for anything but the database inside it.
 *
 * @module
 */
import type { AccountId, ConnectionId, ResourceId } from "../model/ids.ts";
import type { Filter } from "../model/filter.ts";
import type { Lane } from "../model/operation.ts";
import type { Link } from "../model/link.ts";
import type { Mode } from "../model/mode.ts";
import type { Failure } from "../model/failure.ts";
import type { NoticeStore, WatchStore } from "./watching.ts";
import type { Attributes, Due, Held, JournalEntry, Keys, Lease, Member, MemberChange, ResourceType, StoredResource, Task } from "../model/resource.ts";
import type { JournalRow, PersonStore } from "./person-store.ts";
import type { GroupRail, HoldStore, PolicyStore, StoppedByRail, UserRail } from "./rail-contract.ts";
import type { JournalStore, JournalWanted, ModeStore, TrialStore } from "./record-contract.ts";
import type { OperatorStore, WorkStore } from "./operator-contract.ts";
import type { ReconcileStore } from "./reconcile-contract.ts";
import type { BudgetStore, OutageStore } from "./vendor-contract.ts";

export interface Store extends KeyStore, ResourceStore, DueStore, BudgetStore, OutageStore, ModeStore, JournalStore, TokenStore, TaskStore, HoldStore, PolicyStore, PersonStore, NoticeStore, WatchStore, TrialStore, ReconcileStore, OperatorStore, WorkStore {
  /** Database time, ms since 1970. */
  now(): Promise<number>;
  /** Throws unless the database answers. */
  ping(): Promise<void>;
  /** Whether a method threw because the database is out of reach, full or broken: nothing was kept, as far as anybody can tell. */
  isAway(thrown: unknown): boolean;
  close(): Promise<void>;
}

// ---------------------------------------------------------------------------------------------------------- resources

export interface ResourceStore {
  /** `undefined`: no such resource on this connection (deleted ones included). One statement. */
  read(connection: ConnectionId, type: ResourceType, id: ResourceId, want: { readonly groups: boolean; readonly members: boolean }): Promise<StoredResource | undefined>;
  /** Rows in the order asked for; ties, and no order at all, by order of arrival. */
  list(connection: ConnectionId, type: ResourceType, wanted: ListWanted): Promise<Listed>;
  /**
   * The whole of a push's promise in one transaction: desired state with its new version, journal rows, due row with the request's lease.
   * Nothing is kept unless the answer is `committed`.
   */
  commit(push: Commit): Promise<Committed>;
  /** As `commit`, for a group: attributes by compare-and-set where they change, members by row deltas. */
  commitGroup(push: GroupCommit): Promise<GroupCommitted>;
  /** Undoes a commit whose push the vendor refused: the former attributes and version return, or (no `former`) the resource was never there. False when somebody was faster. */
  rollBack(undo: RollBack): Promise<boolean>;
  /** The answer to this create was (not) written out; a repeat is then a conflict (or gets the same resource). */
  markAnswered(connection: ConnectionId, resources: readonly ResourceId[]): Promise<void>;
  /** The resource that holds a folded userName, displayName or e-mail now, and how it came to be. */
  holder(connection: ConnectionId, type: ResourceType, by: { readonly name: string } | { readonly email: string }): Promise<Holder | undefined>;
  /** The living resource that a create with this body made within the last hour, whatever it is called by now. */
  twin(connection: ConnectionId, bodyDigest: string): Promise<Holder | undefined>;
  /** The resource whose link points at this account, deleted ones whose denial is still under way included. */
  linkedTo(connection: ConnectionId, account: AccountId): Promise<ResourceId | undefined>;
  /** Takes the account (a tombstone keeps it) from a deleted resource that is kept only so that its denial can be looked at once more. False, and nothing changes, for every other one. */
  letGo(connection: ConnectionId, resource: ResourceId): Promise<boolean>;
  /** Whether a create under this address, for another resource than `except`, may still be carried out. */
  awaits(connection: ConnectionId, email: string, except: ResourceId | undefined): Promise<boolean>;
  /**
   * The accounts of other resources than `except` that are linked under this address, and the one that was let go last under it, by whomever.
   * `isSought`: whether it is under this address by now is in doubt (`Applied.seeks`).
   */
  knownUnder(connection: ConnectionId, email: string, except: ResourceId | undefined): Promise<readonly { readonly account: AccountId; readonly kind: Link["kind"]; readonly isSought: boolean }[]>;
  /** The former owner of an account that has been let go, if any. */
  tombstone(connection: ConnectionId, account: AccountId): Promise<{ readonly resource: ResourceId; readonly externalId: string | undefined } | undefined>;
}

export interface ListWanted {
  readonly filter: Filter | undefined;
  readonly sort: { readonly path: readonly string[]; readonly listAt: number | undefined; readonly descending: boolean } | undefined;
  /** 0-based. */
  readonly offset: number;
  readonly limit: number;
  /** A `next` of the page before, `""` = the first page: rows behind that position, whatever came or went meanwhile. Then `offset` is 0. */
  readonly after?: string;
  readonly groups: boolean;
  readonly members: boolean;
}

export interface Listed {
  readonly total: number;
  readonly resources: readonly StoredResource[];
  /** Where the page ended, if it was asked for by `after` and there is more. */
  readonly next?: string;
}

export interface Commit {
  readonly connection: ConnectionId;
  readonly type: "User";
  readonly id: ResourceId;
  /** The version that the decision was based on; `undefined` = the resource is new. */
  readonly readAt: number | undefined;
  /** `undefined` = deleted: out of sight at once, its name free, its link kept until the vendor has been told. */
  readonly attributes: Attributes | undefined;
  readonly keys: Keys | undefined;
  /** Digest of a create's body, by which the same create is known again. */
  readonly bodyDigest: string | undefined;
  readonly journal: readonly JournalEntry[];
  /** An account may be coming to be under this address; kept as a link of unknown account, unless there is a link already. */
  readonly awaited?: string | undefined;
  /** `undefined`: nothing to do at the vendor (an older due row stays as it is). */
  readonly due: NewDue | undefined;
  /** `operator`: kept on a frozen connection too. */
  readonly by?: "operator";
  /** `moved` unless the connection still observes, or still does not; absent = it does not matter to the decision. */
  readonly observing?: boolean;
  /** What the rails must know. Absent = nothing can be taken from anybody, and no hold is touched (creates, our own writes). */
  readonly rail?: UserRail;
}

export interface NewDue {
  readonly lane: Lane;
  /** Taken at once for the request; `undefined` = the worker's, now. */
  readonly lease: { readonly owner: string; readonly forMs: number } | undefined;
  /**
   * What is granted and runs out if it is not given in time: asked for just now, waiting since an earlier push, or nothing.
   * Default: what the lane says.
   */
  readonly grants?: "new" | "same" | "none";
}

export type Committed =
  | {
      readonly kind: "committed";
      readonly version: number; readonly createdMs: number; readonly modifiedMs: number;
      /** `undefined`: not asked for, or somebody else holds it (and will see the new state), or nothing is delivered at the moment. */
      readonly lease: Lease | undefined;
      /** The connection observes: kept, and not to be carried out until it is promoted. */
      readonly observed?: true;
    }
  /** Nothing is kept while the connection is frozen. */
  | { readonly kind: "frozen"; readonly mode: Mode }
  /** The resource has moved on since it was read: decide again. */
  | { readonly kind: "moved" }
  | StoppedByRail
  | { readonly kind: "taken"; readonly attribute: "userName" | "displayName" | "emails"; readonly holder: Holder };

export interface Holder {
  readonly id: ResourceId;
  readonly bodyDigest: string | undefined;
  /** False while the answer to the create that made it was not written out. */
  readonly answered: boolean;
}

export interface GroupCommit {
  readonly connection: ConnectionId;
  readonly id: ResourceId;
  /** `undefined` = new. Compared only where `attributes` are given: member deltas need no version. */
  readonly readAt: number | undefined;
  /** `undefined` = unchanged; `"deleted"` = the group and its memberships go. */
  readonly attributes: Attributes | "deleted" | undefined;
  readonly keys: Keys | undefined;
  readonly members: readonly MemberChange[];
  readonly journal: readonly JournalEntry[];
  /** Whose role may change with it: nobody's, theirs who come and go, or everybody's (the group's name counts now, or no longer). */
  readonly affects: "nobody" | "changed" | "everybody";
  /** `operator`: kept on a frozen connection too. */
  readonly by?: "operator";
  /** Absent = nobody can lose anything by it. */
  readonly rail?: GroupRail;
}

export type GroupCommitted =
  | {
      readonly kind: "committed";
      /** The version rises only if something changed. */
      readonly version: number;
      readonly createdMs: number;
      readonly modifiedMs: number;
      readonly changed: boolean;
      /** Who became or ceased to be a member (values as written; at most 400,000). */
      readonly joined: readonly string[];
      readonly left: readonly string[];
      readonly memberCount: number;
      /** The users that are due now because of it, those who may lose something first. */
      readonly affected: readonly ResourceId[];
      /** The connection observes: kept, and not to be carried out until it is promoted. */
      readonly observed?: true;
    }
  | { readonly kind: "frozen"; readonly mode: Mode }
  | { readonly kind: "moved" }
  | StoppedByRail
  | { readonly kind: "missing" }
  | { readonly kind: "taken"; readonly attribute: "displayName"; readonly holder: Holder };

export interface RollBack {
  readonly lease: Lease;
  readonly version: number;
  readonly former: { readonly attributes: Attributes; readonly keys: Keys; readonly version: number; readonly modifiedMs: number } | undefined;
  readonly journal: readonly JournalEntry[];
  /** The vendor may still carry out what was taken back: when it is to be looked at. `undefined` = nothing is due any more. */
  readonly later?: { readonly atMs: number; readonly lane: Lane } | undefined;
}

// ---------------------------------------------------------------------------------------------------------------- due

export interface DueStore {
  /** Resource, link and due row as one snapshot, without a lease: what a push is decided on. */
  hold(connection: ConnectionId, id: ResourceId): Promise<Held | undefined>;
  /** Takes the lease of one resource if nobody has it; its epoch rises. Journal rows (the intent) go into the same transaction. */
  take(connection: ConnectionId, id: ResourceId, owner: string, forMs: number): Promise<Taken | undefined>;
  /** The oldest row of each connection and lane that nobody is at; its time may be in the future. One look into the index for each, however long the backlog. */
  heads(): Promise<readonly Head[]>;
  /** Takes what is due, in the order asked for, the oldest of each lane first. Who takes it begins at once: the leases run. */
  takeDue(owner: string, asked: readonly Ask[]): Promise<readonly Taken[]>;
  /** When the next row becomes due (ms), or `undefined`. */
  nextDueMs(): Promise<number | undefined>;
  /** Writes under the lease. False, and nothing is written, when the lease has another epoch by now. */
  record(lease: Lease, change: Recorded): Promise<boolean>;
  /** Lets every lease run out at once: for the only process on an embedded file, whose predecessors are all dead. */
  breakLeases(): Promise<void>;
  /** Lets these leases run out at once. Whoever takes over knows that a call may still be under way. */
  abandon(leases: readonly Lease[]): Promise<void>;
  /** Whose grants have waited since after `afterMs` and no later than `untilMs`, the oldest first; those that were given up are left out. */
  grantsSince(connection: ConnectionId, afterMs: number, untilMs: number, limit: number): Promise<readonly { readonly resource: ResourceId; readonly sinceMs: number }[]>;
  /** Makes `waiting` rows of a connection due now, denials first (after an outage). */
  wake(connection: ConnectionId, lane?: Lane): Promise<number>;
  /** Open and failed work, oldest first. */
  openWork(connection: ConnectionId, limit: number): Promise<readonly OpenWork[]>;
  /** When the oldest unfinished denial of any connection was accepted (ms). One that only a person can finish is a task, and not counted. */
  oldestDenialMs(): Promise<number | undefined>;
}

export interface Head {
  readonly connection: ConnectionId;
  readonly lane: Lane;
  /** ms since 1970, database time. */
  readonly dueAtMs: number;
  readonly isDue: boolean;
}

/** Up to so many resources of one connection and lane, leased for so long. */
export interface Ask {
  readonly connection: ConnectionId;
  readonly lane: Lane;
  readonly limit: number;
  readonly forMs: number;
}

export interface Taken {
  readonly lease: Lease;
  readonly held: Held;
  /** The lease was not given back by whoever had it: a call of theirs may still be under way. */
  readonly abandoned: boolean;
}

export interface Recorded {
  readonly journal: readonly JournalEntry[];
  /** `undefined` = unchanged; `"none"` = there is no link any more (a tombstone keeps the account if one was known). */
  readonly link?: Link | "none";
  /** The link's account was found at the vendor, by an address that others may look for as well. */
  readonly found?: boolean;
  /**
   * `keep`: the lease goes on, from now for `forMs` if given; `grantsFromNow`: only now can be given what was granted · `done`: the due row goes, and with it a deleted resource — but only if `version` is still the latest,
   * else it stays due now · `later`: released, due at that time (`warned`: an alarm was raised about it) · `failed`: released, given up
   * until a push or a person.
   */
  readonly due:
    | { readonly kind: "keep"; readonly forMs?: number; readonly grantsFromNow?: boolean }
    | { readonly kind: "done"; readonly version: number }
    | { readonly kind: "later"; readonly atMs: number; readonly lane: Lane; readonly attempts: number; readonly failure: Failure | undefined; readonly warned?: boolean; readonly grantsFromNow?: boolean }
    | { readonly kind: "failed"; readonly failure: Failure };
}

export interface OpenWork {
  readonly resource: ResourceId;
  readonly userName: string | undefined;
  readonly due: Due;
}

// ---------------------------------------------------------------------------------------------------------- tokens, tasks

export interface TokenStore {
  addToken(connection: ConnectionId, token: { readonly name: string; readonly hash: string; readonly expiresMs: number | undefined }, journal?: readonly JournalEntry[]): Promise<"added" | "exists">;
  revokeToken(connection: ConnectionId, name: string, journal?: readonly JournalEntry[]): Promise<boolean>;
  tokens(connection?: ConnectionId): Promise<readonly StoredToken[]>;
  usedToken(connection: ConnectionId, name: string, atMs: number): Promise<void>;
}

export interface KeyStore {
  /** 32 random bytes under a name, base64url: made once, the same for every process on the database ever after. Nothing of a vendor's or an IdP's. */
  key(name: string): Promise<string>;
}

export interface StoredToken {
  readonly connection: ConnectionId;
  readonly name: string;
  /** SHA-256 of the token, hex. */
  readonly hash: string;
  readonly createdMs: number;
  readonly expiresMs: number | undefined;
  readonly lastUsedMs: number | undefined;
}

export interface TaskStore {
  /** Opens a task, or returns the open one with the same title for the same resource, with the steps as they are now. */
  openTask(task: { readonly connection: ConnectionId; readonly resource: ResourceId | undefined; readonly account: AccountId | undefined; readonly title: string; readonly steps: string }): Promise<Task>;
  tasks(connection: ConnectionId | undefined, wanted: { readonly open: boolean }): Promise<readonly Task[]>;
  task(id: string): Promise<Task | undefined>;
  /** False, and nothing has changed, unless it is open and, where `steps` are given, still has these. */
  closeTask(id: string, how?: { readonly steps?: string | undefined; readonly journal?: readonly JournalEntry[] }): Promise<boolean>;
}

export type { Attributes, JournalRow, JournalStore, JournalWanted, Member, ModeStore, StoredResource };

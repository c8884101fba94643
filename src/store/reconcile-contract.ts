/**
 * What reconciliation asks of the store: its runs and who has them, what a run has seen, and what it has found. A part of the contract in
 * `store.ts`.
 *
 * @module
 */
import type { Drift, Finding, Reconciliation, RunCounts, RunFailure, Situation } from "../model/drift.ts";
import type { AccountId, ConnectionId, FindingId, ReconciliationId, ResourceId } from "../model/ids.ts";
import type { Account } from "../model/person.ts";
import type { RepairPolicy } from "../model/policy.ts";
import type { Held, JournalEntry } from "../model/resource.ts";
import type { Rails } from "./rail-contract.ts";

/** Who has a run, and which one; only they write its results. */
export interface RunLease {
  readonly connection: ConnectionId;
  readonly run: number;
  readonly id: ReconciliationId;
  readonly owner: string;
  readonly epoch: number;
}

export interface RunTaken extends RunLease {
  /** `telling`: an earlier holder has found everything, and what it found is to be told to the end. */
  readonly state: "running" | "telling";
  readonly askedBy: string | undefined;
  readonly policy: RepairPolicy | undefined;
  readonly mostMissing: number | undefined;
  /** The journal's last row when the run began. */
  readonly startSeq: number;
  readonly counts: RunCounts | undefined;
}

/** An account as a run has seen it. */
export interface Sighting {
  readonly account: Account;
  /** Why it must not be changed; `undefined` = it may. */
  readonly apart: string | undefined;
  readonly isFenced: boolean;
}

/** With whom the account is linked, if with anybody. */
export interface Alike extends Sighting {
  readonly holder: ResourceId | undefined;
}

export interface PersonSeen {
  readonly held: Held;
  /** The journal tells of them since the run began: what was seen may be older than what is so. */
  readonly moved: boolean;
  /** Of the account that they are linked with. */
  readonly sighting: Sighting | undefined;
}

export interface Unclaimed extends Sighting {
  /** Whose it was, if it was ever somebody's. */
  readonly former: ResourceId | undefined;
}

export interface UntoldFinding extends Finding {
  readonly isNew: boolean;
  readonly alarmedMs: number | undefined;
}

/** Every write under a lease answers false, and writes nothing, when somebody else has taken the run over. */
export interface ReconcileStore {
  // ---------------------------------------------------------------------------------------------------------------- runs
  /** Makes sure that the connection's next run is planned, no later than after `everyMs`; `undefined` = none but those that are asked for. */
  planReconciliation(connection: ConnectionId, everyMs: number | undefined): Promise<void>;
  /** Has the next run begin now. `isNew`: false when one is under way already, which is then the answer. */
  askForReconciliation(connection: ConnectionId, ask: { readonly by: string; readonly policy?: RepairPolicy | undefined; readonly mostMissing?: number | undefined }): Promise<{ readonly run: Reconciliation; readonly isNew: boolean }>;
  /** Connections with a run that may begin, or whose holder has not been heard of. */
  dueReconciliations(): Promise<readonly ConnectionId[]>;
  takeReconciliation(connection: ConnectionId, owner: string, forMs: number): Promise<RunTaken | undefined>;
  renewReconciliation(lease: RunLease, forMs: number): Promise<boolean>;
  /** The run is given up for now and begins anew after `inMs`. */
  putBackReconciliation(lease: RunLease, inMs: number, journal: readonly JournalEntry[]): Promise<boolean>;
  /** @param end.nextInMs when the next one may begin, given how many have failed in a row; `undefined` = when somebody asks */
  endReconciliation(lease: RunLease, end: { readonly counts: RunCounts | undefined; readonly failure: RunFailure | undefined; readonly journal: (failures: number) => readonly JournalEntry[]; nextInMs(failures: number): number | undefined }): Promise<boolean>;
  /** Newest first. */
  reconciliations(connection: ConnectionId | undefined, limit: number): Promise<readonly Reconciliation[]>;
  reconciliation(id: ReconciliationId): Promise<Reconciliation | undefined>;
  /** The counts of the last complete run. */
  lastCounts(connection: ConnectionId): Promise<RunCounts | undefined>;

  // -------------------------------------------------------------------------------------------------------- what was seen
  /** Removes up to `limit` rows that an earlier attempt at this run has left. @returns how many */
  forgetAttempt(lease: RunLease, limit: number): Promise<number>;
  sight(lease: RunLease, seen: readonly Sighting[]): Promise<boolean>;
  /** How many people have access here, invited ones among them: read off an index, however many there are. */
  withAccess(connection: ConnectionId): Promise<number>;
  /** Of the next `among` of them, in the order of their ids: those whose account was not seen and who have not moved. `compared`: how many have an account. `next`: where to go on. */
  unseen(run: RunTaken, after: ResourceId | undefined, among: number): Promise<{ readonly people: readonly ResourceId[]; readonly compared: number; readonly next: ResourceId | undefined }>;
  /** Users in the order of their ids, deleted ones that still have a link among them. */
  peopleSeen(run: RunTaken, after: ResourceId | undefined, limit: number): Promise<readonly PersonSeen[]>;
  /** By folded address; of each address at most `most`. */
  seenAt(run: RunLease, emails: readonly string[], most: number): Promise<ReadonlyMap<string, readonly Alike[]>>;
  claim(lease: RunLease, accounts: readonly AccountId[]): Promise<boolean>;
  unclaimed(run: RunLease, after: AccountId | undefined, limit: number): Promise<readonly Unclaimed[]>;

  // ------------------------------------------------------------------------------------------------------- what was found
  draft(lease: RunLease, drifts: readonly Drift[]): Promise<boolean>;
  /** From now on these findings are the connection's. */
  publish(lease: RunLease, counts: RunCounts): Promise<boolean>;
  untold(lease: RunLease, limit: number): Promise<readonly UntoldFinding[]>;
  /** Notes that the journal has them, and `alarmed` of them an alarm. */
  told(lease: RunLease, ids: readonly FindingId[], alarmed: readonly FindingId[], journal: readonly JournalEntry[]): Promise<boolean>;
  /** Findings of former runs; `isOver`: this run has not found it again. */
  former(lease: RunLease, limit: number): Promise<readonly (Finding & { readonly seq: number; readonly isOver: boolean })[]>;
  forgetFormer(lease: RunLease, seqs: readonly number[], journal: readonly JournalEntry[]): Promise<boolean>;
  /** How many of each kind this run has found. */
  findingKinds(lease: RunLease): Promise<RunCounts["findings"]>;
  /** Findings of this run that may be repaired and were not handed to the worker, in the order in which they were found. */
  repairable(lease: RunLease, afterSeq: number, limit: number): Promise<readonly (Finding & { readonly seq: number })[]>;

  /** As the last complete run has found them, gravest situation first. */
  findings(connection: ConnectionId, wanted: FindingsWanted): Promise<readonly Finding[]>;
  finding(connection: ConnectionId, id: FindingId): Promise<Finding | undefined>;
  /** Hands a repair to the worker. Nothing is called, and nothing but the link's next look and the due row is written. */
  orderRepair(order: RepairOrder): Promise<RepairAnswer>;
  driftReading(connection: ConnectionId): Promise<DriftReading>;
}

export interface FindingsWanted {
  readonly situations?: readonly Situation[] | undefined;
  readonly resource?: ResourceId | undefined;
  readonly offset?: number;
  readonly limit: number;
}

export interface RepairOrder {
  readonly connection: ConnectionId;
  readonly resource: ResourceId;
  /** What the link must still point at, where the worker is to look at it. */
  readonly account: AccountId | undefined;
  /** Everything about the person that it puts right. */
  readonly findings: readonly FindingId[];
  readonly by: "look" | "deliver";
  readonly lane: "deny" | "reconcile";
  /** It would take a privileged role, or the access, from somebody who is privileged. */
  readonly administrator: boolean;
  readonly rails: Rails;
  readonly journal: readonly JournalEntry[];
}

/** `moved`: the person is another one by now · `busy`: the worker is at it already, or a hold keeps a push of theirs. */
export type RepairAnswer = "ordered" | "moved" | "busy" | "frozen" | "observes" | "lastAdministrator";

export interface DriftReading {
  readonly findings: Readonly<Record<Situation, number>>;
  /** When the last complete run ended (ms since 1970). */
  readonly completeMs: number | undefined;
  readonly failures: number;
}

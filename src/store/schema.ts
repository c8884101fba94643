/**
 * The tables, as kysely sees them. `migrations.ts` makes them; both engines have the same ones.
 *
 * Truth values are 0 or 1, times are ms since 1970, lanes are ranks (0 = `deny`). JSON columns hold the exact text that was
 * written; only `resources.search` is in the engine's own form, because only filters look into it. Columns named `…_key` are
 * made by `indexKey` and compared for equality, never shown.
 *
 * @module
 */
import type { Generated } from "kysely";
import type { ResourceType } from "../model/resource.ts";
import type { FindingTable, ReconciliationTable, SightingTable } from "./reconcile-rows.ts";

export interface Database {
  resources: ResourceTable;
  addresses: AddressTable;
  members: MemberTable;
  links: LinkTable;
  due: DueTable;
  journal: JournalTable;
  tokens: TokenTable;
  tasks: TaskTable;
  tombstones: TombstoneTable;
  losses: LossTable;
  holds: HoldTable;
  held: HeldTable;
  budgets: BudgetTable;
  outages: OutageTable;
  modes: ModeTable;
  policies: PolicyTable;
  notices: NoticeTable;
  keys: KeyTable;
  incidents: IncidentTable;
  reconciliations: ReconciliationTable;
  sightings: SightingTable;
  findings: FindingTable;
  operators: OperatorTable;
  migrations: MigrationTable;
}

/** One row per User or Group, kept after its deletion until the vendor has been told. */
export interface ResourceTable {
  /** Order of arrival; what the private tables refer to. */
  seq: Generated<number>;
  connection: string;
  id: string;
  type: ResourceType;
  version: number;
  /** userName or displayName as written, for people. */
  label: string;
  name_key: string | null;
  email_key: string | null;
  external_key: string | null;
  /** The attributes, exactly. */
  desired: string;
  search: string;
  body_digest: string | null;
  answered: Generated<number>;
  emptied: Generated<number>;
  /** Kept by every change of `members`, so that nobody has to count 50,000 rows. */
  member_count: Generated<number>;
  created_ms: number;
  modified_ms: number;
  deleted_ms: number | null;
}

/** Every e-mail address of a resource, folded: what `emails.value eq` looks up. */
export interface AddressTable {
  connection: string;
  key: string;
  resource: number;
}

/** One row per membership. A value names nobody for certain: clients write members that do not exist (yet). */
export interface MemberTable {
  seq: Generated<number>;
  connection: string;
  grp: number;
  key: string;
  /** The value as written where `key` had to shorten it; else null. */
  long_value: string | null;
  /** The rest of the element as written; null = nothing else. */
  rest: string | null;
  /** `rest` with its texts folded, for filters; null = the same. */
  folded: string | null;
}

export interface LinkTable {
  connection: string;
  resource: string;
  account: string | null;
  kind: "account" | "invitation";
  origin: "created" | "adopted";
  login: string | null;
  /** `Applied` as JSON. */
  applied: string;
  unknown_at: number | null;
  verify_at: number | null;
  /** Read off `applied`, for counting: 1 = the person has access (wholly or in part). */
  has_access: number;
  /** Read off `applied`: the key of the vendor role. */
  role: string | null;
  /** Read off `applied`: an address that the account may have got. */
  seeks: string | null;
}

/**
 * One row per resource that ever had work at the vendor. Settled rows stay (`lane` null), because the lease's epoch must never
 * start again: an owner that slept through everything would otherwise be believed.
 */
export interface DueTable {
  connection: string;
  resource: string;
  /** Null = settled, nothing is due. */
  lane: number | null;
  /** Null = given up until a push or a person (or settled). */
  due_at: number | null;
  attempts: number;
  since_ms: number;
  /** When the oldest denial that is not carried out yet was accepted. */
  denial_since_ms: number | null;
  /** `denial_since_ms` of the denial that was alarmed about, and of the one that was paged about; 0 = none. */
  alarmed_ms: Generated<number>;
  paged_ms: Generated<number>;
  /** When the oldest grant that is not carried out yet was accepted; null = none is open, or its time is not counted. */
  grant_since_ms: Generated<number | null>;
  /** When the last alarm about work that is still being retried was raised. */
  warned_ms: Generated<number | null>;
  /** The version with which the row opened; its roll-back closes it again. */
  opened_version: number;
  failure: string | null;
  /** Of the last push that made it due. */
  correlation: Generated<string | null>;
  lease_owner: string | null;
  lease_epoch: number;
  lease_until: number | null;
  /** 1 = the lease was taken over from somebody who never gave it back. */
  abandoned: number;
  /** 1 = a push came in under a lease that somebody else holds: that holder may not put the work off. */
  pushed: number;
}

export interface JournalTable {
  connection: string;
  /** From 1, per connection, without gaps. */
  seq: number;
  at_ms: number;
  resource: string | null;
  correlation: string;
  kind: string;
  data: string;
  prev_hash: string;
  hash: string;
}

export interface TokenTable {
  connection: string;
  name: string;
  hash: string;
  created_ms: number;
  expires_ms: number | null;
  last_used_ms: number | null;
}

export interface TaskTable {
  id: string;
  seq: Generated<number>;
  connection: string;
  resource: string | null;
  account: string | null;
  title: string;
  steps: string;
  opened_ms: number;
  done_ms: number | null;
}

/** Accounts whose resource is gone: their next owner must not inherit them unseen. */
export interface TombstoneTable {
  seq: Generated<number>;
  connection: string;
  account: string;
  resource: string;
  external_id: string | null;
  email: string | null;
  at_ms: number;
}

/** Who lost access, and when last: what the brake counts. A person may be in it more than once (by approval, for good), and counts once per window. */
export interface LossTable {
  seq: Generated<number>;
  connection: string;
  resource: string;
  at_ms: number;
  /** 0 = access · 1 = access and the vendor's record · 2 = the record of somebody who had no access any more. */
  irreversible: number;
  /** The hold whose approval let it pass; such losses do not count. */
  hold: string | null;
}

/** One row per incident that a rail has stopped. */
export interface HoldTable {
  seq: Generated<number>;
  id: string;
  connection: string;
  rail: string;
  detail: string;
  opened_ms: number;
  /** When the last alarm about it was raised. */
  warned_ms: number;
  /** Null = open. */
  decided_ms: number | null;
  decided_by: string | null;
}

/** One row per push that a hold keeps. */
export interface HeldTable {
  seq: Generated<number>;
  hold: string;
  connection: string;
  /** The user or group that the push is about. */
  resource: string;
  at_ms: number;
  correlation: string;
  /** What is to be carried out after an approval, as JSON; no password in it. */
  push: string;
  /** Ids of the people who would lose access by it, as JSON. */
  people: string;
  /** `approved` · `rejected` · `replaced` (a later push of the same resource took its place, or wanted the opposite) · null = open. */
  decision: string | null;
  /** When nothing was left to do about it; an approved one waits until it is carried out. */
  done_ms: number | null;
}

/** Token buckets that several processes share; see `delivery/budget.ts`. */
export interface BudgetTable {
  connection: string;
  pool: string;
  millitokens: number;
  filled_ms: number;
}

/** Vendors that are down, and when the next probe may go. */
export interface OutageTable {
  connection: string;
  down_ms: number;
  probe_ms: number;
}

/** Connections that do not simply deliver; without a row they do. */
export interface ModeTable {
  connection: string;
  mode: string;
  reason: string;
  decided_by: string;
  since_ms: number;
}

/** The role policy that was last in force, as JSON: what a changed one is compared with. */
export interface PolicyTable {
  connection: string;
  policy: string;
  at_ms: number;
}

/** Alarms on their way to the webhook. */
export interface NoticeTable {
  seq: Generated<number>;
  id: string;
  connection: string;
  kind: string;
  severity: string;
  resource: string | null;
  correlation: string;
  text: string;
  at_ms: number;
  attempts: number;
  /** Not before; while somebody is sending it, when that claim ends. */
  due_ms: number;
  /** Null = to be sent. */
  ended_ms: number | null;
  /** `sent` · `givenUp` · `dropped` (there were too many). */
  ended: string | null;
}

/** What a connection is being reminded of until it is over: denials that are late, tasks that nobody does. */
export interface IncidentTable {
  connection: string;
  kind: string;
  opened_ms: number;
  told_ms: number;
}

/** Keys of our own making, such as the one that cursors are sealed with. */
export interface KeyTable {
  name: string;
  value: string;
}

/** Tokens that open the operator API; only their hashes. */
export interface OperatorTable {
  name: string;
  hash: string;
  role: string;
  created_ms: number;
  created_by: string;
  expires_ms: number | null;
  last_used_ms: number | null;
}

export interface MigrationTable {
  step: number;
  name: string;
  at_ms: number;
}

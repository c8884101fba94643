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
  /** The version with which the row opened; its roll-back closes it again. */
  opened_version: number;
  failure: string | null;
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

export interface MigrationTable {
  step: number;
  name: string;
  at_ms: number;
}

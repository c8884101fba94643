/**
 * The tables of reconciliation, and the migration that makes them.
 *
 * @module
 */
import type { Generated } from "kysely";

/** One row per reconciliation, past, present and (one for each connection) to come. */
export interface ReconciliationTable {
  seq: Generated<number>;
  id: string;
  connection: string;
  /** `planned` · `running` · `telling` · `complete` · `failed` */
  state: string;
  /** When it may begin; null = not before somebody asks. */
  due_ms: number | null;
  /** Null = the schedule. */
  asked_by: string | null;
  policy: string | null;
  most_missing: number | null;
  started_ms: number | null;
  ended_ms: number | null;
  /** The last row of the journal when it began: whoever has a later one has moved since. */
  start_seq: number | null;
  owner: string | null;
  epoch: Generated<number>;
  lease_until: number | null;
  /** JSON. */
  counts: string | null;
  failure: string | null;
  failures: Generated<number>;
}

/** What a run has seen of one account; gone when the run is over. */
export interface SightingTable {
  run: number;
  account: string;
  /** Folded; null where no address is shown. */
  email_key: string | null;
  /** The account as the connector gave it, as JSON. */
  shown: string;
  /** Why it must not be changed; null = it may. */
  apart: string | null;
  /** 1 = outside the fence. */
  fenced: number;
  /** 1 = it is somebody's, or fits somebody. */
  claimed: Generated<number>;
}

export interface FindingTable {
  seq: Generated<number>;
  connection: string;
  run: number;
  id: string;
  kind: string;
  situation: string;
  resource: string | null;
  account: string | null;
  /** The rest of the finding, as JSON. */
  data: string;
  since_ms: number;
  found_ms: number;
  /** 1 = the journal has it. */
  told: Generated<number>;
  alarmed_ms: number | null;
  /** When its repair was handed to the worker. */
  ordered_ms: number | null;
}

export const reconciliationTables = {
  name: "reconciliation",
  statements: ({ text, integer, identity }: Readonly<Record<"text" | "integer" | "identity", string>>): readonly string[] => [
    `create table reconciliations (
      seq ${identity}, id ${text} not null unique, connection ${text} not null, state ${text} not null, due_ms ${integer}, asked_by ${text}, policy ${text}, most_missing ${integer},
      started_ms ${integer}, ended_ms ${integer}, start_seq ${integer}, owner ${text}, epoch ${integer} not null default 0, lease_until ${integer},
      counts ${text}, failure ${text}, failures ${integer} not null default 0)`,
    `create unique index reconciliations_open on reconciliations (connection) where state in ('planned', 'running', 'telling')`,
    `create index reconciliations_in_order on reconciliations (connection, seq)`,

    `create table sightings (
      run ${integer} not null, account ${text} not null, email_key ${text}, shown ${text} not null, apart ${text}, fenced ${integer} not null, claimed ${integer} not null default 0,
      primary key (run, account))`,
    `create index sightings_by_email on sightings (run, email_key) where email_key is not null`,
    `create index sightings_unclaimed on sightings (run, account) where claimed = 0`,

    `create table findings (
      seq ${identity}, connection ${text} not null, run ${integer} not null, id ${text} not null, kind ${text} not null, situation ${text} not null, resource ${text}, account ${text},
      data ${text} not null, since_ms ${integer} not null, found_ms ${integer} not null, told ${integer} not null default 0, alarmed_ms ${integer}, ordered_ms ${integer})`,
    `create unique index findings_of_run on findings (connection, run, id)`,
    `create index findings_in_order on findings (connection, run, situation, seq)`,
    `create index findings_of_resource on findings (connection, resource) where resource is not null`,
    `create index findings_untold on findings (connection, run, seq) where told = 0`,
  ],
};

/**
 * The tables of reconciliation, as kysely sees them.
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

/**
 * What people and other tools may ask of reconciliation: to begin, how it went, what was found. Plain functions over the store; the command
 * line and the operator API stand on them.
 *
 * @module
 */
import type { Finding, Reconciliation, Situation } from "../model/drift.ts";
import { Fault } from "../model/failure.ts";
import type { ConnectionId, FindingId, ReconciliationId, ResourceId } from "../model/ids.ts";
import type { RepairPolicy } from "../model/policy.ts";
import type { Store } from "../store/store.ts";

export interface Asked {
  /** Who says so, for the journal. */
  readonly by: string;
  /** Instead of the connection's own. */
  readonly policy?: RepairPolicy | undefined;
  /** So many people may be missing from the list, this once. */
  readonly mostMissing?: number | undefined;
}

/** A server takes it up within a second. `isNew`: false when one is under way already, which is then the answer. */
export const startRun = (store: Store, connection: ConnectionId, asked: Asked): Promise<{ readonly run: Reconciliation; readonly isNew: boolean }> => store.askForReconciliation(connection, asked);

/** Newest first; the one to come stands at the top. */
export const listRuns = (store: Store, connection: ConnectionId | undefined, limit = 20): Promise<readonly Reconciliation[]> => store.reconciliations(connection, limit);

/** @throws Fault `invalid` where there is no such run */
export async function showRun(store: Store, id: ReconciliationId): Promise<Reconciliation> {
  const run = await store.reconciliation(id);
  if (!run) throw new Fault({ kind: "invalid", detail: `There is no reconciliation "${id}".` });
  return run;
}

export interface FindingsAsked {
  readonly situations?: readonly Situation[] | undefined;
  readonly resource?: ResourceId | undefined;
  /** How many to pass over. */
  readonly offset?: number;
  readonly limit?: number;
}

/** What the last complete run has found, gravest situation first. */
export const listFindings = (store: Store, connection: ConnectionId, { limit = 1_000, ...asked }: FindingsAsked = {}): Promise<readonly Finding[]> => store.findings(connection, { ...asked, limit });

/** @throws Fault `invalid` where there is no such finding */
export async function showFinding(store: Store, connection: ConnectionId, id: FindingId): Promise<Finding> {
  const finding = await store.finding(connection, id);
  if (!finding) throw new Fault({ kind: "invalid", detail: `There is no finding "${id}" on the connection ${connection}; the next run may have ended it.` });
  return finding;
}

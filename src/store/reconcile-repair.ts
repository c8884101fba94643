/**
 * A repair handed to the worker: the link's next look is now, and the resource is due. Nothing is written at a vendor by anybody but
 * converge, which plans anew from what it then sees.
 *
 * @module
 */
import { sql } from "kysely";
import type { DriftKind } from "../model/drift.ts";
import type { ResourceId, RoleId } from "../model/ids.ts";
import { administratorRemains } from "./administrators.ts";
import { madeDue, rankOf } from "./due.ts";
import type { Engine } from "./engine.ts";
import { journalled } from "./journal.ts";
import type { ReconcileStore, RepairAnswer, RepairOrder } from "./reconcile-contract.ts";
import { indexKey } from "./storable.ts";
import { undo, writing, type Writing } from "./writing.ts";

export const repairStore = (engine: Engine): Pick<ReconcileStore, "orderRepair"> => ({
  orderRepair: (order) =>
    writing<RepairAnswer>(engine, order.connection, order.resource, async (begun) => {
      const refused = await refusal(begun, order);
      if (refused) return undo<RepairAnswer>(refused);
      const { tx, nowMs, row, connection } = begun;
      const { resource, findings, by, lane, journal } = order;
      if (by === "look") await tx.updateTable("links").set({ verify_at: nowMs }).where("connection", "=", connection).where("resource", "=", resource).execute();
      await madeDue(begun, resource, row?.version ?? 0, { lane, lease: undefined }, journal[0]?.correlation);
      await tx.updateTable("findings").set({ ordered_ms: nowMs }).where("connection", "=", connection).where("id", "in", findings).execute();
      await journalled(begun, journal);
      return "ordered";
    }),
});

async function refusal(begun: Writing, { resource, account, by, administrator, rails }: RepairOrder): Promise<Exclude<RepairAnswer, "ordered"> | undefined> {
  const { tx, connection, row, mode, waiting } = begun;
  if (mode.frozen) return "frozen";
  if (mode.observes) return "observes";
  if (!row || row.deleted) return "moved";
  const link = await tx.selectFrom("links").select("account").where("connection", "=", connection).where("resource", "=", resource).executeTakeFirst();
  if (by === "look" && link?.account !== account) return "moved";
  const due = await tx.selectFrom("due").select(["lane", "due_at", "lease_until"]).where("connection", "=", connection).where("resource", "=", resource).executeTakeFirst();
  // Work that was given up is nobody's, and what is only looked at again now and then can be looked at now.
  const isWorkedAt = due !== undefined && (due.lease_until !== null || (due.lane !== null && due.due_at !== null && due.lane < rankOf("reconcile")));
  if (waiting || isWorkedAt) return "busy";
  return administrator && !(await isLeft(begun, resource, rails.privileged)) ? "lastAdministrator" : undefined;
}

/** What a run has found of administrators, and our records do not know yet. */
const lost: readonly DriftKind[] = ["privilegeLost", "disabled", "removed"];

/**
 * Whether an administrator is left. A connection that has none of its own loses none when somebody is no longer made one behind its back; one
 * that has must keep one who still is, by what was found last.
 */
async function isLeft(begun: Writing, resource: ResourceId, privileged: readonly RoleId[]): Promise<boolean> {
  const { engine, tx, connection } = begun;
  const known = await tx.selectFrom("links").select("resource").where("connection", "=", connection).where("has_access", "=", 1).where("role", "in", privileged.map(indexKey)).limit(1).execute();
  if (known.length === 0) return true;
  const { rows } = await sql<{ readonly resource: ResourceId }>`select distinct resource from findings where connection = ${connection} and resource is not null and kind ${engine.json.among(lost)}`.execute(tx);
  return administratorRemains(begun, privileged, [resource, ...rows.map((row) => row.resource)]);
}

/**
 * A repair handed to the worker: the link's next look is now, and the resource is due. Nothing is written at a vendor by anybody but
 * converge, which plans anew from what it then sees.
 *
 * @module
 */
import { administratorRemains } from "./administrators.ts";
import { madeDue, rankOf } from "./due.ts";
import type { Engine } from "./engine.ts";
import { journalled } from "./journal.ts";
import type { ReconcileStore, RepairAnswer, RepairOrder } from "./reconcile-contract.ts";
import { undo, writing, type Writing } from "./writing.ts";

export const repairStore = (engine: Engine): Pick<ReconcileStore, "orderRepair"> => ({
  orderRepair: (order) =>
    writing<RepairAnswer>(engine, order.connection, order.resource, async (begun) => {
      const refused = await refusal(begun, order);
      if (refused) return undo<RepairAnswer>(refused);
      const { tx, nowMs, row, connection } = begun;
      const { resource, findings, by, lane, journal } = order;
      if (by === "look") await tx.updateTable("links").set({ verify_at: nowMs }).where("connection", "=", connection).where("resource", "=", resource).execute();
      await madeDue(begun, resource, row?.version ?? 0, { lane, lease: undefined });
      await tx.updateTable("findings").set({ ordered_ms: nowMs }).where("connection", "=", connection).where("id", "in", findings).execute();
      await journalled(begun, journal);
      return "ordered";
    }),
});

async function refusal(begun: Writing, { resource, account, by, lane, administrator, rails }: RepairOrder): Promise<Exclude<RepairAnswer, "ordered"> | undefined> {
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
  if (administrator && lane === "deny" && !(await administratorRemains(begun, rails.privileged, [resource]))) return "lastAdministrator";
  return undefined;
}

/**
 * Reconciliations: begun by an operator, and what came of each. A running server carries them out.
 *
 * @module
 */
import { z } from "zod";
import { type Reconciliation, situations } from "../model/drift.ts";
import type { ReconciliationId } from "../model/ids.ts";
import { mayDo } from "../model/operator.ts";
import { listRuns, startRun } from "../reconcile/ask.ts";
import { act, connectionIn, connectionsIn } from "./act.ts";
import { Declined } from "./declined.ts";
import { connectionField, isoOrNull, onlyConnection, time } from "./fields.ts";

const policy = z.enum(["report", "denials", "repair"]).describe("report tells · denials takes away again what was given behind our back · repair puts everything right, within the rails");

const counts = z.strictObject({
  listed: z.int(), fenced: z.record(z.string(), z.int()).describe("Outside the fence, by role."), linked: z.int(), equal: z.int(), moving: z.int(), unseen: z.strictObject({ role: z.int(), access: z.int() }), looks: z.int(),
  findings: z.record(z.string(), z.int()).describe("By kind."), repairs: z.int(), parts: z.array(z.string()), remarks: z.array(z.string()),
});

const run = z.strictObject({
  id: z.string(),
  connection: z.string(),
  state: z.enum(["planned", "running", "telling", "complete", "failed"]),
  by: z.string().describe("Who asked for it, or schedule."),
  policy: policy.nullable().describe("null = the connection's own."),
  due: time.nullable(),
  started: time.nullable(),
  ended: time.nullable(),
  counts: counts.nullable(),
  failure: z.strictObject({ reason: z.enum(["incomplete", "shrunken", "vendor", "credentials", "internal"]), detail: z.string() }).nullable().describe("Nothing that was seen is believed; what was found before stays as it is."),
  failures: z.int().describe("How many have failed in a row, with this one."),
});

export const startReconciliation = act({
  name: "reconcile.start",
  says: "Has a vendor compared with what is wanted, now; what is under way already is the answer. Another policy than report or the connection's own, and missing people, take an approver.",
  needs: "operator",
  route: { method: "POST", path: "/connections/{connection}/reconciliations" },
  command: "reconcile",
  input: z.strictObject({ connection: connectionField, policy: policy.optional().describe("Default: the connection's own."), mostMissing: z.int().min(0).max(9_999_999).optional().describe("So many people may be missing from the list, this once.") }),
  output: run.extend({ new: z.boolean() }),
  async run({ policy: its, mostMissing, ...input }, by, world) {
    const connection = connectionIn(world, input.connection);
    const isMore = (its !== undefined && its !== "report") || mostMissing !== undefined;
    if (isMore && !mayDo(by.role, "approver")) throw new Declined("forbidden", `This takes the role approver; yours is ${by.role}.`);
    const asked = await startRun(world.store, connection, { by: by.name, policy: its, mostMissing });
    return { ...shown(asked.run), new: asked.isNew };
  },
});

export const listReconciliations = act({
  name: "reconcile.list",
  says: "Reconciliations, the newest first; the one to come stands at the top.",
  needs: "viewer",
  route: { method: "GET", path: "/reconciliations" },
  command: "drift runs",
  input: z.strictObject({ connection: onlyConnection, limit: z.int().min(1).max(500).default(20) }),
  output: z.strictObject({ items: z.array(run) }),
  async run({ connection, limit }, _, world) {
    const ones = connectionsIn(world, connection);
    return { items: (await listRuns(world.store, connection === undefined ? undefined : ones[0], limit)).filter((one) => ones.includes(one.connection)).map(shown) };
  },
});

export const showReconciliation = act({
  name: "reconcile.show",
  says: "One reconciliation, and how far it is.",
  needs: "viewer",
  route: { method: "GET", path: "/reconciliations/{id}" },
  command: "drift runs",
  input: z.strictObject({ id: z.string().max(100) }),
  output: run,
  async run({ id }, _, world) {
    const found = await world.store.reconciliation(id as ReconciliationId);
    if (!found || !world.connections.includes(found.connection)) throw new Declined("notFound", `There is no reconciliation "${id}".`);
    return shown(found);
  },
});

/** As the description says them. */
export const situationField = z.enum(situations);

function shown({ id, connection, state, askedBy, policy: its, dueMs, startedMs, endedMs, counts: counted, failure, failures }: Reconciliation): z.output<typeof run> {
  return {
    id, connection, state, by: askedBy ?? "schedule", policy: its ?? null, due: isoOrNull(dueMs), started: isoOrNull(startedMs), ended: isoOrNull(endedMs),
    counts: counted ? { ...counted, fenced: { ...counted.fenced }, unseen: { ...counted.unseen }, findings: Object.fromEntries(Object.entries(counted.findings)), parts: [...counted.parts], remarks: [...counted.remarks] } : null,
    failure: failure ? { ...failure } : null, failures,
  };
}

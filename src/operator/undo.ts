/**
 * Undo: people and groups as they were before a range of pushes. The plan says what would be restored; writing it makes new pushes, which
 * whichever server runs carries out like any other.
 *
 * @module
 */
import { z } from "zod";
import { planUndo, type UndoPlan, type UndoStep } from "../bridge/undo/plan-undo.ts";
import { type Touched, touchedBy } from "../bridge/undo/touched.ts";
import { writeUndo } from "../bridge/undo/write-undo.ts";
import type { Site } from "../delivery/site.ts";
import { fold } from "../model/fold.ts";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import { isResourceId } from "../model/ids.ts";
import type { JsonObject } from "../model/json.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { JournalWanted } from "../store/record-contract.ts";
import type { JournalRow, Store } from "../store/store.ts";
import { act, connectionIn, type World } from "./act.ts";
import { Declined } from "./declined.ts";
import { address, connectionField } from "./fields.ts";

const moment = z.string().refine((text) => /^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text)), "must be a time such as 2026-11-20T17:00:00Z");

const input = z.strictObject({
  connection: connectionField,
  since: moment.optional(),
  until: moment.optional(),
  hold: z.string().max(100).optional().describe("What this hold let through."),
  correlation: z.string().max(100).optional().describe("One push, or one undo."),
  person: z.string().min(1).max(500).optional().describe("An id or userName: their last push, or all since `since`."),
  force: z.boolean().default(false).describe("Restore also what has been changed since."),
});
type Input = z.output<typeof input>;

const step = z.strictObject({
  id: z.string(), kind: z.enum(["restore", "recreate", "members"]), type: z.enum(["User", "Group"]).optional(), label: address, attributes: z.array(z.string()).optional(), restores: z.string().optional(), add: z.array(z.string()).optional(), remove: z.array(z.string()).optional(),
});
const output = z.strictObject({
  steps: z.array(step),
  left: z.array(z.strictObject({ id: z.string(), label: address, why: z.string() })).describe("What is left as it is, and why."),
  written: z.int(),
  correlation: z.string().nullable().describe("Under which it stands in the journal, and can be undone itself."),
});

export const planUndoing = act({
  name: "undo.plan",
  says: "What an undo would restore, and what it would leave and why. Writes nothing. Exactly one of since, hold, correlation and person says what is to be undone; person may have since beside it.",
  needs: "operator",
  route: { method: "POST", path: "/connections/{connection}/undo/plan" },
  command: "undo",
  input,
  output,
  async run(given, _, world) {
    const { plan } = await made(given, world);
    return { ...shown(plan), written: 0, correlation: null };
  },
});

export const writeUndoing = act({
  name: "undo.write",
  says: "Restores people and groups as they were before a range of pushes, as new pushes.",
  needs: "approver",
  route: { method: "POST", path: "/connections/{connection}/undo" },
  command: "undo",
  input,
  output,
  async run(given, by, world) {
    const { plan, site, range } = await made(given, world);
    const correlation = newCorrelationId();
    const { written, left } = await writeUndo(plan, { range, by: by.name, correlation }, { connection: site.connection, site, store: world.store, ...world.tables });
    world.nudge();
    return { ...shown({ steps: plan.steps, left: [...plan.left, ...left] }), written, correlation };
  },
});

async function made(given: Input, world: World): Promise<{ readonly plan: UndoPlan; readonly site: Site; readonly range: JsonObject }> {
  const range = rangeOf(given);
  const { store } = world;
  const site = await world.site(connectionIn(world, given.connection));
  const { connection, policy } = site;
  const [broken] = (await store.verifyJournal(connection)).breaks;
  if (broken) throw new Declined("conflict", `The journal of ${connection} is broken at row ${broken.row} (${broken.why}): what it says of the past cannot be trusted, so nothing is restored from it.`);
  return { plan: await planUndo(await chosen(given, connection, store), { store, connection, policy, force: given.force }), site, range };
}

/** @throws Declined unless exactly one way to choose is given */
function rangeOf({ since, until, hold, correlation, person }: Input): JsonObject {
  const ways = [hold, correlation, person ?? since].filter((way) => way !== undefined).length;
  if (ways !== 1) throw new Declined("invalid", "Say what is to be undone: --since TIME [--until TIME], --hold ID, --correlation ID, or --person ID|USERNAME (their last push, or all since --since).");
  if (until !== undefined && since === undefined) throw new Declined("invalid", "--until needs --since.");
  return Object.fromEntries(Object.entries({ since, until, hold, correlation, person }).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

async function chosen({ since, until, hold, correlation, person }: Input, connection: ConnectionId, store: Store): Promise<readonly Touched[]> {
  const wanted = { ...(since !== undefined && { sinceMs: Date.parse(since) }), ...(until !== undefined && { untilMs: Date.parse(until) }) };
  if (person !== undefined) return ofPerson(await personId(person, connection, store), since === undefined ? undefined : wanted, connection, store);
  const correlations = correlation !== undefined ? [correlation] : hold === undefined ? undefined : await store.heldCorrelations(connection, hold);
  if (correlations?.length === 0) throw new Declined("notFound", `No push of ${connection} was held by "${hold}".`);
  return touchedBy(await rowsOf(store, connection, { ...wanted, ...(correlations && { correlations }) }));
}

/** Their own pushes, and what groups' pushes did to their memberships. */
async function ofPerson(id: ResourceId, range: Pick<JournalWanted, "sinceMs" | "untilMs"> | undefined, connection: ConnectionId, store: Store): Promise<readonly Touched[]> {
  if (range === undefined) {
    const last = (await rowsOf(store, connection, { resource: id })).findLast(({ kind }) => kind === "push");
    return last ? touchedBy(await rowsOf(store, connection, { resource: id, correlations: [last.correlation] })) : [];
  }
  const nothing = new Map<never, never>();
  return touchedBy(await rowsOf(store, connection, range)).flatMap((one): readonly Touched[] => {
    if (one.type === "User") return one.id === id ? [one] : [];
    const move = one.members.get(id);
    return move ? [{ ...one, created: false, deleted: false, attributes: nothing, members: new Map([[id, move]]) }] : [];
  });
}

async function personId(person: string, connection: ConnectionId, store: Store): Promise<ResourceId> {
  if (isResourceId(person)) return person;
  const holder = await store.holder(connection, "User", { name: fold(person) });
  if (!holder) throw new Declined("notFound", `There is no "${person}" on ${connection}. Somebody who was deleted is named by id.`);
  return holder.id;
}

const pageRows = 1_000;

async function rowsOf(store: Store, connection: ConnectionId, wanted: Omit<JournalWanted, "limit" | "kinds" | "afterSeq">): Promise<readonly JournalRow[]> {
  const rows: JournalRow[] = [];
  for (;;) {
    const page = await store.journal(connection, { ...wanted, kinds: ["push", "decision"], afterSeq: rows.at(-1)?.seq ?? 0, limit: pageRows });
    rows.push(...page);
    if (page.length < pageRows) return rows;
  }
}

const shown = ({ steps, left }: UndoPlan): Pick<z.output<typeof output>, "steps" | "left"> => ({ steps: steps.map(shownStep), left: left.map((one) => ({ ...one })) });

function shownStep(one: UndoStep): z.output<typeof step> {
  switch (one.kind) {
    case "restore":
      return { id: one.id, kind: one.kind, type: one.type, label: one.label, attributes: [...one.changes] };
    case "recreate":
      return { id: one.id, kind: one.kind, type: one.type, label: one.label, restores: one.restores };
    case "members":
      return { id: one.id, kind: one.kind, label: one.label, add: one.add.map(({ value }) => value), remove: [...one.remove] };
  }
}

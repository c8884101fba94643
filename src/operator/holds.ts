/**
 * Holds: pushes that a rail has stopped, shown and decided. A running server carries out what is approved within a second.
 *
 * @module
 */
import { z } from "zod";
import type { Hold, HeldPush, KeptPush } from "../model/hold.ts";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import { isResourceId } from "../model/ids.ts";
import { fold } from "../model/fold.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { Store } from "../store/store.ts";
import { act, type Actor, connectionsIn, type World } from "./act.ts";
import { Declined } from "./declined.ts";
import { address, iso, isoOrNull, onlyConnection, pageOf, paging, seen, time, version } from "./fields.ts";
import { pageOfAll, timedKey } from "./pages.ts";

type Known = Hold & { readonly connection: ConnectionId };

const hold = z.strictObject({
  id: z.string(),
  connection: z.string(),
  rail: z.enum(["protected", "lastAdministrator", "deletions", "brake", "configuration"]),
  detail: z.string(),
  opened: time,
  decided: time.nullable().describe("null = open."),
  decidedBy: z.string().nullable(),
  waiting: z.int().describe("Pushes that wait for a decision."),
  approved: z.int(),
  rejected: z.int(),
  version,
});

const heldPush = z.strictObject({
  id: z.string().describe("The resource that the push is about."),
  name: address.nullable(),
  at: time,
  correlation: z.string(),
  push: z.string().describe("What it would do."),
  people: z.array(address).describe("Who would lose by it, as far as the rail has looked."),
  decision: z.enum(["approved", "rejected", "replaced"]).nullable().describe("null = waits."),
  done: time.nullable().describe("When nothing was left to do about it."),
});

export const listHolds = act({
  name: "holds.list",
  says: "Pushes that a rail has stopped and that wait for a person, by incident, the oldest first.",
  needs: "viewer",
  route: { method: "GET", path: "/holds" },
  command: "holds list",
  input: z.strictObject({ connection: onlyConnection, all: z.boolean().default(false).describe("Decided ones too."), ...paging }),
  output: pageOf(hold),
  async run({ connection, all, ...page }, _, world) {
    const ones = connectionsIn(world, connection);
    const known = await world.store.holds(connection === undefined ? undefined : ones[0], { open: !all });
    const { items, next } = pageOfAll(known.filter((one) => ones.includes(one.connection)), ({ openedMs, id }) => timedKey(openedMs, id), page);
    return { items: items.map(shown), next };
  },
});

export const showHold = act({
  name: "holds.show",
  says: "One hold, with every push that waits in it and what it would do.",
  needs: "viewer",
  route: { method: "GET", path: "/holds/{id}" },
  command: "holds show",
  input: z.strictObject({ id: z.string().max(100) }),
  output: hold.extend({ pushes: z.array(heldPush) }),
  async run({ id }, _, world) {
    const its = await holdIn(world, id);
    const pushes = await world.store.heldPushes(its.id);
    return { ...shown(its), pushes: await Promise.all(pushes.map(async (push) => shownPush(push, await namesOf(world.store, its.connection, push.people)))) };
  },
});

const decisionInput = z.strictObject({
  id: z.string().max(100),
  person: z.string().min(1).max(500).optional().describe("Only this one: an id, a userName, a group's name. Default: everything that waits in the hold."),
  seen,
});
const decisionOutput = z.strictObject({
  id: z.string(),
  decision: z.enum(["approved", "rejected"]),
  by: z.string(),
  resources: z.array(z.string()).describe("What was decided about now; empty = it was decided so before."),
  closed: z.boolean().describe("Nothing waits in the hold any more."),
});

export const approveHold = act({
  name: "holds.approve",
  says: "Has what waits in a hold carried out, without the IdP.",
  needs: "approver",
  route: { method: "POST", path: "/holds/{id}/approve" },
  command: "holds approve",
  input: decisionInput,
  output: decisionOutput,
  run: (input, by, world) => decide(input, "approved", by, world),
});

export const rejectHold = act({
  name: "holds.reject",
  says: "Forgets what waits in a hold; everybody stays as they are.",
  needs: "approver",
  route: { method: "POST", path: "/holds/{id}/reject" },
  command: "holds reject",
  input: decisionInput,
  output: decisionOutput,
  run: (input, by, world) => decide(input, "rejected", by, world),
});

/** The same word said twice is one decision; the opposite of what was decided is refused. */
async function decide({ id, person, seen: looked }: z.output<typeof decisionInput>, decision: "approved" | "rejected", by: Actor, { store, ...world }: World): Promise<z.output<typeof decisionOutput>> {
  const its = await holdIn({ store, ...world }, id);
  const already = (resources: string[] = [], closed = true) => ({ id, decision, by: by.name, resources, closed });
  if (its.decidedMs !== undefined) {
    if (person === undefined && (decision === "approved" ? its.rejected : its.approved) === 0) return already();
    throw new Declined("conflict", `The hold ${id} was decided ${iso(its.decidedMs)} by ${its.decidedBy ?? "somebody"}: ${its.approved} approved, ${its.rejected} rejected.`);
  }
  const resource = person === undefined ? undefined : await meant(store, its, person);
  const answer = await store.decideHold({ connection: its.connection, hold: its.id, resource, decision, seen: looked === undefined ? undefined : seenOf(looked, its), by: by.name, correlation: newCorrelationId() });
  if (answer?.changed) throw new Declined("changed", `The hold ${id} is not what was looked at any more: look at it again.`);
  if (!answer) return decide({ id, person, seen: looked }, decision, by, { store, ...world }); // somebody was faster
  if (answer.resources.length > 0 || answer.closed) {
    world.nudge();
    return already([...answer.resources], answer.closed);
  }
  const said = (await store.heldPushes(its.id)).find((push) => push.resource === resource)?.decision;
  if (said === decision) return already([], false);
  throw new Declined(said === undefined ? "notFound" : "conflict", said === undefined ? `Nobody named "${person}" waits in ${id}.` : `"${person}" was ${said} before.`);
}

/** An id, a userName or a group's name, or the name of somebody in a group's push. */
async function meant(store: Store, { id, connection }: Known, named: string): Promise<ResourceId> {
  if (isResourceId(named)) return named;
  const push = (await store.heldPushes(id)).find(({ name, decision }) => decision === undefined && name !== undefined && fold(name) === fold(named));
  if (push) return push.resource;
  const holder = await store.holder(connection, "User", { name: fold(named) });
  if (!holder) throw new Declined("notFound", `There is no user "${named}" on the connection ${connection}.`);
  return holder.id;
}

async function holdIn({ store, connections }: Pick<World, "store" | "connections">, id: string): Promise<Known> {
  const found = await store.holdNamed(id);
  if (!found || !connections.includes(found.connection)) throw new Declined("notFound", `There is no hold "${id}".`);
  return found;
}

async function namesOf(store: Store, connection: ConnectionId, people: readonly ResourceId[]): Promise<string[]> {
  return Promise.all(
    people.map(async (id) => {
      const userName = (await store.read(connection, "User", id, { groups: false, members: false }))?.attributes["userName"];
      return typeof userName === "string" ? userName : id;
    }),
  );
}

const versionOf = ({ waiting, lastPush }: Pick<Hold, "waiting" | "lastPush">): string => `${lastPush}-${waiting}`;

/** What is no version of this hold matches nothing. */
function seenOf(text: string, { id }: Known): { readonly waiting: number; readonly lastPush: number } {
  const [, lastPush, waiting] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  if (lastPush === undefined || waiting === undefined) throw new Declined("changed", `"${text}" is no version of the hold ${id}.`);
  return { lastPush: Number(lastPush), waiting: Number(waiting) };
}

function shown(its: Known): z.output<typeof hold> {
  const { id, connection, rail, detail, openedMs, decidedMs, decidedBy, waiting, approved, rejected } = its;
  return { id: id as string, connection, rail, detail, opened: iso(openedMs), decided: isoOrNull(decidedMs), decidedBy: decidedBy ?? null, waiting, approved, rejected, version: versionOf(its) };
}

const shownPush = ({ resource, name, atMs, correlation, kept, decision, doneMs }: HeldPush, people: string[]): z.output<typeof heldPush> => ({
  id: resource, name: name ?? null, at: iso(atMs), correlation, push: keptWords(kept), people, decision: decision ?? null, done: isoOrNull(doneMs),
});

/** What a kept push would do, in a few words. */
export function keptWords(kept: KeptPush): string {
  switch (kept.type) {
    case "User":
      return kept.deleted ? "delete" : kept.after["active"] === false ? "deactivate" : `change ${[...new Set([...Object.keys(kept.before), ...Object.keys(kept.after)])].join(", ")}`;
    case "Group":
      return kept.deleted ? "delete the group" : [...(kept.attributes ? ["rename the group"] : []), ...kept.members.map(({ kind }) => (kind === "clear" ? "remove all members" : `${kind} members`))].join(", ");
    case "Work":
      return "deactivate, because the role policy says so";
    case "Policy":
      return "take over the changed role policy";
  }
}


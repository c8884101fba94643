/**
 * `drawbridge holds list|show|approve|reject`: pushes that a rail has stopped and that wait for a person. A running server carries out
 * what is approved within a second; without one it happens at the next start. Nothing is ever carried out by the passing of time.
 *
 * @module
 */
import { userInfo } from "node:os";
import { createInterface } from "node:readline/promises";
import type { Hold, HeldPush, KeptPush } from "../model/hold.ts";
import { type ConnectionId, connectionId, type HoldId, isResourceId, type ResourceId } from "../model/ids.ts";
import { fold } from "../model/fold.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { Store } from "../store/store.ts";
import { print, type Where, withStore } from "./with-store.ts";

export async function listHolds(options: Where & { readonly connection?: string; readonly all?: boolean }): Promise<void> {
  await withStore(options, async (store) => {
    const holds = await store.holds(options.connection === undefined ? undefined : connectionId(options.connection), { open: options.all !== true });
    print(options, holds.map(shown), holds.map(lineOf).join("\n\n") || "No open holds.");
  });
}

export async function showHold(id: string, options: Where): Promise<void> {
  await withStore(options, async (store) => {
    const hold = (await store.holds(undefined, { open: false })).find((one) => one.id === id);
    if (!hold) throw new Error(`There is no hold "${id}".`);
    const pushes = await Promise.all((await store.heldPushes(hold.id)).map(async (push) => ({ push, people: await namesOf(store, hold.connection, push.people) })));
    const document = { ...shown(hold), pushes: pushes.map(({ push, people }) => shownPush(push, people)) };
    const lines = pushes.map(({ push, people }) => `  ${push.decision ?? "waits"}${push.decision === "approved" && push.doneMs === undefined ? ", to be carried out" : ""}  ${push.name ?? push.resource}  ${wordsOf(push.kept)}${push.kept.type === "Group" ? `; loses access: ${people.join(", ") || "nobody known"}` : ""}`);
    print(options, document, [lineOf(hold), ...lines].join("\n"));
  });
}

export interface Deciding extends Where {
  readonly connection: string;
  readonly person?: string;
  readonly by?: string;
  readonly yes?: boolean;
}

export const approveHolds = (ids: readonly string[], options: Deciding): Promise<void> => decide(ids, options, "approved");
export const rejectHolds = (ids: readonly string[], options: Deciding): Promise<void> => decide(ids, options, "rejected");

async function decide(ids: readonly string[], options: Deciding, decision: "approved" | "rejected"): Promise<void> {
  await withStore(options, async (store, known) => {
    if (!known.includes(options.connection)) throw new Error(`There is no connection "${options.connection}"; configured: ${known.join(", ")}.`);
    const connection = connectionId(options.connection);
    const open = await store.holds(connection, { open: true });
    const missing = ids.find((id) => !open.some((hold) => hold.id === id));
    if (missing !== undefined) throw new Error(`There is no open hold "${missing}" on the connection ${connection}.`);
    const chosen = ids.length === 0 ? open : open.filter(({ id }) => ids.includes(id));
    if (chosen.length === 0) throw new Error(`The connection ${connection} has no open hold.`);
    const person = options.person === undefined ? undefined : await personOf(store, connection, chosen, options.person);
    if (!(await isMeant(chosen, options, decision))) throw new Error("Nothing was decided.");

    const by = options.by ?? userInfo().username;
    const decided: { readonly id: HoldId; readonly resources: readonly ResourceId[]; readonly closed: boolean }[] = [];
    for (const { id } of chosen) {
      const answer = await store.decideHold({ connection, hold: id, resource: person, decision, by, correlation: newCorrelationId() });
      if (answer && (answer.resources.length > 0 || answer.closed)) decided.push({ id, ...answer });
    }
    if (decided.length === 0) throw new Error(person === undefined ? "Somebody else has decided it already." : `Nobody named "${options.person}" waits in ${chosen.map(({ id }) => id).join(", ")}.`);
    const then = decision === "approved" ? "a running server carries it out within a second" : "everybody stays as they are";
    print(options, decided.map(({ id, resources, closed }) => ({ id, decision, by, resources, closed })), decided.map(({ id, resources, closed }) => `${id}: ${resources.length} ${decision}; ${then}${closed ? "" : "; the rest still waits"}.`).join("\n"));
  });
}

/** An id, a userName or a group's name, or the name of somebody in a group's push. */
async function personOf(store: Store, connection: ConnectionId, holds: readonly Hold[], named: string): Promise<ResourceId> {
  if (isResourceId(named)) return named;
  for (const { id } of holds) {
    const push = (await store.heldPushes(id)).find(({ name, decision }) => decision === undefined && name !== undefined && fold(name) === fold(named));
    if (push) return push.resource;
  }
  const holder = await store.holder(connection, "User", { name: fold(named) });
  if (!holder) throw new Error(`There is no user "${named}" on the connection ${connection}.`);
  return holder.id;
}

async function isMeant(holds: readonly Hold[], options: Deciding, decision: "approved" | "rejected"): Promise<boolean> {
  if (options.yes) return true;
  if (!process.stdin.isTTY) throw new Error("This needs an answer: repeat it with --yes.");
  const deed = decision === "approved" ? "Carry out" : "Forget";
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const what = options.person === undefined ? holds.map(({ id, waiting }) => `${id} (${waiting} waiting)`).join(", ") : `what waits for ${options.person}`;
    return /^y(es)?$/i.test((await lines.question(`${deed} ${what}? [y/N] `)).trim());
  } finally {
    lines.close();
  }
}

async function namesOf(store: Store, connection: ConnectionId, people: readonly ResourceId[]): Promise<readonly string[]> {
  return Promise.all(
    people.map(async (id) => {
      const userName = (await store.read(connection, "User", id, { groups: false, members: false }))?.attributes["userName"];
      return typeof userName === "string" ? userName : id;
    }),
  );
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

const shown = ({ id, connection, rail, detail, openedMs, decidedMs, decidedBy, waiting, approved, rejected }: Hold & { readonly connection: ConnectionId }) => ({
  id, connection, rail, detail, opened: iso(openedMs), decided: iso(decidedMs), decidedBy: decidedBy ?? null, waiting, approved, rejected,
});

const shownPush = ({ resource, name, atMs, correlation, kept, decision, doneMs }: HeldPush, people: readonly string[]) => ({
  id: resource, name: name ?? null, at: iso(atMs), correlation, push: wordsOf(kept), people, decision: decision ?? null, done: iso(doneMs),
});

const lineOf = ({ id, connection, rail, detail, openedMs, decidedMs, decidedBy, waiting, approved, rejected }: Hold & { readonly connection: ConnectionId }): string =>
  `${id}  ${connection}  ${rail}  ${decidedMs === undefined ? `open since ${iso(openedMs)}` : `decided ${iso(decidedMs)} by ${decidedBy}`}  ${waiting} waiting, ${approved} approved, ${rejected} rejected\n  ${detail}`;

/** What a kept push would do, in a few words. */
function wordsOf(kept: KeptPush): string {
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

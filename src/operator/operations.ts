/**
 * Operations: what is still to be done at the vendors, and having one tried again.
 *
 * One item is one resource's work, because work is decided anew each time from what is wanted (DESIGN 3): `operations` says what the
 * plan would be now.
 *
 * @module
 */
import { z } from "zod";
import type { Site } from "../delivery/site.ts";
import type { ConnectionId } from "../model/ids.ts";
import { isResourceId, type ResourceId } from "../model/ids.ts";
import { failureOf } from "../model/failure.ts";
import type { Operation, Plan } from "../model/operation.ts";
import type { JournalEntry } from "../model/resource.ts";
import { planUser } from "../plan/plan-user.ts";
import { wantedOf } from "../plan/wanted.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import { type Work, workStates } from "../store/operator-contract.ts";
import type { Store } from "../store/store.ts";
import { act, type Actor, connectionIn, connectionsIn, type World } from "./act.ts";
import { Declined } from "./declined.ts";
import { address, connectionField, duration, iso, isoOrNull, journalEntry, lane, onlyConnection, pageOf, paging, time } from "./fields.ts";
import { cursorOf, positionIn } from "./pages.ts";
import { personIn } from "./people.ts";
import { entryOf, failure } from "./timeline.ts";

const item = z.strictObject({
  id: z.string().describe("The resource's id: the person's, or the group's."),
  connection: z.string(),
  type: z.enum(["User", "Group"]),
  name: address.describe("userName or displayName."),
  state: z.enum(workStates).describe("due · running · waiting for its time · failed: given up until a push or a person · held by a rail · done"),
  lane: lane.nullable(),
  operations: z.array(z.string()).describe("What the plan would be now, by kind: create, updateProfile, setRole, setTags, deactivate, reactivate, delete."),
  since: time.describe("When the oldest push that is not carried out yet was accepted."),
  ageSeconds: z.int(),
  dueAt: time.nullable(),
  attempts: z.int().describe("How many have failed in a row."),
  failure: failure.nullable(),
});
type Item = z.output<typeof item>;

export const listOperations = act({
  name: "operations.list",
  says: "What is still to be done at the vendors, oldest first.",
  needs: "viewer",
  route: { method: "GET", path: "/operations" },
  command: "operations list",
  input: z.strictObject({
    connection: onlyConnection,
    state: z.array(z.enum(workStates)).min(1).optional().describe("Default: all but done."),
    lane: lane.optional(),
    olderThan: duration.optional().describe("Only what is open for at least so long, such as 10m."),
    all: z.boolean().default(false).describe("Also what is done."),
    ...paging,
  }),
  output: pageOf(item),
  async run({ connection, state, lane: only, olderThan, all, limit, cursor }, _, world) {
    const [sinceMs, seq] = positionIn(cursor, [0, 0]) ?? [];
    const states = state ?? (all ? workStates : undefined);
    const wanted = { ...(states && { states }), ...(only && { lane: only }), ...(olderThan !== undefined && { olderThanMs: olderThan }), ...(sinceMs !== undefined && seq !== undefined && { after: { sinceMs, seq } }) };
    const { rows, next } = await world.store.work({ connections: connectionsIn(world, connection), limit, ...wanted });
    const nowMs = await world.store.now();
    const items: Item[] = [];
    for (const work of rows) items.push(shown(work, work.due ? await planOf(work, world) : [], nowMs));
    return { items, next: next ? cursorOf([next.sinceMs, next.seq]) : null };
  },
});

export const showOperation = act({
  name: "operations.show",
  says: "One resource's work: the plan as it would be now, and every attempt since it was opened.",
  needs: "viewer",
  route: { method: "GET", path: "/connections/{connection}/operations/{id}" },
  command: "operations show",
  input: z.strictObject({ connection: connectionField, id: z.string().min(1).max(500).describe("An operation's id, or whoever answers to the name (see people.search).") }),
  output: item.extend({
    plan: z.array(z.looseObject({ kind: z.string() })).describe("The operations in full."),
    account: z.string().nullable(),
    attempts: z.int(),
    entries: z.array(journalEntry).describe("The journal's rows about it since it was opened, at most 1,000: pushes, intents, calls, outcomes, alarms."),
  }),
  async run({ id: named, ...input }, _, world) {
    const connection = connectionIn(world, input.connection);
    const work = await workIn(connection, named, world.store);
    const plan = work.due ? await planOf(work, world) : [];
    const rows = await world.store.journal(connection, { resource: work.resource, sinceMs: work.sinceMs, limit: 1_000 });
    const account = (await world.store.hold(connection, work.resource))?.link?.account;
    return { ...shown(work, plan, await world.store.now()), plan: plan.map((operation) => ({ ...operation })), account: account ?? null, entries: rows.map(entryOf) };
  },
});

export const retryOperation = act({
  name: "operations.retry",
  says: "Has one resource's work tried again at once, whatever it was waiting for. What was granted and lapsed is granted anew; a privileged role is not.",
  needs: "operator",
  route: { method: "POST", path: "/connections/{connection}/operations/{id}/retry" },
  command: "retry",
  input: z.strictObject({ connection: connectionField, id: z.string().min(1).max(500) }),
  output: item.extend({ retried: z.boolean().describe("False: somebody is at it already, or nothing is left to do.") }),
  async run({ id: named, ...input }, by, world) {
    const connection = connectionIn(world, input.connection);
    const { resource } = await workIn(connection, named, world.store);
    const ended = await world.store.retry(connection, resource, [noted(resource, by)]);
    if (ended === "held") throw new Declined("conflict", "A rail has stopped this work, and a person decides about the hold: see holds.");
    world.nudge();
    const work = await workIn(connection, resource, world.store);
    return { ...shown(work, work.due ? await planOf(work, world) : [], await world.store.now()), retried: ended === "retried" };
  },
});

/** In one transaction each. */
const atOnce = 500;

export const retryAll = act({
  name: "operations.retryAll",
  says: "Has everything of a connection tried again that was given up (state failed).",
  needs: "operator",
  route: { method: "POST", path: "/connections/{connection}/retry" },
  command: "retry",
  input: z.strictObject({ connection: connectionField, lane: lane.optional() }),
  output: z.strictObject({ connection: z.string(), retried: z.int(), correlation: z.string().describe("Under which each of them stands in the journal.") }),
  async run({ lane: only, ...input }, by, world) {
    const connection = connectionIn(world, input.connection);
    const correlation = newCorrelationId();
    let retried = 0;
    for (;;) {
      const some = await world.store.retryFailed(connection, { ...(only && { lane: only }), limit: atOnce }, (resource) => ({ ...noted(resource, by), correlation }));
      retried += some.length;
      world.nudge();
      if (some.length < atOnce) return { connection, retried, correlation };
    }
  },
});

const noted = (resource: ResourceId, by: Actor): JournalEntry => ({ kind: "decision", resource, correlation: newCorrelationId(), data: { operator: "retry", by: by.name } });

async function workIn(connection: ConnectionId, named: string, store: Store): Promise<Work> {
  const direct = isResourceId(named) ? await store.workOf(connection, named) : undefined;
  const work = direct ?? (await store.workOf(connection, await personIn(connection, named, store)));
  if (!work) throw new Declined("notFound", `There was never any work for "${named}" on the connection ${connection}.`);
  return work;
}

/** What would be done now; nothing where that cannot be planned: then the failure says why. */
async function planOf({ connection, resource }: Work, world: World): Promise<Plan> {
  const [held, site] = await Promise.all([world.store.hold(connection, resource), world.site(connection)]);
  if (held?.type !== "User") return [];
  return planned(held, site);
}

function planned(held: NonNullable<Awaited<ReturnType<Store["hold"]>>>, { vendor, policy }: Site): Plan {
  try {
    return planUser(held.attributes && wantedOf(held.attributes, policy.identity, held.groups), held.link, vendor, policy).plan;
  } catch (thrown) {
    if (failureOf(thrown).kind === "internal") throw thrown;
    return [];
  }
}

function shown({ connection, resource, type, label, state, due, sinceMs }: Work, plan: readonly Operation[], nowMs: number): Item {
  return {
    id: resource, connection, type, name: label, state, lane: due?.lane ?? null, operations: plan.map(({ kind }) => kind), since: iso(sinceMs), ageSeconds: Math.max(0, Math.floor((nowMs - sinceMs) / 1_000)),
    dueAt: isoOrNull(due?.dueAtMs), attempts: due?.attempts ?? 0, failure: due?.failure ? { kind: due.failure.kind, detail: due.failure.detail } : null,
  };
}

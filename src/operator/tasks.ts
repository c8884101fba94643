/**
 * Tasks: what only a person can do at a vendor. Closing one is the proof that it was done: the IdP's next push of the same thing is then
 * answered as a success.
 *
 * @module
 */
import { hash } from "node:crypto";
import { z } from "zod";
import type { Task } from "../model/resource.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import { act, connectionsIn, type World } from "./act.ts";
import { Declined } from "./declined.ts";
import { iso, isoOrNull, onlyConnection, pageOf, paging, personalText, seen, time, version } from "./fields.ts";
import { pageOfAll, timedKey } from "./pages.ts";

const task = z.strictObject({
  id: z.string(),
  connection: z.string(),
  title: z.string(),
  steps: personalText.describe("Exactly what is to be done."),
  resource: z.string().nullable(),
  account: z.string().nullable().describe("The vendor's id of the account that it is about."),
  opened: time,
  ageSeconds: z.int(),
  done: time.nullable(),
  version,
});

export const listTasks = act({
  name: "tasks.list",
  says: "What only a person can do at a vendor, with the exact steps, the oldest first.",
  needs: "viewer",
  route: { method: "GET", path: "/tasks" },
  command: "tasks list",
  input: z.strictObject({ connection: onlyConnection, all: z.boolean().default(false).describe("Closed ones too."), ...paging }),
  output: pageOf(task),
  async run({ connection, all, ...page }, _, world) {
    const ones = connectionsIn(world, connection);
    const known = (await world.store.tasks(connection === undefined ? undefined : ones[0], { open: !all })).filter((one) => ones.includes(one.connection));
    // Open ones first, whatever else is listed.
    const { items, next } = pageOfAll(known, ({ openedMs, doneMs, id }) => `${doneMs === undefined ? 0 : 1} ${timedKey(openedMs, id)}`, page);
    const nowMs = await world.store.now();
    return { items: items.map((one) => shown(one, nowMs)), next };
  },
});

export const showTask = act({
  name: "tasks.show",
  says: "One task.",
  needs: "viewer",
  route: { method: "GET", path: "/tasks/{id}" },
  command: "tasks show",
  input: z.strictObject({ id: z.string().max(100) }),
  output: task,
  async run({ id }, _, world) {
    return shown(await taskIn(world, id), await world.store.now());
  },
});

export const closeTask = act({
  name: "tasks.done",
  says: "Says that a task was done at the vendor. Whoever says so vouches for it.",
  needs: "operator",
  route: { method: "POST", path: "/tasks/{id}/done" },
  command: "tasks done",
  input: z.strictObject({ id: z.string().max(100), seen }),
  output: z.strictObject({ id: z.string(), done: z.literal(true), new: z.boolean().describe("False: it was closed before.") }),
  async run({ id, seen: looked }, by, world) {
    const its = await taskIn(world, id);
    if (its.doneMs !== undefined) return { id, done: true as const, new: false };
    if (looked !== undefined && looked !== versionOf(its)) throw changed(id);
    const entry = { kind: "decision" as const, resource: its.resource, correlation: newCorrelationId(), data: { operator: "task done", by: by.name, task: its.id, title: its.title, ...(its.account !== undefined && { account: its.account }) } };
    const closed = await world.store.closeTask(id, { ...(looked !== undefined && { steps: its.steps }), journal: [entry] });
    if (!closed && (await taskIn(world, id)).doneMs === undefined) throw changed(id);
    return { id, done: true as const, new: closed };
  },
});

const changed = (id: string): Declined => new Declined("changed", `The steps of the task ${id} are not what was looked at any more: look at it again.`);

async function taskIn({ store, connections }: World, id: string): Promise<Task> {
  const found = await store.task(id);
  if (!found || !connections.includes(found.connection)) throw new Declined("notFound", `There is no task "${id}".`);
  return found;
}

const versionOf = ({ steps, doneMs }: Task): string => hash("sha256", `${doneMs ?? "open"} ${steps}`, "hex").slice(0, 16);

function shown(its: Task, nowMs: number): z.output<typeof task> {
  const { id, connection, title, steps, resource, account, openedMs, doneMs } = its;
  return { id, connection, title, steps, resource: resource ?? null, account: account ?? null, opened: iso(openedMs), ageSeconds: Math.max(0, Math.floor(((doneMs ?? nowMs) - openedMs) / 1_000)), done: isoOrNull(doneMs), version: versionOf(its) };
}

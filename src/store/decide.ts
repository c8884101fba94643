/**
 * A person's word about a hold: which of its pushes are approved or rejected, by whom, in one transaction with the journal.
 *
 * @module
 */
import { sql } from "kysely";
import type { KeptGroup, KeptPush } from "../model/hold.ts";
import { takesNothing } from "../model/hold.ts";
import type { CorrelationId, HoldId, ResourceId } from "../model/ids.ts";
import type { Json } from "../model/json.ts";
import type { JournalEntry } from "../model/resource.ts";
import { closedIfEmpty } from "./held.ts";
import { journalled } from "./journal.ts";
import { lostNow } from "./losses.ts";
import { changeMembers } from "./members.ts";
import { laidDown } from "./due.ts";
import { replanned } from "./replan.ts";
import { checkedJson } from "./storable.ts";
import type { Decision } from "./rail-contract.ts";
import { tollOf } from "./weigh.ts";
import type { Writing } from "./writing.ts";
import { undo } from "./writing.ts";

type Answer = { readonly resources: readonly ResourceId[]; readonly closed: boolean; readonly changed?: true } | undefined;

export async function decided(begun: Writing, { connection, hold, resource, decision, seen, by, correlation }: Decision): Promise<Answer> {
  const { tx, nowMs } = begun;
  const open = await tx.selectFrom("holds").select("id").where("id", "=", hold).where("connection", "=", connection).where("decided_ms", "is", null).executeTakeFirst();
  if (!open) return undo<Answer>(undefined);
  if (seen && !(await isAsSeen(begun, hold, seen))) return undo<Answer>({ resources: [], closed: false, changed: true });
  let waiting = tx.updateTable("held").set({ decision, ...(decision === "rejected" && { done_ms: nowMs }) }).where("hold", "=", hold).where("decision", "is", null);
  if (resource !== undefined) waiting = waiting.where("resource", "=", resource);
  // In the order in which they were stopped; an update's own order is the engine's affair.
  const rows = (await waiting.returning(["seq", "resource", "push"]).execute()).toSorted((a, b) => a.seq - b.seq);
  for (const row of decision === "rejected" ? rows : []) if ((JSON.parse(row.push) as KeptPush).type === "Work") await laidDown(begun, row.resource as ResourceId);
  const resources = rows.map((row) => row.resource as ResourceId);
  const left = rows.length === 0 && resource !== undefined && decision === "approved" ? await outOfGroups(begun, hold, resource, correlation) : [];
  if (rows.length === 0 && left.length === 0) return undo<Answer>({ resources: [], closed: false });

  const entry = (its: ResourceId | undefined, more: Readonly<Record<string, Json>> = {}): JournalEntry => ({ kind: "hold", resource: its, correlation, data: { hold, decision, by, ...more } });
  const closed = await closedIfEmpty(begun, hold, by);
  await journalled(begun, [
    ...rows.map((row) => entry((JSON.parse(row.push) as KeptPush).type === "Policy" ? undefined : (row.resource as ResourceId))),
    ...left.map((group) => entry(resource, { leaves: group, notes: ["taken out of the group at once; the rest of the group's push still waits"] })),
    ...(closed ? [entry(undefined, { closed: true })] : []),
  ]);
  return { resources: left.length > 0 && resource !== undefined ? [resource] : resources, closed };
}

/** A hold grows while somebody looks at it: what is decided is what was looked at. */
async function isAsSeen({ tx }: Writing, hold: HoldId, { waiting, lastPush }: NonNullable<Decision["seen"]>): Promise<boolean> {
  const row = await tx.selectFrom("held").select(({ fn }) => [fn.countAll<number>().filterWhere("decision", "is", null).as("waiting"), fn.max("seq").as("last")]).where("hold", "=", hold).executeTakeFirstOrThrow();
  return Number(row.waiting) === waiting && Number(row.last ?? 0) === lastPush;
}

/**
 * One person of a group's push, which is otherwise held as a whole: the membership ends here and now, and the worker does the rest.
 * The push that waits means the same for this person, so carrying it out later, or rejecting it, changes nothing about them.
 *
 * @returns the groups that the person has left
 */
async function outOfGroups(begun: Writing, hold: HoldId, person: ResourceId, correlation: CorrelationId): Promise<readonly ResourceId[]> {
  const { tx, nowMs } = begun;
  const rows = await tx
    .selectFrom("held")
    .innerJoin("resources as g", (on) => on.onRef("g.connection", "=", "held.connection").onRef("g.id", "=", "held.resource"))
    .innerJoin("members as m", (on) => on.onRef("m.grp", "=", "g.seq"))
    .select(["held.seq", "held.push", "held.people", "g.seq as group", "g.id", "g.member_count", "g.emptied"])
    .where("held.hold", "=", hold).where("held.decision", "is", null).where("m.key", "=", person)
    .execute();
  const left: ResourceId[] = [];
  for (const row of rows) {
    if (!putsOut(JSON.parse(row.push) as KeptGroup, person)) continue;
    const { count, emptied } = await changeMembers(begun, { seq: row.group, count: row.member_count, emptied: row.emptied === 1 }, [{ kind: "remove", values: [person] }]);
    await tx.updateTable("resources").set({ member_count: count, emptied: emptied ? 1 : 0, version: sql<number>`version + 1`, modified_ms: nowMs }).where("seq", "=", row.group).execute();
    const people = (JSON.parse(row.people) as string[]).filter((id) => id !== person);
    await tx.updateTable("held").set({ people: checkedJson(people) }).where("seq", "=", row.seq).execute();
    left.push(row.id as ResourceId);
  }
  if (left.length === 0) return left;
  await lostNow(begun, tollOf([[person, { ...takesNothing, access: true }]]), hold);
  await replanned(begun, [person], "deny", correlation);
  return left;
}

/** Whether the group's push would end this person's membership, or what it means. */
function putsOut({ deleted, attributes, members }: KeptGroup, person: ResourceId): boolean {
  if (deleted || attributes !== undefined) return true;
  return members.some((change) => {
    switch (change.kind) {
      case "add":
        return false;
      case "remove":
        return change.values.includes(person);
      case "replace":
        return !change.members.some(({ value }) => value === person);
      case "clear":
        return true;
    }
  });
}

/**
 * Everything that is known of one person, as plain data: how they stand, which role they have and why, and all that happened, in order.
 *
 * @module
 */
import { z } from "zod";
import { timeline, type Timeline } from "../bridge/timeline.ts";
import { isObject, type Json } from "../model/json.ts";
import type { Link } from "../model/link.ts";
import type { JournalRow } from "../store/store.ts";
import { act, connectionIn } from "./act.ts";
import { address, connectionField, iso, isoOrNull, journalEntry, lane, personalText, time } from "./fields.ts";
import { keptWords } from "./holds.ts";
import { personIn } from "./people.ts";

export const failure = z.strictObject({ kind: z.string(), detail: z.string() });

const link = z.strictObject({
  account: z.string().nullable(), kind: z.enum(["account", "invitation"]), origin: z.enum(["created", "adopted"]), login: address.nullable(),
  access: z.enum(["active", "inactive", "partly", "gone", "deleted"]).nullable(),
  state: z.enum(["confirmed", "accepted, not confirmed", "unknown"]).describe("Whether the vendor was seen to hold what it acknowledged."),
  looks: z.int(), nextLook: time.nullable(),
});

const person = z.strictObject({
  id: z.string(), connection: z.string(), vendor: z.string(), userName: address.nullable(), externalId: address.nullable(), active: z.boolean().nullable(), deleted: z.boolean(), version: z.int().nullable(),
  link: link.nullable(),
  due: z.strictObject({ lane, dueAt: time.nullable(), attempts: z.int(), since: time, failure: z.looseObject({ kind: z.string(), detail: z.string() }).nullable() }).nullable(),
  tasks: z.array(z.strictObject({ id: z.string(), title: z.string(), steps: personalText, opened: time })),
  notHeld: z.array(z.string()).describe("Attributes that the vendor has no place for."),
  holds: z.array(z.strictObject({ id: z.string(), rail: z.string(), detail: z.string(), push: z.string(), since: time })).describe("Pushes about the person that a rail has stopped and that wait for a decision."),
  drift: z.array(z.strictObject({ id: z.string(), kind: z.string(), situation: z.string(), detail: personalText, since: time, state: z.string() })).describe("What the last complete reconciliation has found of this person."),
});

export const timelineOutput = z.strictObject({
  person,
  role: z.strictObject({ role: z.string().nullable(), reason: z.string(), atVendor: z.string().nullable(), outranked: z.array(z.string()), ignored: z.array(z.string()) }),
  entries: z.array(journalEntry).describe("Oldest first."),
  earlier: z.int().describe("How many older ones are left out."),
  last: z.int().describe("Give it as `after` to be told what has happened since."),
});

export const showTimeline = act({
  name: "people.timeline",
  says: "Everything that happened to one person, from the IdP's request to the vendor's answer, and how they stand now.",
  needs: "viewer",
  route: { method: "GET", path: "/connections/{connection}/people/{person}/timeline" },
  command: "timeline",
  input: z.strictObject({
    connection: connectionField,
    person: z.string().min(1).max(500).describe("As for people.search; better an id, because addresses are logged."),
    after: z.int().min(0).optional().describe("Only rows of the journal behind this one."),
    limit: z.int().min(1).max(10_000).default(1_000).describe("At most so many entries: the newest, or, with `after`, the next."),
  }),
  output: timelineOutput,
  async run({ person: named, after, limit, ...input }, _, world) {
    const connection = connectionIn(world, input.connection);
    const site = await world.site(connection);
    const line = await timeline(await personIn(connection, named, world.store), world.store, site, after);
    const entries = after === undefined ? line.entries.slice(-limit) : line.entries.slice(0, limit);
    const cut = after === undefined ? line.entries.length - entries.length : 0;
    return { ...shown(line, connection, site.vendor.title), entries: entries.map(entryOf), earlier: after === undefined ? line.earlier + cut : 0, last: entries.at(-1)?.seq ?? after ?? 0 };
  },
});

/** A row of the journal, flat. */
export const entryOf = ({ seq, atMs, kind, correlation, resource, data }: JournalRow): z.output<typeof journalEntry> => ({ ...(isObject(data) ? data : { data }), id: seq, at: iso(atMs), kind, correlation, resource: resource ?? null });

/** And back, for whoever tells it in words. */
export function rowOf({ id, at, kind, correlation, resource, ...data }: z.output<typeof journalEntry>): Omit<JournalRow, "hash" | "resource"> & { readonly resource: string | undefined } {
  return { seq: id, atMs: Date.parse(at), kind, correlation, resource: resource ?? undefined, data: data as Json };
}

function shown({ person: { id, userName, externalId, active, version, link: its, due, tasks, notHeld, holds, drift }, role }: Timeline, connection: string, vendor: string) {
  return {
    person: {
      id, connection, vendor, userName: userName ?? null, externalId: externalId ?? null, active: active ?? null, deleted: active === undefined, version: version ?? null,
      link: its ? { account: its.account ?? null, kind: its.kind, origin: its.origin, login: its.login ?? null, access: its.applied.access ?? null, state: stateOf(its), looks: its.applied.recheck?.looks ?? 0, nextLook: isoOrNull(its.applied.recheck?.atMs) } : null,
      due: due ? { lane: due.lane, dueAt: isoOrNull(due.dueAtMs), attempts: due.attempts, since: iso(due.sinceMs), failure: due.failure ?? null } : null,
      tasks: tasks.map(({ id: task, title, steps, openedMs }) => ({ id: task, title, steps, opened: iso(openedMs) })),
      notHeld: [...notHeld],
      holds: holds.map(({ hold: { id: hold, rail, detail }, kept, atMs }) => ({ id: hold as string, rail, detail, push: keptWords(kept), since: iso(atMs) })),
      drift: drift.map(({ id: finding, kind, situation, detail, sinceMs, state }) => ({ id: finding, kind, situation, detail, since: iso(sinceMs), state })),
    },
    role: { role: role.role ?? null, reason: role.reason, atVendor: role.atVendor ?? null, outranked: [...role.outranked], ignored: [...role.ignored] },
  };
}

/** Whether the vendor was seen to hold what it acknowledged. */
function stateOf({ account, unknownAt, verifyAt, applied }: Link): "confirmed" | "accepted, not confirmed" | "unknown" {
  if (account === undefined || unknownAt !== undefined || verifyAt !== undefined) return "unknown";
  return applied.confirmed ? "confirmed" : "accepted, not confirmed";
}

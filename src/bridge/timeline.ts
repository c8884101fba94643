/**
 * Everything that is known of one person: how they stand now, which role they have and why, and all that happened, in order.
 *
 * @module
 */
import type { Site } from "../delivery/site.ts";
import type { Finding } from "../model/drift.ts";
import type { Hold, HeldPush } from "../model/hold.ts";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import { isObject, type Json, type JsonObject } from "../model/json.ts";
import type { Link } from "../model/link.ts";
import type { Due, Held, Task } from "../model/resource.ts";
import { explainRole, type RoleExplained } from "../plan/explain-role.ts";
import { notHeld } from "../plan/not-held.ts";
import type { JournalRow, Store } from "../store/store.ts";
import { journalReach } from "./person.ts";

export interface Timeline {
  readonly person: Person;
  readonly role: RoleExplained;
  /** Oldest first, at most 10,000: the newest. Pushes of groups that name the person are among them. */
  readonly entries: readonly JournalRow[];
  /** How many older ones are left out. */
  readonly earlier: number;
}

export interface Person {
  readonly id: ResourceId;
  /** As it was last, for whoever is gone. */
  readonly userName: string | undefined;
  readonly externalId: string | undefined;
  /** What the IdP wants; `undefined` = deleted. */
  readonly active: boolean | undefined;
  readonly version: number | undefined;
  readonly link: Link | undefined;
  readonly due: Due | undefined;
  readonly tasks: readonly Task[];
  /** Attributes that the vendor has no place for. */
  readonly notHeld: readonly string[];
  /** Pushes about them that a rail has stopped and that wait for a decision. */
  readonly holds: readonly (HeldPush & { readonly hold: Hold })[];
  /** What the last complete reconciliation has found of them. */
  readonly drift: readonly Finding[];
}

const mostEntries = 10_000;
const mostFindings = 100;
const pageSize = 1_000;

/** @param afterSeq only rows behind this one of the journal: what has happened since somebody looked */
export async function timeline(id: ResourceId, store: Store, site: Site, afterSeq = 0): Promise<Timeline> {
  const { connection, policy, vendor } = site;
  const reach = afterSeq === 0 ? journalReach : Math.min(journalReach, Math.max(0, (await store.journalHead(connection)).seq - afterSeq));
  const [held, own, mentions, tasks, drift, holds] = await Promise.all([store.hold(connection, id), ownRows(id, afterSeq, store, site), store.mentions(connection, id, reach), store.tasks(connection, { open: true }), store.findings(connection, { resource: id, limit: mostFindings }), waitingOf(id, connection, store)]);
  const all = [...own.rows, ...mentions.map((row) => about(row, id))].toSorted((a, b) => a.seq - b.seq);
  const entries = all.slice(-mostEntries);
  const attributes = held?.attributes;
  const named = (name: "userName" | "externalId") => textOf(attributes?.[name]) ?? lastWritten(own.rows, name);
  return {
    person: {
      id,
      userName: named("userName"),
      externalId: attributes ? textOf(attributes["externalId"]) : named("externalId"),
      active: attributes && attributes["active"] !== false,
      version: held?.version,
      link: held?.link,
      due: held?.due,
      tasks: tasks.filter(({ resource }) => resource === id),
      notHeld: attributes ? notHeld(attributes, vendor) : [],
      holds,
      drift,
    },
    role: attributes ? explainRole(attributes, held.groups, held.link, vendor, policy) : departed(held),
    entries,
    earlier: own.earlier + all.length - entries.length,
  };
}

/** Their own, and those of groups that would take something from them. */
async function waitingOf(id: ResourceId, connection: ConnectionId, store: Store): Promise<Person["holds"]> {
  const open = await store.holds(connection, { open: true });
  const pushes = await Promise.all(open.map(async (hold) => (await store.heldPushes(hold.id)).map((push) => ({ ...push, hold }))));
  return pushes.flat().filter(({ resource, people, decision }) => decision === undefined && (resource === id || people.includes(id)));
}

/** Of a group's thousand moves, the one person's. */
function about(row: JournalRow, id: ResourceId): JournalRow {
  const membership = isObject(row.data) ? row.data["membership"] : undefined;
  if (!isObject(membership)) return row;
  const moved = (["left", "joined"] as const).filter((way) => Array.isArray(membership[way]) && membership[way].includes(id));
  return { ...row, data: { membership: Object.fromEntries(moved.map((way) => [way, [id]])) } };
}

const departed = (held: Held | undefined): RoleExplained => ({ role: undefined, reason: "the IdP has deleted the person", atVendor: held?.link?.applied.role, outranked: [], ignored: [] });

async function ownRows(id: ResourceId, afterSeq: number, store: Store, { connection }: Site): Promise<{ readonly rows: readonly JournalRow[]; readonly earlier: number }> {
  let rows: readonly JournalRow[] = [];
  let earlier = 0;
  for (;;) {
    const page = await store.journal(connection, { resource: id, limit: pageSize, afterSeq: rows.at(-1)?.seq ?? afterSeq });
    const all = [...rows, ...page];
    rows = all.slice(-mostEntries);
    earlier += all.length - rows.length;
    if (page.length < pageSize) return { rows, earlier };
  }
}

/** What the person was last called, by the pushes. */
function lastWritten(rows: readonly JournalRow[], name: string): string | undefined {
  for (const { kind, data } of rows.toReversed()) {
    if (kind !== "push" || !isObject(data)) continue;
    const said = textIn(data["after"], name) ?? textIn(data["before"], name);
    if (said !== undefined) return said;
  }
  return undefined;
}

const textOf = (value: Json | undefined): string | undefined => (typeof value === "string" ? value : undefined);
const textIn = (value: Json | undefined, name: string): string | undefined => (isObject(value) ? textOf((value as JsonObject)[name]) : undefined);

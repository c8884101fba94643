/**
 * Rows of `resources` on their way out: which columns are asked for, and what they become.
 *
 * @module
 */
import { setImmediate as turn } from "node:timers/promises";
import { sql } from "kysely";
import type { RawBuilder } from "kysely";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { Attributes, GroupRef, Member, ResourceType, StoredResource } from "../model/resource.ts";
import type { Engine } from "./engine.ts";
import { inStretches, lookedAtOnce } from "./stretches.ts";

export interface ResourceRow {
  readonly type: ResourceType;
  readonly id: string;
  readonly version: number;
  readonly created_ms: number;
  readonly modified_ms: number;
  readonly desired: string;
  readonly emptied: number;
  /** `[id, displayName and externalId]` per group, as JSON. */
  readonly groups_json: string | null;
  /** `[value, rest]` per member, as JSON. */
  readonly members_json: string | null;
}

export interface Want {
  readonly groups: boolean;
  readonly members: boolean;
}

/** One of something for each shape of a row, by `${groups} ${members}`. */
export const inEachShape = <T>(make: (want: Want) => T): ReadonlyMap<string, T> =>
  new Map([true, false].flatMap((groups) => [true, false].map((members) => [`${groups} ${members}`, make({ groups, members })])));

/** Columns of the table aliased `r`; the memberships of a row come with it, so that a resource is one statement and one snapshot. */
export function resourceColumns({ json }: Engine, want: Want): RawBuilder<ResourceRow> {
  return sql<ResourceRow>`r.type, r.id, r.version, r.created_ms, r.modified_ms, r.desired, r.emptied,
    ${want.groups ? json.pairs(groupsOf) : sql`null`} as groups_json, ${want.members ? json.pairs(membersOf) : sql`null`} as members_json`;
}

/** Between a group's name and its externalId: a control character, which neither may hold. */
const between = "\u001f";

/** In order of the groups' arrival. A group has no groups: RFC 7643 knows the attribute for users only. */
const groupsOf = sql`(select g.id as a, g.label || ${sql.lit(between)} || coalesce(g.external_key, '') as b, g.seq as n from members m join resources g on g.seq = m.grp
  where m.connection = r.connection and m.key = r.id and g.deleted_ms is null and r.type = 'User')`;

const membersOf = sql`(select coalesce(m.long_value, m.key) as a, m.rest as b, m.seq as n from members m where m.grp = r.seq)`;

/** Characters of members that are read at once; a group of 50,000 has four million. */
const readAtOnce = 262_144;

/** Large groups are read in turns, everything else at once. */
export async function storedResources(rows: readonly ResourceRow[]): Promise<readonly StoredResource[]> {
  const resources: StoredResource[] = [];
  for (const row of rows) resources.push((row.members_json?.length ?? 0) <= readAtOnce ? storedResource(row) : await largeGroup(row));
  return resources;
}

async function largeGroup(row: ResourceRow): Promise<StoredResource> {
  await turn();
  const all = pairs(row.members_json);
  await turn();
  return { ...storedResource({ ...row, members_json: null }), members: await inStretches(all, (stretch) => stretch.map(memberOf), lookedAtOnce) };
}

const storedResource = (row: ResourceRow): StoredResource => ({
  type: row.type,
  id: row.id as ResourceId,
  version: row.version,
  createdMs: row.created_ms,
  modifiedMs: row.modified_ms,
  attributes: attributesOf(row.desired),
  groups: groupRefs(row.groups_json),
  members: memberList(row.members_json),
  emptied: row.emptied === 1,
});

export const attributesOf = (desired: string): Attributes => JSON.parse(desired) as Attributes;

export const groupRefs = (text: string | null): readonly GroupRef[] => pairs(text).map(([value, named]) => {
    const [display = "", externalId = ""] = (named ?? "").split(between);
    return { value: value as ResourceId, display, ...(externalId !== "" && { externalId }) };
  });

export const memberList = (text: string | null): readonly Member[] => pairs(text).map(memberOf);

const memberOf = ([value, rest]: readonly [string, string | null]): Member => ({ value, rest: rest === null ? {} : (JSON.parse(rest) as JsonObject) });

const pairs = (text: string | null): readonly (readonly [string, string | null])[] => (text === null ? [] : (JSON.parse(text) as [string, string | null][]));

/** What the IdP called the resource, where it said so. */
export function externalIdOf(desired: string): string | undefined {
  const externalId: Json | undefined = attributesOf(desired).externalId;
  return typeof externalId === "string" ? externalId : undefined;
}

export const ofConnection = (connection: ConnectionId) => sql<boolean>`r.connection = ${connection} and r.deleted_ms is null`;

/**
 * Lists: which rows, in which order, which page of them.
 *
 * A page is found over the keys alone and only then fetched. How many there are is counted only where the page does not tell: the
 * commonest filters, by name or id, are one statement. Pages beyond the middle are read from the far end, so the last costs what the
 * first does.
 *
 * @module
 */
import { sql } from "kysely";
import type { Kysely, RawBuilder } from "kysely";
import type { ConnectionId } from "../model/ids.ts";
import type { ResourceType } from "../model/resource.ts";
import type { Engine } from "./engine.ts";
import { filterCondition, isIndexed } from "./filter-query.ts";
import { inJson, named } from "./places.ts";
import { prepared } from "./prepared.ts";
import type { ResourceRow } from "./rows.ts";
import { inEachShape, resourceColumns, storedResources } from "./rows.ts";
import { pageAfter } from "./page-after.ts";
import type { Database } from "./schema.ts";
import { indexKey } from "./storable.ts";
import type { Listed, ListWanted } from "./store.ts";

type Direction = "asc" | "desc";

interface SortKeys {
  readonly keys: readonly RawBuilder<unknown>[];
  /** Nothing else is needed to tell any two rows apart. */
  readonly isUnique: boolean;
}

/** @param turned everything the other way round */
type Order = (turned: boolean) => RawBuilder<unknown>;

export async function list(engine: Engine, connection: ConnectionId, type: ResourceType, wanted: ListWanted): Promise<Listed> {
  const { filter, offset, limit } = wanted;
  const name = offset === 0 && limit > 0 && !wanted.after ? nameIn(type, filter) : undefined;
  if (name !== undefined) return withName(engine, connection, type, name, wanted);
  // Whoever is there has a name, and nobody else: said this way, the index of names gives the rows in order.
  const isThere = wanted.sort && isName(type, wanted.sort.path) ? sql`r.name_key is not null` : sql`r.deleted_ms is null`;
  const which = sql`r.connection = ${connection} and r.type = ${type} and ${isThere}${filter ? sql` and ${filterCondition(engine, connection, type, filter)}` : sql``}`;
  const keys = sortKeys(engine, type, wanted.sort);
  const isQuick = filter !== undefined && isIndexed(filter, connection, type) && !(type === "Group" && wanted.members);
  const db = isQuick ? engine.db : engine.reads(connection);
  if (wanted.after !== undefined) {
    const { resources, next } = await pageAfter(engine, db, which, { keys: keys.keys, descending: wanted.sort?.descending ?? false }, wanted, wanted.after);
    return { total: wanted.after === "" && next === undefined ? resources.length : await count(db, which), resources, ...(next !== undefined && { next }) };
  }
  const order = orderOf(keys, wanted.sort);

  if (offset === 0 && limit > 0) {
    const resources = await page(engine, db, which, order, wanted, { offset, limit, turned: false });
    return { total: resources.length < limit ? resources.length : await count(db, which), resources };
  }
  const total = await count(db, which);
  const there = Math.min(limit, total - offset);
  if (there <= 0) return { total, resources: [] };
  const fromEnd = total - offset - there;
  const turned = fromEnd < offset;
  return { total, resources: await page(engine, db, which, order, wanted, { offset: turned ? fromEnd : offset, limit: there, turned }) };
}

/** The name that a filter asks for and nothing else: what every IdP does before it creates somebody. */
function nameIn(type: ResourceType, filter: ListWanted["filter"]): string | undefined {
  const isIt = filter?.kind === "compare" && filter.operator === "eq" && typeof filter.value === "string" && filter.value !== "" && isName(type, filter.at.path);
  return isIt ? (filter.value as string) : undefined;
}

async function withName(engine: Engine, connection: ConnectionId, type: ResourceType, name: string, { groups, members }: ListWanted): Promise<Listed> {
  const db = type === "Group" && members ? engine.reads(connection) : engine.db; // only a group can be large
  const { rows } = (await byName.get(`${groups} ${members}`)?.(engine, db, { connection, type, key: indexKey(name) })) ?? { rows: [] };
  return { total: rows.length, resources: await storedResources(rows) };
}

/** A name is held once, so there is nothing to count and nothing to order. */
const byName = inEachShape((want) =>
  prepared<{ readonly connection: ConnectionId; readonly type: ResourceType; readonly key: string }, ResourceRow>(
    (engine, { connection, type, key }) => sql`select ${resourceColumns(engine, want)} from resources r where r.connection = ${connection} and r.type = ${type} and r.name_key = ${key}`,
  ),
);

async function count(db: Kysely<Database>, which: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ readonly total: number }>`select count(*) as total from resources r where ${which}`.execute(db);
  return rows[0]?.total ?? 0;
}

async function page(engine: Engine, db: Kysely<Database>, which: RawBuilder<unknown>, order: Order, wanted: ListWanted, at: { readonly offset: number; readonly limit: number; readonly turned: boolean }) {
  const { rows } = await sql<ResourceRow>`
    with page as materialized (select r.seq from resources r where ${which} order by ${order(at.turned)} limit ${at.limit} offset ${at.offset})
    select ${resourceColumns(engine, wanted)} from page join resources r on r.seq = page.seq order by ${order(false)}`.execute(db);
  return storedResources(rows);
}

function orderOf({ keys, isUnique }: SortKeys, sort: ListWanted["sort"]): Order {
  const direction = (descending: boolean, turned: boolean) => sql.raw<unknown>(((descending !== turned ? "desc" : "asc") satisfies Direction));
  return (turned) => sql.join([...keys.map((key) => sql`${key} ${direction(sort?.descending ?? false, turned)}`), ...(isUnique ? [] : [sql`r.seq ${direction(false, turned)}`])]);
}

const isName = (type: ResourceType, path: readonly string[]): boolean => named(path, type === "User" ? "userName" : "displayName");

/** Missing values come last when ascending, first when descending (RFC 7644, 3.4.2.3). */
function sortKeys({ json }: Engine, type: ResourceType, sort: ListWanted["sort"]): SortKeys {
  if (!sort) return { keys: [], isUnique: false };
  const { path, listAt } = sort;
  // Names are unique, and in the index they stand in order. Only those that share their first 200 characters may stand otherwise.
  if (isName(type, path)) return { keys: [sql`r.name_key`], isUnique: true };
  if (named(path, "id")) return { keys: [sql`r.id`], isUnique: false };
  if (named(path, "meta", "created")) return { keys: [sql`r.created_ms`], isUnique: false };
  if (named(path, "meta", "lastModified")) return { keys: [sql`r.modified_ms`], isUnique: false };
  const search = sql`r.search`;
  const [place, within] = listAt === undefined ? [inJson(json, search), path] : [inJson(json, json.first(search, path.slice(0, listAt + 1))), path.slice(listAt + 1)];
  const number = sql`coalesce(${place.number(within)}, ${place.truth(within)})`;
  const text = place.text(within, true);
  return { keys: [sql`(case when ${number} is null and ${text} is null then 1 else 0 end)`, sql`(case when ${number} is null then 1 else 0 end)`, number, text], isUnique: false };
}

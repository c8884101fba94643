/**
 * Reads: answered from the store, never from the vendor, except a look-up by the matching attribute that finds nobody.
 *
 * @module
 */
import { setImmediate as turn } from "node:timers/promises";
import { invalid } from "../model/failure.ts";
import { isResourceId } from "../model/ids.ts";
import type { JsonObject } from "../model/json.ts";
import { missing } from "../scim/errors.ts";
import type { At, Exchange, Page, Query } from "../scim/exchange.ts";
import { parseFilter } from "../scim/filter-parse.ts";
import { refOf, resolveName } from "../scim/names.ts";
import { readProjection, show, wants } from "../scim/project.ts";
import type { SchemaTable } from "../scim/schema-table.ts";
import { strictFilter } from "../scim/strict.ts";
import type { ListWanted } from "../store/store.ts";
import { lookUp } from "./look-up.ts";
import type { Rooms } from "./rooms.ts";

export const defaultPage = 100;

export async function read({ type, id, query }: At, exchange: Exchange, rooms: Rooms): Promise<JsonObject> {
  const table = tableOf(type, rooms);
  const projection = readProjection(table, query);
  if (id === undefined || !isResourceId(id)) throw missing(type);
  const stored = await rooms.store.read(rooms.connection, type, id, { groups: type === "User" && wants(projection, "groups"), members: type === "Group" && wants(projection, "members") });
  if (!stored) throw missing(type);
  return show(table, stored, exchange.base, projection);
}

export async function list({ type, query, among }: At, exchange: Exchange, rooms: Rooms): Promise<Page> {
  const table = tableOf(type, rooms);
  const besides = among && tableOf(type === "User" ? "Group" : "User", rooms);
  const projection = readProjection(table, query);
  const { cursors, strict, limits: { page, filterLength } } = rooms.site.policy;
  const startIndex = Math.max(1, integer(query, "startIndex") ?? 1);
  const isByCursor = query["cursor"] !== undefined;
  if (isByCursor && !cursors) throw invalid("invalidCursor", "Paging by cursor is switched off for this connection; page by startIndex.");
  const count = Math.min(page, isByCursor ? countByCursor(query) : Math.max(0, integer(query, "count") ?? defaultPage));
  const filter = query["filter"] === undefined ? undefined : parseFilter(table, query["filter"], { length: filterLength }, besides);
  if (strict) strictFilter(table, query["filter"]);
  const wanted: ListWanted = {
    filter,
    sort: sortOf(table, query, besides),
    offset: isByCursor ? 0 : startIndex - 1,
    limit: count,
    ...(isByCursor && { after: positionOf(type, query, count, rooms) }),
    groups: type === "User" && wants(projection, "groups"),
    members: type === "Group" && wants(projection, "members"),
  };
  let listed = await rooms.store.list(rooms.connection, type, wanted);
  if (listed.total === 0 && type === "User" && (await lookUp(filter, exchange, rooms))) listed = await rooms.store.list(rooms.connection, type, wanted);
  const { total, resources, next } = listed;
  const nextCursor = next === undefined ? undefined : rooms.cursors.seal(question(type, query, count, rooms), next, rooms.clock.now());
  const shown: JsonObject[] = [];
  for (const stored of resources) {
    if (stored.members.length > manyMembers) await turn();
    shown.push(show(table, stored, exchange.base, projection));
  }
  return { ...(!isByCursor && { startIndex }), total, resources: shown, ...(nextCursor !== undefined && { nextCursor }) };
}

/** To show so many takes long enough for others to want their turn. */
const manyMembers = 5_000;

/** What must stay the same from page to page. */
const question = (type: At["type"], query: Query, count: number, { connection }: Rooms): readonly unknown[] =>
  [connection, type, count, ...["filter", "sortBy", "sortOrder", "attributes", "excludedAttributes"].map((name) => query[name] ?? null)];

/** @throws Fault `invalidCursor`, `expiredCursor` */
function positionOf(type: At["type"], query: Query, count: number, rooms: Rooms): string {
  const { cursor } = query;
  if (typeof cursor !== "string" || query["startIndex"] !== undefined) throw invalid("invalidCursor", "A list is paged by cursor or by startIndex, not by both.");
  return cursor === "" ? "" : rooms.cursors.open(question(type, query, count, rooms), cursor, rooms.clock.now());
}

/** @throws Fault `invalidCount` (RFC 9865, 2.1) */
function countByCursor(query: Query): number {
  const count = integer(query, "count") ?? defaultPage;
  if (count < 1) throw invalid("invalidCount", "count must be at least 1 where a list is paged by cursor.");
  return count;
}

const tableOf = (type: At["type"], { users, groups }: Rooms): SchemaTable => (type === "User" ? users : groups);

/** @throws Fault `invalidValue` for what is no whole number; beyond 2^53 everything is the end of every list */
function integer(query: Query, name: "startIndex" | "count"): number | undefined {
  const written = query[name];
  if (written === undefined || written === "") return undefined;
  const text = typeof written === "number" ? String(written) : written;
  if (typeof text !== "string" || !/^[+-]?\d{1,40}$/.test(text.trim())) {
    const value = Number(text);
    // A number that JavaScript writes with an exponent is far beyond any list, yet whole.
    if (typeof written === "number" && Number.isInteger(value)) return Math.sign(value) * Number.MAX_SAFE_INTEGER;
    throw invalid("invalidValue", `${name} must be a whole number.`);
  }
  return Math.max(-1, Math.min(Number.MAX_SAFE_INTEGER, Number(text)));
}

function sortOf(table: SchemaTable, { sortBy, sortOrder }: Query, besides?: SchemaTable): ListWanted["sort"] {
  if (sortBy === undefined || sortBy === "") return undefined;
  const resolved = typeof sortBy === "string" ? resolveName(table, sortBy) : undefined;
  if (!resolved && besides && sortOf(besides, { sortBy, sortOrder })) return undefined; // nobody of this type has a value to be sorted by
  if (!resolved || resolved.attribute.returned === "never") throw invalid("invalidValue", "sortBy names no attribute that can be sorted by.");
  const { attribute, sub } = resolved;
  const value = attribute.type === "complex" && !sub ? attribute.sub.get("value") : sub;
  if (attribute.type === "complex" && !value) throw invalid("invalidValue", "sortBy must name a simple attribute, such as name.familyName.");
  const { path, listAt } = refOf({ ...resolved, sub: value });
  if (sortOrder !== undefined && !(typeof sortOrder === "string" && /^(a|de)scending$/i.test(sortOrder))) throw invalid("invalidValue", "sortOrder must be ascending or descending.");
  return { path, listAt, descending: typeof sortOrder === "string" && sortOrder.toLowerCase() === "descending" };
}

/**
 * Reads: answered from the store, never from the vendor, except a look-up by the matching attribute that finds nobody.
 *
 * @module
 */
import { invalid } from "../model/failure.ts";
import { isResourceId } from "../model/ids.ts";
import type { JsonObject } from "../model/json.ts";
import { missing } from "../scim/errors.ts";
import type { At, Exchange, Page, Query } from "../scim/exchange.ts";
import { parseFilter } from "../scim/filter-parse.ts";
import { refOf, resolveName } from "../scim/names.ts";
import { readProjection, show, wants } from "../scim/project.ts";
import type { SchemaTable } from "../scim/schema-table.ts";
import type { ListWanted } from "../store/store.ts";
import { lookUp } from "./look-up.ts";
import type { Rooms } from "./rooms.ts";

const defaultPage = 100;

export async function read({ type, id, query }: At, exchange: Exchange, rooms: Rooms): Promise<JsonObject> {
  const table = tableOf(type, rooms);
  const projection = readProjection(table, query);
  if (id === undefined || !isResourceId(id)) throw missing(type);
  const stored = await rooms.store.read(rooms.connection, type, id, { groups: type === "User" && wants(projection, "groups"), members: type === "Group" && wants(projection, "members") });
  if (!stored) throw missing(type);
  return show(table, stored, exchange.base, projection);
}

export async function list({ type, query }: At, exchange: Exchange, rooms: Rooms): Promise<Page> {
  const table = tableOf(type, rooms);
  const projection = readProjection(table, query);
  const { page, filterLength } = rooms.site.policy.limits;
  const startIndex = Math.max(1, integer(query, "startIndex") ?? 1);
  const count = Math.min(page, Math.max(0, integer(query, "count") ?? defaultPage));
  const filter = query["filter"] === undefined ? undefined : parseFilter(table, query["filter"], { length: filterLength });
  const wanted: ListWanted = {
    filter,
    sort: sortOf(table, query),
    offset: startIndex - 1,
    limit: count,
    groups: type === "User" && wants(projection, "groups"),
    members: type === "Group" && wants(projection, "members"),
  };
  let listed = await rooms.store.list(rooms.connection, type, wanted);
  if (listed.total === 0 && type === "User" && (await lookUp(filter, exchange, rooms))) listed = await rooms.store.list(rooms.connection, type, wanted);
  const { total, resources } = listed;
  return { startIndex, total, resources: resources.map((stored) => show(table, stored, exchange.base, projection)) };
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

function sortOf(table: SchemaTable, { sortBy, sortOrder }: Query): ListWanted["sort"] {
  if (sortBy === undefined || sortBy === "") return undefined;
  const resolved = typeof sortBy === "string" ? resolveName(table, sortBy) : undefined;
  if (!resolved || resolved.attribute.returned === "never") throw invalid("invalidValue", "sortBy names no attribute that can be sorted by.");
  const { attribute, sub } = resolved;
  const value = attribute.type === "complex" && !sub ? attribute.sub.get("value") : sub;
  if (attribute.type === "complex" && !value) throw invalid("invalidValue", "sortBy must name a simple attribute, such as name.familyName.");
  const { path, listAt } = refOf({ ...resolved, sub: value });
  if (sortOrder !== undefined && !(typeof sortOrder === "string" && /^(a|de)scending$/i.test(sortOrder))) throw invalid("invalidValue", "sortOrder must be ascending or descending.");
  return { path, listAt, descending: typeof sortOrder === "string" && sortOrder.toLowerCase() === "descending" };
}

/**
 * A filter as SQL. It means exactly what `scim/filter-match.ts` says; a test holds the two together.
 *
 * SQL knows a third answer beside true and false. It is harmless under `and` and `or`, where it excludes a row as false does, and
 * is taken away where it would not be: behind `not`. Values are bound, never pasted.
 *
 * @module
 */
import { sql } from "kysely";
import type { RawBuilder } from "kysely";
import type { AttributeRef, CompareOperator, Filter } from "../model/filter.ts";
import type { ConnectionId } from "../model/ids.ts";
import type { ResourceType } from "../model/resource.ts";
import type { Engine } from "./engine.ts";
import type { Place } from "./places.ts";
import { named, resourceRow } from "./places.ts";
import { indexKey } from "./storable.ts";

type Condition = RawBuilder<boolean>;

/** The condition on a row of `resources` aliased `r`. */
export function filterCondition(engine: Engine, connection: ConnectionId, type: ResourceType, filter: Filter): Condition {
  return translate(engine, filter, resourceRow(engine, type), (leaf) => indexed(leaf, connection, type));
}

/** Whether an index leads to the few resources that can satisfy the filter, however many there are. */
export function isIndexed(filter: Filter, connection: ConnectionId, type: ResourceType): boolean {
  if (filter.kind === "and") return filter.of.some((part) => isIndexed(part, connection, type));
  return indexed(filter, connection, type) !== undefined;
}

/** A faster way to say the same, or to say something that follows from it. */
type Shortcut = (filter: Filter) => { readonly condition: Condition; readonly exact: boolean } | undefined;

function translate(engine: Engine, filter: Filter, place: Place, shortcut: Shortcut): Condition {
  const known = shortcut(filter);
  if (known?.exact) return known.condition;
  switch (filter.kind) {
    case "and":
    case "or": {
      const parts = filter.of.map((part) => translate(engine, part, place, shortcut));
      if (parts.length === 0) return filter.kind === "and" ? always : never;
      return sql<boolean>`(${sql.join(parts, filter.kind === "and" ? sql` and ` : sql` or `)})`;
    }
    case "not":
      return negated(translate(engine, filter.of, place, shortcut));
    case "present":
      return atEach(place, filter.at, (at, path) => at.isPresent(path));
    case "element": {
      const { at, of } = filter;
      const some = place.some(at.path, (element) => translate(engine, of, element, () => undefined));
      return known ? sql<boolean>`(${known.condition} and ${some})` : some;
    }
    case "compare": {
      const { at: ref, operator, value } = filter;
      if (operator === "ne") return negated(translate(engine, { ...filter, operator: "eq" }, place, shortcut));
      return atEach(place, ref, (at, path) => compared(engine, at, path, ref.caseExact, operator, value));
    }
  }
}

const always: Condition = sql<boolean>`(1 = 1)`;
const never: Condition = sql<boolean>`(1 = 0)`;
const negated = (condition: Condition): Condition => sql<boolean>`((${condition}) is not true)`;

/** The value itself, or that of some element of the list on the way to it. */
function atEach(place: Place, { path, listAt }: AttributeRef, condition: (at: Place, path: readonly string[]) => Condition): Condition {
  if (listAt === undefined) return condition(place, path);
  const within = path.slice(listAt + 1);
  // Lists are kept without empty elements, so a list that is there has an element that is.
  return place.some(path.slice(0, listAt + 1), (element) => condition(element, within));
}

function compared({ json }: Engine, at: Place, path: readonly string[], caseExact: boolean, operator: Exclude<CompareOperator, "ne">, value: string | number | boolean | null): Condition {
  switch (typeof value) {
    case "boolean":
      return operator === "eq" ? sql<boolean>`(${at.truth(path)} = ${sql.lit(value ? 1 : 0)})` : never;
    case "number": {
      const symbol = symbols[operator];
      return symbol ? sql<boolean>`(${at.number(path)} ${symbol} ${json.number(value)})` : never;
    }
    case "string":
      return comparedText(json, at.text(path, caseExact), operator, value);
    default:
      return never;
  }
}

const symbols: { readonly [O in Exclude<CompareOperator, "ne">]: RawBuilder<unknown> | undefined } = {
  eq: sql`=`, gt: sql`>`, ge: sql`>=`, lt: sql`<`, le: sql`<=`, co: undefined, sw: undefined, ew: undefined,
};

function comparedText(json: Engine["json"], text: RawBuilder<string | null>, operator: Exclude<CompareOperator, "ne">, value: string): Condition {
  switch (operator) {
    case "co":
      return sql<boolean>`(${json.position(text, value)} > 0)`;
    case "sw":
      return json.startsWith(text, value);
    case "ew":
      return json.endsWith(text, value);
    default:
      return sql<boolean>`(${text} ${symbols[operator] ?? sql`=`} ${value})`;
  }
}

/** Comparisons that an index answers, however many resources there are. */
function indexed(filter: Filter, connection: ConnectionId, type: ResourceType): ReturnType<Shortcut> {
  if (filter.kind === "element") {
    const value = type === "User" && named(filter.at.path, "emails") ? equalTo(filter.of) : undefined;
    return value === undefined ? undefined : { condition: among(withAddress(connection, value)), exact: false };
  }
  if (filter.kind === "or") {
    // PostgreSQL would read every resource for an `or` between columns of different tables.
    const parts = filter.of.map((part) => found(part, connection, type));
    return parts.length > 0 && parts.every((rows) => rows !== undefined) ? { condition: among(sql.join(parts, sql` union all `)), exact: true } : undefined;
  }
  const rows = found(filter, connection, type);
  return rows && { condition: among(rows), exact: true };
}

const among = (rows: RawBuilder<unknown>): Condition => sql<boolean>`r.seq in (${rows})`;

/** A sub-select of the `seq` of all resources that one comparison finds. */
function found(filter: Filter, connection: ConnectionId, type: ResourceType): RawBuilder<unknown> | undefined {
  if (filter.kind !== "compare" || filter.operator !== "eq" || typeof filter.value !== "string" || filter.value === "") return undefined;
  const { path } = filter.at;
  const key = indexKey(filter.value);
  const mine = (column: RawBuilder<unknown>, value: string) => sql`select i.seq from resources i where i.connection = ${connection} and i.type = ${type} and ${column} = ${value}`;
  if (named(path, "id")) return mine(sql`i.id`, filter.value);
  if (named(path, type === "User" ? "userName" : "displayName")) return mine(sql`i.name_key`, key);
  if (named(path, "externalId")) return mine(sql`i.external_key`, key);
  if (type === "User" && named(path, "emails", "value")) return withAddress(connection, filter.value);
  if (type === "Group" && named(path, "members", "value")) return sql`select m.grp from members m where m.connection = ${connection} and m.key = ${key}`;
  if (type === "User" && named(path, "groups", "value"))
    return sql`select i.seq from resources g join members m on m.grp = g.seq join resources i on i.connection = g.connection and i.id = m.key
      where g.connection = ${connection} and g.id = ${filter.value} and g.deleted_ms is null`;
  return undefined;
}

const withAddress = (connection: ConnectionId, value: string): RawBuilder<unknown> => sql`select a.resource from addresses a where a.connection = ${connection} and a.key = ${indexKey(value)}`;

/** The `value` that an element must have for the filter to hold, if it says so. */
function equalTo(filter: Filter): string | undefined {
  if (filter.kind === "and") return filter.of.map(equalTo).find((value) => value !== undefined);
  if (filter.kind !== "compare" || filter.operator !== "eq" || !named(filter.at.path, "value")) return undefined;
  return typeof filter.value === "string" && filter.value !== "" ? filter.value : undefined;
}

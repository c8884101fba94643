/**
 * Where a filter's paths lead inside the database: into JSON, or to the columns and tables that hold what is not in it.
 *
 * @module
 */
import { sql } from "kysely";
import type { RawBuilder } from "kysely";
import type { ResourceType } from "../model/resource.ts";
import type { Engine, JsonValue, JsonWords } from "./engine.ts";

/** One thing that paths begin at. The forms are null where the value is absent or of another type. */
export interface Place {
  text(path: readonly string[], caseExact: boolean): RawBuilder<string | null>;
  number(path: readonly string[]): RawBuilder<number | null>;
  truth(path: readonly string[]): RawBuilder<number | null>;
  isPresent(path: readonly string[]): RawBuilder<boolean>;
  /** Some one element of the list at the path. */
  some(path: readonly string[], condition: (element: Place) => RawBuilder<boolean>): RawBuilder<boolean>;
}

export const inJson = (json: JsonWords, value: JsonValue): Place => ({
  text: (path) => json.asText(value, path),
  number: (path) => json.asNumber(value, path),
  truth: (path) => json.asTruth(value, path),
  isPresent: (path) => json.isPresent(value, path),
  some: (path, condition) => json.someElement(value, path, (element) => condition(inJson(json, element))),
});

const nothing = sql<null>`null`;

/** Texts in columns; whatever is not among them is absent. */
const inColumns = (columns: (name: string, caseExact: boolean) => RawBuilder<string | null> | undefined): Place => {
  const text = ([name, ...more]: readonly string[], caseExact: boolean): RawBuilder<string | null> => (name === undefined || more.length > 0 ? undefined : columns(name, caseExact)) ?? sql<string | null>`cast(null as text)`;
  return {
    text,
    number: () => nothing,
    truth: () => nothing,
    isPresent: (path) => (path.length === 0 ? sql<boolean>`(1 = 1)` : sql<boolean>`(${text(path, true)} <> '')`),
    some: () => sql<boolean>`(1 = 0)`,
  };
};

/** A row of `members` aliased `m`. */
const memberRow = (json: JsonWords): Place =>
  inColumns((name, caseExact) => {
    if (name === "value") return sql<string>`coalesce(m.long_value, m.key)`;
    // Kept as written, so an empty text may stand here, which is absent to a filter.
    return sql<string | null>`nullif(${json.asText(json.parsed(caseExact ? sql`m.rest` : sql`coalesce(m.folded, m.rest)`), [name])}, '')`;
  });

/** A user's group: a row of `resources` aliased `g`. */
const groupRow = (json: JsonWords): Place =>
  inColumns((name, caseExact) => {
    switch (name) {
      case "value":
        return sql<string>`g.id`;
      case "display":
        return caseExact ? sql<string>`g.label` : json.asText(sql`g.search`, ["displayName"]);
      default:
        return undefined;
    }
  });

/** A row of `resources` aliased `r`: its search form, and what the store keeps beside it. */
export function resourceRow({ json }: Engine, type: ResourceType): Place {
  const search = inJson(json, sql`r.search`);
  const lists: { readonly [path: string]: { readonly rows: RawBuilder<unknown>; readonly element: Place } } =
    type === "Group"
      ? { members: { rows: sql`members m where m.grp = r.seq`, element: memberRow(json) } }
      : { groups: { rows: sql`members m join resources g on g.seq = m.grp where m.connection = r.connection and m.key = r.id and g.deleted_ms is null`, element: groupRow(json) } };
  const listAt = (path: readonly string[]) => (path.length === 1 && Object.hasOwn(lists, path[0] ?? "") ? lists[path[0] ?? ""] : undefined);
  return {
    text: (path, caseExact) => (named(path, "id") ? sql<string>`r.id` : search.text(path, caseExact)),
    number: (path) => (named(path, "meta", "created") ? sql<number>`r.created_ms` : named(path, "meta", "lastModified") ? sql<number>`r.modified_ms` : search.number(path)),
    truth: (path) => search.truth(path),
    isPresent(path) {
      const list = listAt(path);
      if (list) return sql<boolean>`exists (select 1 from ${list.rows})`;
      return named(path, "id") || path[0] === "meta" ? sql<boolean>`(1 = 1)` : search.isPresent(path);
    },
    some(path, condition) {
      const list = listAt(path);
      return list ? sql<boolean>`exists (select 1 from ${list.rows} and ${condition(list.element)})` : search.some(path, condition);
    },
  };
}

export const named = (path: readonly string[], ...names: readonly string[]): boolean => path.length === names.length && names.every((name, at) => path[at] === name);

/**
 * The `path` of a PATCH operation (RFC 7644, 3.5.2): `attribute`, `attribute.sub`, `attribute[filter]`, `attribute[filter].sub`, each
 * with or without URN, or a schema's URN alone.
 *
 * A path that is not understood to its last character is refused: `members[value eq "x"` must never be read as `members`.
 * Reading is linear in the length of the path.
 *
 * @module
 */
import type { Filter } from "../model/filter.ts";
import { invalid } from "../model/failure.ts";
import { parseElementFilter } from "./filter-parse.ts";
import { resolveName, resolveSub, resolveUrn } from "./names.ts";
import type { Attribute, Resolved, Schema, SchemaTable } from "./schema-table.ts";
import { shown } from "./values.ts";

export type Target =
  | ({ readonly kind: "attribute" } & Resolved)
  /** Some elements of a list. `text` is the filter as written: values to be stored must not be folded. */
  | ({ readonly kind: "elements"; readonly filter: Filter; readonly text: string } & Resolved)
  /** A whole schema; the core one means the resource itself. */
  | { readonly kind: "schema"; readonly schema: Schema };

export const maxPathLength = 4_096;

/** @throws Fault `invalidPath`; `invalidFilter` from inside the brackets */
export function parsePath(table: SchemaTable, path: string): Target {
  if (path.length > maxPathLength) throw invalid("invalidPath", `The path is longer than ${maxPathLength} characters`);
  const open = path.indexOf("[");
  if (open < 0) return parseName(table, path);
  const resolved = resolveName(table, path.slice(0, open));
  const close = closingBracket(path, open);
  if (!resolved || resolved.sub || !resolved.attribute.multiValued || close === undefined) throw notAPath(path);
  const text = path.slice(open + 1, close);
  const sub = parseSub(resolved.attribute, path.slice(close + 1));
  if (sub === null) throw notAPath(path);
  return { kind: "elements", ...resolved, sub, filter: parseElementFilter(resolved.attribute, text), text };
}

/** Whether the text before a bracket, or the whole of it, names something: a key of a path-less value is a path only then. */
export const isPath = (table: SchemaTable, key: string): boolean => {
  const open = key.indexOf("[");
  const name = open < 0 ? key : key.slice(0, open);
  return resolveName(table, name) !== undefined || (open < 0 && resolveUrn(table, name) !== undefined);
};

function parseName(table: SchemaTable, path: string): Target {
  const resolved = resolveName(table, path);
  if (resolved) return { kind: "attribute", ...resolved };
  const schema = resolveUrn(table, path);
  if (schema) return { kind: "schema", schema };
  throw notAPath(path);
}

/** @returns `undefined` = no sub-attribute asked for, `null` = none of that name */
function parseSub(attribute: Attribute, rest: string): Attribute | undefined | null {
  if (rest === "") return undefined;
  return (rest.startsWith(".") ? resolveSub(attribute, rest.slice(1)) : undefined) ?? null;
}

/** The first bracket that closes outside of a literal. */
function closingBracket(path: string, open: number): number | undefined {
  let inLiteral = false;
  for (let at = open + 1; at < path.length; at++) {
    if (inLiteral && path[at] === "\\") at++;
    else if (path[at] === '"') inLiteral = !inLiteral;
    else if (!inLiteral && path[at] === "]") return at;
  }
  return undefined;
}

const notAPath = (path: string) => invalid("invalidPath", `No attribute has the path ${path === "" ? '""' : shown(path)}`);

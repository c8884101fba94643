/**
 * What an answer shows of a resource: `attributes` and `excludedAttributes` (RFC 7644, 3.9), and the finished JSON.
 *
 * A projection shapes answers and nothing else; no write ever sees it.
 *
 * @module
 */
import { invalid } from "../model/failure.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { isObject } from "../model/json.ts";
import type { StoredResource } from "../model/resource.ts";
import type { Query } from "./exchange.ts";
import { resolveName, resolveUrn } from "./names.ts";
import type { Attribute, Resolved, Schema, SchemaTable } from "./schema-table.ts";

/** Attribute names, and extensions by their URN, in the schema's spelling; `true` = with everything in it. */
export type Selection = ReadonlyMap<string, Choice>;
export type Choice = true | Selection;

export type Projection =
  | { readonly kind: "default" }
  /** Only these, and what is always returned. */
  | { readonly kind: "only"; readonly names: Selection }
  /** The default without these. */
  | { readonly kind: "without"; readonly names: Selection };

export const everything: Projection = { kind: "default" };

/** Characters in either list; every attribute of both schemas with its URN takes about 7,000. */
const longest = 8192;

/**
 * Reads `attributes` and `excludedAttributes`, whatever their letter case. Names that the schema does not know are ignored; an empty
 * list counts as none.
 *
 * @throws Fault `invalidValue` if both are given, or one is given twice, too long, or no text
 */
export function readProjection(table: SchemaTable, query: Query): Projection {
  const only = parameter(query, "attributes");
  const without = parameter(query, "excludedAttributes");
  if (only !== undefined && without !== undefined) throw invalid("invalidValue", "attributes and excludedAttributes cannot be combined");
  if (only !== undefined) return { kind: "only", names: selection(table, only) };
  if (without !== undefined) return { kind: "without", names: selection(table, without) };
  return everything;
}

function parameter(query: Query, name: string): string | undefined {
  const given = Object.keys(query).filter((key) => key.toLowerCase() === name.toLowerCase() && query[key] !== undefined);
  const text = given.length === 0 ? "" : query[given[0] as string];
  if (given.length > 1 || typeof text !== "string") throw invalid("invalidValue", `${name} must be given once, as a list of names with commas between them`);
  if (text.length > longest) throw invalid("invalidValue", `${name} is longer than ${longest} characters`);
  return text.trim() === "" ? undefined : text;
}

type Growing = Map<string, true | Growing>;

function selection(table: SchemaTable, list: string): Selection {
  const names: Growing = new Map();
  for (const part of list.split(",")) {
    const text = part.trim();
    const resolved = resolveName(table, text);
    const schema = resolved ? undefined : resolveUrn(table, text);
    if (resolved) choose(names, pathOf(resolved));
    else if (schema === table.core) for (const { name } of schema.attributes.values()) choose(names, [name]);
    else if (schema) choose(names, [schema.urn]);
  }
  return names;
}

const pathOf = ({ extension, attribute, sub }: Resolved): readonly string[] => [...(extension ? [extension.urn] : []), attribute.name, ...(sub ? [sub.name] : [])];

/** Who chooses the whole chooses its parts. */
function choose(names: Growing, [first, ...rest]: readonly string[]): void {
  if (first === undefined) return;
  const before = names.get(first);
  if (before === true) return;
  if (rest.length === 0) {
    names.set(first, true);
    return;
  }
  const inner: Growing = before ?? new Map();
  names.set(first, inner);
  choose(inner, rest);
}

/** Whether the answer shows any of it, so that the store need not be asked for what nobody will see. */
export function wants(projection: Projection, name: "members" | "groups"): boolean {
  if (projection.kind === "default") return true;
  const choice = projection.names.get(name);
  return projection.kind === "only" ? choice !== undefined : choice !== true;
}

/**
 * The finished answer. `schemas` lists what it shows (RFC 7643, 3: "present in the current JSON structure").
 *
 * @param base without a slash at the end
 */
export function show(table: SchemaTable, stored: StoredResource, base: string, projection: Projection): JsonObject {
  const { id, attributes } = stored;
  const extensions = table.extensions.flatMap((extension) => shownExtension(extension, Object.hasOwn(attributes, extension.urn) ? attributes[extension.urn] : undefined, projection));
  const schemas = [table.core.urn, ...extensions.map(([urn]) => urn)];
  const meta = metaOf(table, stored, `${base}/${table.type}s/${id}`);
  const shown = { ...parts(table.core, { ...attributes, schemas, id, ...computed(stored, base), meta }, projection), ...Object.fromEntries(extensions) };
  if (projection.kind !== "default") hiddenMeta.set(shown, meta);
  return shown;
}

/** Of answers whose projection may hide it: the headers need it all the same. */
const hiddenMeta = new WeakMap<JsonObject, JsonObject>();

/** `meta` of an answer that `show` has made, whether it is shown or not. */
export const metaBehind = (shown: JsonObject): JsonObject | undefined => hiddenMeta.get(shown) ?? (isObject(shown["meta"]) ? shown["meta"] : undefined);

/** `groups` for users, `members` for groups: exactly what was written, nothing added (suites.md, 6.14). */
function computed({ type, groups, members, emptied }: StoredResource, base: string): JsonObject {
  if (type === "User") return groups.length === 0 ? {} : { groups: groups.map(({ value, display }) => ({ value, $ref: `${base}/Groups/${value}`, display, type: "direct" })) };
  return members.length === 0 && !emptied ? {} : { members: members.map(({ value, rest }) => ({ value, ...rest })) };
}

const metaOf = ({ type }: SchemaTable, { createdMs, modifiedMs, version }: StoredResource, location: string): JsonObject => ({
  resourceType: type,
  created: new Date(createdMs).toISOString(),
  lastModified: new Date(modifiedMs).toISOString(),
  location,
  version: `W/"${version}"`,
});

function shownExtension(extension: Schema, value: Json | undefined, projection: Projection): readonly (readonly [string, JsonObject])[] {
  if (!isObject(value)) return [];
  const choice = projection.kind === "default" ? undefined : projection.names.get(extension.urn);
  const shown = parts(extension, value, within(projection, choice));
  return Object.keys(shown).length === 0 ? [] : [[extension.urn, shown]];
}

/** The projection that holds one level further in, where `choice` is what the outer one says of this place. */
function within(projection: Projection, choice: Choice | undefined): Projection {
  if (projection.kind === "default") return everything;
  if (choice === true) return projection.kind === "only" ? everything : { kind: "only", names: new Map() };
  return { kind: projection.kind, names: choice ?? new Map() };
}

/** In the order of the schema. */
function parts({ attributes: known }: Pick<Schema, "attributes">, from: JsonObject, projection: Projection): JsonObject {
  const shown: Record<string, Json> = {};
  for (const attribute of known.values()) {
    const value = Object.hasOwn(from, attribute.name) ? from[attribute.name] : undefined;
    const part = value === undefined ? undefined : shownPart(attribute, value, projection);
    if (part !== undefined) shown[attribute.name] = part;
  }
  return shown;
}

function shownPart(attribute: Attribute, value: Json, projection: Projection): Json | undefined {
  const { returned, sub } = attribute;
  const choice = projection.kind === "default" ? undefined : projection.names.get(attribute.name);
  if (returned === "never") return undefined;
  if (returned === "always") return trimmed(attribute, value, everything);
  if (returned === "request" && !(projection.kind === "only" && choice !== undefined)) return undefined;
  if (projection.kind === "default") return trimmed(attribute, value, everything);
  if (projection.kind === "without") return choice === true ? undefined : trimmed(attribute, value, within(projection, choice));
  if (choice === undefined && ![...sub.values()].some((part) => part.returned === "always")) return undefined;
  return trimmed(attribute, value, within(projection, choice));
}

/** The parts of a complex value that are to be seen; what is left without any is left out. The whole value itself, where nothing is hidden. */
function trimmed(attribute: Attribute, value: Json, projection: Projection): Json | undefined {
  if (attribute.type !== "complex" || (projection.kind === "default" && !hides(attribute)) || (projection.kind === "without" && projection.names.size === 0 && !hides(attribute))) return value;
  const subs = { attributes: attribute.sub };
  if (!Array.isArray(value)) return isObject(value) ? nonEmpty(parts(subs, value, projection)) : undefined;
  const elements = (value as readonly Json[]).flatMap((element) => (isObject(element) ? (nonEmpty(parts(subs, element, projection)) ?? []) : []));
  return elements.length === 0 && value.length > 0 ? undefined : elements;
}

const nonEmpty = (shown: JsonObject): JsonObject | undefined => (Object.keys(shown).length === 0 ? undefined : shown);
const hides = ({ sub }: Attribute): boolean => [...sub.values()].some(({ returned }) => returned === "never" || returned === "request");

/**
 * A resource as filters, sorting and uniqueness see it: text folded unless case-exact, date-times as ms, the primary element of a list
 * first, and nothing that is empty or of the wrong type.
 *
 * @module
 */
import { invalid } from "../model/failure.ts";
import { fold } from "../model/fold.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { isObject } from "../model/json.ts";
import type { Attributes, Keys, StoredResource } from "../model/resource.ts";
import { parseDateTime } from "./date-time.ts";
import type { Attribute, Schema, SchemaTable } from "./schema-table.ts";

/**
 * What the store needs to find, order and guard a resource.
 *
 * `search` also holds `schemas`, the URNs in use, so that `schemas eq` needs no rule of its own. Names that the schema does not know are left out.
 *
 * @param extra.emailKey the address by which the vendor knows the account, where it knows accounts by one
 * @throws Fault `invalidValue` for a resource without its name; body reading has refused it before
 */
export function keysOf(table: SchemaTable, attributes: Attributes, extra: { readonly emailKey: string | undefined }): Keys {
  const search = searchOf(table, attributes);
  const named = table.type === "User" ? "userName" : "displayName";
  const name = search[named];
  if (typeof name !== "string") throw invalid("invalidValue", `${named} is required`);
  const { externalId, emails } = search;
  return {
    name,
    externalId: typeof externalId === "string" ? externalId : undefined,
    email: extra.emailKey === undefined ? undefined : fold(extra.emailKey),
    emails: [...new Set(Array.isArray(emails) ? (emails as readonly Json[]).flatMap(addressOf) : [])],
    active: search["active"] !== false,
    search,
  };
}

const addressOf = (email: Json): readonly string[] => (isObject(email) && typeof email.value === "string" ? [email.value] : []);

function searchOf(table: SchemaTable, attributes: Attributes): JsonObject {
  const search: Record<string, Json> = partsOf(table.core.attributes, attributes);
  const schemas = [fold(table.core.urn)];
  for (const { urn, attributes: known } of table.extensions) {
    const held = Object.hasOwn(attributes, urn) ? attributes[urn] : undefined;
    const parts = isObject(held) ? partsOf(known, held) : {};
    if (Object.keys(parts).length === 0) continue;
    search[urn] = parts;
    schemas.push(fold(urn));
  }
  // An absent `active` is active, to filters as to everybody else.
  return { ...search, ...(table.type === "User" && search["active"] === undefined && { active: true }), schemas };
}

const partsOf = (known: Schema["attributes"], from: JsonObject): Record<string, Json> => searchParts(known.values(), from);

/** Some attributes of what holds them, in search form, as far as anything is left of them. */
export function searchParts(known: Iterable<Attribute>, from: JsonObject): Record<string, Json> {
  const parts: Record<string, Json> = {};
  for (const attribute of known) {
    if (attribute.returned === "never") continue;
    const value = Object.hasOwn(from, attribute.name) ? from[attribute.name] : undefined;
    const form = value === undefined ? undefined : attribute.multiValued ? listOf(attribute, value) : searchElement(attribute, value);
    if (form !== undefined) parts[attribute.name] = form;
  }
  return parts;
}

function listOf(attribute: Attribute, value: Json): Json | undefined {
  const elements = (Array.isArray(value) ? (value as readonly Json[]) : [value]).flatMap((element) => searchElement(attribute, element) ?? []);
  if (elements.length === 0) return undefined;
  const first = elements.findIndex((element) => isObject(element) && element.primary === true);
  return first <= 0 ? elements : [elements[first] as Json, ...elements.toSpliced(first, 1)];
}

/** One value, or one element of a list, in search form; `undefined` if nothing is left of it. */
export function searchElement(attribute: Attribute, value: Json): Json | undefined {
  switch (attribute.type) {
    case "complex": {
      const parts = isObject(value) ? partsOf(attribute.sub, value) : {};
      return Object.keys(parts).length === 0 ? undefined : parts;
    }
    case "boolean":
      return truthOf(value);
    case "integer":
    case "decimal":
      return typeof value === "number" ? value : undefined;
    case "dateTime":
      return typeof value === "string" ? parseDateTime(value) : undefined;
    default:
      if (typeof value !== "string" || value === "") return undefined;
      return attribute.caseExact ? value : fold(value);
  }
}

/** Entra writes booleans as words (`roles[].primary: "True"`), and what it wrote is kept as written. */
function truthOf(value: Json): boolean | undefined {
  if (typeof value === "boolean") return value;
  const word = typeof value === "string" ? value.toLowerCase() : undefined;
  return word === "true" ? true : word === "false" ? false : undefined;
}

/**
 * The whole resource as `matches` wants it: the attributes with `id`, `meta`, a user's `groups` and a group's `members`, which the
 * store keeps in places of their own.
 */
export function wholeSearch(table: SchemaTable, { id, createdMs, modifiedMs, attributes, groups, members }: StoredResource): JsonObject {
  const held = table.core.attributes.get("members");
  const elements = held && listOf(held, members.map(({ value, rest }) => ({ ...rest, value })));
  return {
    ...searchOf(table, attributes),
    id,
    meta: { resourceType: table.type, created: createdMs, lastModified: modifiedMs },
    ...(groups.length > 0 && { groups: groups.map(({ value, display }) => ({ value, display: fold(display) })) }),
    ...(elements !== undefined && { members: elements }),
  };
}

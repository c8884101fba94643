/**
 * The body of a POST or PUT → what the client wants to be true, as the store keeps it.
 *
 * Read-only attributes are passed over, unknown ones noted, names taken in any letter case, with or without their URN. A PUT
 * clears what it does not mention, except what would take access away or cut the IdP's own link to the person: `active`,
 * `roles`, `externalId`, the password and a group's members stay (idps.md 14.15; slack-status.com 2024-04 shows the price).
 * IdP habits that need no schema were put right before (`dialects/`).
 *
 * @module
 */
import { invalid } from "../model/failure.ts";
import { isObject, sameJson, type Json, type JsonObject } from "../model/json.ts";
import type { Attributes, Member } from "../model/resource.ts";
import { readMembers } from "./members.ts";
import { resolveName, resolveUrn } from "./names.ts";
import type { Attribute, Resolved, Schema, SchemaTable } from "./schema-table.ts";
import { strictBody } from "./strict.ts";
import { ignore, isReference, readSub, readValue, shown, type Reading } from "./values.ts";

export interface Written {
  readonly attributes: Attributes;
  /** What this very push brought; never kept. */
  readonly password: string | undefined;
  /** Groups: `undefined` = not mentioned. */
  readonly members: readonly Member[] | undefined;
  /** Names that the schema does not know, for the timeline. */
  readonly ignored: readonly string[];
}

export interface BodyOptions {
  readonly strict: boolean;
  /** More attributes that a PUT keeps when it does not mention them. */
  readonly keeps?: readonly string[];
  /** The group's own id, which is never its member. */
  readonly selfId?: string | undefined;
}

const kept = ["active", "externalId", "roles"];
const maxSchemas = 50;

/** @throws Fault `invalidSyntax` (shape), `invalidValue` (a value, or no userName or displayName) */
export function readCreate(table: SchemaTable, body: unknown, options: BodyOptions): Written {
  const { mentioned: _, ...written } = readBody(table, body, options);
  requireName(table, written.attributes);
  return written;
}

/** @throws Fault as `readCreate`, and `mutability` for another value of an immutable attribute */
export function readReplace(table: SchemaTable, body: unknown, current: Attributes, options: BodyOptions): Written {
  const { mentioned, ...written } = readBody(table, body, options);
  const attributes: Record<string, Json> = { ...written.attributes };
  for (const name of [...kept, ...(options.keeps ?? [])]) if (!mentioned.has(name) && current[name] !== undefined) attributes[name] = current[name];
  for (const { name } of immutable(table)) {
    if (current[name] === undefined) continue;
    if (attributes[name] !== undefined && !sameJson(attributes[name], current[name])) throw invalid("mutability", `${name} can not be changed once it is set`);
    attributes[name] = current[name];
  }
  requireName(table, attributes);
  return { ...written, attributes };
}

/** userName of a user, displayName of a group: present and not blank. */
export function requireName(table: SchemaTable, attributes: Attributes): void {
  const name = table.type === "User" ? "userName" : "displayName";
  const value = attributes[name];
  if (typeof value !== "string" || value.trim() === "") throw invalid("invalidValue", `${name} is required`);
}

const immutable = (table: SchemaTable): readonly Attribute[] => [...table.core.attributes.values()].filter(({ mutability }) => mutability === "immutable");

function readBody(table: SchemaTable, body: unknown, { strict, selfId }: BodyOptions): Written & Pick<Found, "mentioned"> {
  if (!isObject(body)) throw invalid("invalidSyntax", `The body must be an object that describes a ${table.type}`);
  if (strict) strictBody(table, body);
  checkSchemas(table, body, strict);
  const ignored = new Set<string>();
  const found: Found = { attributes: {}, password: undefined, members: undefined, mentioned: new Set() };
  for (const name of Object.keys(body)) {
    const value = body[name];
    const schema = resolveUrn(table, name);
    if (schema) readSchema(schema);
    else take(name, resolveName(table, name), value);

    function readSchema(inner: Schema): void {
      if (value === null || value === "") return;
      if (!isObject(value)) throw invalid("invalidSyntax", `${inner.urn} must be an object`);
      for (const key of Object.keys(value)) take(`${inner.urn}:${key}`, resolveName(table, `${inner.urn}:${key}`), value[key]);
    }
  }
  return { ...found, ignored: [...ignored] };

  function take(name: string, resolved: Resolved | undefined, value: unknown): void {
    const extension = resolved?.extension;
    const reading: Reading = { type: table.type, extension, strict, ignored };
    if (!resolved) ignore(reading, name);
    else store(found, resolved, reading, value, selfId);
  }
}

/** What has been read so far; filled from top to bottom. */
interface Found {
  attributes: Record<string, Json>;
  password: string | undefined;
  members: readonly Member[] | undefined;
  /** Core attributes that the body gives a value, be it an empty one (`"roles": []` does take them away). */
  readonly mentioned: Set<string>;
}

function store(found: Found, { extension, attribute, sub }: Resolved, reading: Reading, value: unknown, selfId: string | undefined): void {
  if (attribute.mutability === "readOnly") return;
  if (!extension && reading.type === "Group" && attribute.name === "members") {
    if (value !== null && value !== undefined) found.members = readMembers(reading, attribute, value, selfId);
    return;
  }
  if (!extension && value !== null && value !== undefined) found.mentioned.add(attribute.name);
  const holder = extension ? ((found.attributes[extension.urn] as Record<string, Json> | undefined) ?? {}) : found.attributes;
  const read = sub ? readDotted(reading, attribute, sub, value, holder[attribute.name]) : readValue(reading, attribute, value);
  if (read === undefined) return;
  if (!extension && attribute.name === "password") {
    found.password = read as string;
    return;
  }
  // Two spellings of one name (`department` beside the extension) may agree, but we do not choose between them.
  if (!sub && holder[attribute.name] !== undefined && !sameJson(holder[attribute.name], read)) throw invalid("invalidSyntax", `${attribute.name} stands in the body twice`);
  holder[attribute.name] = read;
  if (extension) found.attributes[extension.urn] = holder;
}

/** `"name.givenName": …` as a key of the body: one part of a single complex value. */
function readDotted(reading: Reading, attribute: Attribute, sub: Attribute, value: unknown, before: Json | undefined): JsonObject | undefined {
  if (attribute.multiValued) throw invalid("invalidSyntax", `${attribute.name} must be a list`);
  if (sub.mutability === "readOnly") return undefined;
  const part = readSub(reading, attribute, sub, value);
  if (part === undefined || (isReference(attribute) && sub.name !== "value" && !isObject(before))) return undefined;
  return { ...(isObject(before) ? before : {}), [sub.name]: part };
}

/** Clients may leave `schemas` out, misspell a URN or name unknown ones; a body that says it is something else is refused. */
function checkSchemas(table: SchemaTable, body: JsonObject, strict: boolean): void {
  const name = Object.keys(body).find((key) => key.toLowerCase() === "schemas");
  const schemas = name === undefined ? undefined : body[name];
  if (schemas === undefined || schemas === null) return;
  if (!Array.isArray(schemas) || schemas.length > maxSchemas || !schemas.every((urn) => typeof urn === "string")) throw invalid("invalidSyntax", `schemas must be a list of at most ${maxSchemas} URNs`);
  const urns = schemas as readonly string[];
  const unknown = urns.find((urn) => !resolveUrn(table, urn));
  if (strict && unknown !== undefined) throw invalid("invalidSyntax", `Unknown schema ${shown(unknown)}`);
  const other = urns.find((urn) => isSomethingElse(table, urn));
  if (other !== undefined && !urns.some((urn) => resolveUrn(table, urn) === table.core)) throw invalid("invalidSyntax", `${shown(other)} is not the schema of a ${table.type}`);
}

function isSomethingElse(table: SchemaTable, urn: string): boolean {
  const name = urn.slice(0, 200).toLowerCase();
  return name === `urn:ietf:params:scim:schemas:core:2.0:${table.type === "User" ? "group" : "user"}` || name.startsWith("urn:ietf:params:scim:api:messages:");
}

/**
 * One PATCH operation applied to a draft of the attributes (RFC 7644, 3.5.2.1 to 3.5.2.3).
 *
 * The draft belongs to the caller, who throws it away when any operation fails: that makes a PATCH atomic. What stands inside
 * the draft is never changed in place, only exchanged, so the state it was made from stays whole.
 *
 * What the RFC leaves open, decided here: a complex single value takes the parts that are given and keeps the others, for `replace`
 * as for `add`, except a reference (the manager), which is one thing; `null` never changes `active`, `roles`, `externalId` or
 * the password (reliability.md 11).
 *
 * @module
 */
import { invalid } from "../model/failure.ts";
import type { Filter } from "../model/filter.ts";
import { isObject, type Json, type JsonObject } from "../model/json.ts";
import { resolveUrn } from "./names.ts";
import type { PatchOperation } from "./patch-envelope.ts";
import { addToList, removeElements, removeFromList, replaceList, setElements, setInAll, type List } from "./patch-list.ts";
import { isPath, parsePath, type Target } from "./patch-path.ts";
import type { Attribute, Schema, SchemaTable } from "./schema-table.ts";
import { ignore, isReference, readParts, readSub, readValue, type Reading } from "./values.ts";

export interface Draft {
  readonly attributes: Record<string, Json>;
  password: string | undefined;
}

export interface Applying {
  readonly table: SchemaTable;
  readonly strict: boolean;
  readonly keeps?: readonly string[] | undefined;
  readonly ignored: Set<string>;
  /** What the whole PATCH has taken so far: see `maxSteps`. */
  readonly spent: { steps: number };
  /** Groups: takes what aims at `members`, which is never part of a draft. */
  readonly onMembers?: (op: PatchOperation["op"], at: Aim, value: unknown, reading: Reading) => void;
}

/** A target that is not a whole schema. */
export type Aim = Exclude<Target, { readonly kind: "schema" }>;

/** @throws Fault `invalidPath`, `invalidFilter`, `noTarget`, `mutability`, `invalidValue`, or `invalidSyntax` on a strict connection */
export function applyOperation(draft: Draft, { op, path, value }: PatchOperation, applying: Applying): void {
  if (path === undefined) {
    if (op === "remove") throw invalid("noTarget", "remove needs a path");
    if (!isObject(value)) throw invalid("invalidValue", `${op} without a path needs an object of attributes as its value`);
    return applyObject(draft, op, value, applying);
  }
  const target = parsePath(applying.table, path);
  if (op !== "remove" && value === undefined) throw invalid("invalidValue", `${op} needs a value`);
  if (target.kind === "schema") return applySchema(draft, op, target.schema, value, applying);
  if (isReadOnly(target)) throw invalid("mutability", `${target.attribute.name} is read-only`);
  applyAt(draft, op, target, value, applying);
}

/** Each key of a path-less value is a path of its own: plain, dotted, with URN, even with a filter (idps.md F8). */
function applyObject(draft: Draft, op: "add" | "replace", value: JsonObject, applying: Applying, prefix = ""): void {
  for (const key of Object.keys(value)) {
    const schema = resolveUrn(applying.table, key);
    if (schema) applySchema(draft, op, schema, value[key], applying);
    else applyKey(draft, op, prefix + key, value[key], applying);
  }
}

function applyKey(draft: Draft, op: "add" | "replace", key: string, value: unknown, applying: Applying): void {
  const { table, strict, ignored } = applying;
  if (!isPath(table, key)) return ignore({ type: table.type, extension: undefined, strict, ignored }, key);
  const target = parsePath(table, key);
  // Okta sends the group's id along with its name (idps.md F24).
  if (target.kind === "schema" || isReadOnly(target)) return;
  applyAt(draft, op, target, value, applying);
}

function applySchema(draft: Draft, op: PatchOperation["op"], schema: Schema, value: unknown, applying: Applying): void {
  const isCore = schema === applying.table.core;
  if (op !== "remove" && isObject(value)) return applyObject(draft, op, value, applying, `${schema.urn}:`);
  if (isCore) throw op === "remove" ? invalid("noTarget", "remove needs an attribute") : invalid("invalidValue", `${op} of a schema needs an object of attributes as its value`);
  if (op !== "remove" && value !== null && value !== "") throw invalid("invalidValue", `${schema.urn} must be an object`);
  if (op !== "add") delete draft.attributes[schema.urn];
}

const isReadOnly = ({ attribute, sub }: Aim): boolean => attribute.mutability === "readOnly" || sub?.mutability === "readOnly";

const keptWhenNull = new Set(["active", "roles", "externalId", "password"]);

function applyAt(draft: Draft, op: PatchOperation["op"], target: Aim, value: unknown, applying: Applying): void {
  const { extension, attribute } = target;
  const { table, strict, ignored } = applying;
  const reading: Reading = { type: table.type, extension, strict, ignored };
  if (!extension) {
    if (applying.onMembers && attribute.name === "members") return applying.onMembers(op, target, value, reading);
    if (op !== "remove" && value === null && (keptWhenNull.has(attribute.name) || applying.keeps?.includes(attribute.name))) return;
    if (attribute.name === "password") {
      if (op !== "remove") draft.password = readValue(reading, attribute, value) as string | undefined;
      return;
    }
    if (op === "remove") refuseRemoval(table, attribute);
  }
  const holder = extension ? { ...(draft.attributes[extension.urn] as JsonObject | undefined) } : draft.attributes;
  spend(applying, op, target, holder[attribute.name]);
  const next = attribute.multiValued ? nextList(reading, op, target, holder[attribute.name], value) : nextValue(reading, op, target, holder[attribute.name], value);
  if (next === undefined) delete holder[attribute.name];
  else holder[attribute.name] = next;
  if (!extension) return;
  if (Object.keys(holder).length === 0) delete draft.attributes[extension.urn];
  else draft.attributes[extension.urn] = holder;
}

/**
 * 1,000 operations may each look through 500 elements; with long filters as well, one request would hold up everybody's. So what they
 * take together is counted in steps: a comparison with an element is one, a comparison read is three, an element told from the others by
 * what it holds is five. The largest sum takes about 20 ms.
 */
const maxSteps = 50_000;
const stepsToRead = 3;
const stepsToTellApart = 5;

function spend({ spent }: Applying, op: PatchOperation["op"], target: Aim, list: Json | undefined): void {
  const count = Array.isArray(list) ? list.length : 0;
  if (target.kind === "elements") spent.steps += comparisonsIn(target.filter) * (count + stepsToRead);
  else spent.steps += op === "replace" || target.sub ? count : count * stepsToTellApart;
  if (spent.steps > maxSteps) throw invalid("tooMany", "The operations look through too many elements of lists: send fewer of them at once");
}

function comparisonsIn(filter: Filter): number {
  if (filter.kind === "and" || filter.kind === "or") return filter.of.reduce((sum, part) => sum + comparisonsIn(part), 0);
  return filter.kind === "not" || filter.kind === "element" ? comparisonsIn(filter.of) : 1;
}

function refuseRemoval({ type }: SchemaTable, { name }: Attribute): void {
  if (name === (type === "User" ? "userName" : "displayName")) throw invalid("mutability", `${name} is required and can not be removed`);
  if (type === "User" && name === "active") throw invalid("mutability", "active is required and can not be removed: it is true or false");
}

function nextList(reading: Reading, op: PatchOperation["op"], target: Aim, before: Json | undefined, value: unknown): List | undefined {
  const list = (before ?? []) as List;
  const after = changedList(reading, op, target, list, value);
  return after.length > 0 ? after : undefined;
}

function changedList(reading: Reading, op: PatchOperation["op"], target: Aim, list: List, value: unknown): List {
  const { attribute, sub } = target;
  if (target.kind === "elements") return op === "remove" ? removeElements(target, list) : setElements(reading, target, op, list, value);
  if (sub) return setInAll(reading, attribute, sub, list, op === "remove" ? undefined : value);
  if (op === "add") return addToList(reading, attribute, list, value);
  if (op === "replace") return replaceList(reading, attribute, value);
  return value === undefined || value === null || value === "" ? [] : removeFromList(reading, attribute, list, value);
}

function nextValue(reading: Reading, op: PatchOperation["op"], { attribute, sub }: Aim, before: Json | undefined, value: unknown): Json | undefined {
  if (sub) {
    const part = op === "remove" ? undefined : readSub(reading, attribute, sub, value);
    if (part === undefined && isReference(attribute) && sub.name === "value") return undefined;
    return merged(before, new Map([[sub, part]]));
  }
  if (op === "remove") return undefined;
  if (attribute.type === "complex" && !isReference(attribute) && isObject(value)) return merged(before, readParts(reading, attribute, value));
  return readValue(reading, attribute, value);
}

function merged(before: Json | undefined, parts: ReadonlyMap<Attribute, Json | undefined>): JsonObject | undefined {
  const next: Record<string, Json> = { ...(isObject(before) ? before : {}) };
  for (const [{ name }, part] of parts) {
    if (part === undefined) delete next[name];
    else next[name] = part;
  }
  return Object.keys(next).length > 0 ? next : undefined;
}

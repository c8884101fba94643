/**
 * One value from a client, checked against its attribute and turned into what the store keeps.
 *
 * No type is ever guessed: a number is no text, a text no list. The exceptions are sourced and live here, because only the
 * schema knows where they apply: booleans as words (idps.md F5, F30) and a single complex value written as its bare `value`
 * or in a list of one (the manager, idps.md F12). `null` is unassigned everywhere, `""`, `[]` and `{}` where the type allows
 * them (RFC 7643, 2.5). Lists of canonical values are advice to clients and never enforced. Names are only looked up in the
 * table's Maps, so `__proto__` is an unknown name like any other.
 *
 * @module
 */
import { invalid } from "../model/failure.ts";
import { isObject, type Json, type JsonObject } from "../model/json.ts";
import { resolveSub } from "./names.ts";
import type { Attribute, Schema } from "./schema-table.ts";
import { checkText, plainRule, ruleFor } from "./text-rules.ts";

/** Where a value stands, and what becomes of names that the schema does not know. */
export interface Reading {
  readonly type: "User" | "Group";
  /** `undefined` = the core schema. */
  readonly extension: Schema | undefined;
  /** Unknown names are a 400 `invalidSyntax` instead of a note. */
  readonly strict: boolean;
  /** Unknown names as the client wrote them, cleaned; grows while reading. */
  readonly ignored: Set<string>;
}

export const maxElements = 500;
const maxIgnored = 100;

/** A client's name as a sentence may show it. */
export const shown = (name: string): string => name.replace(/[^\x20-\x7e]/g, "?").slice(0, 100);

/** Notes an unknown name; throws 400 `invalidSyntax` where the connection is strict. */
export function ignore(reading: Reading, name: string): void {
  if (reading.strict) throw invalid("invalidSyntax", `Unknown attribute ${shown(name)}`);
  if (reading.ignored.size < maxIgnored) reading.ignored.add(shown(name));
}

/**
 * The value of a whole attribute as it is stored; `undefined` = unassigned. Of several primary elements the first stays it.
 *
 * @throws Fault `invalidValue`, or `invalidSyntax` for an unknown sub-attribute on a strict connection
 */
export function readValue(reading: Reading, attribute: Attribute, value: unknown): Json | undefined {
  if (!attribute.multiValued) return readOne(reading, attribute, undefined, value);
  const elements = onePrimary(readElements(reading, attribute, value));
  return elements.length > 0 ? elements : undefined;
}

/** The elements of a list, without unassigned ones. */
export function readElements(reading: Reading, attribute: Attribute, value: unknown): readonly Json[] {
  if (value === undefined || value === null || value === "" || (isObject(value) && Object.keys(value).length === 0)) return [];
  if (!Array.isArray(value)) throw invalid("invalidValue", `${attribute.name} must be a list`);
  checkCount(attribute, value.length);
  return value.map((element) => readOne(reading, attribute, undefined, element)).filter((element) => element !== undefined);
}

export function checkCount(attribute: Attribute, count: number): void {
  if (count > maxElements) throw invalid("invalidValue", `${attribute.name} has ${count} elements, ${maxElements} are allowed`);
}

/** The value of a sub-attribute; `undefined` = unassigned. */
export function readSub(reading: Reading, attribute: Attribute, sub: Attribute, value: unknown): Json | undefined {
  if (!sub.multiValued) return readOne(reading, sub, attribute, value);
  if (value === undefined || value === null || value === "") return undefined;
  if (!Array.isArray(value)) throw invalid("invalidValue", `${attribute.name}.${sub.name} must be a list`);
  checkCount(sub, value.length);
  const elements = value.map((element) => readOne(reading, sub, attribute, element)).filter((element) => element !== undefined);
  return elements.length > 0 ? elements : undefined;
}

/** What an object says about sub-attributes, one by one: a value, or `undefined` = to be emptied. Read-only ones are left out. */
export function readParts(reading: Reading, attribute: Attribute, value: JsonObject): ReadonlyMap<Attribute, Json | undefined> {
  const parts = new Map<Attribute, Json | undefined>();
  for (const name of Object.keys(value)) {
    const sub = resolveSub(attribute, name);
    if (!sub) ignore(reading, `${attribute.name}.${name}`);
    else if (sub.mutability !== "readOnly") parts.set(sub, readSub(reading, attribute, sub, value[name]));
  }
  return parts;
}

/** Whether a single complex value is its `value` first of all (the manager), so that a bare text can stand for it. */
export const isReference = (attribute: Attribute): boolean => attribute.type === "complex" && !attribute.multiValued && attribute.sub.has("value");

/** At most one element is primary (RFC 7643, 2.4): the first of `chosen`, or of all. The others become `false`, not absent. */
export function onePrimary(elements: readonly Json[], chosen: ReadonlySet<Json> = new Set(elements)): readonly Json[] {
  const primaries = elements.filter(isPrimary);
  if (primaries.length < 2) return elements;
  const kept = primaries.find((element) => chosen.has(element)) ?? primaries[0];
  return elements.map((element) => (isObject(element) && element !== kept && element["primary"] === true ? { ...element, primary: false } : element));
}

export const isPrimary = (element: Json): boolean => isObject(element) && element["primary"] === true;

function readOne(reading: Reading, attribute: Attribute, owner: Attribute | undefined, value: unknown): Json | undefined {
  if (value === undefined || value === null) return undefined;
  switch (attribute.type) {
    case "complex":
      return readComplex(reading, attribute, owner, value);
    case "boolean":
      return readBoolean(attribute, owner, value);
    case "integer":
      if (!Number.isSafeInteger(value)) throw invalid("invalidValue", `${labelOf(attribute, owner)} must be a whole number`);
      return value as number;
    case "decimal":
      if (typeof value !== "number" || !Number.isFinite(value)) throw invalid("invalidValue", `${labelOf(attribute, owner)} must be a number`);
      return value;
    default:
      return readText(reading, attribute, owner, value);
  }
}

/** `emails.value`; made only where somebody reads it: there are a hundred thousand values in a large group. */
const labelOf = (attribute: Attribute, owner: Attribute | undefined): string => (owner ? `${owner.name}.${attribute.name}` : attribute.name);

function readComplex(reading: Reading, attribute: Attribute, owner: Attribute | undefined, value: unknown): Json | undefined {
  if (isReference(attribute)) {
    if (Array.isArray(value) && value.length < 2) return readComplex(reading, attribute, owner, value[0] ?? {});
    if (typeof value === "string") return readComplex(reading, attribute, owner, { value });
  }
  if (value === "") return undefined;
  if (!isObject(value)) throw invalid("invalidValue", `${labelOf(attribute, owner)} must be an object`);
  const parts = [...readParts(reading, attribute, value)].filter(([, part]) => part !== undefined);
  // A reference that names nobody any more is gone, whatever else still stands in it ({"value": "", "$ref": "…"}).
  if (parts.length === 0 || (isReference(attribute) && !parts.some(([sub]) => sub.name === "value"))) return undefined;
  return Object.fromEntries(parts.map(([sub, part]) => [sub.name, part as Json]));
}

function readBoolean(attribute: Attribute, owner: Attribute | undefined, value: unknown): boolean {
  const word = typeof value === "string" ? value.toLowerCase() : value;
  if (word === true || word === "true") return true;
  if (word === false || word === "false") return false;
  throw invalid("invalidValue", `${labelOf(attribute, owner)} must be true or false`);
}

function readText(reading: Reading, attribute: Attribute, owner: Attribute | undefined, value: unknown): string | undefined {
  if (typeof value !== "string") throw invalid("invalidValue", `${labelOf(attribute, owner)} must be a text`);
  if (value === "") return undefined;
  const why = checkText(value, reading.extension ? plainRule : ruleFor(reading.type, attribute.name, owner?.name));
  if (why !== undefined) throw invalid("invalidValue", `${labelOf(attribute, owner)} ${why}`);
  if (attribute.type === "dateTime" && !(dateTime.test(value) && Number.isFinite(Date.parse(value)))) throw invalid("invalidValue", `${labelOf(attribute, owner)} must be a date and time such as 2026-11-21T10:00:00Z`);
  return value;
}

/** xsd:dateTime, the zone optional (RFC 7643, 2.3.5). */
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?$/;

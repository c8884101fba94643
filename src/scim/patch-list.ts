/**
 * What a PATCH operation does to one list: emails, roles, addresses. Pure; the list that comes in stays as it is.
 *
 * Beyond the letter of RFC 7644, 3.5.2, as IdPs send it: a filter of equalities that matches nobody makes the element it
 * describes (idps.md F15), and `remove` with a value takes out only what the value lists (idps.md, fact 7). An element that was
 * made primary by the operation stays it, the former one becomes `false`.
 *
 * @module
 */
import type { Filter } from "../model/filter.ts";
import { invalid } from "../model/failure.ts";
import { fold } from "../model/fold.ts";
import { isObject, type Json, type JsonObject } from "../model/json.ts";
import { equalitiesOf } from "./equalities.ts";
import { matcherOf } from "./filter-match.ts";
import type { Attribute } from "./schema-table.ts";
import { checkCount, isPrimary, onePrimary, readElements, readParts, readSub, type Reading } from "./values.ts";

export type List = readonly Json[];

/** Which elements an operation is about. */
export interface Selected {
  readonly attribute: Attribute;
  readonly sub: Attribute | undefined;
  readonly filter: Filter;
  readonly text: string;
}

/** Elements that are there already, by value and type or else by all they hold (but `primary`, which changes with its neighbours), take the new one's parts. */
export function addToList(reading: Reading, attribute: Attribute, list: List, value: unknown): List {
  const added = readElements(reading, attribute, asList(value));
  if (added.length === 0) return list;
  const byKey = new Map(list.map((element) => [keyOf(element), element]));
  const chosen = new Set<Json>();
  for (const element of added) {
    const there = byKey.get(keyOf(element));
    const merged = isObject(there) && isObject(element) ? { ...there, ...element } : element;
    byKey.set(keyOf(element), merged);
    if (isPrimary(element)) chosen.add(merged);
  }
  return checked(attribute, onePrimary([...byKey.values()], chosen));
}

export function replaceList(reading: Reading, attribute: Attribute, value: unknown): List {
  if (isObject(value) && Object.keys(value).length === 0) throw invalid("invalidValue", `${attribute.name} must be a list`);
  return onePrimary(readElements(reading, attribute, asList(value)));
}

/** @param value the elements to go, by their `value`; an empty list names nobody */
export function removeFromList(reading: Reading, attribute: Attribute, list: List, value: unknown): List {
  const exact = attribute.sub.get("value")?.caseExact ?? true;
  const keys = new Set(readElements(reading, attribute, asList(value)).map((element) => valueKey(element, exact)));
  return list.filter((element) => !keys.has(valueKey(element, exact)));
}

/** `emails.display` without a filter: all elements, or the one that there is. */
export function setInAll(reading: Reading, attribute: Attribute, sub: Attribute, list: List, value: unknown): List {
  const part = readSub(reading, attribute, sub, value);
  if (list.length > 1 && part !== undefined && (sub.name === "value" || sub.name === "primary")) throw invalid("noTarget", `${attribute.name} has ${list.length} elements: say which one, as in ${attribute.name}[type eq "work"].${sub.name}`);
  if (list.length === 0) return part === undefined ? list : [{ [sub.name]: part }];
  return list.flatMap((element) => withPart(element, sub, part));
}

/**
 * `add` or `replace` at `emails[type eq "work"]` or a part of it.
 *
 * @throws Fault `noTarget` where nothing matches and the filter describes no element
 */
export function setElements(reading: Reading, { attribute, sub, filter, text }: Selected, op: "add" | "replace", list: List, value: unknown): List {
  const described = describedBy(reading, attribute, text);
  const change: Change = sub ? { sub, part: readSub(reading, attribute, sub, value) } : { parts: partsOf(reading, attribute, value) };
  const isMeant = matcherOf(filter, attribute);
  const matching = new Set(list.filter(isMeant));
  if (matching.size === 0) {
    if (reading.strict && op === "replace") throw invalid("noTarget", `No element of ${attribute.name} matches the filter of the path (RFC 7644, 3.5.2.3)`);
    const made = described && applyChange(described, change, op, described)[0];
    if (described && (made === undefined || isNothing(change))) return list;
    // What the path would not find again (`emails[type eq "work"].type` := "home") would be made anew by every repetition.
    if (made === undefined || !isMeant(made)) throw invalid("noTarget", `No element of ${attribute.name} matches the filter of the path`);
    return checked(attribute, onePrimary([...list, made], new Set([made])));
  }
  const chosen = new Set<Json>();
  const changed = list.flatMap((element) => {
    if (!matching.has(element)) return [element];
    const next = applyChange(element, change, op, described ?? {});
    if (makesPrimary(change)) for (const one of next) chosen.add(one);
    return next;
  });
  return onePrimary(changed, chosen);
}

/** `remove` at `emails[type eq "work"]` or a part of it. Whoever is not there needs no removing. */
export function removeElements({ attribute, sub, filter }: Selected, list: List): List {
  const isMeant = matcherOf(filter, attribute);
  return list.flatMap((element) => {
    if (!isMeant(element)) return [element];
    return sub ? withPart(element, sub, undefined) : [];
  });
}

/** One part, several, or (no `parts`) nothing left of the element. */
type Change = { readonly sub: Attribute; readonly part: Json | undefined } | { readonly parts: ReadonlyMap<Attribute, Json | undefined> | undefined };

const partsOf = (reading: Reading, attribute: Attribute, value: unknown): ReadonlyMap<Attribute, Json | undefined> | undefined => {
  if (value === null || value === "") return undefined;
  if (!isObject(value)) throw invalid("invalidValue", `An element of ${attribute.name} must be an object`);
  return readParts(reading, attribute, value);
};

const isNothing = (change: Change): boolean => ("sub" in change ? change.part === undefined : [...(change.parts?.values() ?? [])].every((part) => part === undefined));

const makesPrimary = (change: Change): boolean => ("sub" in change ? change.sub.name === "primary" && change.part === true : [...(change.parts ?? [])].some(([sub, part]) => sub.name === "primary" && part === true));

/** @param described what the filter says of the element, which a replaced element keeps (it would be out of its own path's reach) */
function applyChange(element: Json, change: Change, op: "add" | "replace", described: JsonObject): List {
  if ("sub" in change) return withPart(element, change.sub, change.part);
  if (!change.parts) return op === "add" ? [element] : [];
  if (change.parts.size === 0) return [element];
  const next: Record<string, Json> = { ...(op === "add" && isObject(element) ? element : described) };
  for (const [sub, part] of change.parts) {
    if (part !== undefined) next[sub.name] = part;
    else if (op === "add") delete next[sub.name];
  }
  return Object.keys(next).length > 0 ? [next] : [];
}

/** An element of which only `type` and `primary` are left after a part went says nothing any more, and goes too. */
function withPart(element: Json, sub: Attribute, part: Json | undefined): List {
  if (!isObject(element)) return [element];
  if (part !== undefined) return [{ ...element, [sub.name]: part }];
  if (!Object.hasOwn(element, sub.name)) return [element];
  const { [sub.name]: _gone, ...rest } = element;
  return Object.keys(rest).every((name) => name === "type" || name === "primary") ? [] : [rest];
}

/** The element that a filter of equalities describes; `undefined` = it describes none. */
function describedBy(reading: Reading, attribute: Attribute, text: string): JsonObject | undefined {
  const equalities = equalitiesOf(attribute, text);
  if (!equalities || equalities.joined === "or") return undefined;
  const described: Record<string, Json> = {};
  for (const { sub, value } of equalities.of) {
    const part = readSub(reading, attribute, sub, value);
    if (part !== undefined) described[sub.name] = part;
  }
  return described;
}

/** A single element may come without its list. */
const asList = (value: unknown): unknown => (Array.isArray(value) || value === null || value === "" || value === undefined ? value : [value]);

function checked(attribute: Attribute, list: List): List {
  checkCount(attribute, list.length);
  return list;
}

/** RFC 7643, 2.4: value and type together name an element. */
function keyOf(element: Json): string {
  if (!isObject(element)) return canonical(element);
  const known = keys.get(element) ?? (typeof element["value"] === "string" ? JSON.stringify([element["value"], element["type"] ?? null]) : unnamed(element));
  keys.set(element, known);
  return known;
}

/** Elements are never changed, and a hundred operations may each ask for the keys of a hundred long ones. */
const keys = new WeakMap<object, string>();

const valueKey = (element: Json, exact: boolean): string => {
  const value = isObject(element) ? element["value"] : element;
  if (typeof value !== "string") return unnamed(element);
  return JSON.stringify([exact ? value : fold(value)]);
};

/** What an element without a value is known by. */
const unnamed = (element: Json): string => canonical(isObject(element) ? { ...element, primary: null } : element);

/** JSON with its names in order. */
function canonical(json: Json): string {
  if (Array.isArray(json)) return `[${(json as List).map(canonical).join(",")}]`;
  if (!isObject(json)) return JSON.stringify(json);
  const names = Object.keys(json).toSorted();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(json[name] as Json)}`).join(",")}}`;
}

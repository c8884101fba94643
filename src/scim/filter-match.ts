/**
 * What a filter means, as code. The store's SQL says the same, and a test holds the two together.
 *
 * - A value is looked for along `at.path`; a step that is missing, or an empty text at its end, is *absent*. At `listAt` stands a
 *   list: the path goes on in each element.
 * - `eq co sw ew gt ge lt le` hold if *some* value that was found satisfies them; so never for what is absent, and never between
 *   values of different types (text, number, boolean).
 * - `ne` is exactly *not* `eq`: true of what is absent; of a list, true if *no* element equals.
 * - `present`: something was found. A boolean `false` and a `0` are present; an empty text, list or object is not.
 * - `element`: some one element of the list at `at` satisfies the whole inner filter, whose paths begin at the element. An empty or
 *   absent list has no such element, whatever the inner filter says. Inside, `ne` and `not` look at that one element only.
 * - Text is compared by code point, which is the order of its UTF-8 bytes; both sides were folded before unless case-exact.
 * - `and`, `or`, `not` are two-valued: there is no "unknown".
 *
 * @module
 */
import type { AttributeRef, CompareOperator, Filter } from "../model/filter.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { isObject } from "../model/json.ts";
import type { Attribute } from "./schema-table.ts";
import { searchElement, searchParts } from "./search-form.ts";

/** @param search a whole resource in search form, see `search-form.ts` */
export function matches(filter: Filter, search: JsonObject): boolean {
  switch (filter.kind) {
    case "and":
      return filter.of.every((part) => matches(part, search));
    case "or":
      return filter.of.some((part) => matches(part, search));
    case "not":
      return !matches(filter.of, search);
    case "present":
      return found(filter.at, search).length > 0;
    case "element":
      return found(filter.at, search).some((element) => isObject(element) && matches(filter.of, element));
    case "compare": {
      const { operator, value } = filter;
      const values = found(filter.at, search);
      return operator === "ne" ? !values.some((one) => compared(one, "eq", value)) : values.some((one) => compared(one, operator, value));
    }
  }
}

/** As `matches`, for one element as the client wrote it: the inside of a PATCH path's brackets. */
export const matchesElement = (filter: Filter, attribute: Attribute, element: Json): boolean => matcherOf(filter, attribute)(element);

/** The same for many elements of one list. Only the parts that the filter looks at are brought into search form. */
export function matcherOf(filter: Filter, attribute: Attribute): (element: Json) => boolean {
  const looked = new Set<string>();
  namesIn(filter, looked);
  const parts = [...attribute.sub.values()].filter(({ name }) => looked.has(name));
  return (element) => {
    if (!isObject(element)) return false;
    const search = searchParts(parts, element);
    // An element of which nothing is known is none, and then even `not` finds nothing in it.
    return (Object.keys(search).length > 0 || searchElement(attribute, element) !== undefined) && matches(filter, search);
  };
}

function namesIn(filter: Filter, names: Set<string>): void {
  switch (filter.kind) {
    case "and":
    case "or":
      for (const part of filter.of) namesIn(part, names);
      break;
    case "not":
      namesIn(filter.of, names);
      break;
    default:
      for (const name of filter.at.path.slice(0, 1)) names.add(name);
  }
}

function found(at: AttributeRef, from: JsonObject): readonly Json[] {
  if (at.listAt === undefined) {
    const value = along(at.path, from);
    return value === undefined || !isPresent(value) ? nothing : [value];
  }
  let values: readonly Json[] = [from];
  at.path.forEach((name, step) => {
    values = values.flatMap((value) => {
      const next = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
      if (next === undefined) return [];
      return step === at.listAt && Array.isArray(next) ? (next as readonly Json[]) : [next];
    });
  });
  return values.filter(isPresent);
}

const nothing: readonly Json[] = [];

function along(path: readonly string[], from: JsonObject): Json | undefined {
  let value: Json | undefined = from;
  for (const name of path) value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

function isPresent(value: Json): boolean {
  if (value === null || value === "") return false;
  if (typeof value !== "object") return true;
  return Object.values(value).length > 0;
}

/** One value against one literal; false where the types differ. */
export function compared(value: Json, operator: CompareOperator, literal: Json): boolean {
  if (operator === "ne") return !compared(value, "eq", literal);
  if (operator === "eq") return value === literal;
  if (typeof value === "number" && typeof literal === "number") return ordered(operator, value - literal);
  if (typeof value !== "string" || typeof literal !== "string") return false;
  switch (operator) {
    case "co":
      return value.includes(literal);
    case "sw":
      return value.startsWith(literal);
    case "ew":
      return value.endsWith(literal);
    default:
      return ordered(operator, byCodePoint(value, literal));
  }
}

function ordered(operator: CompareOperator, difference: number): boolean {
  switch (operator) {
    case "gt":
      return difference > 0;
    case "ge":
      return difference >= 0;
    case "lt":
      return difference < 0;
    case "le":
      return difference <= 0;
    default:
      return false;
  }
}

/**
 * Orders text as its UTF-8 bytes are ordered. JavaScript's `<` compares UTF-16 units, where characters beyond U+FFFF (surrogates, from
 * U+D800) come before U+E000 to U+FFFF.
 */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

const rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);

/**
 * What must hold whatever came in: no prototype touched, no input changed, nothing but plain JSON kept.
 *
 * @module
 */
import type { Json } from "../../src/model/json.ts";
import { isObject } from "../../src/model/json.ts";
import { hold } from "./target.ts";

const watched = [Object, Array, Function, String, Number, Boolean, RegExp, Map, Set, Error, Promise, Symbol, Date, Uint8Array, Buffer].map((one) => one.prototype as object);
const globals = [Object, Array, JSON, Math, Reflect, globalThis.process] as readonly object[];
const counted = [Object.prototype, Array.prototype, Function.prototype, String.prototype];

/** Remembers the prototypes as they are now. `quick` counts the names of the commonest, `whole` compares every member of all. */
export function prototypes() {
  const counts = counted.map((one) => Reflect.ownKeys(one).length);
  const members = new Map([...watched, ...globals].map((one) => [one, new Map(Reflect.ownKeys(one).map((name) => [name, print(one, name)]))]));
  return {
    quick(): boolean {
      for (let at = 0; at < counted.length; at++) if (Reflect.ownKeys(counted[at]!).length !== counts[at]) return false;
      return true;
    },
    whole(): boolean {
      for (const [one, known] of members) {
        const names = Reflect.ownKeys(one);
        if (names.length !== known.size || names.some((name) => known.get(name) !== print(one, name))) return false;
      }
      return true;
    },
    /** Takes away what was added, so that the next input is judged by itself. */
    mend(): void {
      for (const [one, known] of members) for (const name of Reflect.ownKeys(one)) if (!known.has(name)) Reflect.deleteProperty(one, name);
    },
  };
}

/** Two members are the same if they are the same value or the same accessor. */
function print(holder: object, name: PropertyKey): unknown {
  const property = Object.getOwnPropertyDescriptor(holder, name);
  return property && ("value" in property ? (typeof property.value === "number" && name !== "length" ? "a number" : property.value) : property.get);
}

/** Freezes an input to its last leaf: whoever changes it throws a TypeError, which counts as a crash. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const name of Reflect.ownKeys(value)) frozen((value as Record<PropertyKey, unknown>)[name]);
  return value;
}

/** Plain objects and lists of plain values, with no prototype but their own kind's. */
export function checkPlain(value: unknown): void {
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number") return hold(Number.isFinite(value), "a number that JSON cannot write");
  hold(typeof value === "object", `a ${typeof value} among JSON`);
  const prototype = Object.getPrototypeOf(value) as unknown;
  if (Array.isArray(value)) {
    hold(prototype === Array.prototype, "a list with another prototype");
    for (const element of value) checkPlain(element);
    return;
  }
  hold(prototype === Object.prototype || prototype === null, "an object with another prototype");
  hold(!Object.hasOwn(value, "__proto__"), "an object with a member named __proto__");
  for (const member of Object.values(value)) checkPlain(member);
}

/** The promise of `Attributes`: nothing is null, no text, list or object is empty, at most one element is primary. */
export function checkStorable(json: Json | undefined, isWhole = false): void {
  hold(json !== null && json !== undefined && json !== "", "something empty is to be stored");
  if (Array.isArray(json)) {
    hold(json.length > 0, "an empty list is to be stored");
    hold(json.filter((element) => isObject(element) && element["primary"] === true).length < 2, "two elements are primary");
    for (const element of json as readonly Json[]) checkStorable(element);
  } else if (isObject(json)) {
    const members = Object.values(json);
    hold(isWhole || members.length > 0, "an empty object is to be stored");
    for (const member of members) checkStorable(member);
  }
}

/**
 * Quirks: one habit of one IdP, one row, with its source. Every row applies on every connection, because nobody can say who calls.
 *
 * A habit has exactly one home. What can be put right without a schema is rewritten here. What only the schema or the stored
 * state can judge is understood in `scim/`; its row is there to notice it, so that the timeline can say what came in, and
 * names the file that deals with it.
 *
 * @module
 */
import { isObject, type JsonObject } from "../model/json.ts";

export interface Pushed {
  readonly type: "User" | "Group";
  readonly method: "POST" | "PUT" | "PATCH";
  /** Anything at all: the rows come before the body is checked. */
  readonly body: unknown;
}

/** One client, as its own file describes it. */
export interface Dialect {
  /** As docs/clients.md names it. */
  readonly client: string;
  readonly quirks: readonly Quirk[];
  readonly relies: readonly Reliance[];
}

/** What a client counts on in our answers. Nothing here runs; each row says what keeps it true, and what shows that. */
export interface Reliance {
  /** After "It …". */
  readonly is: string;
  readonly source: string;
  /** Below src/. */
  readonly keptIn: string;
  /** Below test/. */
  readonly shownBy: string;
}

export type Quirk = {
  /** What the IdP does, as the timeline says it after "The IdP …". */
  readonly is: string;
  readonly source: string;
  /** The section of the RFC that the habit departs from; a strict connection refuses it (`scim/strict.ts`). Left out: the RFC has it. */
  readonly departsFrom?: string;
} & (
  | { /** @returns the new body, or the very same when the habit is not there */ readonly rewrite: (pushed: Pushed) => unknown }
  | { readonly understoodIn: string; readonly seen: (pushed: Pushed) => boolean }
);

export interface Operation {
  /** Lower-case; `""` = none that is text. */
  readonly op: string;
  /** `undefined` = none, or none that is text. */
  readonly path: string | undefined;
  readonly value: unknown;
}

/** A member by its name in lower case, as clients may spell it; the first one. */
export const memberOf = (object: JsonObject, name: string): unknown => {
  if (Object.hasOwn(object, name)) return object[name];
  const key = Object.keys(object).find((one) => one.toLowerCase() === name);
  return key === undefined ? undefined : object[key];
};

/** The operations of a PATCH as far as they are operations; empty for anything else. */
export function operationsOf({ method, body }: Pushed): readonly Operation[] {
  if (method !== "PATCH" || !isObject(body)) return [];
  const list = memberOf(body, "operations");
  return Array.isArray(list) ? list.filter(isObject).map(read) : [];
}

function read(operation: JsonObject): Operation {
  const op = memberOf(operation, "op");
  const path = memberOf(operation, "path");
  return { op: typeof op === "string" ? op.toLowerCase() : "", path: typeof path === "string" ? path : undefined, value: memberOf(operation, "value") };
}

/** Whether some operation has the habit. */
export const someOperation = (has: (operation: Operation) => boolean) => (pushed: Pushed) => operationsOf(pushed).some(has);

/** Whether the body of a POST or PUT has the habit. */
export const inBody = (has: (body: JsonObject) => boolean) => ({ method, body }: Pushed) => method !== "PATCH" && isObject(body) && has(body);

/**
 * Rewrites what stands under an attribute, wherever a push may put it: in the body, in an operation's value, in a path-less value.
 *
 * @param isAt whether a key or path is meant, given in lower case
 */
export const underName = (isAt: (name: string) => boolean, rewrite: (value: unknown, name: string) => unknown) => (pushed: Pushed): unknown => {
  if (!isObject(pushed.body)) return pushed.body;
  const inObject = (object: JsonObject) => mapObject(object, (value, key) => (isAt(key.toLowerCase()) ? rewrite(value, key.toLowerCase()) : value));
  if (pushed.method !== "PATCH") return inObject(pushed.body);
  return mapOperations(pushed.body, (operation) => {
    const { path } = read(operation);
    return mapObject(operation, (value, key) => {
      if (key.toLowerCase() !== "value") return value;
      if (path !== undefined) return isAt(path.toLowerCase()) ? rewrite(value, path.toLowerCase()) : value;
      return isObject(value) ? inObject(value) : value;
    });
  });
};

const mapOperations = (body: JsonObject, rewrite: (operation: JsonObject) => unknown): unknown =>
  mapObject(body, (list, key) => (key.toLowerCase() === "operations" && Array.isArray(list) ? mapList(list, (operation) => (isObject(operation) ? rewrite(operation) : operation)) : list));

/** The same list if nothing in it changed. */
export function mapList(list: readonly unknown[], rewrite: (element: unknown) => unknown): readonly unknown[] {
  const mapped = list.map(rewrite);
  return mapped.some((element, at) => element !== list[at]) ? mapped : list;
}

/** The same object if nothing in it changed. Defines members instead of setting them, so `__proto__` stays a plain name. */
export function mapObject(object: JsonObject, rewrite: (value: unknown, key: string) => unknown): unknown {
  const mapped = Object.entries(object).map(([key, value]) => [key, rewrite(value, key)] as const);
  return mapped.some(([key, value]) => value !== object[key]) ? Object.fromEntries(mapped) : object;
}

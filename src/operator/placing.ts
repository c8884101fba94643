/**
 * Where the fields of an act's input stand in a request: in the path, in the query, in the body or, for what was looked at, in If-Match.
 * The API and its description both ask here.
 *
 * @module
 */
import { z } from "zod";
import type { Json } from "../model/json.ts";
import type { Act } from "./act.ts";
import { Declined } from "./declined.ts";

export interface Placed {
  readonly path: readonly string[];
  readonly query: readonly string[];
  readonly body: readonly string[];
  /** The field `seen`, which If-Match fills. */
  readonly seen: boolean;
}

export interface FieldSchema {
  readonly type?: string;
  readonly items?: FieldSchema;
  readonly description?: string;
  readonly [keyword: string]: unknown;
}

export interface InputSchema {
  readonly properties: Readonly<Record<string, FieldSchema>>;
  readonly required: readonly string[];
}

const schemas = new WeakMap<z.ZodType, InputSchema>();

/** Of what is to be given: defaults are not required. */
export function inputSchemaOf({ input }: Pick<Act, "input">): InputSchema {
  const known = schemas.get(input) ?? { properties: {}, required: [], ...(z.toJSONSchema(input, { io: "input" }) as Partial<InputSchema>) };
  schemas.set(input, known);
  return known;
}

export function placedOf(act: Pick<Act, "input" | "route">): Placed {
  const names = Object.keys(inputSchemaOf(act).properties);
  const path = [...act.route.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const rest = names.filter((name) => !path.includes(name) && name !== "seen");
  const inBody = act.route.method === "POST";
  return { path, query: inBody ? [] : rest, body: inBody ? rest : [], seen: names.includes("seen") };
}

/**
 * A field that was written as text, as its schema means it: `50` → 50, `true` → true, `a,b` → a list. What fits no such form stays a text,
 * and the schema complains about it.
 */
export function readAs(text: string, { type, items }: FieldSchema): Json {
  if (type === "array") return text.split(",").map((part) => readAs(part, items ?? {}));
  if (type === "integer" && /^\d{1,15}$/.test(text)) return Number(text);
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

/** @throws Declined `invalid` for a parameter that the act does not know, and for one that is there twice */
export function queryRead(act: Act, search: string): Readonly<Record<string, Json>> {
  const { properties } = inputSchemaOf(act);
  const { query } = placedOf(act);
  const read: Record<string, Json> = {};
  for (const [name, text] of new URLSearchParams(search)) {
    const schema = query.includes(name) ? properties[name] : undefined;
    if (schema === undefined) throw new Declined("invalid", "The request is not what this act takes.", [{ path: name, says: "is no parameter of this address" }]);
    if (Object.hasOwn(read, name)) throw new Declined("invalid", "The request is not what this act takes.", [{ path: name, says: "is there twice" }]);
    read[name] = readAs(text, schema);
  }
  return read;
}

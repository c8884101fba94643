/**
 * What a viewer is shown: who looks at how the house stands need not read what people are called.
 *
 * Decided by the act's own output schema (see `fields.ts`). What it says nothing about is covered, but for a list of fields that name our
 * own words; and no text keeps an address, wherever it stands.
 *
 * @module
 */
import { z } from "zod";
import { isObject } from "../model/json.ts";

const covered = "•••";

/** Fields of a journal row, and of what stands in one, that hold our own words, the vendor's ids or an operator's name. */
const harmless: ReadonlySet<string> = new Set([
  "account", "act", "alarm", "approved", "attribute", "by", "call", "closed", "correlation", "decision", "denied", "detail", "direction", "does", "drift", "driftOver", "dropped", "failure", "finding", "findings",
  "hold", "ignored", "is", "joined", "kind", "lane", "leaves", "left", "method", "mode", "notes", "operation", "operator", "path", "promoted", "quirks", "rail", "reason", "reconciliation", "refused", "repair",
  "result", "role", "severity", "text", "type", "waits", "waitsFor",
]);
/** What is said of a drift quotes what somebody's profile was and is. */
const quotes = (whole: object, name: string): boolean => name === "notes" && Object.hasOwn(whole, "drift");

interface Schema {
  readonly "x-personal"?: "address" | "text";
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
}

const schemas = new WeakMap<z.ZodType, Schema>();

/** The same value, covered; the value itself is not changed. */
export function masked<Out extends z.ZodType>(output: Out, value: z.output<Out>): z.output<Out> {
  const schema = schemas.get(output) ?? (z.toJSONSchema(output, { io: "output" }) as Schema);
  schemas.set(output, schema);
  return covering(value, schema) as z.output<Out>;
}

function covering(value: unknown, schema: Schema): unknown {
  if (schema["x-personal"] !== undefined) return typeof value === "string" ? (schema["x-personal"] === "address" ? coverAddress(value) : covered) : unknownCovered(value);
  if (schema.anyOf) return covering(value, schema.anyOf.find((one) => fits(value, one)) ?? {});
  if (schema.type === undefined) return unknownCovered(value);
  if (typeof value === "string") return withoutAddresses(value);
  if (Array.isArray(value)) return value.map((element) => covering(element, schema.items ?? {}));
  if (!isObject(value)) return value;
  const rest = typeof schema.additionalProperties === "object" ? schema.additionalProperties : {};
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, schema.properties?.[name] ? covering(part, schema.properties[name]) : rest.type === undefined ? partCovered(value, name, part) : covering(part, rest)]));
}

function fits(value: unknown, { type }: Schema): boolean {
  if (value === null) return type === "null";
  if (Array.isArray(value)) return type === "array";
  return typeof value === (type === "integer" ? "number" : type);
}

const partCovered = (whole: object, name: string, part: unknown): unknown => (harmless.has(name) && !isObject(part) && !quotes(whole, name) ? harmlessPart(part) : unknownCovered(part));

const harmlessPart = (part: unknown): unknown => (Array.isArray(part) ? part.map((element) => (typeof element === "string" ? withoutAddresses(element) : unknownCovered(element))) : typeof part === "string" ? withoutAddresses(part) : part);

function unknownCovered(value: unknown): unknown {
  if (typeof value === "string") return value === "" ? "" : covered;
  if (Array.isArray(value)) return value.map(unknownCovered);
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, partCovered(value, name, part)])) : value;
}

/** `ada@acme.example` → `a•••@acme.example`. */
function coverAddress(text: string): string {
  const at = text.lastIndexOf("@");
  const [first = ""] = text;
  return at > 0 ? `${first}${covered}${text.slice(at)}` : `${first}${covered}`;
}

/** Also where it is part of an address of the web. */
const anyAddress = /[\p{L}\p{N}._%+'-]*[\p{L}\p{N}_+'-](?:@|%40)(?=[\p{L}\p{N}])/giu;
const withoutAddresses = (text: string): string => text.replace(anyAddress, (found) => `${covered}${found.endsWith("@") ? "@" : "%40"}`);

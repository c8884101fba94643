/**
 * One section, key by key: a mistake in one key hides no mistake in another, and every finding says what would be right.
 *
 * @module
 */
import type { z } from "zod";
import { configJsonSchema } from "./schema.ts";
import type { JsonSchema } from "./schema.ts";
import { nearest } from "./problem.ts";
import type { Finding, Path } from "./problem.ts";

type Shape = Readonly<Record<string, z.ZodType>>;
/** The keys whose value was right; a wrong one is absent. */
export type Parsed<S extends Shape> = { readonly [K in keyof S]?: z.output<S[K]> };

export function parseKeys<S extends Shape>(shape: S, raw: unknown, at: Path, beside: readonly string[] = []): { readonly value: Parsed<S>; readonly findings: readonly Finding[] } {
  if (!isSection(raw)) return { value: {}, findings: [{ path: at, says: raw === null || raw === undefined ? "is empty" : expectedSays["object"] ?? "" }] };
  const known = [...Object.keys(shape), ...beside];
  const findings: Finding[] = Object.keys(raw).filter((key) => !known.includes(key)).map((key) => unknownKey(key, known, [...at, key]));
  const value: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(shape)) {
    const given = Object.hasOwn(raw, key) ? raw[key] : undefined;
    const result = schema.safeParse(given, { error: says });
    if (result.success) value[key] = result.data;
    else findings.push(...result.error.issues.flatMap((issue) => explained(issue, [...at, key])));
  }
  return { value: value as Parsed<S>, findings };
}

export const isSection = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

export function unknownKey(key: string, known: readonly string[], path: Path): Finding {
  const meant = nearest(key, known);
  const says = meant === undefined ? `is not known here; known are ${known.join(", ")}` : `is not known here; did you mean ${meant}?`;
  return { path, says };
}

const expectedSays: Readonly<Record<string, string>> = {
  string: "must be text",
  number: "must be a number",
  int: "must be a whole number",
  boolean: "must be true or false",
  array: "must be a list",
  object: "must be a section with keys",
  record: "must be a section with keys",
};

/** What zod says where a schema has no sentence of its own. */
const says: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === null) return "is empty; give it a value or leave the key out";
  if (issue.input === undefined) return issue.code === "invalid_value" ? `is missing; it is one of ${issue.values.join(", ")}` : "is missing";
  switch (issue.code) {
    case "invalid_type":
      return expectedSays[issue.expected];
    case "invalid_value": {
      const meant = typeof issue.input === "string" ? nearest(issue.input, issue.values.map(String)) : undefined;
      return `must be one of ${issue.values.join(", ")}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
    }
    case "too_small":
      return issue.origin === "array" ? "must not be empty" : `must be ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}`;
    case "too_big":
      return `must be at most ${issue.maximum}`;
    default:
      return undefined;
  }
};

function explained(issue: z.core.$ZodIssue, at: Path): readonly Finding[] {
  const path: Path = [...at, ...issue.path.filter((step) => typeof step !== "symbol")];
  if (issue.code !== "unrecognized_keys") return [{ path, says: issue.message }];
  return issue.keys.map((key) => unknownKey(key, knownAt(path), [...path, key]));
}

/** The keys that may stand at a path, read off the JSON Schema. */
function knownAt(path: Path): readonly string[] {
  let reached: readonly JsonSchema[] = [configJsonSchema()];
  const open = (schemas: readonly JsonSchema[]): readonly JsonSchema[] => schemas.flatMap((schema) => [schema, ...(schema.anyOf ?? [])]);
  for (const step of path) {
    reached = open(reached).flatMap(({ properties, additionalProperties, items }) => {
      const next = typeof step === "number" ? items : (properties?.[step] ?? additionalProperties);
      return typeof next === "object" ? [next] : [];
    });
  }
  return open(reached).flatMap(({ properties }) => Object.keys(properties ?? {}));
}

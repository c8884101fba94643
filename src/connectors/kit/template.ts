/**
 * Texts with placeholders in braces: `/api/users/{id}`, `Bearer {apiKey}`, `{role}`.
 *
 * @module
 */
import type { Json } from "../../model/json.ts";
import { Fault } from "../../model/failure.ts";

/** What placeholders stand for; absent = cannot be filled. */
export type Values = Readonly<Record<string, Json | undefined>>;

const placeholder = /\{([A-Za-z][A-Za-z0-9_.]*)\}/g;

export const placeholdersIn = (text: string): readonly string[] => [...text.matchAll(placeholder)].map((match) => match[1] ?? "");

/** @returns `undefined` when a placeholder cannot be filled */
export function fill(text: string, values: Values): string | undefined {
  let whole = true;
  const filled = text.replace(placeholder, (_, name: string) => {
    const value = valueOf(values, name);
    if (value === undefined || value === null) whole = false;
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  });
  return whole ? filled : undefined;
}

/** A text that is one placeholder and nothing else becomes the value itself, of whatever type. */
export function fillJson(template: Json, values: Values): Json | undefined {
  if (typeof template === "string") {
    const only = /^\{([A-Za-z][A-Za-z0-9_.]*)\}$/.exec(template)?.[1];
    return only === undefined ? fill(template, values) : valueOf(values, only);
  }
  if (Array.isArray(template)) return (template as readonly Json[]).map((element) => needed(fillJson(element, values)));
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([name, element]) => [name, needed(fillJson(element, values))]));
}

/** The path of a call: every value becomes exactly one segment, so no value can lead elsewhere. */
export function fillPath(path: string, values: Values): string {
  return path.replace(placeholder, (_, name: string) => {
    const value = needed(valueOf(values, name));
    const text = typeof value === "object" ? "" : String(value);
    if (text === "" || text === "." || text === ".." || !text.isWellFormed()) throw new Fault({ kind: "internal", detail: `The value of "${name}" cannot be part of a vendor's path` });
    return encodeURIComponent(text);
  });
}

const valueOf = (values: Values, name: string): Json | undefined => (Object.hasOwn(values, name) ? values[name] : undefined);

function needed(value: Json | undefined): Json {
  if (value === undefined) throw new Fault({ kind: "internal", detail: "A call to the vendor lacks a value that its manifest asks for" });
  return value;
}

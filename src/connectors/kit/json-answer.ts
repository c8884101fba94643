/**
 * Reads a vendor's JSON as hostile input: UTF-8 only, bounded depth, objects without a prototype.
 *
 * @module
 */
import type { Json } from "../../model/json.ts";

export const maxDepth = 32;

export type Read = { readonly kind: "json"; readonly value: Json } | { readonly kind: "empty" } | { readonly kind: "not JSON"; readonly why: string };

const utf8 = new TextDecoder("utf-8", { fatal: true });

export function readJson(bytes: Uint8Array): Read {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { kind: "not JSON", why: "not UTF-8" };
  }
  if (text.trim() === "") return { kind: "empty" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "not JSON", why: /^\s*</.test(text) ? "HTML or XML instead of JSON" : "not JSON" };
  }
  const bounded = harmless(value, maxDepth);
  return bounded === undefined ? { kind: "not JSON", why: `nested deeper than ${maxDepth} levels` } : { kind: "json", value: bounded };
}

/** A copy whose objects inherit nothing and own no `__proto__`; `undefined` when it is too deep. */
function harmless(value: unknown, depth: number): Json | undefined {
  if (typeof value !== "object" || value === null) return value as Json;
  if (depth === 0) return undefined;
  if (Array.isArray(value)) {
    const copy: Json[] = [];
    for (const element of value) {
      const inner = harmless(element, depth - 1);
      if (inner === undefined) return undefined;
      copy.push(inner);
    }
    return copy;
  }
  const copy: Record<string, Json> = Object.create(null);
  for (const [name, element] of Object.entries(value)) {
    if (name === "__proto__") continue;
    const inner = harmless(element, depth - 1);
    if (inner === undefined) return undefined;
    copy[name] = inner;
  }
  return copy;
}

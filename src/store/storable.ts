/**
 * What both engines can hold. One of them would keep a NUL or half a surrogate pair, the other would not; so neither gets one.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** @throws Error for text with a NUL or a lone surrogate */
export function checkedText(text: string): string {
  if (text.includes("\0") || !text.isWellFormed()) throw new Error("The store holds no text with a NUL character or half a surrogate pair");
  return text;
}

// An odd number of backslashes before the u: an escape that JSON.stringify made, not text that looks like one.
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i;

/**
 * JSON as it is stored.
 *
 * @throws Error for a value whose text, or whose names, hold a NUL or a lone surrogate
 */
export function checkedJson(value: unknown): string {
  const text = JSON.stringify(value);
  if (text.includes("\\u") && unstorable.test(text)) throw new Error("The store holds no text with a NUL character or half a surrogate pair");
  return text;
}

/** Guards a statement's parameters; the door of both engines. */
export function checkedParameters(parameters: readonly unknown[]): readonly unknown[] {
  for (const parameter of parameters) if (typeof parameter === "string") checkedText(parameter);
  return parameters;
}

const longestKeyBytes = 1_000;
const keptCharacters = 200;

/**
 * Text as an index holds it: itself up to 1,000 bytes, else its first 200 characters, the highest character and a SHA-256.
 * PostgreSQL refuses index entries over 2,704 bytes. Equal keys mean equal texts; order is kept unless the first 200 characters agree.
 */
export function indexKey(text: string): string {
  if (text.length * 3 <= longestKeyBytes || Buffer.byteLength(text) <= longestKeyBytes) return text;
  // Half a pair at the cut would be no text any more.
  const head = text.slice(0, keptCharacters).replace(/[\ud800-\udbff]$/, "");
  return `${head}\u{10ffff}${createHash("sha256").update(text).digest("hex")}`;
}

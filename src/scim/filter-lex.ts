/**
 * A filter's text → its tokens, in one pass: every character is looked at once, whatever it is.
 *
 * @module
 */
import type { Fault } from "../model/failure.ts";
import { invalid } from "../model/failure.ts";

export type Token =
  | { readonly kind: "(" | ")" | "[" | "]" | "end" }
  /** A name, an operator, a number, `true`, or a value that came without quotes. */
  | { readonly kind: "word"; readonly text: string }
  /** A JSON string, unescaped. */
  | { readonly kind: "string"; readonly text: string };

export const invalidFilter = (detail: string): Fault => invalid("invalidFilter", detail);

const end: Token = { kind: "end" };

/** @returns the tokens, always with one `end` as the last. @throws Fault `invalidFilter` */
export function tokens(text: string): readonly Token[] {
  if (!text.isWellFormed()) throw invalidFilter("The filter holds half a character (a lone surrogate)");
  const found: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const character = text[at] as string;
    if (isBlank(character)) at++;
    else if (character === "(" || character === ")" || character === "[" || character === "]") {
      found.push({ kind: character });
      at++;
    } else {
      const after = character === '"' ? afterString(text, at) : afterWord(text, at);
      found.push(character === '"' ? { kind: "string", text: unescaped(text.slice(at, after)) } : { kind: "word", text: text.slice(at, after) });
      at = after;
    }
  }
  found.push(end);
  return found;
}

const isBlank = (character: string): boolean => character === " " || character === "\t" || character === "\n" || character === "\r";

function afterWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isBlank(text[at] as string) && !'()[]"'.includes(text[at] as string)) at++;
  return at;
}

function afterString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  throw invalidFilter("A value in the filter has no closing quotation mark");
}

/** Exactly what JSON calls a string (RFC 7644, 3.4.2.2); NUL and half characters cannot be stored, so nothing can equal them. */
function unescaped(quoted: string): string {
  let value: string;
  try {
    value = JSON.parse(quoted) as string;
  } catch {
    throw invalidFilter("A value in the filter is not a valid JSON string");
  }
  if (value.includes("\0") || !value.isWellFormed()) throw invalidFilter("A value in the filter holds a character that no value can hold");
  return value;
}

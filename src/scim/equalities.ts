/**
 * A filter that only says what is equal: `type eq "work"`, `type eq "work" and primary eq true`, `value eq "a" or value eq "b"`.
 *
 * Such a filter describes an element that is to be made (idps.md F15), or lists members by value. Read from the text and not
 * from the parsed filter, because that one holds values folded for comparison, and what is stored must be what was written.
 *
 * @module
 */
import { tokens, type Token } from "./filter-lex.ts";
import { resolveSub } from "./names.ts";
import type { Attribute } from "./schema-table.ts";

export interface Equalities {
  readonly joined: "and" | "or" | "single";
  readonly of: readonly { readonly sub: Attribute; readonly value: string | number }[];
}

/** @param text a filter that `parseElementFilter` has accepted @returns `undefined` = it says something else */
export function equalitiesOf(attribute: Attribute, text: string): Equalities | undefined {
  const all = tokens(text);
  const of: { sub: Attribute; value: string | number }[] = [];
  let joined: Equalities["joined"] = "single";
  for (let at = 0; ; at += 4) {
    const sub = resolveSub(attribute, wordOf(all[at]));
    const value = sub && wordOf(all[at + 1]).toLowerCase() === "eq" ? literalOf(sub, all[at + 2]) : undefined;
    if (!sub || value === undefined) return undefined;
    of.push({ sub, value });
    if (all[at + 3]?.kind === "end") return { joined, of };
    const word = wordOf(all[at + 3]).toLowerCase();
    if ((word !== "and" && word !== "or") || (joined !== "single" && joined !== word)) return undefined;
    joined = word;
  }
}

const wordOf = (token: Token | undefined): string => (token?.kind === "word" ? token.text : "");

/** Booleans stay words: reading a value accepts them so, with and without quotation marks (`primary eq "True"`). */
function literalOf(sub: Attribute, token: Token | undefined): string | number | undefined {
  if (token?.kind === "string") return token.text;
  if (token?.kind !== "word" || token.text.toLowerCase() === "null") return undefined;
  return sub.type === "integer" || sub.type === "decimal" ? Number(token.text) : token.text;
}

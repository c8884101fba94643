/**
 * Folding: what falls together, and that folding what is folded changes nothing.
 *
 * @module
 */
import { expect, test } from "vitest";
import { fold } from "../../src/model/fold.ts";

test.each([
  ["letter case", "ANN@Corp.Example", "ann@corp.example"],
  ["fullwidth letters", "ａｎｎ@corp.example", "ann@corp.example"],
  ["the Kelvin sign", "\u212aim", "kim"],
  ["the long s", "\u017fam", "sam"],
  ["the dotless i", "\u0131da", "ida"],
  ["a ligature", "ﬁona", "fiona"],
  ["a letter and its accent, apart and as one", "e\u0301va", "\u00e9va"],
  ["the sharp s and its capital", "STRA\u1e9eE", "stra\u00dfe"],
  ["the sharp s and two", "STRASSE", "stra\u00dfe"],
  ["the final sigma", "\u03a3\u039f\u03a6\u039f\u03a3", "\u03c3\u03bf\u03c6\u03bf\u03c2"],
])("%s: two spellings of one name are one", (_name, one, other) => {
  expect(fold(one)).toBe(fold(other));
});

test.each([["a and \u00e4", "a", "\u00e4"], ["a and Cyrillic a", "a", "\u0430"], ["o and zero", "o", "0"]])("%s stay apart", (_name, one, other) => {
  expect(fold(one)).not.toBe(fold(other));
});

test("of every letter there is: folded twice is folded once, and upper case, lower case and the parts of it fold the same", () => {
  const wrong: string[] = [];
  for (let code = 0; code <= 0x1ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    for (const text of [character, `a${character}b`]) {
      const folded = fold(text);
      const others = [folded, text.toUpperCase(), text.toLowerCase(), text.normalize("NFD")];
      if (others.some((other) => fold(other) !== folded)) wrong.push(code.toString(16));
    }
  }
  expect(wrong).toEqual([]);
});

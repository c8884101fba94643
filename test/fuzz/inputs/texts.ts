/**
 * Texts of every kind that a stranger may send: harmless, odd, hostile, huge, and all of them damaged.
 *
 * @module
 */
import fc from "fast-check";

const odd = [
  "", " ", "a", "x", "ann@corp.example", "Ann@Corp.Example", "work", "home", "true", "True", "false", "null", "undefined", "NaN", "0", "-0", "1", "-1", "1e309", "1e21", "0.1", "00", "+1", "2011-05-13T04:42:34Z",
  "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "10000-01-01T00:00:00Z", "__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "length", "then", "a\u0000b", "\ud800", "\udc00x", "🦄",
  "é", "e\u0301", "ﬁ", "ſ", "\u212a", "İ", "ı", "ß", "ẞ", "Σς", "ΑΣ", "ŉ", "ǰ", "ᾳ", "\u0345", "Å", "ａｎｎ", "а", "\u202e", "\u200b", "\ufeff", "\u00a0", "\u2028", "%", "_", "*", "'", '"', "\\", "\\\\", '\\"', "' or 1=1 --", '") or ("1"="1', "$.x", "$",
  "[", "]", "(", ")", "{", "}", "[]", "{}", "<script>", "${jndi:ldap://x}", "\r\nX: y", "../..", "%00", "%2e%2e", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
];

/** Beginnings and repetitions of which careless patterns are slow. */
const pieces = ["a", " ", "\t", "(", ")", "[", "]", "((", "not (", 'a[', '"', "\\", '\\"', "\\\\", "a ", "a.", ".", ":", "urn:", "and ", " or ", "1", "-", "é", "\u0301", "🦄", "\ud83e", "%41", "%", "/", "a@", "@a.", "x eq 1 and ", 'userName eq "a" or ', "{", '{"a":', '"a",', "1,", "null,", "\u00df", "İ"];

/** Any sixteen bits, halves of pairs among them. */
export const anyUnits: fc.Arbitrary<string> = fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units));

export const oddText: fc.Arbitrary<string> = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...odd) }, { weight: 2, arbitrary: fc.string({ maxLength: 12 }) }, { weight: 1, arbitrary: anyUnits });

/** `head piece piece … tail` */
export const repeated = (most: number): fc.Arbitrary<string> =>
  fc
    .record({ head: oddText, piece: fc.constantFrom(...pieces), times: fc.oneof({ weight: 4, arbitrary: fc.nat(60) }, { weight: 1, arbitrary: fc.nat(most) }), tail: oddText })
    .map(({ head, piece, times, tail }) => head + piece.repeat(Math.min(times, Math.floor(most / piece.length))) + tail);

interface Edit {
  readonly kind: "cut" | "double" | "put" | "swap" | "case" | "cross";
  readonly at: number;
  readonly length: number;
  readonly text: string;
}

const edit = (others: fc.Arbitrary<string>): fc.Arbitrary<Edit> =>
  fc.record({ kind: fc.constantFrom("cut", "double", "put", "swap", "case", "cross"), at: fc.nat(9_999), length: fc.integer({ min: 1, max: 12 }), text: fc.oneof({ weight: 3, arbitrary: oddText }, { weight: 1, arbitrary: others }) });

function edited(text: string, { kind, at, length, text: other }: Edit): string {
  const from = text.length === 0 ? 0 : at % (text.length + 1);
  const part = text.slice(from, from + length);
  const [before, after] = [text.slice(0, from), text.slice(from + length)];
  switch (kind) {
    case "cut":
      return before + after;
    case "double":
      return before + part + part + after;
    case "put":
      return before + other + part + after;
    case "swap":
      return before + [...part].toReversed().join("") + after;
    case "case":
      return before + (part === part.toUpperCase() ? part.toLowerCase() : part.toUpperCase()) + after;
    case "cross":
      return before + other.slice(other.length === 0 ? 0 : at % other.length);
  }
}

/** Texts with up to four damages; often none. */
export const damaged = (texts: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.tuple(texts, fc.array(edit(texts), { maxLength: 4 })).map(([text, edits]) => edits.reduce(edited, text));

/** A name as clients may spell it. */
export const spelt = (names: readonly string[]): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...names), fc.nat(9)).map(([name, way]) => (way < 7 ? name : way === 7 ? name.toUpperCase() : way === 8 ? name.toLowerCase() : name.replace(/[a-z]/g, (letter, at: number) => (at % 2 === 0 ? letter.toUpperCase() : letter))));

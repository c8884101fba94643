/**
 * The transforms, each in both directions, and what counts as equal (vendors.md, section 10).
 *
 * @module
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/model/json.ts";
import { randomPassword } from "../../src/connectors/kit/random.ts";
import type { Hints } from "../../src/connectors/kit/transform.ts";
import { sameTags, transforms } from "../../src/connectors/kit/transforms.ts";

const one: Hints = { room: 1 };
const two: Hints = { room: 2 };

interface Row extends Partial<Hints> {
  readonly value: string;
  /** What is written; a text = why it does not fit. */
  readonly sent: readonly (string | null | undefined)[] | string;
  /** What is read back, if it is not the value itself. */
  readonly back?: string;
}

const written = (name: keyof typeof transforms, { value, room = 1, country, oneOf }: Row) => {
  const found = transforms[name].write(value, { room, country, ...(oneOf && { oneOf }) });
  return "unfit" in found ? found.unfit : found;
};

describe.each<{ name: keyof typeof transforms; rows: readonly Row[] }>([
  {
    name: "phone",
    rows: [
      { value: "+40 712 345 678", sent: ["+40712345678"], back: "+40712345678" },
      { value: "+40712345678", room: 2, sent: ["712345678", "RO"] },
      { value: "tel:+40-712-345-678", room: 2, sent: ["712345678", "RO"], back: "+40712345678" },
      { value: "0712 345 678", room: 2, country: "RO", sent: ["712345678", "RO"], back: "+40712345678" },
      { value: "0712 345 678", room: 2, country: "ro", sent: ["712345678", "RO"], back: "+40712345678" },
      { value: "+12125551234", room: 2, country: "RO", sent: ["2125551234", "US"] },
      // Shared country codes are told apart by the number, and only then by the hint.
      { value: "+14165550000", room: 2, country: "US", sent: ["4165550000", "CA"] },
      { value: "+447400123456", room: 2, sent: ["7400123456", "GB"] },
      { value: "+15551234567", room: 2, country: "CA", sent: ["5551234567", "CA"] },
      { value: "+15551234567", room: 2, sent: ["5551234567", "US"] },
      { value: "+390612345678", room: 2, sent: ["0612345678", "IT"] }, // a zero that belongs to the number
      { value: "0712 345 678", room: 2, sent: "is no telephone number in international form, such as +40712345678" },
      { value: "call me", room: 2, country: "RO", sent: "is no telephone number in international form, such as +40712345678" },
      { value: "+40 1", sent: "is no telephone number in international form, such as +40712345678" },
      { value: "+8835100012345", room: 2, sent: "is a telephone number of no country" },
    ],
  },
  {
    name: "lines",
    rows: [
      { value: "Str. 1", room: 2, sent: ["Str. 1", null] },
      { value: "Str. 1\nSc. B\r\nAp. 2", room: 2, sent: ["Str. 1", "Sc. B, Ap. 2"], back: "Str. 1\nSc. B, Ap. 2" },
      { value: " Str. 1 \n\n Sc. B ", room: 1, sent: ["Str. 1, Sc. B"], back: "Str. 1, Sc. B" },
      { value: "a\nb\nc\nd", room: 3, sent: ["a", "b", "c, d"], back: "a\nb\nc, d" },
      { value: "a", room: 3, sent: ["a", null, null] },
    ],
  },
  {
    name: "region",
    rows: [
      { value: "ro-b", room: 2, sent: ["RO-B", undefined], back: "RO-B" },
      { value: "CA", room: 2, country: "US", sent: ["US-CA", undefined], back: "US-CA" },
      { value: "CA", room: 2, sent: [null, "CA"] },
      { value: "Ilfov", room: 2, country: "RO", sent: [null, "Ilfov"] },
      { value: "Goa", room: 2, country: "IN", sent: [null, "Goa"] },
      { value: "București", room: 1, country: "RO", sent: ["București"] },
      { value: "B", room: 1, country: "RO", sent: ["RO-B"], back: "RO-B" },
    ],
  },
  {
    name: "country",
    rows: [
      { value: "ro", sent: ["RO"], back: "RO" },
      ...["Romania", "ROU", "R", "12", "XQ", "EU", "UK", "ZZ", ""].map((value) => ({ value, sent: "is no two-letter country code (ISO 3166-1 alpha-2), such as RO" })),
    ],
  },
  {
    name: "timezone",
    rows: [
      { value: "Europe/Bucharest", sent: ["Europe/Bucharest"] },
      ...["Pacific Standard Time", "GTB", "+02:00", "Europe/Nowhere"].map((value) => ({ value, sent: "is no time zone of the IANA database, such as Europe/Bucharest" })),
    ],
  },
  {
    name: "language",
    rows: [
      { value: "en-US", sent: ["en"], back: "en" },
      { value: "en-US,en;q=0.8", sent: ["en"], back: "en" },
      { value: "en_GB", oneOf: ["en", "ro"], sent: ["en"], back: "en" },
      { value: "pt-br", oneOf: ["pt", "pt_BR"], sent: ["pt_BR"], back: "pt_BR" },
      { value: "de", oneOf: ["en", "ro"], sent: "is none of the vendor's locales (en, ro)" },
    ],
  },
])("$name", ({ name, rows }) => {
  test.each(rows)("$value, $room field(s), country $country → $sent", (row) => {
    const sent = written(name, row);
    expect(sent).toEqual(row.sent);
    if (typeof sent === "string") return;
    const hints = { room: row.room ?? 1, country: row.country, ...(row.oneOf && { oneOf: row.oneOf }) };
    const held = sent.map((value) => value ?? null);
    const back = transforms[name].read(held as readonly Json[], hints);
    expect(back).toBe(row.back ?? row.value);
    // What came back is the same as what was wanted: no call, no drift, and the IdP sees its own spelling.
    expect(transforms[name].same(back ?? "", row.value, hints)).toBe(true);
  });
});

test.each<{ name: keyof typeof transforms; a: string; b: string; hints?: Hints; same: boolean }>([
  { name: "phone", a: "+40712345678", b: "tel:+40-712-345-678", same: true },
  { name: "phone", a: "+40712345678", b: "0712345678", hints: { room: 2, country: "RO" }, same: true },
  { name: "phone", a: "+40712345678", b: "0712345678", hints: { room: 2, country: "DE" }, same: false },
  { name: "phone", a: "+40712345678", b: "+40712345679", same: false },
  { name: "phone", a: "ext 5", b: " ext 5 ", same: true },
  { name: "phone", a: "ext 5", b: "ext 6", same: false },
  { name: "lines", a: "Str. 1\nSc. B, Ap. 2", b: "Str. 1\nSc. B\nAp. 2", hints: two, same: true },
  { name: "lines", a: "Str. 1", b: "Str. 1\nSc. B", hints: two, same: false },
  { name: "region", a: "US-CA", b: "CA", hints: { room: 2, country: "RO" }, same: true }, // the hint is only a guess
  { name: "region", a: "RO-B", b: "ro-b", hints: two, same: true },
  { name: "region", a: "US-CA", b: "DE-CA", hints: two, same: false },
  { name: "region", a: "Ilfov", b: "IF", hints: two, same: false },
  { name: "country", a: "ro", b: "RO", same: true },
  { name: "country", a: "RO", b: "US", same: false },
  { name: "timezone", a: "Europe/Kyiv", b: "Europe/Kiev", same: true },
  { name: "timezone", a: "Europe/Bucharest", b: "Europe/Sofia", same: false },
  { name: "timezone", a: "nowhere", b: "elsewhere", same: false },
  { name: "language", a: "en", b: "en-US", same: true },
  { name: "language", a: "pt", b: "pt-BR", hints: { room: 1, oneOf: ["pt", "pt-BR"] }, same: false },
  { name: "language", a: "de", b: "fr", hints: { room: 1, oneOf: ["en"] }, same: false },
  { name: "text", a: "Ștefănescu", b: "S\u0326tefa\u0306nescu", same: true },
])("$name: $a and $b are the same: $same", ({ name, a, b, hints = one, same }) => {
  expect(transforms[name].same(a, b, hints)).toBe(same);
});

test.each<{ values: readonly Json[]; back: string | undefined }>([
  { values: ["712345678", "RO"], back: "+40712345678" },
  { values: ["712345678", "+40"], back: "+40712345678" },
  { values: [712345678, "RO"], back: "+40712345678" },
  { values: ["+40712345678", null], back: "+40712345678" },
  { values: ["712345678", null], back: "712345678" },
  { values: ["internal 12", "RO"], back: "internal 12" },
  { values: [null, "RO"], back: undefined },
])("a telephone number of a record, $values, is $back", ({ values, back }) => {
  expect(transforms.phone.read(values, two)).toBe(back);
});

test("a code of letters whose capitals are written apart is equal to what comes back", () => {
  const hints = { room: 1, country: undefined };
  const sent = transforms.code.write("ΰ", hints);
  expect("unfit" in sent ? sent : transforms.code.same(transforms.code.read(sent.map((text) => text ?? null), hints) ?? "", "ΰ", hints)).toBe(true);
});

test.each(["en -US", "en\u2028_US", "\u0130\u0316", "\u0130\u0316-x"])("a language that is %j comes back equal to itself", (value) => {
  const sent = transforms.language.write(value, one);
  expect("unfit" in sent ? sent : transforms.language.same(transforms.language.read(sent.map((text) => text ?? null), one) ?? "", value, one)).toBe(true);
});

test("whatever is read is equal to itself, and a transform never throws", () => {
  // What is taken apart, trimmed, composed or changes its length with its case; alone such characters hardly ever meet.
  const peculiar = fc.string({ unit: fc.constantFrom(..."aA1470 -_,;+#:.\n\r\v\u0085\u00a0\u2028\ufeff\u200b\u0130I\u0307\u0316\u0345\u0301\u03a3\u03b1\u03b0\u00df\u1e9e\u0149\u01f0\u212a\u017f\ufb01\u0661\uff11\uff0b\ud800", "tel:", "ext", "RO", "US"), maxLength: 14 });
  const texts = fc.oneof(peculiar, fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }), fc.constantFrom("+1", "tel:", "-", "RO-", "\n", "+40712345678", "en-", ";q=1", randomPassword(12)));
  fc.assert(
    fc.property(fc.constantFrom(...(Object.keys(transforms) as (keyof typeof transforms)[])), texts, fc.constantFrom(undefined, "RO", "US", "xx", ""), fc.constantFrom(1, 2, 3), (name, value, country, room) => {
      const hints = { room, country };
      const sent = transforms[name].write(value, hints);
      expect(transforms[name].same(value, value, hints)).toBe(true);
      if ("unfit" in sent) return;
      const back = transforms[name].read(sent.map((text) => text ?? null), hints);
      if (back !== undefined) expect(transforms[name].same(back, value, hints), `${name}: ${JSON.stringify({ value, back })}`).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

test.each([
  { a: [], b: [], same: true },
  { a: ["x", "y"], b: ["y", "x", "y"], same: true },
  { a: ["x"], b: ["x", "y"], same: false },
  { a: ["x", "z"], b: ["x", "y"], same: false },
])("the tags $a and $b are one set: $same", ({ a, b, same }) => expect(sameTags(a, b)).toBe(same));

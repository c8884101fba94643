import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { randomPassword } from "../../src/connectors/kit/random.ts";
import { retryAfterSeconds } from "../../src/connectors/kit/retry-after.ts";
import { fillJson, fillPath } from "../../src/connectors/kit/template.ts";
import { sameEmail, transforms } from "../../src/connectors/kit/transforms.ts";
import { at } from "../../src/connectors/kit/json-path.ts";
import { formsOf, hits } from "../support/canary.ts";
import { quote } from "../../src/connectors/kit/quote.ts";

const now = Date.parse("2026-11-06T17:00:00Z");

test("the table in retry-after.ts is what the function does", () => {
  const text = readFileSync(new URL("../../src/connectors/kit/retry-after.ts", import.meta.url), "utf8");
  const says = (row: RegExp) => Number(row.exec(text)?.[1]);
  const past = new Date(now - 60_000).toUTCString();
  for (const absent of [undefined, "", "soon", "7 s", "1e3", "2026-11-06T17:01:00Z"]) expect(retryAfterSeconds(absent, now)).toBe(says(/absent, unreadable +(\d+) s/));
  for (const gone of ["-5", "0", past]) expect(retryAfterSeconds(gone, now)).toBe(says(/a past date +(\d+) s/));
  expect(retryAfterSeconds("30", now)).toBe(30);
  for (const long of ["86400", "99999999999999999999", new Date(now + 86_400_000).toUTCString()]) expect(retryAfterSeconds(long, now)).toBe(says(/86400 +(\d+) s/));
  expect(retryAfterSeconds(new Date(now + 90_000).toUTCString(), now)).toBe(90);
  expect(retryAfterSeconds("1.5", now)).toBe(2);
});

test("a password has every class, and no two are equal", () => {
  const many = Array.from({ length: 200 }, () => randomPassword(32));
  expect(new Set(many).size).toBe(200);
  for (const password of many) {
    expect(password).toHaveLength(32);
    for (const letters of [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/]) expect(password).toMatch(letters);
  }
  // A short one is drawn until it has them all.
  for (let round = 0; round < 200; round++) expect(randomPassword(8)).toMatch(/(?=.*[A-Z])(?=.*[a-z])(?=.*[0-9])(?=.*[^A-Za-z0-9])/);
});

test("every character of the alphabet is about equally likely", () => {
  const counts = new Map<string, number>();
  for (let round = 0; round < 3_000; round++) for (const letter of randomPassword(32)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  const expected = (3_000 * 32) / counts.size;
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 68 degrees of freedom: beyond 130 once in 200,000 runs.
  expect(counts.size).toBe(69);
  expect(chiSquare).toBeLessThan(130);
});

test.each([
  { a: "Ann@Acme.example ", b: "ann@acme.EXAMPLE", same: true },
  { a: "Ștefan@acme.example", b: "ștefan@acme.example", same: true },
  { a: "ann@acme.example", b: "joann@acme.example", same: false },
  { a: "ann+x@acme.example", b: "ann@acme.example", same: false },
  // Letters that only look alike, or whose other case leaves ASCII, are other mailboxes.
  { a: "\u212Aate@acme.example", b: "kate@acme.example", same: false },
  { a: "kate@acme.example", b: "\u212Aate@acme.example", same: false },
  { a: "ad\u0131n@acme.example", b: "adin@acme.example", same: false },
  { a: "\u0130ce@acme.example", b: "ice@acme.example", same: false },
  { a: "\uff41nn@acme.example", b: "ann@acme.example", same: false },
])("$a and $b are the same address: $same", ({ a, b, same }) => expect(sameEmail(a, b)).toBe(same));

const one = { room: 1 };

test.each([
  { name: "text", value: " Zoe\u0308 ", sent: "Zoë", like: "Zoë", unlike: "Zoe" },
  { name: "code", value: "ro", sent: "RO", like: "RO", unlike: "US" },
  { name: "language", value: "en-US", sent: "en", like: "EN_gb", unlike: "de" },
  { name: "email", value: " Ann@acme.example", sent: "Ann@acme.example", like: "ANN@acme.example", unlike: "bob@acme.example" },
] as const)("transform $name: $value is sent as $sent", ({ name, value, sent, like, unlike }) => {
  expect(transforms[name].write(value, one)).toEqual([sent]);
  expect(transforms[name].same(value, like, one)).toBe(true);
  expect(transforms[name].same(value, unlike, one)).toBe(false);
  expect(transforms[name].read([` ${sent} `], one)).toBe(sent);
  for (const nothing of ["", " ", null, undefined, {}, true]) expect(transforms[name].read([nothing], one)).toBeUndefined();
});

describe("templates", () => {
  test.each([
    { id: "usr-1", path: "/users/usr-1" },
    { id: "a b/c?d#e%2e", path: "/users/a%20b%2Fc%3Fd%23e%252e" },
    { id: "ä", path: "/users/%C3%A4" },
  ])("$id becomes one segment", ({ id, path }) => expect(fillPath("/users/{id}", { id })).toBe(path));

  test.each([{ id: "" }, { id: "." }, { id: ".." }, { id: undefined }, { id: null }, { id: ["a"] }, { id: "\ud800" }])("$id is no segment", ({ id }) => expect(() => fillPath("/users/{id}", { id })).toThrow(/path|lacks/));

  test("a whole placeholder keeps its type, a part becomes text, a missing one is never sent", () => {
    expect(fillJson({ tags: "{tags}", note: "role {role}", deep: [{ on: true }] }, { tags: ["a"], role: "User" })).toEqual({ tags: ["a"], note: "role User", deep: [{ on: true }] });
    expect(() => fillJson({ role: "{role}" }, {})).toThrow(/lacks/);
    expect(() => fillJson({ role: "{constructor}" }, {})).toThrow(/lacks/);
  });
});

test("paths see own names only", () => {
  const value = { users: [{ role: "User" }], list: [] };
  expect(at(value, "users.0.role")).toBe("User");
  for (const path of ["users.1.role", "users.length", "list.length", "constructor", "__proto__", "users.0.role.length", "toString.name"]) expect(at(value, path)).toBeUndefined();
});

test("a quotation is short, clean and without secrets", () => {
  expect(quote("a\u0000b\r\nc\u2028d\u202ee", [])).toBe("a b c d e");
  expect([...quote("😀".repeat(300), [])]).toHaveLength(200);
  expect(quote("key plk-123 is wrong", ["plk-123"])).toBe("key [secret] is wrong");
});

const secret = "Zr5tQ9w+Vx2/Kb7nMf4Jd8Hs3Lg6Pc";
const inside = (encoding: "base64" | "base64url", before: string) => Buffer.from(`${before}${secret} and more`).toString(encoding);

test.each([
  ...Object.entries(formsOf(secret)).map(([form, written]) => ({ form, written })),
  { form: "URL-encoded in small letters", written: encodeURIComponent(secret).replaceAll(/%[0-9A-F]{2}/g, (sign) => sign.toLowerCase()) },
  { form: "encoded as a form", written: new URLSearchParams({ key: secret }).toString() },
  { form: "in small letters", written: secret.toLowerCase() },
  { form: "cut off", written: `${secret.slice(0, 12)}…` },
  { form: "without its beginning", written: `…${secret.slice(-9)}` },
  { form: "its halves reversed", written: `${Array.from(secret.slice(15)).toReversed().join("")} ${Array.from(secret.slice(0, 15)).toReversed().join("")}` },
  { form: "broken up", written: `${secret.slice(0, 10)}\u200b${secret.slice(10, 20)}\n${secret.slice(20)}` },
  ...(["base64", "base64url"] as const).flatMap((encoding) => ["", "a", "ab", "user:", "Bearer "].map((before) => ({ form: `${encoding} after "${before}"`, written: inside(encoding, before) }))),
])("a secret is covered in a quotation when it is $form", ({ written }) => {
  const shown = quote(`before (${written}) after`, ["first-secret", secret]);
  expect(shown).toMatch(/^before \(.*\[secret\].*\) after$/);
  expect(hits([{ slot: "the key", secret }], { quotation: shown })).toEqual([]);
  // Eight letters in a row of any form would be enough to tell it by.
  for (const form of Object.values(formsOf(secret))) for (let at = 0; at + 8 <= form.length; at++) expect(shown.toLowerCase()).not.toContain(form.slice(at, at + 8).toLowerCase());
});

test("words that only look like a part of a secret stay, and short texts are no secrets", () => {
  expect(quote("The name is too long for this plan", ["name-of-a-key-1", "is", "The"])).toBe("The name is too long for this plan");
  expect(quote("x".repeat(100_000), [secret])).toHaveLength(200);
});

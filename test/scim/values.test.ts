/**
 * One value at a time: what is kept exactly as sent, what is nothing at all, and what is refused.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { Fault } from "../../src/model/failure.ts";
import { readCreate } from "../../src/scim/body.ts";
import { groupTable } from "../../src/scim/schemas.ts";
import { created, createUser, enterprise, lenient, refusal, strict } from "./writing.ts";

const asUser = (name: string) => refusal(() => createUser({ userName: name }));
const asTitle = (title: unknown) => refusal(() => created({ title: title as never }));

describe("a boolean", () => {
  test.each([true, "true", "True", "TRUE", "tRuE"])("%j is true", (active) => expect(created({ active }).active).toBe(true));
  test.each([false, "false", "False", "FALSE"])("%j is false", (active) => expect(created({ active }).active).toBe(false));
  test.each([[0], [1], ["0"], ["1"], [""], [" false "], ["no"], ["off"], ["nein"], [["false"]], [[false]], [[]], [{}], [{ value: false }], [Number.NaN]])("%j is refused", (active) => {
    expect(refusal(() => created({ active: active as never }))).toBe("invalidValue");
  });
  test("null says nothing", () => expect(created({ active: null })).not.toHaveProperty("active"));
});

describe("a text", () => {
  test.each(["  padded  ", "ÅÄÖ ß ﬁ", "e\u0301", "O'Brien", "${jndi:ldap://x}", "<b>", "../../etc", "👩‍🚀", "می‌خواهم", "null", "undefined"])("%j is kept exactly", (title) => {
    expect(created({ title }).title).toBe(title);
  });
  test.each([[12345], [true], [["a"]], [{ $ne: null }], [{}], [[]]])("%j is refused where a text belongs", (title) => expect(asTitle(title)).toBe("invalidValue"));
  test.each([["empty", ""], ["null", null]])("%s is unassigned", (_, title) => expect(created({ title })).not.toHaveProperty("title"));
  test.each([
    ["NUL", "a\u0000b"],
    ["a C0 control", "a\u001bb"],
    ["DEL", "a\u007fb"],
    ["a C1 control", "a\u009b31m"],
    ["a line break", "a\nb"],
    ["a tab", "a\tb"],
    ["a right-to-left override", "a\u202eb"],
    ["a bidirectional isolate", "Ann\u2066toor\u2069"],
    ["an Arabic letter mark", "a\u061cb"],
    ["a lone surrogate", "A\udfffB"],
  ])("%s is refused", (_, title) => expect(asTitle(title)).toBe("invalidValue"));

  test("line breaks belong to printed addresses and names", () => {
    const text = "1 Way\r\n\tTown";
    expect(created({ addresses: [{ formatted: text, streetAddress: text }] }).addresses).toEqual([{ formatted: text, streetAddress: text }]);
    expect(created({ name: { formatted: text } }).name).toEqual({ formatted: text });
    expect(refusal(() => created({ addresses: [{ locality: text }] }))).toBe("invalidValue");
    expect(refusal(() => created({ name: { formatted: "a\u0000b" } }))).toBe("invalidValue");
  });
});

describe("lengths", () => {
  const certificate = (length: number) => created({ x509Certificates: [{ value: "A".repeat(length) }] });
  test.each([
    ["userName", 512, (length: number) => createUser({ userName: "a".repeat(length) })],
    ["an e-mail", 254, (length: number) => created({ emails: [{ value: "a".repeat(length - 4) + "@x.y" }] })],
    ["externalId", 1_024, (length: number) => created({ externalId: "a".repeat(length) })],
    ["any other text", 4_096, (length: number) => created({ displayName: "a".repeat(length) })],
    ["an extension's text", 4_096, (length: number) => created({ [enterprise]: { department: "a".repeat(length) } })],
    ["a certificate", 65_536, certificate],
    ["a photo", 65_536, (length: number) => created({ photos: [{ value: "a".repeat(length) }] })],
  ])("%s may have %i characters and not one more", (_, most, write) => {
    expect(refusal(() => write(most))).toMatch(/^accepted/);
    expect(refusal(() => write(most + 1))).toBe("invalidValue");
  });

  test("a list may have 500 elements and not one more", () => {
    const phones = (count: number) => created({ phoneNumbers: Array.from({ length: count }, (_, at) => ({ value: `${at}` })) });
    expect(phones(500).phoneNumbers).toHaveLength(500);
    expect(refusal(() => phones(501))).toBe("invalidValue");
  });
});

describe("an identity", () => {
  test.each([
    ["a trailing blank", "ann@corp.example "],
    ["a leading no-break space", "\u00a0ann"],
    ["a byte order mark in front", "\ufeffann"],
    ["a zero-width space", "a\u200bnn"],
    ["a soft hyphen", "a\u00adnn"],
    ["a variation selector", "ann\ufe0f"],
    ["a Hangul filler", "ann\u3164"],
    ["an empty Braille pattern", "ann\u2800x"],
    ["a Cyrillic letter among Latin ones", "b\u043eb@corp.example"],
    ["a Greek letter among Latin ones", "\u03bfla"],
    ["blanks only", "   "],
  ])("with %s is refused as userName", (_, userName) => expect(asUser(userName)).toBe("invalidValue"));
  test.each(["анна", "άννα", "山田太郎", "ann.lee", "ANN_LEE#EXT#@corp.example", "o'brien@corp.example", "DOMAIN\\ann", "ａｎｎ", "ısık"])("%j is a userName like any other", (userName) => expect(asUser(userName)).toMatch(/^accepted/));

  test("externalId and e-mail hold nothing invisible either", () => {
    expect(refusal(() => created({ externalId: "e\u200b1" }))).toBe("invalidValue");
    expect(refusal(() => created({ emails: [{ value: "ann\u200b@corp.example" }] }))).toBe("invalidValue");
    expect(created({ externalId: "Отдел IT " }).externalId).toBe("Отдел IT ");
  });

  test("group names are judged word by word", () => {
    const named = (displayName: string) => refusal(() => readCreate(groupTable, { displayName }, lenient));
    expect(named("Отдел IT")).toMatch(/^accepted/);
    expect(named("\u0410dmins")).toBe("invalidValue");
    expect(named("Admins\u200b")).toBe("invalidValue");
    expect(named(" Admins")).toBe("invalidValue");
  });
});

describe("an address", () => {
  test.each([
    "x@evil.example@corp.example", "ann@corp.example;x@evil.example", "ann@corp.example,x@evil.example", "a nn@corp.example", "ann@corp.example?cc=x",
    '"ann"@corp.example', "<ann@corp.example>", "mailto:ann@corp.example", "ann@", "@corp.example", "ann@corp..example", "ann@[127.0.0.1]", "ann@corp.example/x", "ann(x)@corp.example", "ann@corp.example.",
  ])("%j is not one", (value) => {
    expect(refusal(() => created({ emails: [{ value }] }))).toBe("invalidValue");
    expect(asUser(value)).toBe("invalidValue");
  });
  test.each(["ann@corp.example", "ann+tag@corp.example", "ann_corp.example#EXT#@corp.onmicrosoft.com", "o'brien@x.io", "ann@localhost", "müller@straße.example", "not an address", "ann"])("%j is kept", (value) => {
    expect(created({ emails: [{ value }] }).emails).toEqual([{ value }]);
  });
  test("only userName and the value of an e-mail are addresses", () => expect(created({ displayName: "a@b@c", emails: [{ display: "a@b@c" }] }).displayName).toBe("a@b@c"));
});

describe("a complex value", () => {
  test.each([["emails", "a@example.com"], ["emails", { value: "a" }], ["emails", ["a@example.com"]], ["emails", [1]], ["name", ["a", "b"]], ["name", "Ann"], ["name", 1], ["roles", [{ value: 1 }]], ["roles", [["admin"]]]])("%s can not be %j", (name, value) => {
    expect(refusal(() => created({ [name]: value as never }))).toBe("invalidValue");
  });
  test.each([["emails", []], ["emails", null], ["emails", [null]], ["emails", [{}]], ["emails", [{ value: "" }]], ["name", {}], ["name", { givenName: "" }], ["name", null], [enterprise, {}], [enterprise, { department: null }]])("%s %j is unassigned", (name, value) => {
    expect(created({ [name]: value as never })).toEqual({ userName: "ann@corp.example" });
  });
  test("names come in any case and are stored in the schema's", () => {
    expect(created({ NAME: { GivenName: "Ann" }, Emails: [{ VALUE: "a@x.io", Primary: "True" }] })).toMatchObject({ name: { givenName: "Ann" }, emails: [{ value: "a@x.io", primary: true }] });
  });
  test("types outside the canonical values are kept", () => expect(created({ emails: [{ value: "a@x.io", type: "Büro" }] }).emails).toEqual([{ value: "a@x.io", type: "Büro" }]));
  test("an unknown part is left out and named, or refused on a strict connection", () => {
    const written = createUser({ userName: "ann", name: { givenName: "Ann", nick: 1 } });
    expect(written.attributes.name).toEqual({ givenName: "Ann" });
    expect(written.ignored).toEqual(["name.nick"]);
    expect(refusal(() => createUser({ userName: "ann", name: { nick: 1 } }, strict))).toBe("invalidSyntax");
  });
  test("of two primary elements the first stays it", () => {
    expect(created({ emails: [{ value: "a@x.io" }, { value: "b@x.io", primary: true }, { value: "c@x.io", primary: "True" }] }).emails).toEqual([{ value: "a@x.io" }, { value: "b@x.io", primary: true }, { value: "c@x.io", primary: false }]);
  });
});

test("a refusal never repeats the value, which may be a password", () => {
  const act = () => createUser({ userName: "ann", password: "S3cret\u0000" });
  expect(refusal(act)).toBe("invalidValue");
  try {
    act();
  } catch (thrown) {
    expect((thrown as Fault).failure.detail).not.toContain("S3cret");
  }
});

import { describe, expect, test } from "vitest";
import { Fault } from "../../src/model/failure.ts";
import { parseDateTime } from "../../src/scim/date-time.ts";
import type { SchemaTable } from "../../src/scim/schema-table.ts";
import { keysOf, wholeSearch } from "../../src/scim/search-form.ts";
import { enterpriseUrn, groupTable, groupUrn, userTable, userUrn } from "../../src/scim/schemas.ts";
import { ann, sales } from "./people.ts";

const extra = { emailKey: undefined };

describe("the keys of a user", () => {
  const keys = keysOf(userTable, ann.attributes, { emailKey: "Ann.Lee@Corp.example" });

  test("the name is folded, the externalId is not", () => expect(keys).toMatchObject({ name: "ann.lee@corp.example", externalId: "Ext-1" }));
  test("addresses are folded and each there once", () => {
    expect(keys.email).toBe("ann.lee@corp.example");
    expect(keysOf(userTable, { userName: "x", emails: [{ value: "A@b" }, { value: "a@B" }, { type: "work" }] }, extra).emails).toEqual(["a@b"]);
  });
  test("who says nothing of active is active, to filters too", () => {
    expect(keysOf(userTable, { userName: "x" }, extra)).toMatchObject({ active: true, search: { active: true } });
    expect(keysOf(userTable, { userName: "x", active: false }, extra)).toMatchObject({ active: false, search: { active: false } });
    expect(keysOf(userTable, { userName: "x", active: "False" }, extra)).toMatchObject({ active: false });
  });
  test("spellings that look alike have one key", () => {
    const name = (userName: string) => keysOf(userTable, { userName }, extra).name;
    expect(name("\uff21nn")).toBe(name("ANN"));
    expect(name("\u212aim")).toBe(name("kim"));
  });
  test("the search form: folded unless exact, the primary element first, the URNs in use", () => {
    expect(keys.search).toEqual({
      schemas: [userUrn.toLowerCase(), enterpriseUrn.toLowerCase()],
      externalId: "Ext-1",
      userName: "ann.lee@corp.example",
      name: { givenName: "ann", familyName: "lee" },
      title: "editor",
      active: true,
      emails: [{ value: "ann.lee@corp.example", type: "work", primary: true }, { value: "home@ann.example", type: "home" }],
      roles: [{ value: "editor", primary: true }],
      [enterpriseUrn]: { department: "sales", manager: { value: "U9" } },
    });
  });
  test("the attributes themselves stay as they are", () => expect(ann.attributes["emails"]).toMatchObject([{ type: "home" }, { type: "work" }]));
});

test("what is empty, unknown, of the wrong type or never shown is left out", () => {
  const attributes = { userName: "x", title: "", nickName: 7, nonsense: "x", password: "p", emails: [{ value: "" }], name: { givenName: "" }, roles: ["r"], [enterpriseUrn]: { department: "" }, "urn:unknown": { a: 1 } };
  expect(keysOf(userTable, attributes as never, extra).search).toEqual({ schemas: [userUrn.toLowerCase()], userName: "x", active: true });
});

test("own keys named like inherited ones are no attributes", () => {
  const search = keysOf(userTable, JSON.parse('{"userName":"x","__proto__":{"title":"y"},"constructor":{"a":1}}'), extra).search;
  expect(Object.keys(search).toSorted()).toEqual(["active", "schemas", "userName"]);
  expect(search["title"]).toBeUndefined();
});

test("date-times become ms, and those that are none go", () => {
  const hired = { ...userTable.core.attributes.get("title")!, name: "hired", type: "dateTime" as const };
  const table: SchemaTable = { ...userTable, core: { ...userTable.core, attributes: new Map([...userTable.core.attributes, ["hired", hired]]) } };
  expect(keysOf(table, { userName: "x", hired: "1970-01-01T00:00:01Z" }, extra).search["hired"]).toBe(1000);
  expect(keysOf(table, { userName: "x", hired: "soon" }, extra).search["hired"]).toBeUndefined();
});

test("a group is found by its displayName and is never inactive", () => {
  expect(keysOf(groupTable, sales.attributes, extra)).toEqual({
    name: "sales team", externalId: "g-1", email: undefined, emails: [], active: true,
    search: { schemas: [groupUrn.toLowerCase()], externalId: "g-1", displayName: "sales team" },
  });
});

test.each([[userTable, {}], [userTable, { userName: "" }], [userTable, { displayName: "x" }], [groupTable, { userName: "x" }]])("a resource without its name has no keys %#", (table, attributes) =>
  expect(() => keysOf(table, attributes, extra)).toThrow(Fault),
);

test("the whole resource has its id, times, groups and members too", () => {
  expect(wholeSearch(userTable, ann)).toMatchObject({ id: ann.id, meta: { created: Date.UTC(2026, 0, 1), resourceType: "User" }, groups: [{ value: sales.id, display: "sales team" }] });
  expect(wholeSearch(groupTable, sales)).toMatchObject({ members: [{ value: "U1", display: "ann" }, { value: "u2" }] });
});

describe("date-times", () => {
  test.each([
    ["1970-01-01T00:00:00Z", 0],
    ["1970-01-01T00:00:00", 0],
    ["1970-01-01t00:00:00.1234567z", 123],
    ["1970-01-01T01:00:00+01:00", 0],
    ["1969-12-31T19:00:00.5-05:00", 500],
    ["0001-01-01T00:00:00Z", -62135596800000],
    ["9999-12-31T23:59:59.999Z", 253402300799999],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
  ])("%s is %i", (text, ms) => expect(parseDateTime(text)).toBe(ms));

  test.each(["", "now", "2026-01-01", "2026-01-01 00:00:00Z", "2023-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:00+15:00", "2026-01-01T00:00:00Zx", "+002026-01-01T00:00:00Z", "2026-1-1T0:0:0Z"])("%j is none", (text) => expect(parseDateTime(text)).toBeUndefined());
});

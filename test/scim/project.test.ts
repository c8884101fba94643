import { describe, expect, test } from "vitest";
import { Fault } from "../../src/model/failure.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { everything, metaBehind, readProjection, show, wants } from "../../src/scim/project.ts";
import type { Attribute, SchemaTable } from "../../src/scim/schema-table.ts";
import { enterpriseUrn, groupTable, groupUrn, userTable, userUrn } from "../../src/scim/schemas.ts";
import { ann, base, bob, cyd, sales } from "./people.ts";

const shown = (query: Record<string, unknown>): JsonObject => show(userTable, ann, base, readProjection(userTable, query));
const namesIn = (query: Record<string, unknown>): string => Object.keys(shown(query)).filter((name) => name !== "schemas" && name !== "id").map((name) => name.replace(enterpriseUrn, "ENT")).join(" ");

describe("the whole answer", () => {
  test("a user: what was written, in the schema's order, and what is ours", () => {
    expect(show(userTable, ann, base, everything)).toEqual({
      schemas: [userUrn, enterpriseUrn],
      id: ann.id,
      ...ann.attributes,
      groups: [{ value: sales.id, $ref: `${base}/Groups/${sales.id}`, display: "Sales Team", type: "direct" }],
      meta: { resourceType: "User", created: "2026-01-01T00:00:00.000Z", lastModified: "2026-02-01T00:00:00.000Z", location: `${base}/Users/${ann.id}`, version: 'W/"1"' },
    });
    expect(namesIn({})).toBe("externalId userName name title active emails groups roles meta ENT");
  });

  test("schemas lists only what is used, and there are no empty groups", () => {
    expect(show(userTable, bob, base, everything)["schemas"]).toEqual([userUrn]);
    expect(show(userTable, cyd, base, everything)).not.toHaveProperty("groups");
  });

  test("a group: members exactly as written, nothing computed", () => {
    expect(show(groupTable, sales, base, everything)).toEqual({
      schemas: [groupUrn], id: sales.id, externalId: "g-1", displayName: "Sales Team",
      members: [{ value: "U1", display: "Ann" }, { value: "u2" }],
      meta: expect.objectContaining({ resourceType: "Group", location: `${base}/Groups/${sales.id}`, version: 'W/"9"' }),
    });
  });

  test("members emptied on purpose are an empty list, others are absent", () => {
    const empty = { ...sales, members: [] };
    expect(show(groupTable, { ...empty, emptied: true }, base, everything)["members"]).toEqual([]);
    expect(show(groupTable, empty, base, everything)).not.toHaveProperty("members");
  });

  test("what the schema does not know is never shown, nor is a stray id", () => {
    const odd = { ...cyd, attributes: JSON.parse('{"userName":"cyd","password":"p","secret":1,"id":"other","meta":{"version":"x"},"__proto__":{"a":1}}') };
    expect(Object.keys(show(userTable, odd, base, everything))).toEqual(["schemas", "id", "userName", "meta"]);
    expect(show(userTable, odd, base, everything)["id"]).toBe(cyd.id);
  });
});

describe("attributes and excludedAttributes", () => {
  test.each([
    [{ attributes: "userName" }, "userName"],
    [{ attributes: "USERNAME, Name.FamilyName" }, "userName name"],
    [{ attributes: `${userUrn}:title,${enterpriseUrn}:department` }, "title ENT"],
    [{ attributes: enterpriseUrn.toUpperCase() }, "ENT"],
    [{ attributes: "manager" }, "ENT"],
    [{ attributes: userUrn }, "externalId userName name title active emails groups roles meta"],
    [{ attributes: "nonsense,,title,__proto__.nickName,constructor" }, "title"],
    [{ attributes: "nonsense" }, ""],
    [{ attributes: "password,userName" }, "userName"],
    [{ attributes: "phoneNumbers" }, ""],
    [{ attributes: "" }, "externalId userName name title active emails groups roles meta ENT"],
    [{ excludedAttributes: "emails,groups,roles" }, "externalId userName name title active meta ENT"],
    [{ excludedattributes: `${enterpriseUrn},name` }, "externalId userName title active emails groups roles meta"],
    [{ excludedAttributes: "id,schemas,meta" }, "externalId userName name title active emails groups roles ENT"],
    [{ excludedAttributes: "__proto__.x,constructor,nonsense" }, "externalId userName name title active emails groups roles meta ENT"],
    [{ excludedAttributes: userUrn }, "ENT"],
    [{ ATTRIBUTES: "title" }, "title"],
    [{ attributes: undefined, excludedAttributes: "meta" }, "externalId userName name title active emails groups roles ENT"],
  ])("%j shows %s", (query, names) => expect(namesIn(query)).toBe(names));

  // RFC 7643, 3: `schemas` names the schemas of the attributes "present in the current JSON structure", so of what is shown.
  test.each([
    [{ attributes: "title" }, [userUrn]],
    [{ attributes: `${enterpriseUrn}:department` }, [userUrn, enterpriseUrn]],
    [{ excludedAttributes: "id,schemas" }, [userUrn, enterpriseUrn]],
    [{ excludedAttributes: enterpriseUrn }, [userUrn]],
  ])("%j: id and schemas always stay, and schemas is exact", (query, schemas) => expect(shown(query)).toMatchObject({ id: ann.id, schemas }));

  test("meta is known behind every answer, also where it is not shown", () => {
    for (const query of [{}, { attributes: "title" }, { excludedAttributes: "meta" }]) expect(metaBehind(shown(query))).toMatchObject({ version: 'W/"1"', location: `${base}/Users/${ann.id}` });
  });

  test("parts are shown and hidden one by one", () => {
    expect(shown({ attributes: "emails.value,name.familyName" })).toMatchObject({ name: { familyName: "Lee" }, emails: [{ value: "home@ann.example" }, { value: "Ann.Lee@corp.example" }] });
    expect(shown({ attributes: "emails.primary" })["emails"]).toEqual([{ primary: true }]);
    expect(shown({ attributes: "emails.value,emails" })["emails"]).toEqual(ann.attributes["emails"]);
    expect(shown({ excludedAttributes: "emails.type,emails.primary,manager.value" })).toMatchObject({ emails: [{ value: "home@ann.example" }, { value: "Ann.Lee@corp.example" }], [enterpriseUrn]: { department: "Sales" } });
    expect(shown({ excludedAttributes: "manager.value" })[enterpriseUrn]).toEqual({ department: "Sales" });
    expect(shown({ excludedAttributes: "name.givenName,name.familyName" })).not.toHaveProperty("name");
  });

  test("the stored resource stays as it is", () => {
    const before = JSON.stringify(ann);
    shown({ attributes: "emails.value" });
    shown({ excludedAttributes: "emails.value" });
    expect(JSON.stringify(ann)).toBe(before);
  });

  test.each([
    { attributes: ["userName"] },
    { attributes: { $ne: "x" } },
    { excludedAttributes: 7 },
    { excludedAttributes: ["members", "emails"] },
    { attributes: "userName", excludedAttributes: "emails" },
    { attributes: "userName", ATTRIBUTES: "title" },
    { attributes: null },
    { attributes: "a,".repeat(4097) },
  ])("400 invalidValue: %j", (query) => {
    const read = () => readProjection(userTable, query);
    expect(read).toThrow(Fault);
    expect(read).toThrow(expect.objectContaining({ failure: expect.objectContaining({ scimType: "invalidValue" }) }));
  });

  test("3,001 unknown names are a list like any other, and so is every name there is", () => {
    expect(namesIn({ attributes: "a,".repeat(3000) + "a" })).toBe("");
    const all = [userTable.core, ...userTable.extensions].flatMap(({ urn, attributes }) => [...attributes.values()].flatMap(({ name, sub }) => [`${urn}:${name}`, ...[...sub.values()].map((part) => `${name}.${part.name}`)]));
    expect(namesIn({ attributes: all.join(",") })).toContain("userName");
  });
});

test("what every object inherits is no value", () => {
  const title = userTable.core.attributes.get("title")!;
  const table: SchemaTable = { ...userTable, core: { ...userTable.core, attributes: new Map([["tostring", { ...title, name: "toString" }]]) } };
  expect(Object.keys(show(table, cyd, base, everything))).toEqual([]);
});

test.each([
  [{}, true],
  [{ attributes: "displayName" }, false],
  [{ attributes: "members.value" }, true],
  [{ attributes: groupUrn }, true],
  [{ excludedAttributes: "Members" }, false],
  [{ excludedAttributes: `${groupUrn}:members` }, false],
  [{ excludedAttributes: "members.display" }, true],
  [{ excludedAttributes: "displayName" }, true],
])("with %j, members are wanted: %s", (query, wanted) => expect(wants(readProjection(groupTable, query), "members")).toBe(wanted));

describe("returned", () => {
  const plain = userTable.core.attributes.get("title")!;
  const one = (name: string, returned: Attribute["returned"], sub: readonly Attribute[] = []): [string, Attribute] => [name, { ...plain, name, returned, ...(sub.length > 0 && { type: "complex" as const, sub: new Map(sub.map((part) => [part.name, part])) }) }];
  const box = one("box", "default", [one("lid", "default")[1], one("key", "request")[1], one("label", "always")[1], one("trick", "never")[1]]);
  const table: SchemaTable = { ...userTable, core: { ...userTable.core, attributes: new Map([one("fixed", "always"), one("plain", "default"), one("rare", "request"), one("hidden", "never"), box]) } };
  const stored = { ...cyd, attributes: { fixed: "1", plain: "2", rare: "3", hidden: "4", box: { lid: "l", key: "k", label: "n", trick: "t" } } };
  const answer = (query: Record<string, unknown>) => JSON.stringify(show(table, stored, base, readProjection(table, query)));

  test.each([
    [{}, { fixed: "1", plain: "2", box: { lid: "l", label: "n" } }],
    [{ attributes: "plain" }, { fixed: "1", plain: "2", box: { label: "n" } }],
    [{ attributes: "rare,hidden,box.key,box.trick" }, { fixed: "1", rare: "3", box: { key: "k", label: "n" } }],
    [{ attributes: "box" }, { fixed: "1", box: { lid: "l", label: "n" } }],
    [{ excludedAttributes: "fixed,plain,box.lid,box.label" }, { fixed: "1", box: { label: "n" } }],
    [{ excludedAttributes: "box" }, { fixed: "1", plain: "2" }],
  ])("with %j", (query, expected) => expect(answer(query)).toBe(JSON.stringify(expected)));
});

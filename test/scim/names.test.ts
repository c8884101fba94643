import { describe, expect, test } from "vitest";
import { refOf, resolveName, resolveSub, resolveUrn } from "../../src/scim/names.ts";
import { groupTable, userTable, withExtensions } from "../../src/scim/schemas.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const core = "urn:ietf:params:scim:schemas:core:2.0:User";

const pathOf = (name: string, table = userTable): string | undefined => {
  const resolved = resolveName(table, name);
  return resolved && refOf(resolved).path.join(" ");
};

const aSchema = (id: string, name: string) => ({
  id, name: "x", description: "x",
  attributes: [{ name, type: "string" as const, multiValued: false, description: "x", required: false, caseExact: false, mutability: "readWrite" as const, returned: "default" as const, uniqueness: "none" as const }],
});

describe("names lead to their attribute", () => {
  test.each([
    ["userName", "userName"],
    ["USERNAME", "userName"],
    ["name.FamilyName", "name familyName"],
    ["emails.$ref", undefined],
    ["members", undefined],
    [`${core}:userName`, "userName"],
    [`${core.toUpperCase()}:EMAILS.VALUE`, "emails value"],
    [`${enterprise}:manager`, `${enterprise} manager`],
    [`${enterprise}:manager.value`, `${enterprise} manager value`],
    [`${enterprise}:manager.$REF`, `${enterprise} manager $ref`],
    [`${enterprise}.manager`, `${enterprise} manager`],
    [`${enterprise}.manager.value`, `${enterprise} manager value`],
    ["manager", `${enterprise} manager`],
    ["Department", `${enterprise} department`],
    ["manager.displayName", `${enterprise} manager displayName`],
    ["displayName", "displayName"],
    ["meta.lastModified", "meta lastModified"],
    ["schemas", "schemas"],
    ["id", "id"],
    ["externalId", "externalId"],
  ])("%s", (name, path) => expect(pathOf(name)).toBe(path));

  test.each(["", ".", ":", "name.", ".name", "name.familyName.x", core, enterprise, `${core}:`, `${core}Name:userName`, `${core}XuserName`, `${enterprise}/manager`, "urn:", "urn:x:userName", `${enterprise}2.0:manager`, " userName", "__proto__", "constructor", "name.__proto__", `${core}:__proto__`, "hasOwnProperty", "nic\u212aName", "userName\0", "x".repeat(100_000), `urn:${":".repeat(50_000)}`])("%s leads nowhere", (name) =>
    expect(resolveName(userTable, name)).toBeUndefined(),
  );

  test("a group has no manager", () => expect(pathOf("manager", groupTable)).toBeUndefined());
});

describe("custom extensions", () => {
  const table = withExtensions(userTable, [aSchema("urn:example:acme:2.0:User", "badge"), aSchema("urn:example:acme:2.0:User:Badge:User", "colour"), aSchema("urn:example:acme:2.0:Group", "floor")]);

  test("need their URN", () => {
    expect(pathOf("badge", table)).toBeUndefined();
    expect(pathOf("URN:EXAMPLE:ACME:2.0:USER:BADGE", table)).toBe("urn:example:acme:2.0:User badge");
  });

  test("whose URN begins with another one's are told apart", () => {
    expect(pathOf("urn:example:acme:2.0:User:Badge:User:colour", table)).toBe("urn:example:acme:2.0:User:Badge:User colour");
    expect(pathOf("urn:example:acme:2.0:User:colour", table)).toBeUndefined();
  });

  test("go to the resource type that their URN ends with", () => {
    expect(table.extensions.map(({ urn }) => urn)).toEqual([enterprise, "urn:example:acme:2.0:User", "urn:example:acme:2.0:User:Badge:User"]);
    expect(userTable.extensions.map(({ urn }) => urn)).toEqual([enterprise]);
  });
});

test("a URN alone leads to its schema", () => {
  expect(resolveUrn(userTable, enterprise.toUpperCase())?.urn).toBe(enterprise);
  expect(resolveUrn(userTable, core)).toBe(userTable.core);
  expect(resolveUrn(userTable, "urn:ietf:params:scim:schemas:extension:enterprise:2.0User")).toBeUndefined();
  expect(resolveUrn(groupTable, enterprise)).toBeUndefined();
});

test("parts resolve in any letter case, inherited names never", () => {
  const name = userTable.core.attributes.get("name")!;
  expect(resolveSub(name, "GIVENNAME")?.name).toBe("givenName");
  expect(resolveSub(name, "__proto__")).toBeUndefined();
});

test("the place of the list is known, in extensions too", () => {
  const schema = aSchema("urn:example:acme:2.0:User", "tags");
  const table = withExtensions(userTable, [{ ...schema, attributes: schema.attributes.map((one) => ({ ...one, multiValued: true })) }]);
  expect(refOf(resolveName(table, "urn:example:acme:2.0:User:tags")!)).toMatchObject({ path: ["urn:example:acme:2.0:User", "tags"], listAt: 1 });
  expect(refOf(resolveName(userTable, "emails.value")!)).toEqual({ path: ["emails", "value"], listAt: 0, type: "string", caseExact: false });
  expect(refOf(resolveName(userTable, "schemas")!).listAt).toBe(0);
  expect(refOf(resolveName(userTable, "manager.value")!).listAt).toBeUndefined();
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SCIMMY from "scimmy";
import { afterAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json.ts";
import { readCustomSchemas } from "../../src/scim/custom-schemas.ts";
import { refOf, resolveName } from "../../src/scim/names.ts";
import type { Attribute } from "../../src/scim/schema-table.ts";
import { enterpriseUrn, groupTable, schemaDocuments, tableOf, userTable, withExtensions } from "../../src/scim/schemas.ts";

const attributeAt = (name: string, table = userTable): Attribute => {
  const resolved = resolveName(table, name);
  if (!resolved) throw new Error(`no ${name}`);
  return resolved.sub ?? resolved.attribute;
};

describe("the tables say what RFC 7643 says", () => {
  test.each([
    ["userName", { required: true, caseExact: false, uniqueness: "server", mutability: "readWrite" }],
    ["id", { caseExact: true, mutability: "readOnly", returned: "always" }],
    ["externalId", { caseExact: true, mutability: "readWrite", uniqueness: "none" }],
    ["schemas", { multiValued: true, mutability: "readOnly", returned: "always" }],
    ["meta", { type: "complex", mutability: "readOnly" }],
    ["meta.created", { type: "dateTime" }],
    ["active", { type: "boolean", mutability: "readWrite", required: true }], // beyond RFC 7643, 8.7.1: what is refused to be removed must be required (RFC 7644, 3.5.2.2)
    ["password", { mutability: "writeOnly", returned: "never" }],
    ["emails", { type: "complex", multiValued: true }],
    ["emails.value", { caseExact: false }],
    ["emails.type", { canonicalValues: ["work", "home", "other"] }],
    ["phoneNumbers.type", { canonicalValues: ["work", "home", "mobile", "fax", "pager", "other"] }],
    ["addresses.type", { canonicalValues: ["work", "home", "other"] }],
    ["roles.type", { canonicalValues: [] }],
    ["x509Certificates.value", { type: "binary", caseExact: true }],
    ["photos.value", { type: "reference", caseExact: true }],
    ["groups", { mutability: "readOnly", multiValued: true }],
    ["groups.value", { caseExact: true }],
    ["manager.value", { caseExact: true }],
    ["manager.displayName", { mutability: "readOnly" }],
  ])("%s", (name, expected) => expect(attributeAt(name)).toMatchObject(expected));

  test("of groups too", () => {
    expect(attributeAt("displayName", groupTable)).toMatchObject({ required: true, caseExact: false, uniqueness: "server" });
    expect(attributeAt("members.value", groupTable)).toMatchObject({ caseExact: true, mutability: "immutable" });
    expect(tableOf("Group")).toBe(groupTable);
    expect(tableOf("User")).toBe(userTable);
  });

  test("names that every object inherits are in no table", () => {
    for (const name of ["__proto__", "constructor", "toString"]) expect(userTable.core.attributes.get(name)).toBeUndefined();
  });
});

describe("the documents", () => {
  const documents = schemaDocuments("https://h.example/v2");
  const attributesOf = (node: JsonObject): readonly JsonObject[] => ((node["attributes"] ?? node["subAttributes"] ?? []) as readonly JsonObject[]).flatMap((one) => [one, ...attributesOf(one)]);

  test("are all six", () => {
    expect(documents.map(({ name }) => name)).toEqual(["User", "EnterpriseUser", "Group", "ServiceProviderConfig", "ResourceType", "Schema"]);
    for (const { id, meta, schemas, description } of documents) {
      expect(schemas).toEqual(["urn:ietf:params:scim:schemas:core:2.0:Schema"]);
      expect(meta).toEqual({ resourceType: "Schema", location: `https://h.example/v2/Schemas/${String(id)}` });
      expect(description).toEqual(expect.stringMatching(/./));
    }
  });

  test("have complete metadata on every attribute, down to the parts", () => {
    const all = documents.flatMap(attributesOf);
    expect(all.length).toBeGreaterThan(150);
    for (const { canonicalValues, referenceTypes, subAttributes, ...traits } of all) {
      expect(traits).toEqual({
        name: expect.stringMatching(/^[A-Za-z$]/), type: expect.any(String), multiValued: expect.any(Boolean), description: expect.stringMatching(/./), required: expect.any(Boolean), caseExact: expect.any(Boolean),
        mutability: expect.stringMatching(/^(readOnly|readWrite|immutable|writeOnly)$/), returned: expect.stringMatching(/^(always|default|request|never)$/), uniqueness: expect.stringMatching(/^(none|server|global)$/),
      });
      if (canonicalValues !== undefined) expect(canonicalValues).not.toEqual([]);
      expect({ name: traits["name"], has: referenceTypes !== undefined }).toEqual({ name: traits["name"], has: traits["type"] === "reference" });
      expect(subAttributes !== undefined).toBe(traits["type"] === "complex");
    }
    expect(JSON.stringify(documents)).not.toContain("null");
  });

  test("publish the types that Entra's schema discovery reads, and declare what is returned", () => {
    const user = documents[0]!;
    const byName = new Map((user["attributes"] as readonly JsonObject[]).map((one) => [one["name"], one]));
    for (const name of ["emails", "phoneNumbers", "addresses"]) expect(JSON.stringify(byName.get(name))).toContain('"canonicalValues":["work","home"');
    expect(byName.has("externalId")).toBe(true);
    expect(byName.has("id")).toBe(true);
  });

  test("leave scimmy's own, which the whole process shares, as they were", () => {
    const emails = SCIMMY.Schemas.User.definition.attribute("emails.type") as { config: { canonicalValues: unknown } };
    expect(emails.config.canonicalValues).toEqual(["work", "home", "other"]);
    expect(SCIMMY.Schemas.User.definition.attributes.some(({ name }) => name === enterpriseUrn)).toBe(false);
  });
});

describe("custom schemas", () => {
  const dir = mkdtempSync(join(tmpdir(), "schemas-"));
  afterAll(() => rmSync(dir, { recursive: true }));
  let folders = 0;
  /** A fresh folder with these files. */
  const folder = (files: Record<string, unknown>): string => {
    const path = join(dir, String(folders++));
    mkdirSync(path);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), typeof content === "string" ? content : JSON.stringify(content));
    return path;
  };
  const badge = { id: "urn:ietf:params:scim:schemas:extension:acme:2.0:User", name: "Acme", description: "Acme's own", attributes: [{ name: "badge", type: "string", caseExact: true }, { name: "desk", type: "complex", subAttributes: [{ name: "floor", type: "integer" }] }] };
  const having = (attribute: object) => ({ ...badge, attributes: [attribute] });
  const mistakes = (files: Record<string, unknown>): string => {
    try {
      readCustomSchemas(folder(files));
      return "accepted";
    } catch (thrown) {
      return (thrown as Error).message;
    }
  };

  test("add to the table of their resource type and to the documents", () => {
    const read = readCustomSchemas(folder({ "acme.json": badge, "README.md": "not a schema" }));
    const table = withExtensions(userTable, read);
    expect(refOf(resolveName(table, `${badge.id}:desk.FLOOR`)!)).toMatchObject({ path: [badge.id, "desk", "floor"], type: "integer" });
    expect(withExtensions(groupTable, read)).toBe(groupTable);
    expect(schemaDocuments("https://h.example", read).at(-1)).toMatchObject({ id: badge.id, attributes: [{ name: "badge", required: false, caseExact: true, mutability: "readWrite", returned: "default", uniqueness: "none", description: "badge" }, { name: "desk" }], meta: { location: `https://h.example/Schemas/${badge.id}` } });
  });

  test("a missing folder holds none", () => expect(readCustomSchemas(join(dir, "nowhere"))).toEqual([]));

  test.each<[string, Record<string, unknown>, RegExp]>([
    ["no JSON", { "a.json": "{" }, /a\.json: is not JSON/],
    ["a list", { "a.json": [badge] }, /a\.json: the file: /],
    ["an unknown key", { "a.json": { ...badge, extends: "User" } }, /extends/],
    ["no URN", { "a.json": { ...badge, id: "acme:User" } }, /a\.json: id: a URN/],
    ["a URN that extends nothing", { "a.json": { ...badge, id: "urn:acme:thing" } }, /must end in :User or :Group/],
    ["a URN of ours", { "a.json": { ...badge, id: enterpriseUrn.toLowerCase() } }, /is taken by this server itself/],
    ["one URN twice", { "a.json": badge, "b.json": { ...badge, id: badge.id.toLowerCase() } }, /b\.json: id: .* is taken by a\.json/],
    ["no attributes", { "a.json": { ...badge, attributes: [] } }, /attributes: /],
    ["a name that leads to the prototype", { "a.json": having({ name: "__proto__", type: "string" }) }, /attributes\.0\.name: /],
    ["a name that every object inherits", { "a.json": having({ name: "toString", type: "string" }) }, /attributes\.0\.name: every JavaScript object/],
    ["a name with a dot", { "a.json": having({ name: "a.b", type: "string" }) }, /attributes\.0\.name: /],
    ["an unknown type", { "a.json": having({ name: "a", type: "date" }) }, /attributes\.0\.type: /],
    ["a complex attribute without parts", { "a.json": having({ name: "a", type: "complex" }) }, /attributes\.0\.subAttributes: complex/],
    ["parts of a text", { "a.json": having({ name: "a", type: "string", subAttributes: [{ name: "b", type: "string" }] }) }, /attributes\.0\.subAttributes: complex/],
    ["parts of parts", { "a.json": having({ name: "a", type: "complex", subAttributes: [{ name: "b", type: "complex" }] }) }, /subAttributes\.0\.type: /],
    ["a list in a list", { "a.json": having({ name: "a", type: "complex", multiValued: true, subAttributes: [{ name: "b", type: "string", multiValued: true }] }) }, /a list inside a list/],
    ["one name twice", { "a.json": { ...badge, attributes: [{ name: "a", type: "string" }, { name: "A", type: "string" }] } }, /the same name/],
    ["uniqueness that nobody checks", { "a.json": having({ name: "a", type: "string", uniqueness: "server" }) }, /uniqueness of custom attributes is not checked/],
    ["a secret that would be shown", { "a.json": having({ name: "a", type: "string", mutability: "writeOnly" }) }, /writeOnly needs returned: never/],
  ])("%s is refused, with its file and place", (_what, files, message) => expect(mistakes(files)).toMatch(message));

  test("every mistake of every file is told at once", () => {
    const told = mistakes({ "a.json": { ...badge, name: "", id: "x" }, "b.json": "[" });
    for (const part of ["a.json: id:", "a.json: name:", "b.json: is not JSON"]) expect(told).toContain(part);
  });
});

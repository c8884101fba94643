/**
 * The rows: each is sourced, met by the traffic it describes, and blind to everything else.
 *
 * @module
 */
import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalise, quirks } from "../../src/dialects/dialect.ts";
import type { Pushed } from "../../src/dialects/quirk.ts";

const urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const patch = (...operations: readonly unknown[]) => normalise({ type: "User", method: "PATCH", body: { Operations: operations } });
const post = (body: unknown, type: Pushed["type"] = "User") => normalise({ type, method: "POST", body });
const operationsIn = ({ body }: { readonly body: unknown }) => (body as { readonly Operations: readonly unknown[] }).Operations;

describe("rewrites", () => {
  const packed = '{"id":"06b07648-ecfe-589f-9d2f-6325724a46ee","value":"25","displayName":"Role1234"}';
  test.each<[string, unknown, unknown]>([
    ["in a list (F13)", { op: "Add", path: "roles", value: [{ value: packed }] }, { op: "Add", path: "roles", value: [{ value: "25", display: "Role1234" }] }],
    ["several", { op: "Add", path: "roles", value: [{ value: packed, primary: true }, { value: "User" }] }, { op: "Add", path: "roles", value: [{ value: "25", display: "Role1234", primary: true }, { value: "User" }] }],
    ["alone", { op: "Add", path: "Roles", value: { value: packed } }, { op: "Add", path: "Roles", value: { value: "25", display: "Role1234" } }],
    ["without a path", { op: "replace", value: { roles: [{ value: packed }] } }, { op: "replace", value: { roles: [{ value: "25", display: "Role1234" }] } }],
    ["behind the name alone", { op: "Add", path: "roles.value", value: packed }, { op: "Add", path: "roles.value", value: "25" }],
    ["behind a value path", { op: "Add", path: 'roles[primary eq "True"].value', value: packed }, { op: "Add", path: 'roles[primary eq "True"].value', value: "25" }],
    ["under the URN", { op: "Add", path: "urn:ietf:params:scim:schemas:core:2.0:User:roles", value: [{ value: packed }] }, { op: "Add", path: "urn:ietf:params:scim:schemas:core:2.0:User:roles", value: [{ value: "25", display: "Role1234" }] }],
    ["with a name only", { op: "Add", path: "roles", value: [{ value: '{"displayName":"Admin"}' }] }, { op: "Add", path: "roles", value: [{ value: "Admin", display: "Admin" }] }],
    ["beside a display", { op: "Add", path: "roles", value: [{ value: packed, display: "Mine" }] }, { op: "Add", path: "roles", value: [{ value: "25", display: "Mine" }] }],
  ])("a role as JSON in a text, %s", (_, sent, meant) => {
    const normal = patch(sent);
    expect(operationsIn(normal)).toEqual([meant]);
    expect(normal.quirks).toContain("writes an app role as JSON inside a text");
  });
  test("a role as JSON in a create, and its displayName (F14)", () => {
    expect(post({ roles: [{ value: packed }] }).body).toEqual({ roles: [{ value: "25", display: "Role1234" }] });
    expect(post({ roles: [{ primary: false, displayName: "Admin", value: "Admin" }] }).body).toEqual({ roles: [{ primary: false, display: "Admin", value: "Admin" }] });
  });
  test.each([["{"], ["{}"], ['{"value":7}'], ['{"value":""}'], ['["a"]'], ["{not json}"], [`{"value":"${"x".repeat(5_000)}"}`]])("%j is no packed role", (value) => expect(post({ roles: [{ value }] })).toEqual({ body: { roles: [{ value }] }, quirks: [] }));
  test("JSON elsewhere stays a text", () => expect(post({ displayName: '{"value":"owner"}', entitlements: [{ value: packed }] }).body).toEqual({ displayName: '{"value":"owner"}', entitlements: [{ value: packed }] }));

  test("SCIM 1.1 becomes SCIM 2.0 (F30)", () => {
    const normal = post({ schemas: ["urn:scim:schemas:core:1.0", "urn:scim:schemas:extension:enterprise:1.0"], id: null, userName: "a@x.io", active: "true", "urn:scim:schemas:extension:enterprise:1.0": { department: "Sales", manager: { managerId: "U9" } } });
    expect(normal.body).toEqual({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:User", urn], id: null, userName: "a@x.io", active: "true", [urn]: { department: "Sales", manager: { value: "U9" } } });
    expect(normal.quirks).toEqual(["names the schemas of SCIM 1.1", "puts the enterprise attributes under the URN of SCIM 1.1", "calls the manager's value managerId, as SCIM 1.1 did", "writes booleans as the texts true and false in whole resources", "sends the resource's id, meta or groups along, which it can not change"]);
    expect(post({ schemas: ["urn:scim:schemas:core:1.0"], displayName: "Eng" }, "Group").body).toEqual({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Eng" });
  });
  test("a managerId beside a value stays an unknown name", () => expect(post({ manager: { managerId: "U8", value: "U9" } }).body).toEqual({ manager: { managerId: "U8", value: "U9" } }));
});

describe("what the schema understands is noticed", () => {
  const seen = (text: string) => (normal: { readonly quirks: readonly string[] }) => normal.quirks.some((quirk) => quirk.includes(text));
  test.each<[string, string, () => { readonly quirks: readonly string[] }]>([
    ["F5", "capital", () => patch({ op: "Replace", path: "active", value: "False" })],
    ["F5", '"True" and "False"', () => patch({ op: "Replace", path: "active", value: "False" })],
    ["F8", "dotted keys", () => patch({ op: "replace", value: { "name.givenName": "Ann" } })],
    ["F10", "by a list of values", () => patch({ op: "Remove", path: "members", value: [{ value: "U1" }] })],
    ["F12, bare id", "the manager", () => patch({ op: "Add", path: `${urn}:manager`, value: "U9" })],
    ["F12, list", "the manager", () => patch({ op: "Add", path: "manager", value: [{ value: "U9" }] })],
    ["F12, emptied", "the manager", () => patch({ op: "replace", path: `${urn}:manager`, value: { value: "" } })],
    ["F12, no URN", "without its URN", () => patch({ op: "Add", path: "manager", value: [{ value: "U9" }] })],
    ["F4", "without its URN", () => post({ userName: "a", department: null })],
    ["F12, dot", "a dot between", () => patch({ op: "Replace", path: `${urn}.manager`, value: "U9" })],
    ["F4", "misspelt URN", () => post({ schemas: ["urn:ietf:params:scim:schemas:extension:enterprise:2.0User"] })],
    ["F9", "misspelt URN", () => post({ schemas: ["http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"] }, "Group")],
    ["F20", "id, meta or groups", () => post({ userName: "a", groups: [] })],
    ["F22", "without a path", () => patch({ op: "replace", value: { active: false } })],
    ["F24", "id, meta or groups", () => normalise({ type: "Group", method: "PATCH", body: { Operations: [{ op: "replace", value: { id: "G1", displayName: "Eng" } }] } })],
    ["F27", "members of a group", () => normalise({ type: "Group", method: "PATCH", body: { Operations: [{ op: "replace", value: { members: [] } }] } })],
    ["F29", "with add and without a path", () => patch({ op: "add", value: { active: false } })],
    ["F30", "texts true and false", () => post({ active: "true" })],
  ])("%s: %s", (_, text, act) => expect(seen(text)(act())).toBe(true));

  test("plain RFC 7644 is nobody's habit", () => {
    expect(patch({ op: "replace", path: "active", value: false }, { op: "add", path: "emails", value: [{ value: "a@x.io" }] }, { op: "replace", path: `${urn}:manager`, value: { value: "U9" } }, { op: "remove", path: 'members[value eq "U1"]' }).quirks).toEqual([]);
    expect(post({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:User", urn], userName: "a", active: true, roles: [{ value: "x", display: "X" }], [urn]: { manager: { value: "U9" } } }).quirks).toEqual([]);
  });
});

test("a body that no row rewrites is handed on as it is, and none is ever changed in place", () => {
  const plain = { Operations: [{ op: "replace", path: "active", value: false }] };
  expect(normalise({ type: "User", method: "PATCH", body: plain }).body).toBe(plain);
  const packed = JSON.parse('{"__proto__":{"polluted":1},"roles":[{"value":"{\\"value\\":\\"a\\"}"}],"manager":{"managerId":"x","__proto__":{"polluted":1}}}');
  const before = JSON.stringify(packed);
  const { body } = post(packed);
  expect(JSON.stringify(packed)).toBe(before);
  expect(Object.hasOwn(body as object, "__proto__")).toBe(true);
  expect((body as { readonly polluted?: unknown }).polluted).toBeUndefined();
});

test("what has no text of its own passes through as it came", () => {
  for (const name of ["toString", "valueOf"]) {
    const odd = JSON.parse(`{"${name}":"","toString":""}`) as never;
    const body = { active: odd, userName: odd, Operations: [{ op: odd, path: odd, value: odd }] };
    expect(normalise({ type: "User", method: "PATCH", body })).toMatchObject({ body });
  }
});

test("anything at all passes through without a throw", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom("POST" as const, "PUT" as const, "PATCH" as const), fc.boolean(), (value, method, wrapped) => {
      const body = wrapped ? { Operations: value, operations: value, roles: value, schemas: value, manager: value, "urn:scim:schemas:extension:enterprise:1.0": value } : value;
      const before = JSON.stringify(body);
      normalise({ type: "User", method, body });
      normalise({ type: "Group", method, body: { Operations: [{ op: value, path: value, value }, { path: "roles", value }, { value: { roles: value, manager: value } }] } });
      expect(JSON.stringify(body)).toBe(before);
    }),
    { numRuns: 1_000 },
  );
  expect(normalise({ type: "User", method: "PATCH", body: undefined })).toEqual({ body: undefined, quirks: [] });
});

describe("every row", () => {
  test.each(quirks.map((quirk) => [quirk.is, quirk] as const))("%s: has a source, and a home that exists", (_, quirk) => {
    expect(quirk.source).toMatch(/\.(com|md|net|org)|github|RFC/);
    if ("understoodIn" in quirk) for (const file of quirk.understoodIn.split(", ")) expect(existsSync(new URL(`../../src/${file}`, import.meta.url)), file).toBe(true);
  });
  test("says something that no other says", () => expect(new Set(quirks.map(({ is }) => is)).size).toBe(quirks.length));
});

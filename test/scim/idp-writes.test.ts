/**
 * What IdPs were seen to write, in their order, through rows and engine, on one resource after the other.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { normalise } from "../../src/dialects/dialect.ts";
import { isObject, type Json } from "../../src/model/json.ts";
import type { Attributes, Member, MemberChange } from "../../src/model/resource.ts";
import { readCreate, readReplace } from "../../src/scim/body.ts";
import { patchUser } from "../../src/scim/patch.ts";
import { patchGroup } from "../../src/scim/patch-group.ts";
import { tableOf } from "../../src/scim/schemas.ts";

interface Row {
  readonly idp: string;
  readonly step: string;
  readonly method: "POST" | "PUT" | "PATCH";
  readonly type: "User" | "Group";
  readonly id?: string;
  readonly body: unknown;
  /** JSON pointer → what must stand there afterwards; `null` = nothing. */
  readonly then?: Readonly<Record<string, Json>>;
}

interface Stored {
  readonly attributes: Attributes;
  readonly members: readonly Member[];
}

const rows = JSON.parse(readFileSync(new URL("../corpus/idp-writes.json", import.meta.url), "utf8")) as readonly Row[];
const idps = [...new Set(rows.map(({ idp }) => idp))];

describe.each(idps)("%s", (idp) => {
  const stored = new Map<string, Stored>();
  test.each(rows.filter((row) => row.idp === idp).map((row) => [row.step, row] as const))("%s", (step, row) => {
    const before = stored.get(row.id ?? step) ?? { attributes: {}, members: [] };
    const after = written(row, before);
    stored.set(row.id ?? step, after);
    for (const [pointer, wanted] of Object.entries(row.then ?? {})) {
      const found = at({ ...after.attributes, members: after.members }, pointer);
      if (wanted === null) expect(found ?? [], pointer).toEqual([]);
      else if (isObject(wanted)) expect(found, pointer).toHaveLength(wanted["length"] as number);
      else expect(found, pointer).toBe(wanted);
    }
  });
});

function written({ method, type, body }: Row, before: Stored): Stored {
  const { body: normal } = normalise({ type, method, body });
  const table = tableOf(type);
  if (method === "PATCH" && type === "User") return { attributes: patchUser(table, before.attributes, normal, { strict: false, maxOperations: 100 }).attributes, members: [] };
  if (method === "PATCH") {
    const { attributes, members } = patchGroup(table, before.attributes, normal, { strict: false, maxOperations: 100 });
    return { attributes: attributes ?? before.attributes, members: members.reduce(applied, before.members) };
  }
  const { attributes, members } = method === "POST" ? readCreate(table, normal, { strict: false }) : readReplace(table, normal, before.attributes, { strict: false });
  return { attributes, members: members ?? before.members };
}

function applied(members: readonly Member[], change: MemberChange): readonly Member[] {
  switch (change.kind) {
    case "clear":
      return [];
    case "replace":
      return change.members;
    case "remove":
      return members.filter(({ value }) => !change.values.includes(value));
    case "add":
      return [...members, ...change.members.filter(({ value }) => !members.some((member) => member.value === value))];
  }
}

const at = (json: unknown, pointer: string): unknown => pointer.slice(1).split("/").reduce<unknown>((found, name) => (found as Record<string, unknown> | undefined)?.[name], json);

test("every row that an IdP writes is among them", () => {
  expect(rows.length).toBeGreaterThanOrEqual(76);
  expect(rows.filter(({ then }) => then).length).toBeGreaterThan(50);
});

const ent = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const patched = (...list: readonly unknown[]) => (["with", "without"] as const).map((schemas) => written({ idp: "", step: "", method: "PATCH", type: "User", body: { ...(schemas === "with" && { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"] }), Operations: list } }, { attributes: { userName: "ann", active: true }, members: [] }).attributes);

describe("the wire fixtures of idps.md, section 7, each with and without schemas", () => {
  const role = (value: string) => `{"id":"06b0","value":"${value}","displayName":"${value}"}`;
  test.each<[string, readonly unknown[], Attributes]>([
    ["F7", [{ op: "Replace", path: 'emails[type eq "work"].value', value: "a@x.io" }, { op: "Replace", path: "name.familyName", value: "Lee" }, { op: "Replace", path: `${ent}:employeeNumber`, value: "42" }], { emails: [{ type: "work", value: "a@x.io" }], name: { familyName: "Lee" }, [ent]: { employeeNumber: "42" } }],
    ["F8", [{ op: "replace", path: 'emails[type eq "work"].value', value: "a@x.io" }, { op: "replace", value: { displayName: "Ann", "name.givenName": "Ann", "name.familyName": "Lee", [`${ent}:employeeNumber`]: "42" } }], { displayName: "Ann", emails: [{ type: "work", value: "a@x.io" }], name: { givenName: "Ann", familyName: "Lee" }, [ent]: { employeeNumber: "42" } }],
    ["F13 single", [{ op: "Add", path: "roles", value: [{ value: '{"id":"06b07648","value":"25","displayName":"Role1234"}' }] }], { roles: [{ value: "25", display: "Role1234" }] }],
    ["F13 single, by value path", [{ op: "Add", path: 'roles[primary eq "True"].value', value: "Admin" }, { op: "Add", path: 'roles[primary eq "True"].display', value: "Admin" }], { roles: [{ primary: true, value: "Admin", display: "Admin" }] }],
    ["F13 complex", [{ op: "Add", path: "roles", value: [{ value: role("Admin") }, { value: role("User") }] }], { roles: [{ value: "Admin", display: "Admin" }, { value: "User", display: "User" }] }],
    ["F13 complex, repeated", [{ op: "Add", path: "roles", value: [{ value: role("Admin") }] }, { op: "Add", path: "roles", value: [{ value: role("Admin") }] }], { roles: [{ value: "Admin", display: "Admin" }] }],
    ["F13 assertive", [{ op: "Add", path: "roles", value: [{ value: "Old" }] }, { op: "replace", path: "roles", value: [{ primary: false, type: "WindowsAzureActiveDirectoryRole", display: "User", value: "User" }] }], { roles: [{ primary: false, type: "WindowsAzureActiveDirectoryRole", display: "User", value: "User" }] }],
    ["F15", [{ op: "Replace", path: 'phoneNumbers[type eq "mobile"].value', value: "+1 555 0100" }, { op: "Add", path: 'addresses[type eq "work"].country', value: "DE" }], { phoneNumbers: [{ type: "mobile", value: "+1 555 0100" }], addresses: [{ type: "work", country: "DE" }] }],
    ["F16", [{ op: "Add", path: "nickName", value: "Babs" }, { op: "add", value: { nickName: "Babs", title: "Lead" } }], { nickName: "Babs", title: "Lead" }],
    ["F17", [{ op: "add", path: "nickName", value: "Babs" }, { op: "replace", path: "nickName", value: "" }, { op: "replace", path: "nickName", value: null }, { op: "remove", path: "title" }, { op: "replace", value: { nickName: "" } }], {}],
    ["F22", [{ op: "replace", value: { active: false } }, { op: "replace", value: { active: true } }, { op: "replace", value: { password: "new_password" } }], {}],
    ["F29", [{ op: "add", value: { active: false } }], { active: false }],
  ])("%s", (_, list, more) => {
    for (const attributes of patched(...list)) expect(attributes).toEqual({ userName: "ann", active: true, ...more });
  });

  test.each<[string, unknown, Attributes]>([
    ["F14 single", { roles: [{ primary: true, type: "WindowsAzureActiveDirectoryRole", value: "Admin" }] }, { roles: [{ primary: true, type: "WindowsAzureActiveDirectoryRole", value: "Admin" }] }],
    ["F14 complex", { roles: [{ primary: false, displayName: "Admin", value: "Admin" }] }, { roles: [{ primary: false, display: "Admin", value: "Admin" }] }],
    ["F30", { schemas: ["urn:scim:schemas:core:1.0"], id: null, active: "true", [ent]: { manager: { managerId: "U9" } } }, { active: true, [ent]: { manager: { value: "U9" } } }],
  ])("%s", (_, body, attributes) => {
    const post: Row = { idp: "", step: "", method: "POST", type: "User", body: { userName: "ann", ...(body as object) } };
    expect(written(post, { attributes: {}, members: [] }).attributes).toEqual({ userName: "ann", ...attributes });
  });
});

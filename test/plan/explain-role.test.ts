import { describe, expect, test } from "vitest";
import { accountId, resourceId, roleId } from "../../src/model/ids.ts";
import { type Link, nothingApplied } from "../../src/model/link.ts";
import type { Policy } from "../../src/model/policy.ts";
import { explainRole } from "../../src/plan/explain-role.ts";
import { notHeld } from "../../src/plan/not-held.ts";
import type { Vendor } from "../../src/plan/vendor.ts";

const map = [{ idp: "Admins", vendor: roleId("Admin"), privileged: true }, { idp: "g-editors", vendor: roleId("Editor"), privileged: false }, { idp: "Everyone", vendor: roleId("User"), privileged: false }];
const policyWith = (fallback: Policy["roles"]["fallback"]): Policy => ({ identity: "auto", roles: { map, fallback, serveAsGroups: false, serveAsEntitlements: false }, tags: [{ idp: "Blue team", vendor: "blue" }] }) as unknown as Policy;
const policy = policyWith(roleId("User"));
const part = (name: string, onUpdate = true) => ({ part: name, onCreate: onUpdate, onUpdate, required: false, clearable: false, same: () => true });
const vendor = { title: "Vendor", defaultRole: roleId("Guest"), parts: [part("name.givenName"), part("phone"), part("address.country"), part("title", false)] } as unknown as Vendor;
const group = (display: string, externalId?: string) => ({ value: resourceId("g"), display, externalId });
const roles = (...values: readonly string[]) => ({ userName: "ada", roles: values.map((value) => ({ value })) });
const link = (role: string, wantedRole = role, byDefault = false): Link => ({ account: accountId("a"), kind: "account", origin: "created", login: "ada", applied: { ...nothingApplied, access: "active", role: roleId(role), wantedRole: roleId(wantedRole), byDefault }, unknownAt: undefined, verifyAt: undefined });

describe("the role of somebody", () => {
  test.each([
    { name: "with two mapped values: the earlier entry of the map, by which value, and what it outranks", attributes: roles("Everyone", "Admins"), groups: [], held: link("Admin"), role: "Admin", reason: 'Admin, because "Admins" is rank 1 in roles.map (a value of roles)', outranked: ["Everyone"], ignored: [] },
    { name: "in a group that is mapped by its externalId: which group; its name is not said to be ignored", attributes: roles(), groups: [group("Editors of acme", "g-editors"), group("Choir", "g-choir")], held: link("Editor"), role: "Editor", reason: 'Editor, because "g-editors" is rank 2 in roles.map (the group "Editors of acme")', outranked: [], ignored: ["Choir"] },
    { name: "whose values map to nothing: the role stays, and each value is said; one that leads to a tag is none of them", attributes: roles("Superuser"), groups: [group("Blue team"), group("Choir")], held: link("Guest"), role: "Guest", reason: "Guest, as it is: no value of the person is in roles.map", outranked: [], ignored: ["Superuser", "Choir"] },
    { name: "who has lost the last mapped value", attributes: roles(), groups: [], held: link("Editor"), role: "User", reason: "User, because the last mapped role is gone (roles.fallback)", outranked: [], ignored: [] },
    { name: "who is new and has no value", attributes: roles(), groups: [], held: undefined, role: "Guest", reason: "Guest, the default role", outranked: [], ignored: [] },
    { name: "who has the default role, to which no value ever led", attributes: roles(), groups: [], held: link("Guest", "Guest", true), role: "Guest", reason: "Guest, the default role", outranked: [], ignored: [] },
    { name: "who was adopted in another role, and to whom no value ever led", attributes: roles(), groups: [], held: link("Editor", "Guest", true), role: "Editor", reason: "Editor, as it is: no value of the person is in roles.map", outranked: [], ignored: [] },
    { name: "who was adopted in another role: the account's own", attributes: roles("Everyone"), groups: [], held: link("Editor", "User"), role: "Editor", reason: 'Editor, the account\'s own, which stays until the IdP\'s values change; they lead to User, because "Everyone" is rank 3 in roles.map (a value of roles)', outranked: [], ignored: [] },
  ])("$name", ({ attributes, groups, held, role, reason, outranked, ignored }) => {
    expect(explainRole(attributes, groups, held, vendor, policy)).toEqual({ role, reason, outranked, ignored, atVendor: held?.applied.role });
  });

  test("who has lost the last mapped value where that ends the access, and where no fallback is named", () => {
    expect(explainRole(roles(), [], link("Editor"), vendor, policyWith("deactivate"))).toMatchObject({ role: undefined, reason: "the last mapped role is gone, and roles.fallback is deactivate" });
    expect(explainRole(roles(), [], link("Editor"), vendor, policyWith(undefined))).toMatchObject({ role: "Guest", reason: "Guest, because the last mapped role is gone (the default role)" });
  });
});

test("what the vendor has no place for is listed by its SCIM name", () => {
  const attributes = {
    userName: "ada", active: true, externalId: "x", title: "Countess", nickName: "A", emails: [{ value: "ada@acme.example" }], roles: [{ value: "Admins" }],
    name: { givenName: "Ada", familyName: "L", formatted: "Ada L" }, phoneNumbers: [{ value: "1" }], addresses: [{ type: "work", country: "GB", locality: "London" }],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { department: "Maths" },
  };
  expect(notHeld(attributes, vendor)).toEqual(["externalId", "title", "nickName", "name.familyName", "name.formatted", "addresses.locality", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]);
});

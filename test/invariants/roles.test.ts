/**
 * I7: a role that `roles.map` does not name, letter by letter, reaches no vendor, in whichever attribute, method or spelling it comes.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isObject } from "../../src/model/json.ts";
import { ada, openWithVendor, patch } from "../support/house.ts";

type Opened = Awaited<ReturnType<typeof openWithVendor>>;
let opened: Opened;
beforeAll(async () => void (opened = await openWithVendor()));
afterAll(() => opened.stop());

const roleOf = (email: string) => (opened.vendor.state() as { users: { email: string; role: string }[] }).users.find((user) => user.email === email)?.role;
const sentRoles = () => opened.vendor.journal().flatMap(({ body }) => (isObject(body) && "role" in body ? [body["role"]] : []));

/** Names of the vendor's own roles, and what only looks like an entry of the map. */
const outside = ["Admin", "Editor", "Owner", "superuser", "admins", "ADMINS", " Admins", "Admins ", "Admins,Everyone", "Adm\u0131ns", "\uff21dmins", "Admins\u200b", "A", "1", "0", "roles.map", "__proto__", "constructor", "toString"];
let number = 0;

describe.each(outside)("%j", (value) => {
  const pushes: readonly [string, (id: string, userName: string) => readonly [string, string, unknown]][] = [
    ["in the list", (id) => ["PATCH", `/Users/${id}`, patch({ op: "add", path: "roles", value: [{ value }] })]],
    ["without a path", (id) => ["PATCH", `/Users/${id}`, patch({ op: "replace", value: { roles: [{ value, primary: true }] } })]],
    ["as Entra's JSON in a text", (id) => ["PATCH", `/Users/${id}`, patch({ op: "Add", path: "roles", value: [{ value: JSON.stringify({ id: "Admins", value, displayName: value }) }] })]],
    ["through a value path", (id) => ["PATCH", `/Users/${id}`, patch({ op: "Add", path: 'roles[primary eq "True"].value', value })]],
    ["by PUT", (id, userName) => ["PUT", `/Users/${id}`, ada({ userName, roles: [{ value, display: "Admins", type: "Admins" }] })]],
    ["as title, userType and entitlement", (id) => ["PATCH", `/Users/${id}`, patch({ op: "replace", value: { title: value, userType: value, entitlements: [{ value }] } })]],
    ["as the name of a group", (id) => ["POST", "/Groups", { displayName: `${value}`, externalId: `${value}`, members: [{ value: id }] }]],
  ];

  test("with a create", async () => {
    const userName = `new${++number}@acme.example`;
    await opened.scim("POST", "/Users", ada({ userName, externalId: userName, roles: [{ value, display: "Admins" }] }));
    expect(["User", undefined]).toContain(roleOf(userName));
  });

  test("and every other way", async () => {
    const userName = `p${++number}@acme.example`;
    const { body } = await opened.scim("POST", "/Users", ada({ userName, externalId: userName }));
    for (const [how, push] of pushes) {
      const [method, path, wanted] = push(String(body.id), userName);
      const answer = await opened.scim(method, path, wanted);
      expect(answer.status, how).toBeLessThan(500);
      expect(roleOf(userName), how).toBe("User");
    }
  });
});

test("of all of it the vendor was sent nothing but the default role", () => {
  expect(opened.vendor.journal().length).toBeGreaterThan(30);
  expect(new Set(sentRoles())).toEqual(new Set(["User"]));
});

/**
 * Enlivy end to end: SCIM in, the simulated vendor's state and the number of its calls out.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import type { EnlivyState } from "../../src/connectors/enlivy/simulated/state.ts";
import { startEnlivy } from "../../src/connectors/enlivy/simulator.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { TestHouse } from "../support/house.ts";
import { ada, openTestHouse, patch } from "../support/house.ts";

let vendor: RunningSimulator<EnlivyState>;
let house: TestHouse;

async function open(connection: JsonObject = {}): Promise<void> {
  vendor = await startEnlivy({ seed: "traps" });
  house = await openTestHouse({
    vendorUrl: vendor.url, apiKey: vendor.apiKey,
    connection: {
      connector: "enlivy",
      settings: { baseUrl: vendor.url, token: vendor.apiKey, organizationId: "org_1", defaultRoleId: "org_userrole_employee", noAccessRoleId: "org_userrole_leaver", defaultCountry: "RO" },
      roles: { map: [{ idp: "Admins", vendor: "org_userrole_admin", privileged: true }, { idp: "Leads", vendor: "org_userrole_lead" }, { idp: "Everyone", vendor: "org_userrole_employee" }], fallback: "org_userrole_employee" },
      ...connection,
    },
  });
}
beforeEach(() => open());
afterEach(async () => {
  await house.stop();
  await vendor.stop();
});

const at = (email: string) => vendor.state().users.filter((user) => user.email === email);
let counted = 0;
beforeEach(() => void (counted = 0));
/** The calls since the last time. */
const calls = () => {
  const all = vendor.journal().map(({ method }) => method);
  const fresh = all.slice(counted);
  counted = all.length;
  return fresh;
};
const create = async (more: object = {}) => (await house.scim("POST", "/Users", ada(more))).body.id as string;
const active = (value: boolean) => patch({ op: "replace", path: "active", value });

test("a person's life, and what each step costs", async () => {
  const id = await create();
  expect(calls()).toEqual(["GET", "POST"]);
  expect(at("ada@acme.example")).toMatchObject([{ first_name: "Ada", organization_user_role_id: "org_userrole_employee", country_code: "RO" }]);

  expect((await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "name.familyName", value: "King" }))).status).toBe(200);
  expect(calls()).toEqual(["PUT"]);
  expect((await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "name.familyName", value: "King" }))).status).toBe(200);
  expect(calls()).toEqual([]);

  expect((await house.scim("PATCH", `/Users/${id}`, patch({ op: "add", path: "roles", value: [{ value: "Leads" }] }))).status).toBe(200);
  expect(calls()).toEqual(["PUT", "GET"]);
  expect((await house.scim("PATCH", `/Users/${id}`, active(false))).body.active).toBe(false);
  expect(calls()).toEqual(["PUT", "GET"]);
  expect(at("ada@acme.example")).toMatchObject([{ last_name: "King", organization_user_role_id: "org_userrole_leaver", deleted_at: null }]);

  expect((await house.scim("PATCH", `/Users/${id}`, active(true))).body.active).toBe(true);
  expect(calls()).toEqual(["PUT", "GET"]);
  expect(at("ada@acme.example")).toMatchObject([{ organization_user_role_id: "org_userrole_lead" }]);
});

test("a customer with the joiner's address is neither linked nor touched; a person must decide", async () => {
  const before = vendor.state().users;
  const answer = await house.scim("POST", "/Users", ada({ userName: "ann@acme.example" }));
  expect(answer.status).toBe(409);
  expect(answer.body.detail).toContain("org_userrole_customer");
  expect(vendor.state().users).toEqual(before);
  expect(calls()).toEqual(["GET"]);
});

test("an administrator with the joiner's address is never linked", async () => {
  expect((await house.scim("POST", "/Users", ada({ userName: "boss@acme.example" }))).status).toBe(409);
  expect(at("boss@acme.example")).toMatchObject([{ organization_user_role_id: "org_userrole_admin" }]);
});

test("an employee with the joiner's address is linked and keeps the role", async () => {
  expect((await house.scim("POST", "/Users", ada({ userName: "joann@acme.example", name: { givenName: "Joann", familyName: "Lee" } }))).status).toBe(201);
  expect(calls()).toEqual(["GET"]);
  expect(at("joann@acme.example")).toHaveLength(1);
});

test("who was deleted in Enlivy and is hired again comes out of the trash, once", async () => {
  const { id } = at("joann@acme.example")[0]!;
  await fetch(`${vendor.url}/organizations/org_1/users/${id}`, { method: "DELETE", headers: { authorization: `Bearer ${vendor.apiKey}` } });
  expect((await house.scim("POST", "/Users", ada({ userName: "joann@acme.example", name: { givenName: "Joann", familyName: "Lee" } }))).status).toBe(201);
  expect(at("joann@acme.example")).toMatchObject([{ id, deleted_at: null, organization_user_role_id: "org_userrole_employee" }]);
});

test("an address moves with its person", async () => {
  const id = await create();
  const account = at("ada@acme.example")[0]!.id;
  expect((await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "userName", value: "ada.king@acme.example" }))).status).toBe(200);
  expect(at("ada.king@acme.example")).toMatchObject([{ id: account }]);
});

test("an address that somebody has already is refused, and stays", async () => {
  const id = await create();
  const answer = await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "userName", value: "conan@acme.example" }));
  expect(answer.status).toBe(409);
  expect((await house.scim("GET", `/Users/${id}`)).body.userName).toBe("ada@acme.example");
  expect(at("ada@acme.example")).toHaveLength(1);
});

test("what Enlivy refuses is quoted field by field", async () => {
  const answer = await house.scim("POST", "/Users", ada({ name: { givenName: "4da", familyName: "L0velace" } }));
  expect(answer.status).toBe(400);
  expect(answer.body.detail).toContain("The first name format is invalid.");
  expect(answer.body.detail).toContain("The last name format is invalid.");
  expect((await house.scim("GET", '/Users?filter=externalId eq "ext-ada"')).body.totalResults).toBe(0);
});

describe("with the documented calls only", () => {
  beforeEach(async () => {
    await house.stop();
    await vendor.stop();
    await open({ endpoints: "seed", denyEndpoints: "seed" });
  });

  test("a person is created from the documented fields; deactivation, role, name and deletion are 501, and nobody is written to", async () => {
    const id = await create({ phoneNumbers: [{ type: "work", value: "+40712345678" }] });
    const created = vendor.state().users.at(-1);
    expect(created).toMatchObject({ email: null, phone_number: null, first_name: "Ada" });
    calls();
    for (const [method, body] of [["PATCH", active(false)], ["PATCH", patch({ op: "add", path: "roles", value: [{ value: "Leads" }] })], ["DELETE", undefined]] as const) {
      const answer = await house.scim(method, `/Users/${id}`, body);
      expect(answer.status, `${method} ${JSON.stringify(body)}`).toBe(501);
      expect(answer.body.detail).toContain("ada@acme.example");
    }
    expect(calls()).toEqual([]);
    expect(vendor.state().users.at(-1)).toEqual(created);
  });
});

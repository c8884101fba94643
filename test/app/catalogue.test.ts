/**
 * Okta's entitlement discovery, where a connection asks for it: what may be given is shown, and what is given so takes effect.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ada, openWithVendor, patch } from "../support/house.ts";

type House = Awaited<ReturnType<typeof openWithVendor>>;

const roles = { map: [{ idp: "Team/Admins", vendor: "Admin" }, { idp: "Everyone", vendor: "User" }], fallback: "deactivate" };
let house: House;
let plain: House;
beforeAll(async () => {
  house = await openWithVendor({ roles: { ...roles, serveAsEntitlements: true } });
  plain = await openWithVendor({ roles });
});
afterAll(async () => {
  await house.stop();
  await plain.stop();
});

const ids = (body: { readonly Resources: readonly { readonly id: string }[] }) => body.Resources.map(({ id }) => id);

describe("discovery leads Okta from resource types to schemas to what may be given", () => {
  test("/ResourceTypes names both views, and each schema that it names is there", async () => {
    const { body } = await house.scim("GET", "/ResourceTypes");
    expect(body.Resources.map(({ endpoint, schema }: { endpoint: string; schema: string }) => [endpoint, schema]).slice(2)).toEqual([["/Roles", "urn:okta:scim:schemas:core:1.0:Role"], ["/Entitlements", "urn:okta:scim:schemas:core:1.0:Entitlement"]]);
    const listed = ids((await house.scim("GET", "/Schemas")).body);
    for (const { schema, id, meta } of body.Resources) {
      expect(listed).toContain(schema);
      expect((await house.scim("GET", `/Schemas/${schema}`)).body.id).toBe(schema);
      expect((await house.scim("GET", `/ResourceTypes/${id}`)).body.meta).toEqual(meta);
    }
  });

  test("/Roles and /Entitlements show the names of roles.map, and no role of the vendor that is not on it", async () => {
    const { status, body } = await house.scim("GET", "/Roles");
    expect([status, body.totalResults, ids(body)]).toEqual([200, 2, ["Team/Admins", "Everyone"]]);
    expect(body.Resources[1]).toEqual({ schemas: ["urn:okta:scim:schemas:core:1.0:Role"], id: "Everyone", displayName: "Everyone", meta: { resourceType: "Role", location: "http://scim.test/scim/acme/v2/Roles/Everyone" } });
    const { body: entitlements } = await house.scim("GET", "/Entitlements");
    expect(entitlements.Resources.map(({ id, type }: { id: string; type: string }) => [id, type])).toEqual([["Team/Admins", "Role"], ["Everyone", "Role"]]);
  });

  test("pages, single entries, and what is not there", async () => {
    const { body } = await house.scim("GET", "/Roles?startIndex=2&count=5");
    expect([body.totalResults, body.startIndex, body.itemsPerPage, ids(body)]).toEqual([2, 2, 1, ["Everyone"]]);
    expect(ids((await house.scim("GET", "/Roles?startIndex=3")).body)).toEqual([]);
    expect((await house.scim("GET", "/Entitlements/Everyone")).body).toMatchObject({ id: "Everyone", type: "Role" });
    expect((await house.scim("GET", "/Roles/everyone")).status).toBe(404);
    expect((await house.scim("GET", "/Roles?count=x")).status).toBe(400);
    expect((await house.scim("GET", "/Roles?filter=displayName%20pr")).body.scimType).toBe("invalidFilter");
    expect((await house.scim("POST", "/Roles", {})).status).toBe(405);
  });
});

describe("what is given", () => {
  const roleOf = (where: House, email: string) => (where.vendor.state() as { readonly users: readonly { readonly email: string; readonly role: string; readonly is_enabled: boolean }[] }).users.find((user) => user.email === email);

  test("as an entitlement, leads to the vendor's role, and taking it away takes the access", async () => {
    const { body } = await house.scim("POST", "/Users", ada({ entitlements: [{ value: "Team/Admins", display: "Admins", type: "Role" }] }));
    expect(body.entitlements).toEqual([{ value: "Team/Admins", display: "Admins", type: "Role" }]);
    expect(roleOf(house, "ada@acme.example")).toMatchObject({ role: "Admin", is_enabled: true });
    await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "entitlements", value: [{ value: "Everyone" }] }));
    expect(roleOf(house, "ada@acme.example")?.role).toBe("User");
    await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "entitlements", value: null }));
    await house.scim("PUT", `/Users/${body.id}`, ada());
    expect(roleOf(house, "ada@acme.example"), "neither null nor silence takes it").toMatchObject({ role: "User", is_enabled: true });
    await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "remove", path: "entitlements" }));
    expect(roleOf(house, "ada@acme.example")?.is_enabled).toBe(false);
  });

  test("where the connection does not ask for it, is kept and answered and gives nothing", async () => {
    const { body } = await plain.scim("POST", "/Users", ada({ entitlements: [{ value: "Team/Admins" }] }));
    expect(body.entitlements).toEqual([{ value: "Team/Admins" }]);
    expect(roleOf(plain, "ada@acme.example")?.role).toBe("User");
  });
});

test("where the connection does not ask for it there are two resource types, and neither address", async () => {
  expect((await plain.scim("GET", "/ResourceTypes")).body.totalResults).toBe(2);
  for (const path of ["/Roles", "/Entitlements", "/Roles/Everyone"]) for (const method of ["GET", "POST"]) expect((await plain.scim(method, path)).status).toBe(404);
  expect((await plain.scim("GET", "/Schemas/urn:okta:scim:schemas:core:1.0:Role")).status).toBe(404);
});

/**
 * Strict mode through the whole house: per connection, for pushes, filters and searches; a neighbour is not touched by it.
 *
 * @module
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ada, openWithVendor, patch } from "../support/house.ts";

let strict: Awaited<ReturnType<typeof openWithVendor>>;
let lenient: Awaited<ReturnType<typeof openWithVendor>>;
beforeAll(async () => {
  strict = await openWithVendor({ strict: true });
  lenient = await openWithVendor();
});
afterAll(async () => {
  await strict.stop();
  await lenient.stop();
});

const packed = '{"id":"06b0","value":"Everyone","displayName":"Everyone"}';

test("a role that Entra packs into a text stays the text that it is", async () => {
  const roles = [{ value: packed }];
  expect((await strict.scim("POST", "/Users", ada({ userName: "roles@acme.example", roles }))).body.roles).toEqual(roles);
  expect((await lenient.scim("POST", "/Users", ada({ userName: "roles@acme.example", roles }))).body.roles).toEqual([{ value: "Everyone", display: "Everyone" }]);
});

test("what is refused changes nothing and calls nobody; the same push elsewhere is carried out", async () => {
  for (const [house, status, active] of [[strict, 400, true], [lenient, 200, false]] as const) {
    const { body: made } = await house.scim("POST", "/Users", ada());
    const calls = house.vendor.journal().length;
    expect((await house.scim("PATCH", `/Users/${made.id}`, patch({ op: "Replace", path: "active", value: "False" }))).status).toBe(status);
    expect((await house.scim("GET", `/Users/${made.id}`)).body.active).toBe(active);
    expect(house.vendor.journal().length > calls).toBe(!active);
  }
});

test("filters in queries, in searches and of both types", async () => {
  const search = { schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], filter: "displayName eq bare" };
  for (const [house, status] of [[strict, 400], [lenient, 200]] as const) {
    expect((await house.scim("GET", "/Users?filter=userName%20eq%20bare")).status).toBe(status);
    expect((await house.scim("POST", "/Groups/.search", search)).status).toBe(status);
    expect((await house.scim("POST", "/.search", search)).status).toBe(status);
  }
});

test("inside Bulk, operation by operation", async () => {
  const bulk = { schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], Operations: [{ method: "POST", path: "/Users", bulkId: "a", data: ada({ userName: "one@acme.example", active: "true" }) }, { method: "POST", path: "/Users", bulkId: "b", data: ada({ userName: "two@acme.example" }) }] };
  const { body } = await strict.scim("POST", "/Bulk", bulk);
  expect(body.Operations.map(({ status }: { status: string }) => status)).toEqual(["400", "201"]);
});

/**
 * Every failure of a SCIM request names its correlation id, in `detail` and in a header, and the person's timeline is found by it.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPerson } from "../../src/bridge/person.ts";
import { connectionId } from "../../src/model/ids.ts";
import { ada, openWithVendor, patch } from "../support/house.ts";

const acme = connectionId("acme");
let house: Awaited<ReturnType<typeof openWithVendor>>;
let id = "";
beforeAll(async () => {
  house = await openWithVendor({ rails: { massDeprovision: { count: 0, share: 0 } } });
  id = String((await house.scim("POST", "/Users", ada())).body.id);
});
afterAll(() => house.stop());

const failures: readonly (readonly [string, number, () => Promise<{ status: number; headers: Headers; body: { detail?: string } }>])[] = [
  ["a wrong token", 401, () => house.scim("GET", "/Users", undefined, { Authorization: "Bearer x" })],
  ["nobody", 404, () => house.scim("GET", "/Users/2819c223-7f76-453a-919d-413861904646")],
  ["no such address", 404, () => house.scim("GET", "/People")],
  ["a wrong method", 405, () => house.scim("DELETE", "/Users")],
  ["/Me", 501, () => house.scim("GET", "/Me")],
  ["a filter that is none", 400, () => house.scim("GET", "/Users?filter=userName%20eq")],
  ["a cursor that is none", 400, () => house.scim("GET", "/Users?cursor=nothing")],
  ["no JSON", 400, () => house.scim("POST", "/Users", "}")],
  ["no userName", 400, () => house.scim("POST", "/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"] })],
  ["a path that is none", 400, () => house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "a b", value: 1 }))],
  ["a taken name", 409, () => house.scim("POST", "/Users", ada({ externalId: "another" }))],
  ["an old version", 412, () => house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "title", value: "x" }), { "If-Match": 'W/"99"' })],
  ["a large body", 413, () => house.scim("POST", "/Users", ada({ displayName: "x".repeat(1_100_000) }))],
  ["another media type", 415, () => house.scim("POST", "/Users", ada(), { "Content-Type": "text/csv" })],
  ["a mapped attribute that cannot change", 400, () => house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "userName", value: "new@acme.example" }))],
  ["what a rail holds", 503, () => house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false }))],
  ["a Bulk envelope that is none", 400, () => house.scim("POST", "/Bulk", { Operations: [] })],
];

test.each(failures)("%s: %i", async (_, status, ask) => {
  const answer = await ask();
  const correlation = answer.headers.get("x-correlation-id");
  expect([answer.status, correlation]).toEqual([status, expect.stringMatching(/^c-\w{12}$/) as string]);
  expect(answer.body.detail).toContain(`[${correlation}]`);
});

test("an operation of Bulk that fails says it as well", async () => {
  const answer = await house.scim("POST", "/Bulk", { schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], Operations: [{ method: "DELETE", path: "/Users/2819c223-7f76-453a-919d-413861904646" }] });
  expect(answer.body.Operations[0].response.detail).toContain(`[${answer.headers.get("x-correlation-id")}]`);
});

describe("what the IdP's administrator reads leads to the person", () => {
  test.each([
    ["a frozen connection's refusal keeps nothing, and leads nowhere", async () => {
      await house.house.store.freeze(acme, { by: "kim", reason: "a drill" });
      const answer = await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "title", value: "x" }));
      await house.house.store.unfreeze(acme, { by: "kim", reason: "" });
      return [answer, undefined] as const;
    }],
    // The same push again keeps nothing new; its detail names the hold.
    ["a push that a rail holds", async () => {
      const other = String((await house.scim("POST", "/Users", ada({ userName: "eve@acme.example", externalId: "eve" }))).body.id);
      return [await house.scim("PATCH", `/Users/${other}`, patch({ op: "replace", path: "active", value: false })), other] as const;
    }],
    ["a push that the vendor refuses", async () => {
      house.vendor.addFault({ kind: "status", status: 422, body: { error: "no" }, match: { method: "PATCH", times: 1 } });
      return [await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "name.givenName", value: "Adele" })), id] as const;
    }],
  ])("%s", async (_, push) => {
    const [answer, person] = await push();
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const found = await findPerson(acme, answer.headers.get("x-correlation-id") ?? "", house.house.store).catch(() => undefined);
    expect(found).toBe(person);
  });
});

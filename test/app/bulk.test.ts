/**
 * Bulk (RFC 7644, 3.7) through the whole house: every operation under the rules of a single call.
 *
 * @module
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { ada, eventually, openWithVendor, patch } from "../support/house.ts";

const schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
const group = (displayName: string, ...members: readonly string[]) => ({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName, ...(members.length > 0 && { members: members.map((value) => ({ value })) }) });
const person = (name: string) => ada({ userName: `${name}@acme.example`, externalId: name, emails: [{ value: `${name}@acme.example`, type: "work", primary: true }] });
const off = patch({ op: "replace", path: "active", value: false });

let house: Awaited<ReturnType<typeof openWithVendor>>;
beforeEach(async () => {
  house = await openWithVendor();
});
afterEach(() => house.stop());

const bulk = (Operations: readonly unknown[], more: object = {}) => house.scim("POST", "/Bulk", { schemas, Operations, ...more });
const joined = async (name: string): Promise<string> => (await house.scim("POST", "/Users", person(name))).body.id;
const isEnabled = (name: string) => house.vendor.state().users.find(({ email }) => email === `${name}@acme.example`)?.is_enabled;

test("people and groups that name each other by bulkId, in data, in a path, and before they are there", async () => {
  const { status, body } = await bulk([
    { method: "POST", path: "/Groups", bulkId: "team", data: group("Team", "bulkId:ada", "bulkId:bo") },
    { method: "POST", path: "/Users", bulkId: "ada", data: person("ada") },
    { method: "POST", path: "/Users", bulkId: "bo", data: person("bo") },
    { method: "PATCH", path: "/Users/bulkId:ada", data: patch({ op: "replace", path: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", value: { value: "bulkId:bo" } }) },
  ]);
  expect([status, body.schemas]).toEqual([200, ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]]);
  expect(body.Operations.map(({ method, bulkId, status: its, version }: Record<string, string>) => [method, bulkId, its, version])).toEqual([
    ["POST", "team", "201", 'W/"1"'], ["POST", "ada", "201", 'W/"1"'], ["POST", "bo", "201", 'W/"1"'], ["PATCH", undefined, "200", 'W/"2"'],
  ]);
  const [team, adaId, boId] = body.Operations.map(({ location }: { location: string }) => location.slice(location.lastIndexOf("/") + 1));
  expect((await house.scim("GET", `/Groups/${team}`)).body.members).toEqual([{ value: adaId }, { value: boId }]);
  expect((await house.scim("GET", `/Users/${adaId}`)).body["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"].manager.value).toBe(boId);
  expect(house.vendor.state().users.map(({ email }) => email)).toEqual(expect.arrayContaining(["ada@acme.example", "bo@acme.example"]));
});

test("two groups that hold each other are both made, and hold each other", async () => {
  const { body } = await bulk([
    { method: "POST", path: "/Groups", bulkId: "a", data: group("A", "bulkId:b") },
    { method: "POST", path: "/Groups", bulkId: "b", data: group("B", "bulkId:a") },
  ]);
  expect(body.Operations.map(({ status }: { status: string }) => status)).toEqual(["201", "201"]);
  const [a, b] = body.Operations.map(({ location }: { location: string }) => location.slice(location.lastIndexOf("/") + 1));
  expect((await house.scim("GET", `/Groups/${a}`)).body).toMatchObject({ members: [{ value: b }], meta: { version: body.Operations[0].version } });
  expect((await house.scim("GET", `/Groups/${b}`)).body.members).toEqual([{ value: a }]);
});

test("each operation is answered for itself: what fails changes nothing, the rest is done", async () => {
  const id = await joined("ada");
  const { status, body } = await bulk([
    { method: "POST", path: "/Users", bulkId: "twin", data: ada({ userName: "ADA@acme.example" }) },
    { method: "PATCH", path: `/Users/${id}`, version: 'W/"stale"', data: patch({ op: "replace", path: "title", value: "Never" }) },
    { method: "PATCH", path: `/Users/${id}`, version: 'W/"1"', data: patch({ op: "replace", path: "title", value: "Boss" }) },
    { method: "PATCH", path: `/Users/${id}`, data: patch({ op: "replace", path: "active", value: "no" }) },
    { method: "PATCH", path: "/Users/bulkId:twin", data: off },
    { method: "PATCH", path: "/Users/bulkId:nobody", data: off },
    { method: "DELETE", path: "/Users/2819c223-7f76-453a-919d-413861904646" },
    { method: "POST", path: "/Groups", bulkId: "g", data: group("Team") },
  ]);
  expect(status).toBe(200);
  expect(body.Operations.map((operation: { status: string }) => operation.status)).toEqual(["409", "412", "200", "400", "409", "409", "404", "201"]);
  expect(body.Operations[0].response).toMatchObject({ schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"], scimType: "uniqueness", status: "409" });
  expect(body.Operations[0].location).toBeUndefined();
  expect((await house.scim("GET", `/Users/${id}`)).body).toMatchObject({ title: "Boss", active: true, meta: { version: 'W/"2"' } });
});

test.each([
  ["a whole collection", "DELETE", "/Users", undefined],
  ["a whole collection with a slash", "DELETE", "/Users/", undefined],
  ["somebody else's address", "DELETE", "https://evil.example/Users/2819c223-7f76-453a-919d-413861904646", undefined],
  ["a filter for an id", "DELETE", '/Users/x" or userName pr or id eq "x', undefined],
  ["an encoded id", "DELETE", "/Users/%32819c223-7f76-453a-919d-413861904646", undefined],
  ["discovery", "POST", "/Schemas", {}],
  ["Me", "DELETE", "/Me", undefined],
  ["Bulk in Bulk", "POST", "/Bulk", { schemas, Operations: [] }],
  ["a read", "GET", "/Users", undefined],
  ["a create without a bulkId", "POST", "/Users", person("ada")],
  ["a create at an id", "POST", "/Users/2819c223-7f76-453a-919d-413861904646", person("ada")],
  ["data that is missing", "PATCH", "/Users/2819c223-7f76-453a-919d-413861904646", undefined],
  ["data that is null", "PUT", "/Users/2819c223-7f76-453a-919d-413861904646", null],
])("%s is refused as an operation and touches nobody", async (_, method, path, data) => {
  const id = await joined("ada");
  const { status, body } = await bulk([{ method, path, data }, 7]);
  expect([status, ...body.Operations.map((operation: { status: string }) => operation.status)]).toEqual([200, expect.stringMatching(/^40[04]$/), "400"]);
  expect((await house.scim("GET", `/Users/${id}`)).body.active).toBe(true);
  expect((await house.scim("GET", "/Users")).body.totalResults).toBe(1);
});

test.each([
  ["another message", 400, { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"] }],
  ["no schemas", 400, { schemas: undefined }],
  ["Operations that are no list", 400, { Operations: { 0: {}, length: 1 } }],
  ["failOnErrors of 0", 400, { failOnErrors: 0 }],
  ["failOnErrors that is no number", 400, { failOnErrors: "1" }],
  ["a bulkId twice", 400, { Operations: [1, 2].map(() => ({ method: "POST", path: "/Users", bulkId: "x", data: person("bo") })) }],
  ["more operations than allowed", 413, { Operations: Array.from({ length: 1_001 }, () => ({ method: "DELETE", path: "/Users/ID" })) }],
])("%s refuses the whole request, and nothing is carried out", async (_, expected, envelope) => {
  const id = await joined("ada");
  const Operations = (envelope as { Operations?: unknown }).Operations ?? [{ method: "DELETE", path: `/Users/${id}` }];
  const text = JSON.parse(JSON.stringify({ schemas, Operations, ...envelope }).replaceAll("/Users/ID", `/Users/${id}`));
  const answer = await house.scim("POST", "/Bulk", text);
  expect([answer.status, answer.body.status]).toEqual([expected, String(expected)]);
  expect((await house.scim("GET", `/Users/${id}`)).status).toBe(200);
});

test("what has no text of its own is an error of its operation, and the others are done", async () => {
  const id = await joined("ada");
  const odd = { toString: "", valueOf: null };
  const { status, body } = await bulk([
    { method: "PUT", path: `/Users/${id}`, data: { ...person("ada"), active: odd } },
    { method: "PATCH", path: `/Users/${id}`, data: patch({ op: odd, path: odd, value: odd }) },
    { method: "POST", path: "/Users", bulkId: "bo", data: person("bo") },
  ]);
  expect([status, body.Operations.map(({ status: its }: { status: string }) => its)]).toEqual([200, ["400", "400", "201"]]);
});

test("failOnErrors stops after so many failures; what was not tried is not answered", async () => {
  const bad = (n: number) => ({ method: "POST", path: "/Users", bulkId: `bad${n}`, data: { userName: 7 } });
  const { body } = await bulk([bad(1), { method: "POST", path: "/Users", bulkId: "good", data: person("ada") }, bad(2), { method: "POST", path: "/Users", bulkId: "late", data: person("bo") }], { failOnErrors: 2 });
  expect(body.Operations.map(({ bulkId, status }: Record<string, string>) => [bulkId, status])).toEqual([["bad1", "400"], ["good", "201"], ["bad2", "400"]]);
  expect((await house.scim("GET", "/Users")).body.totalResults).toBe(1);
});

test("denials reach the vendor before everything else; what concerns the same person keeps its order", async () => {
  const [a, b, c] = [await joined("ada"), await joined("bo"), await joined("cy")];
  const before = house.vendor.journal().length;
  const [adaAt, boAt, cyAt] = ["ada", "bo", "cy"].map((name) => house.vendor.state().users.find(({ email }) => email === `${name}@acme.example`)?.id);
  await bulk([
    { method: "PATCH", path: `/Users/${a}`, data: patch({ op: "replace", path: "name.familyName", value: "King" }) },
    { method: "PATCH", path: `/Users/${b}`, data: patch({ op: "Replace", value: { active: "False" } }) },
    { method: "PATCH", path: `/Users/${a}`, data: off },
    { method: "DELETE", path: `/Users/${c}` },
  ]);
  const writes = house.vendor.journal().slice(before).filter(({ method }) => method === "PATCH").map(({ path }) => path.split("/").at(-1));
  expect(writes).toEqual([boAt, cyAt, adaAt, adaAt]);
  expect([isEnabled("ada"), isEnabled("bo"), isEnabled("cy")]).toEqual([false, false, undefined]);
});

test("all operations share one deadline: the rest is accepted and done by the worker", async () => {
  await house.stop();
  house = await openWithVendor({ delivery: { deadline: "400ms", settle: "3s" }, vendor: { timeout: "1s" } });
  house.vendor.addFault({ kind: "delay", ms: 150, match: { times: "always" } });
  const { body } = await bulk(Array.from({ length: 8 }, (_, n) => ({ method: "POST", path: "/Users", bulkId: `p${n}`, data: person(`p${n}`) })));
  expect(body.Operations.map((operation: { status: string }) => operation.status)).toEqual(Array.from({ length: 8 }, () => "201"));
  const made = () => house.vendor.state().users.filter(({ email }) => /^p\d@/.test(email)).length;
  expect(made()).toBeLessThan(8);
  await house.vendor.clearFaults();
  await eventually(() => made() === 8);
});

test("a connection that does not take Bulk says 501, and so does its ServiceProviderConfig", async () => {
  expect((await house.scim("GET", "/ServiceProviderConfig")).body.bulk).toEqual({ supported: true, maxOperations: 1_000, maxPayloadSize: 8 * 1024 * 1024 });
  await house.stop();
  house = await openWithVendor({ bulk: false, limits: { operations: 50 } });
  expect((await house.scim("GET", "/ServiceProviderConfig")).body.bulk).toMatchObject({ supported: false, maxOperations: 50 });
  expect((await bulk([])).status).toBe(501);
});

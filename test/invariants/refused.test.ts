/**
 * I10: a push that is refused changes nothing: every table is as before, and the vendor was not written to. Only what the vendor
 * itself refuses leaves a trace, in the journal.
 *
 * @module
 */
import SqliteFile from "better-sqlite3";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { ada, openTestHouse, patch, type TestHouse } from "../support/house.ts";

let folder: string;
let vendor: Awaited<ReturnType<typeof startPeopleLens>>;
let house: TestHouse;
let file: SqliteFile.Database;
let [id, group, boId] = ["", "", ""];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "drawbridge-refused-"));
  vendor = await startPeopleLens();
  house = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, store: `file:${join(folder, "refused.db")}`, connection: { domains: ["acme.example"] } });
  file = new SqliteFile(join(folder, "refused.db"), { readonly: true });
  id = String((await house.scim("POST", "/Users", ada({ title: "Countess", roles: [{ value: "Everyone" }], emails: [{ value: "ada@acme.example", type: "work", primary: true }] }))).body.id);
  boId = String((await house.scim("POST", "/Users", ada({ userName: "bo@acme.example", externalId: "bo" }))).body.id);
  group = String((await house.scim("POST", "/Groups", { displayName: "Admins", members: [{ value: id }] })).body.id);
  await house.scim("POST", "/Groups", { displayName: "Team" });
  vendor.seed({ users: [{ email: "boss@acme.example", first_name: "Bo", last_name: "Ss", role: "Admin" }] });
  await new Promise((resolve) => setTimeout(resolve, 300)); // which creates were answered is written down a moment later
});
afterAll(async () => {
  file.close();
  await house.stop();
  await vendor.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Every row of every table, but for when a token was last used. */
const dump = (without: readonly string[] = []) =>
  Object.fromEntries(
    file.prepare<[], { name: string }>("select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name").all()
      .filter(({ name }) => name !== "tokens" && !without.includes(name))
      .map(({ name }) => [name, file.prepare(`select * from "${name}"`).all()]),
  );
const writes = () => vendor.journal().filter(({ method }) => method !== "GET").length;

type Refused = readonly [what: string, request: () => readonly [method: string, path: string, body?: unknown, headers?: Record<string, string>]];
const many = (count: number) => Array.from({ length: count }, () => ({ op: "replace", path: "title", value: "x" }));
const good = { op: "replace", path: "title", value: "Analyst" };
const user = (more: object) => ["PATCH", `/Users/${id}`, patch(...[more].flat())] as const;
const nested = (depth: number): object => (depth === 0 ? {} : { in: nested(depth - 1) });

const byUs: readonly Refused[] = [
  ["a create without a userName", () => ["POST", "/Users", { name: { givenName: "A" } }]],
  ["a create of a taken userName", () => ["POST", "/Users", ada({ userName: "ADA@acme.example", externalId: "x" })]],
  ["a create of a taken address", () => ["POST", "/Users", ada({ userName: "somebody", externalId: "x", emails: [{ value: "ada@acme.example", type: "work" }] })]],
  ["a create in a foreign domain", () => ["POST", "/Users", ada({ userName: "ada@evil.example", externalId: "x" })]],
  ["a create with two addresses in one", () => ["POST", "/Users", ada({ userName: "new@acme.example,ada@acme.example" })]],
  ["a create with a list that is no list", () => ["POST", "/Users", ada({ userName: "n@acme.example", emails: "n@acme.example" })]],
  ["a create that is a list", () => ["POST", "/Users", [ada()]]],
  ["a create of the taken name of a group", () => ["POST", "/Groups", { displayName: "ADMINS" }]],
  ["a group without a name", () => ["POST", "/Groups", { members: [{ value: id }] }]],
  ["a good change and a bad one behind it", () => user([good, { op: "replace", path: "active", value: "perhaps" }] as never)],
  ["a good change, a denial, and nonsense behind them", () => user([good, { op: "replace", path: "active", value: false }, { op: "frobnicate", path: "title", value: "x" }] as never)],
  ["a path that no schema has", () => user({ op: "replace", path: "name..givenName", value: "x" })],
  ["remove without a path", () => user({ op: "remove" })],
  ["the id", () => user([good, { op: "replace", path: "id", value: boId }] as never)],
  ["the groups of a user", () => user({ op: "add", path: "groups", value: [{ value: group }] })],
  ["active removed", () => user({ op: "remove", path: "active" })],
  ["active emptied", () => user({ op: "replace", path: "active", value: "" })],
  ["a filter that matches nothing", () => user([good, { op: "remove", path: 'emails[type eq "other"].value' }, { op: "replace", path: 'emails[type ne "work"].value', value: "x@acme.example" }] as never)],
  ["somebody else's userName", () => user([good, { op: "replace", path: "userName", value: "bo@acme.example" }] as never)],
  ["an address that cannot change", () => user([good, { op: "replace", path: "userName", value: "ada.byron@acme.example" }] as never)],
  ["more operations than allowed", () => ["PATCH", `/Users/${id}`, patch(...many(1_001))]],
  ["no operations at all", () => ["PATCH", `/Users/${id}`, { Operations: "none" }]],
  ["a value nested too deep", () => user({ op: "replace", path: "title", value: nested(30) })],
  ["a control character", () => user({ op: "replace", path: "title", value: "a\u0000b" })],
  ["a stale version", () => ["PATCH", `/Users/${id}`, patch(good), { "If-Match": 'W/"99"' }]],
  ["a stale version of a denial", () => ["DELETE", `/Users/${id}`, undefined, { "If-Match": 'W/"99"' }]],
  ["PUT without a userName", () => ["PUT", `/Users/${id}`, { name: { givenName: "x" }, active: false }]],
  ["PUT on nobody", () => ["PUT", "/Users/00000000-0000-4000-8000-000000000000", ada({ userName: "n@acme.example" })]],
  ["PUT of a group under a user's id", () => ["PUT", `/Groups/${id}`, { displayName: "x" }]],
  ["a group's good change and a bad one behind it", () => ["PATCH", `/Groups/${group}`, patch({ op: "add", path: "members", value: [{ value: boId }] }, { op: "replace", path: "displayName", value: "" })]],
  ["a group renamed to a taken name", () => ["PATCH", `/Groups/${group}`, patch({ op: "remove", path: "members" }, { op: "replace", path: "displayName", value: "team" })]],
  ["a member without a value", () => ["PATCH", `/Groups/${group}`, patch({ op: "replace", path: "members", value: [{ display: "x" }] })]],
  ["members that are no list of objects", () => ["PUT", `/Groups/${group}`, { displayName: "Admins", members: ["x"] }]],
  ["a projection that is wrong", () => ["PATCH", `/Users/${id}?attributes=userName&excludedAttributes=title`, patch(good)]],
  ["a delete of nobody", () => ["DELETE", "/Users/00000000-0000-4000-8000-000000000000"]],
  ["an id in capitals", () => ["DELETE", `/Users/${id.toUpperCase()}`]],
  ["a method that is not allowed", () => ["DELETE", "/Users"]],
];

test.each(byUs)("%s", async (_, request) => {
  const before = [dump(), vendor.state(), writes()];
  const answer = await house.scim(...request());
  expect(answer.status, JSON.stringify(answer.body)).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect([dump(), vendor.state(), writes()]).toEqual(before);
});

describe("refused by the vendor", () => {
  const rows: readonly Refused[] = [
    ["a profile", () => user({ op: "replace", path: "name.givenName", value: "Augusta" })],
    ["a role", () => ["PATCH", `/Users/${boId}`, patch({ op: "replace", path: "roles", value: [{ value: "Admins" }] })]],
    ["a joiner", () => ["POST", "/Users", ada({ userName: "cy@acme.example", externalId: "cy" })]],
    ["a joiner whose address is a privileged one's", () => ["POST", "/Users", ada({ userName: "boss@acme.example", externalId: "boss" })]],
  ];
  test.each(rows)("%s: everything but the journal and the tasks is as before", async (what, request) => {
    const aside = ["journal", "tasks", "due", "resources"];
    const seen = async () => [dump(aside), (await house.scim("GET", "/Users")).body.Resources, vendor.state()];
    if (!what.includes("privileged")) vendor.addFault({ kind: "status", status: 422, body: { error: "no" }, match: { method: "POST" } }, { kind: "status", status: 422, body: { error: "no" }, match: { method: "PATCH" } });
    const before = await seen();
    const answer = await house.scim(...request());
    await vendor.clearFaults();
    expect([400, 409]).toContain(answer.status);
    expect(await seen()).toEqual(before);
    expect(await house.house.store.openWork("acme" as never, 10)).toEqual([]);
  });
});

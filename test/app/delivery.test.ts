import { afterEach, describe, expect, test } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import { ada, eventually, openWithVendor, patch } from "../support/house.ts";

type Opened = Awaited<ReturnType<typeof openWithVendor>>;
let opened: Opened | undefined;
const open = async (connection?: Parameters<typeof openWithVendor>[0]) => (opened = await openWithVendor(connection));
afterEach(async () => {
  await opened?.stop();
  opened = undefined;
});

const acme = connectionId("acme");
const quick = { delivery: { deadline: "400ms", settle: "700ms" }, vendor: { timeout: "300ms" } };
interface VendorUser { readonly email: string; readonly is_enabled: boolean; readonly first_name: string; readonly role: string }
const users = ({ vendor }: Opened) => (vendor.state() as { users: VendorUser[] }).users;
const calls = ({ vendor }: Opened, from = 0) => vendor.journal().slice(from).map(({ method, path }) => `${method} ${path.split("?")[0]?.replace(/usr-[\w-]+/, ":id")}`);
const openWork = ({ house }: Opened) => house.store.openWork(acme, 100);

describe("a leaver, in every dialect, is switched off at the vendor", () => {
  const spellings = [
    { name: "Entra without the flag", push: patch({ op: "Replace", path: "active", value: "False" }) },
    { name: "Entra with the flag", push: patch({ op: "replace", path: "active", value: false }) },
    { name: "Okta", push: patch({ op: "replace", value: { active: false } }) },
    { name: "SailPoint", push: patch({ op: "add", value: { active: false } }) },
    { name: "no envelope", push: { Operations: [{ op: "REPLACE", path: "Active", value: "false" }] } },
    { name: "a URN path", push: patch({ op: "replace", path: "urn:ietf:params:scim:schemas:core:2.0:User:active", value: false }) },
    { name: "a null path", push: patch({ op: "replace", path: null, value: { active: "False" } }) },
    { name: "beside a new title", push: patch({ op: "replace", value: { title: "Alumna", active: false } }) },
  ];
  test.each(spellings)("$name", async ({ push }) => {
    const house = await open();
    const { body } = await house.scim("POST", "/Users", ada());
    const before = house.vendor.journal().length;
    const answer = await house.scim("PATCH", `/Users/${body.id}`, push);
    expect([answer.status, answer.body.active]).toEqual([200, false]);
    expect(calls(house, before)).toEqual(["PATCH /api/users/:id", "GET /api/users/:id"]);
    expect(house.vendor.journal()[before]?.body).toEqual({ is_enabled: false });
    expect(users(house)).toMatchObject([{ email: "ada@acme.example", is_enabled: false }]);
  });

  test("a PUT with active false, and with the word False", async () => {
    const house = await open();
    const { body } = await house.scim("POST", "/Users", ada());
    expect((await house.scim("PUT", `/Users/${body.id}`, ada({ active: "False" }))).body.active).toBe(false);
    expect(users(house)).toMatchObject([{ is_enabled: false }]);
  });
});

test("a push that changes nothing calls nobody and keeps the version", async () => {
  const house = await open();
  const { body } = await house.scim("POST", "/Users", ada());
  const before = house.vendor.journal().length;
  for (const push of [patch({ op: "replace", value: { active: true } }), patch({ op: "Replace", path: "name.givenName", value: "Ada" })]) {
    expect((await house.scim("PATCH", `/Users/${body.id}`, push)).body.meta).toEqual(body.meta);
  }
  expect((await house.scim("PUT", `/Users/${body.id}`, ada())).body.meta).toEqual(body.meta);
  expect(calls(house, before)).toEqual([]);
});

describe("when the vendor is down", () => {
  test("a deactivation is answered 200, is pending, and is done soon after the vendor's return", async () => {
    const house = await open(quick);
    const { body } = await house.scim("POST", "/Users", ada());
    await house.vendor.setSwitches({ down: "on" });
    const answer = await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "active", value: false }));
    expect([answer.status, answer.body.active]).toEqual([200, false]);
    expect(await openWork(house)).toMatchObject([{ resource: body.id, due: { lane: "deny" } }]);
    expect(users(house)).toMatchObject([{ is_enabled: true }]);
    await house.vendor.setSwitches({ down: "off" });
    await eventually(() => users(house)[0]?.is_enabled === false, 8_000);
    await eventually(async () => (await openWork(house)).length === 0);
  });

  test("a create is answered 201 and comes true later, once", async () => {
    const house = await open(quick);
    await house.vendor.setSwitches({ down: "on" });
    expect((await house.scim("POST", "/Users", ada())).status).toBe(201);
    await house.vendor.setSwitches({ down: "off" });
    await eventually(() => users(house).length === 1, 8_000);
    await eventually(async () => (await openWork(house)).length === 0);
    expect(users(house)).toHaveLength(1);
  });

  test("with onOutage reject a create is forgotten and a denial is kept", async () => {
    const house = await open({ delivery: { ...quick.delivery, onOutage: "reject" }, vendor: quick.vendor });
    const { body } = await house.scim("POST", "/Users", ada());
    await house.vendor.setSwitches({ down: "on" });
    const create = await house.scim("POST", "/Users", ada({ userName: "bo@acme.example", externalId: "ext-bo" }));
    expect([create.status, create.headers.get("retry-after")]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    expect((await house.scim("GET", '/Users?filter=userName%20eq%20"bo@acme.example"')).body.totalResults).toBe(0);
    const denial = await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "active", value: false }));
    expect(denial.status).toBe(503);
    await house.vendor.setSwitches({ down: "off" });
    await eventually(() => users(house)[0]?.is_enabled === false, 8_000);
  });

  test("off, on and off again before its return: only the last counts", async () => {
    const house = await open(quick);
    const { body } = await house.scim("POST", "/Users", ada());
    await house.vendor.setSwitches({ down: "on" });
    for (const value of [false, true, false]) await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "active", value }));
    await house.vendor.setSwitches({ down: "off" });
    await eventually(async () => (await openWork(house)).length === 0, 10_000);
    expect(users(house)).toMatchObject([{ is_enabled: false }]);
  });
});

describe("a deactivation whose look afterwards fails stays first in line until it is done", () => {
  const looks = [
    { name: "no answer", fault: { kind: "timeout" } },
    { name: "400", fault: { kind: "status", status: 400, body: { error: "no" } } },
    { name: "404, from the list as well", fault: { kind: "status", status: 404, body: { error: "no" } } },
  ] as const;
  test.each(looks)("$name", async ({ fault }) => {
    const house = await open(quick);
    const { body } = await house.scim("POST", "/Users", ada());
    house.vendor.addFault({ kind: "timeout", match: { method: "PATCH", times: 1 } }, { ...fault, match: { method: "GET", times: "always" } });
    const before = house.vendor.journal().length;
    await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "active", value: false }));
    await eventually(() => calls(house, before).filter((call) => call.startsWith("GET")).length >= 2, 8_000);
    expect(await openWork(house)).toMatchObject([{ resource: body.id, due: { lane: "deny" } }]);
    expect(await house.house.store.oldestDenialMs()).toBeTypeOf("number");
    await house.vendor.clearFaults();
    await eventually(() => users(house)[0]?.is_enabled === false, 8_000);
    await eventually(async () => (await openWork(house)).length === 0, 8_000);
  });
});

describe("nobody is created twice", () => {
  test("ten equal creates at once: one account, one id", async () => {
    const house = await open();
    const answers = await Promise.all(Array.from({ length: 10 }, () => house.scim("POST", "/Users", ada())));
    expect(new Set(answers.map(({ status }) => status))).toSatisfy((statuses: Set<number>) => [...statuses].every((status) => status === 201 || status === 409));
    expect(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id)).size).toBe(1);
    expect(users(house)).toHaveLength(1);
    expect(house.vendor.journal().filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  test.each(["resetAfter", "timeout", "garbage200"] as const)("a create whose answer is lost (%s): looked for after the settle time, not repeated", async (kind) => {
    const house = await open(quick);
    house.vendor.addFault({ kind, match: { method: "POST", times: 1 } } as never);
    const first = await house.scim("POST", "/Users", ada());
    expect(first.status).toBe(201);
    await eventually(async () => (await openWork(house)).length === 0, 15_000);
    expect(users(house)).toHaveLength(1);
    const posts = house.vendor.journal().filter(({ method }) => method === "POST").length;
    expect(posts).toBe(kind === "timeout" ? 2 : 1);
    expect((await house.scim("PATCH", `/Users/${first.body.id}`, patch({ op: "replace", path: "active", value: false }))).status).toBe(200);
    expect(users(house)).toMatchObject([{ is_enabled: false }]);
  });

  test("the same create again after its answer went out is a conflict; a person of that name under another id too", async () => {
    const house = await open();
    expect((await house.scim("POST", "/Users", ada())).status).toBe(201);
    expect((await house.scim("POST", "/Users", ada())).body).toMatchObject({ status: "409", scimType: "uniqueness" });
    expect((await house.scim("POST", "/Users", ada({ userName: "ADA@ACME.example", externalId: "other" }))).status).toBe(409);
  });

  test("a create that was answered pending and is then refused for good is failed and alarmed, not forgotten", async () => {
    const house = await open(quick);
    await house.vendor.setSwitches({ down: "on", seatLimit: "402" });
    expect((await house.scim("POST", "/Users", ada())).status).toBe(201);
    house.vendor.addFault({ kind: "status", status: 402, body: { error: "Seat limit reached" }, match: { method: "POST" } } as never);
    await house.vendor.setSwitches({ down: "off" });
    await eventually(async () => (await openWork(house))[0]?.due.dueAtMs === undefined && (await openWork(house)).length === 1, 10_000);
    const journal = await house.house.store.journal(acme, { limit: 100 });
    expect(journal.some(({ kind }) => kind === "alarm")).toBe(true);
  });
});

describe("when the vendor says no", () => {
  test("a revoked credential: the denial is 502, kept, and done once the credential works again", async () => {
    const house = await open(quick);
    const { body } = await house.scim("POST", "/Users", ada());
    house.vendor.addFault({ kind: "status", status: 401, body: { error: "revoked" }, match: {} } as never);
    const answer = await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "active", value: false }));
    expect([answer.status, answer.body.status]).toEqual([502, "502"]);
    await house.vendor.clearFaults();
    await eventually(() => users(house)[0]?.is_enabled === false, 8_000);
  });

  test("a refused profile is rolled back: state and version are as before", async () => {
    const house = await open();
    const { body } = await house.scim("POST", "/Users", ada());
    house.vendor.addFault({ kind: "status", status: 422, body: { error: "first_name is not acceptable" }, match: { method: "PATCH", times: 1 } } as never);
    const answer = await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "name.givenName", value: "X" }));
    expect([answer.status, answer.body.scimType]).toEqual([400, "invalidValue"]);
    expect((await house.scim("GET", `/Users/${body.id}`)).body).toEqual(body);
    expect(await openWork(house)).toEqual([]);
  });

  test("a leaver whose account was removed there is done, after the tenant was listed", async () => {
    const house = await open();
    const { body } = await house.scim("POST", "/Users", ada());
    await house.vendor.reset();
    const answer = await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "active", value: false }));
    expect(answer.status).toBe(200);
    expect(calls(house).at(-1)).toBe("GET /api/users");
  });

  test("a mover whose account was removed there is a conflict with a task, and nobody is created", async () => {
    const house = await open();
    const { body } = await house.scim("POST", "/Users", ada());
    await house.vendor.reset();
    const answer = await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "name.givenName", value: "Augusta" }));
    expect(answer.status).toBe(409);
    expect(users(house)).toEqual([]);
    expect(await house.house.store.tasks(acme, { open: true })).toMatchObject([{ title: "The account was removed in PeopleLens AI" }]);
  });
});

test("a joiner without an address waits with a task, and is created when it comes", async () => {
  const house = await open();
  const { status, body } = await house.scim("POST", "/Users", { userName: "ada", name: { givenName: "Ada", familyName: "Lovelace" } });
  expect(status).toBe(201);
  expect(users(house)).toEqual([]);
  expect(await house.house.store.tasks(acme, { open: true })).toMatchObject([{ title: "PeopleLens AI needs an e-mail address" }]);
  await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "add", path: 'emails[type eq "work"].value', value: "ada@acme.example" }));
  expect(users(house)).toMatchObject([{ email: "ada@acme.example" }]);
});

test("deleted in the IdP: gone here at once, its name free; at the vendor access goes, then the account", async () => {
  const house = await open();
  const { body } = await house.scim("POST", "/Users", ada());
  const before = house.vendor.journal().length;
  expect((await house.scim("DELETE", `/Users/${body.id}`)).status).toBe(204);
  expect(calls(house, before)).toEqual(["PATCH /api/users/:id", "GET /api/users/:id", "DELETE /api/users/:id", "GET /api/users/:id"]);
  expect((await house.scim("GET", `/Users/${body.id}`)).status).toBe(404);
  expect((await house.scim("DELETE", `/Users/${body.id}`)).status).toBe(404);
  const again = await house.scim("POST", "/Users", ada());
  expect([again.status, again.body.id === body.id]).toEqual([201, false]);
  expect(await house.house.store.firstBrokenRow(acme)).toBeUndefined();
});

test("every vendor write has an earlier intent and a later outcome in the journal", async () => {
  // Nothing privileged: the last administrator is kept by a rail, and this is about the journal.
  const house = await open({ roles: { map: [{ idp: "Admins", vendor: "Admin" }, { idp: "Everyone", vendor: "User" }], fallback: "User" } });
  const { body } = await house.scim("POST", "/Users", ada({ roles: [{ value: "Everyone" }], password: "canary-4711" }));
  await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", value: { "name.givenName": "Augusta", roles: [{ value: "Admins" }] } }));
  await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "active", value: false }));
  const rows = await house.house.store.journal(acme, { limit: 1000 });
  const intents = rows.filter(({ kind }) => kind === "intent").flatMap(({ seq, data }) => (data as { operations: { kind: string }[] }).operations.map(({ kind }) => ({ seq, kind })));
  const outcomes = rows.filter(({ kind }) => kind === "outcome").map(({ seq, data }) => ({ seq, ...(data as { operation: string; result: string; calls: { method: string }[] }) }));
  expect(intents.map(({ kind }) => kind)).toEqual(["create", "updateProfile", "setRole", "deactivate"]);
  expect(outcomes.map(({ operation, result }) => `${operation} ${result}`)).toEqual(["create done", "updateProfile done", "setRole done", "deactivate done"]);
  for (const [at, outcome] of outcomes.entries()) expect(intents[at]?.seq).toBeLessThan(outcome.seq);
  const writes = house.vendor.journal().filter(({ method }) => method !== "GET").length;
  expect(outcomes.flatMap(({ calls: made }) => made).filter(({ method }) => method !== "GET")).toHaveLength(writes);
  expect(JSON.stringify(rows)).not.toContain("canary-4711");
  expect(JSON.stringify(rows).match(/"password":"(.*?)"/g)).toEqual(['"password":"[secret]"']);
});

test("a privileged role is given now or not at all: 503 while the vendor is away, and nothing is queued", async () => {
  const house = await open(quick);
  const { body } = await house.scim("POST", "/Users", ada());
  await house.vendor.setSwitches({ down: "on" });
  const answer = await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "add", path: "roles", value: [{ value: "Admins" }] }));
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "30"]);
  expect((await house.scim("GET", `/Users/${body.id}`)).body).toEqual(body);
  await house.vendor.setSwitches({ down: "off" });
  await eventually(async () => (await openWork(house)).length === 0);
  expect(users(house)).toMatchObject([{ role: "User" }]);
});

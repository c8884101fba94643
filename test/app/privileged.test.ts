/**
 * A privileged role is given at once or not at all: never queued, never hours later, never by coming back, never by adoption.
 *
 * @module
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { ada, eventually, openTestHouse, patch, type TestHouse } from "../support/house.ts";
import { engines, type TestPlace } from "../support/stores.ts";

const acme = connectionId("acme");
const sqlite = engines.find(({ name }) => name === "sqlite")!;
let place: TestPlace;
let house: TestHouse & { readonly vendor: Awaited<ReturnType<typeof startPeopleLens>> };
beforeEach(async () => {
  place = await sqlite.place();
  const vendor = await startPeopleLens();
  house = { ...(await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, store: place.url, connection: { delivery: { deadline: "500ms", settle: "700ms" }, vendor: { timeout: "300ms" } } })), vendor };
});
afterEach(async () => {
  await house.stop();
  await house.vendor.stop();
  await place.remove();
});
/** As if all that is open had been asked for two minutes earlier. */
const longAgo = () => place.query("update due set since_ms = since_ms - 120000, grant_since_ms = grant_since_ms - 120000");

const email = "ada@acme.example";
const account = () => house.vendor.state().users.find((user) => user.email === email);
const join = async (more: object = {}) => (await house.scim("POST", "/Users", ada(more))).body.id as string;
const admin = { roles: [{ value: "Admins" }] };
const promote = patch({ op: "replace", path: "roles", value: [{ value: "Admins" }] });
const away = () => house.vendor.setSwitches({ down: "on" });
const back = () => house.vendor.setSwitches({ down: "off" });
const alarms = async () => (await house.house.store.journal(acme, { limit: 1_000 })).filter(({ kind }) => kind === "alarm").map(({ data }) => (data as { text: string }).text);
const idle = () => eventually(async () => (await house.house.store.openWork(acme, 10)).every(({ due }) => due.dueAtMs === undefined));
/** Long enough for a worker that would have done it: somebody else's work is carried out meanwhile. */
async function afterwards(): Promise<void> {
  await idle();
  await house.scim("POST", "/Users", ada({ userName: "other@acme.example", externalId: "other" }));
  await eventually(() => house.vendor.state().users.some((user) => user.email === "other@acme.example" && user.is_enabled));
}

test("to a joiner it is given after the account, by a call of its own", async () => {
  await join(admin);
  expect(account()?.role).toBe("Admin");
  const writes = house.vendor.journal().filter(({ method }) => method !== "GET").map(({ method, body }) => `${method} ${JSON.stringify((body as { role?: string }).role)}`);
  expect(writes).toEqual(['POST "User"', 'PATCH "Admin"']);
});

test("while the vendor is away, and not known to be: 503, and nothing is kept", async () => {
  const id = await join();
  await away();
  expect((await house.scim("PATCH", `/Users/${id}`, promote)).status).toBe(503);
  expect((await house.scim("GET", `/Users/${id}`)).body.roles).toBeUndefined();
  await back();
  await afterwards();
  expect(account()?.role).toBe("User");
  expect((await house.scim("PATCH", `/Users/${id}`, promote)).status).toBe(200);
  expect(account()?.role).toBe("Admin");
});

test("while the vendor is known to be away: 503 too", async () => {
  const id = await join();
  const others = await Promise.all(Array.from({ length: 8 }, (_, n) => join({ userName: `p${n}@acme.example`, externalId: `p${n}` })));
  await away();
  for (const other of others) await house.scim("PATCH", `/Users/${other}`, patch({ op: "replace", path: "name.givenName", value: "Changed" }));
  await eventually(async () => ((await (await fetch(house.base.replace(/\/scim.*/, "/readyz"))).json()) as { detail: { vendorsDown: string[] } }).detail.vendorsDown.includes("acme"));
  expect((await house.scim("PATCH", `/Users/${id}`, promote)).status).toBe(503);
  await back();
  await eventually(() => house.vendor.state().users.every(({ first_name, email: its }) => its === email || first_name === "Changed"), 15_000);
  expect(account()?.role).toBe("User");
}, 30_000);

test("to a joiner who waited for the vendor it is not given with the account; that is alarmed, and a push gives it", async () => {
  await away();
  const { status, body } = await house.scim("POST", "/Users", ada(admin));
  expect(status).toBe(201);
  await longAgo();
  await back();
  await eventually(() => account() !== undefined, 15_000);
  await afterwards();
  expect(account()?.role).toBe("User");
  expect(await alarms()).toEqual([expect.stringContaining("is not given later: push it again.")]);
  expect((await house.scim("PATCH", `/Users/${body.id as string}`, promote)).status).toBe(200);
  expect(account()?.role).toBe("Admin");
}, 30_000);

test("through a group: the membership is kept, the role is not given when the vendor returns, and a push gives it", async () => {
  const id = await join();
  const { body } = await house.scim("POST", "/Groups", { displayName: "Admins" });
  await away();
  await house.scim("PATCH", `/Groups/${body.id}`, patch({ op: "add", path: "members", value: [{ value: id }] }));
  await idle();
  expect(await alarms()).toEqual([expect.stringContaining("push it again")]);
  await back();
  await afterwards();
  expect(account()?.role).toBe("User");
  expect((await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: true }))).status).toBe(200);
  expect(account()?.role).toBe("Admin");
});

test("together with a return that must wait: the return comes, the role does not", async () => {
  const id = await join();
  await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false }));
  await away();
  expect((await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", value: { active: true, roles: [{ value: "Admins" }] } }))).status).toBe(200);
  await longAgo();
  await back();
  await eventually(() => account()?.is_enabled === true, 15_000);
  await afterwards();
  expect(account()?.role).toBe("User");
  expect(await alarms()).toHaveLength(1);
}, 30_000);

test("who was one and comes back gets the default role", async () => {
  await join({ userName: "root@acme.example", externalId: "root", ...admin });
  const id = await join(admin);
  await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false }));
  expect((await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: true }))).status).toBe(200);
  expect(account()).toMatchObject({ is_enabled: true, role: "User" });
});

test("refused while a newer push has been made on top of it: it cannot be taken back from under that one, and the answer says so", async () => {
  const id = await join();
  house.vendor.addFault({ kind: "timeout", match: { method: "PATCH", times: 1 } });
  const refused = house.scim("PATCH", `/Users/${id}`, promote);
  await eventually(() => house.vendor.journal().some(({ method }) => method === "PATCH"));
  house.vendor.addFault({ kind: "status", status: 401, body: { error: "key" }, match: { times: 2 } });
  await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "title", value: "Countess" }));
  const { status, body } = await refused;
  expect([status, body.detail]).toEqual([503, expect.stringMatching(/^The role is kept as wanted, but it was not given/)]);
  expect((await house.scim("GET", `/Users/${id}`)).body.roles).toMatchObject(admin.roles);
});

test("waits behind a change of name that cannot be made now: 503, and neither is kept", async () => {
  const id = await join();
  await away();
  expect((await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "roles", value: [{ value: "Admins" }] }, { op: "replace", path: "name.givenName", value: "Augusta" }))).status).toBe(503);
  const { body } = await house.scim("GET", `/Users/${id}`);
  expect([body.roles, body.name.givenName]).toEqual([undefined, "Ada"]);
});

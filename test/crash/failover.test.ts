/**
 * PostgreSQL fails over to a standby. Where that was behind, acknowledged commits are gone, and the database cannot know it.
 *
 * @module
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { connectionId } from "../../src/model/ids.ts";
import { ada, eventually, openTestHouse, patch, type TestHouse, token } from "../support/house.ts";
import { type Pair, startPair } from "../support/standby.ts";

const acme = connectionId("acme");
const off = patch({ op: "replace", path: "active", value: false });
const quick = { delivery: { deadline: "400ms", settle: "700ms" }, vendor: { timeout: "300ms" } };

let pair: Pair;
let vendor: Awaited<ReturnType<typeof startPeopleLens>>;
let house: TestHouse;
let other: (method: string, path: string, body?: unknown) => ReturnType<TestHouse["scim"]>;
const join = async (name: string) => String((await house.scim("POST", "/Users", ada({ userName: `${name}@acme.example`, externalId: name }))).body.id);
const isOn = (name: string) => vendor.state().users.find(({ email }) => email === `${name}@acme.example`)?.is_enabled;

beforeEach(async () => {
  pair = await startPair();
  vendor = await startPeopleLens();
  const neighbour = { connector: "peoplelens", auth: { bearer: [{ name: "test", token: `${token}-2` }] }, settings: { baseUrl: vendor.url, apiKey: vendor.apiKey }, ...quick };
  house = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, store: pair.url, connection: quick, others: { neighbour } });
  other = async (method, path, body) => {
    const answer = await fetch(house.base.replace("/acme/", "/neighbour/") + path, { method, headers: { authorization: `Bearer ${token}-2`, "content-type": "application/scim+json" }, ...(body !== undefined && { body: JSON.stringify(body) }) });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
}, 120_000);
afterEach(async () => {
  await house.stop();
  await vendor.stop();
  await pair.stop();
});

test("to one that has everything: 503 until it is promoted, then all goes on, what was owned included", async () => {
  const [ann, bo] = [await join("ann"), await join("bo")];
  await vendor.setSwitches({ down: "on" });
  expect((await house.scim("PATCH", `/Users/${ann}`, off)).status).toBe(200);
  await pair.caughtUp();
  await pair.killPrimary();
  // The standby could be read, and is behind by nature: whoever asks is told to come again, and nobody that somebody is not there.
  for (const [method, path, body] of [["GET", `/Users/${bo}`], ["GET", "/Users"], ["PATCH", `/Users/${bo}`, off]] as const) {
    const { status, headers } = await house.scim(method, path, body);
    expect([status, headers.has("retry-after")]).toEqual([503, true]);
  }
  await expect(openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, store: pair.standbyUrl })).rejects.toThrow(/read-only, as a standby is/);
  await pair.promote();
  await vendor.setSwitches({ down: "off" });
  await eventually(async () => (await house.scim("PATCH", `/Users/${bo}`, off)).status === 200, 20_000);
  await eventually(() => isOn("ann") === false && isOn("bo") === false, 30_000);
  expect((await house.house.store.mode(acme)).frozen).toBe(false);
  expect(await house.house.store.firstBrokenRow(acme)).toBeUndefined();
}, 120_000);

test("to one that was behind: the connection whose acknowledged pushes are lost freezes and says so, nothing is given back, and the neighbour goes on", async () => {
  const [ann, bo] = [await join("ann"), await join("bo")];
  const { body } = await other("POST", "/Users", ada({ userName: "cy@acme.example", externalId: "cy" }));
  await house.scim("PATCH", `/Users/${ann}`, off);
  await pair.caughtUp();
  await pair.cutOff();
  expect((await house.scim("PATCH", `/Users/${bo}`, off)).status).toBe(200);
  expect([isOn("ann"), isOn("bo")]).toEqual([false, false]);
  await pair.killPrimary();
  await pair.promote();

  const answer = await eventually(async () => {
    const told = await house.scim("PATCH", `/Users/${ann}`, patch({ op: "replace", path: "title", value: "Countess" }));
    return String(told.body?.detail).includes("frozen") && told;
  }, 20_000);
  expect([answer.status, answer.body.detail]).toEqual([503, expect.stringContaining("has lost its latest commits")]);
  expect((await house.scim("GET", `/Users/${bo}`)).body.active).toBe(true); // that is what was lost
  expect([isOn("ann"), isOn("bo")]).toEqual([false, false]);
  expect((await other("PATCH", `/Users/${body.id}`, off)).status).toBe(200);
  const rows = await house.house.store.journal(acme, { limit: 100 });
  expect(rows.at(-1)).toMatchObject({ kind: "alarm", data: { alarm: "connection.frozen", severity: "page" } });

  // The IdP sends everybody again.
  await house.house.store.unfreeze(acme, { by: "kim", reason: "the IdP sends everybody again" });
  expect((await house.scim("PATCH", `/Users/${bo}`, off)).status).toBe(200);
  expect((await house.scim("GET", `/Users/${bo}`)).body.active).toBe(false);
  expect([isOn("ann"), isOn("bo")]).toEqual([false, false]);
}, 120_000);

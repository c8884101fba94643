/**
 * Two processes' worth of delivery on one PostgreSQL, in front of one vendor.
 *
 * @module
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { eventually } from "../support/house.ts";
import { engines, type TestPlace } from "../support/stores.ts";
import { keep } from "../store/people.ts";
import { type FastVendor, fastVendor, uncertain, unreachable } from "./support/fast-vendor.ts";
import { linked, openWorks, type TestWorks } from "./support/works.ts";

const acme = connectionId("acme");
const postgres = engines.find(({ name }) => name === "postgres");
if (!postgres) throw new Error("no PostgreSQL to test on");

let place: TestPlace;
let stores: Store[];
let vendor: FastVendor;
let works: TestWorks[];

beforeEach(async () => {
  place = await postgres.place();
  stores = [await openStore({ url: place.url, clock: systemClock }), await openStore({ url: place.url, clock: systemClock })];
  vendor = fastVendor(systemClock);
  vendor.latencyMs = 20;
  works = [];
});
afterEach(async () => {
  await Promise.all(works.map(({ stop }) => stop()));
  for (const store of stores) await store.close();
  await place.remove();
});

const limits = { requestsPerSecond: 30, burst: 10 };
const start = async () => {
  for (const [n, store] of stores.entries()) works.push(await openWorks({ store, clock: systemClock, places: [{ connection: "acme", connector: vendor.connector, limits }], owner: `replica ${n}`, shared: true }));
};
async function people(count: number, kind: "mover" | "leaver"): Promise<void> {
  for (let n = 0; n < count; n++) {
    const account = `${kind}${n}`;
    vendor.accounts.set(account, { id: account as never, kind: "account", email: `${account}@acme.example`, active: true, role: "User" as never, profile: { displayName: account } });
    await linked(stores[0]!, "acme", account, kind === "mover" ? { wanted: { displayName: "New" }, due: { lane: "profile", lease: undefined } } : { wanted: { active: false }, due: { lane: "deny", lease: undefined } });
  }
}

test("everybody is handled once and by one at a time, and both together keep to the budget", async () => {
  await people(80, "mover");
  const beganMs = Date.now();
  await start();
  await eventually(() => [...vendor.accounts.values()].every(({ profile }) => profile["displayName"] === "New"), 15_000);
  await eventually(async () => (await stores[0]!.openWork(acme, 10)).length === 0);
  expect(vendor.journal.filter(({ call }) => call === "updateProfile")).toHaveLength(80);
  vendor.journal.toSorted((a, b) => a.startedMs - b.startedMs).forEach(({ startedMs }, n) => expect(n + 1).toBeLessThanOrEqual(limits.burst + Math.ceil(((startedMs - beganMs + 50) / 1_000) * limits.requestsPerSecond)));
  const rows = await stores[1]!.journal(acme, { limit: 1_000 });
  expect(rows.filter(({ kind }) => kind === "outcome")).toHaveLength(80);
  expect(await stores[0]!.firstBrokenRow(acme)).toBeUndefined();
}, 40_000);

test("an outage that one has found out is the other's too, one probe in five seconds is made by both together, and denials come first afterwards", async () => {
  await people(12, "leaver");
  vendor.fails = (call) => (call === "control" ? unreachable : uncertain);
  await start();
  await eventually(() => works.every(({ works: { outages } }) => outages.isDown(acme)), 10_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const from = vendor.journal.length;
  const downMs = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 6_500));
  const during = vendor.journal.slice(from).map(({ call }) => call);
  expect(during.length).toBeLessThanOrEqual(Math.ceil((Date.now() - downMs) / 5_000));
  expect(new Set(during)).toEqual(new Set(["control"]));

  vendor.fails = () => undefined;
  await eventually(() => [...vendor.accounts.values()].every(({ active }) => active === false), 12_000);
  expect(await stores[0]!.outages()).toEqual([]);
  await eventually(() => works.every(({ works: { outages } }) => !outages.isDown(acme)), 5_000);
}, 60_000);

test("a leaver overtakes what both have before them", async () => {
  await people(150, "mover");
  await people(1, "leaver");
  const { id, version } = (await stores[0]!.hold(acme, (await stores[0]!.linkedTo(acme, "leaver0" as never))!))!;
  await start();
  await eventually(() => vendor.journal.some(({ call }) => call === "updateProfile"));
  await eventually(() => vendor.accounts.get("leaver0")?.active === false);
  const at = vendor.journal.findIndex(({ call }) => call === "deactivate");
  // The exact figure is shown in virtual time (overtaking.test.ts); here the databases' own time passes between its commit and its call.
  expect(at).toBeLessThan(50);
  const again = await keep(stores[1]!, { userName: "leaver0@acme.example", active: true, displayName: "leaver0" }, { connection: acme, id, readAt: version, due: { lane: "grant", lease: undefined } });
  expect(again.version).toBe(version + 1);
  await eventually(() => vendor.accounts.get("leaver0")?.active === true, 5_000);
}, 40_000);

/**
 * A vendor that is dead for a while, in virtual time: how often it is called, and what happens when it is back.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectionId, type ResourceId } from "../../src/model/ids.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { temporaryFolder } from "../support/postgres.ts";
import { keep } from "../store/people.ts";
import { fillBacklog } from "./support/backlog.ts";
import { type FastVendor, fastVendor, uncertain, unreachable } from "./support/fast-vendor.ts";
import { type VirtualClock, virtualClock } from "./support/virtual-clock.ts";
import { ended, inTheMoment, linked, openWorks, type TestWorks } from "./support/works.ts";

const backlog = 100_000;
const acme = connectionId("acme");
const minuteMs = 60_000;
const isRead = (call: string) => call === "control" || call === "get" || call === "find";

let folder: ReturnType<typeof temporaryFolder>;
let clock: VirtualClock;
let raw: Store;
let store: Store;
let vendor: FastVendor;
let neighbour: FastVendor;
let works: TestWorks;

const add = (at: FastVendor, account: string) => void at.accounts.set(account, { id: account as never, kind: "account", email: `${account}@acme.example`, active: true, role: "User" as never, profile: { displayName: account } });
const start = async () =>
  void (works = await openWorks({
    store, clock,
    places: [
      { connection: "acme", connector: vendor.connector, limits: { requestsPerSecond: 50, burst: 50 } },
      { connection: "neighbour", connector: neighbour.connector, limits: { requestsPerSecond: 5, burst: 5 } },
    ],
  }));
const silent = (call: string) => (isRead(call) ? unreachable : uncertain);

beforeEach(async () => {
  folder = temporaryFolder();
  const file = `${folder.path}/store.db`;
  clock = virtualClock();
  raw = await openStore({ url: `file:${file}`, clock });
  store = inTheMoment(raw, clock);
  [vendor, neighbour] = [fastVendor(clock), fastVendor(clock)];
  for (const [connection, at, count] of [["acme", vendor, backlog], ["neighbour", neighbour, 700]] as const) {
    add(at, "mover");
    await linked(raw, connection, "mover", { wanted: { displayName: "renamed" }, due: { lane: "profile", lease: undefined } });
    fillBacklog(file, connection, "mover", count, at);
  }
});
afterEach(async () => {
  await ended(works, clock);
  await raw.close();
  folder.remove();
});

/** The most calls that began in any minute from `fromMs` on. */
function mostInAMinute(at: FastVendor, fromMs: number): number {
  const starts = at.journal.map(({ startedMs }) => startedMs).filter((ms) => ms >= fromMs);
  return Math.max(0, ...starts.map((ms, n) => starts.slice(n).filter((later) => later < ms + minuteMs).length));
}

async function leavers(count: number): Promise<readonly ResourceId[]> {
  const ids: ResourceId[] = [];
  for (let n = 0; n < count; n++) {
    add(vendor, `leaver${n}`);
    ids.push((await linked(raw, "acme", `leaver${n}`, { wanted: { active: false }, due: { lane: "deny", lease: undefined } })).id);
  }
  return ids;
}

describe(`a dead vendor with ${backlog.toLocaleString("en")} operations before it`, () => {
  test.each([
    ["refuses connections", false],
    ["never answers", true],
  ])("that %s is probed no more than 12 times a minute, for an hour, also by requests; then all is done, denials first", async (_, hangs) => {
    await start();
    await clock.pass(2_000);
    if (hangs) vendor.hangs = () => true;
    else vendor.fails = silent;
    await clock.until(() => works.works.outages.isDown(acme), 60_000);
    await clock.pass(15_000); // what was on its way has ended
    const deadMs = clock.now();
    const denied = await leavers(20);
    for (let n = 0; n < 60; n++) {
      // An IdP that goes on pushing: each push converges inside its request.
      const account = `pushed${n}`;
      add(vendor, account);
      const { id } = await linked(store, "acme", account);
      const kept = await keep(store, { userName: `${account}@acme.example`, active: false, displayName: account }, { connection: acme, id, readAt: 1, due: { lane: "deny", lease: { owner: "request", forMs: 55_000 } } });
      const outcome = await works.converge({ lease: kept.lease!, held: (await store.hold(acme, id))!, abandoned: false, correlation: "c" as never });
      expect(outcome).toMatchObject({ kind: "pending", failure: { kind: "unreachable" } });
      await clock.pass(minuteMs);
    }
    const calls = vendor.journal.filter(({ startedMs }) => startedMs >= deadMs);
    expect(new Set(calls.map(({ call }) => call))).toEqual(new Set(["control"]));
    expect(mostInAMinute(vendor, deadMs)).toBeLessThanOrEqual(12);
    expect(calls.length).toBeGreaterThan(hangs ? 200 : 500); // nor is it forgotten

    vendor.hangs = () => false;
    vendor.fails = () => undefined;
    const backMs = clock.now();
    const isDenied = (account: string) => vendor.accounts.get(account)?.active === false;
    await clock.until(() => denied.every((_id, n) => isDenied(`leaver${n}`)) && isDenied("pushed0") && isDenied("pushed59"), 25_000);
    const after = vendor.journal.filter(({ startedMs, endedMs, call }) => startedMs >= backMs && endedMs !== undefined && call !== "control").map(({ call }) => call);
    expect(after.slice(0, 80).filter((call) => call === "deactivate")).toHaveLength(80);
    await clock.pass(10_000);
    expect(vendor.journal.filter(({ call, startedMs }) => call === "updateProfile" && startedMs >= backMs).length).toBeGreaterThan(200);
  }, 120_000);

  test("does not slow down its neighbour", async () => {
    await start();
    vendor.hangs = () => true;
    await clock.pass(120_000);
    expect(neighbour.journal.length).toBeGreaterThanOrEqual(0.95 * 5 * 120);
  });

  test("is not stormed after a restart: the outage is a row", async () => {
    await start();
    vendor.fails = silent;
    await clock.until(() => works.works.outages.isDown(acme), 60_000);
    await clock.pass(1_000);
    await ended(works, clock);
    for (let n = 0; n < 5; n++) {
      const startMs = clock.now();
      await start();
      await store.wake(acme);
      works.nudge();
      await clock.pass(10_000);
      expect(vendor.journal.filter(({ startedMs, call }) => startedMs >= startMs && call !== "control")).toEqual([]);
      if (n < 4) await ended(works, clock);
      expect(mostInAMinute(vendor, startMs)).toBeLessThanOrEqual(12);
    }
  });
});

test("a vendor that answers reads and nothing else is tried with one operation at a time", async () => {
  await start();
  vendor.fails = (call) => (isRead(call) ? undefined : uncertain);
  await clock.until(() => works.works.outages.isDown(acme), 60_000);
  await clock.pass(5_000);
  const fromMs = clock.now();
  await clock.pass(5 * minuteMs);
  const writes = vendor.journal.filter(({ startedMs, call }) => startedMs >= fromMs && !isRead(call));
  expect(writes.length).toBeLessThanOrEqual(5 * 12);
  expect(writes.length).toBeGreaterThan(5 * 6);
});

/**
 * Calls that nobody knows the end of: of a holder that went away, of a request that was given up. In virtual time.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../../src/connectors/connector.ts";
import { connectionId, type ResourceId } from "../../src/model/ids.ts";
import type { Attributes } from "../../src/model/resource.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { NewDue, Store } from "../../src/store/store.ts";
import { noLink } from "../../src/delivery/run.ts";
import { keep, userKeys } from "../store/people.ts";
import { type FastVendor, fastVendor, uncertain, unreachable } from "./support/fast-vendor.ts";
import { type VirtualClock, virtualClock } from "./support/virtual-clock.ts";
import { ended, inTheMoment, linked, openWorks, type TestWorks } from "./support/works.ts";

const acme = connectionId("acme");
const settleMs = 30_000;

let clock: VirtualClock;
let raw: Store;
let store: Store;
let vendor: FastVendor;
let works: TestWorks | undefined;

beforeEach(async () => {
  clock = virtualClock();
  raw = await openStore({ url: "file::memory:", clock });
  store = inTheMoment(raw, clock);
  vendor = fastVendor(clock);
  works = undefined;
});
afterEach(async () => {
  if (works) await ended(works, clock);
  await raw.close();
});

const start = async () => (works = await openWorks({ store, clock, places: [{ connection: "acme", connector: vendor.connector }] }));
const account = (name: string, more: object = {}) => void vendor.accounts.set(name, { id: name as never, kind: "account", email: `${name}@acme.example`, active: true, role: "User" as never, profile: { displayName: name }, ...more });
const person = (name: string, more: Attributes = {}): Attributes => ({ userName: `${name}@acme.example`, active: true, displayName: name, ...more });
/** Somebody takes the lease, calls, and is never heard of again; a minute later the lease has run out. */
const lost: NewDue["lease"] = { owner: "gone", forMs: 55_000 };
const later = async (id: ResourceId, wanted: Attributes | undefined, readAt: number) => keep(store, wanted, { connection: acme, id, readAt, due: { lane: "deny", lease: undefined } });
const calls = (name: string) => vendor.journal.filter(({ call }) => call === name);
const dueOf = async (id: ResourceId) => (await store.hold(acme, id))?.due;

describe("whoever had the lease went away in the middle of a create", () => {
  /** It was marked before it was sent. */
  const creating = async () => {
    const kept = await keep(store, person("new"), { connection: acme, due: { lane: "grant", lease: lost } });
    await store.record(kept.lease!, { journal: [], link: { ...noLink, login: "new@acme.example", unknownAt: await store.now() }, due: { kind: "keep" } });
    return kept;
  };

  test.each<[string, Attributes | undefined]>([
    ["was deactivated meanwhile", person("new", { active: false })],
    ["was deleted meanwhile", undefined],
  ])("of somebody who %s: looked for after the settle time, and denied", async (_, wanted) => {
    const { id } = await creating();
    await later(id, wanted, 1);
    await clock.pass(60_000);
    await start();
    await clock.pass(10_000);
    account("late", { email: "new@acme.example" }); // the create comes through after all
    await clock.pass(settleMs);
    expect([vendor.accounts.get("late")?.active, calls("create"), await dueOf(id)]).toEqual([false, [], undefined]);
  });

  test("of somebody who is still wanted: found and linked, not made again", async () => {
    const { id } = await creating();
    await clock.pass(60_000);
    await start();
    await clock.pass(settleMs - 5_000);
    expect(vendor.journal).toEqual([]);
    account("late", { email: "new@acme.example" });
    await clock.pass(10_000);
    expect([vendor.accounts.size, (await store.hold(acme, id))?.link?.account, calls("create")]).toEqual([1, "late", []]);
  });

  test("and nobody came of it: made after a clean look", async () => {
    await creating();
    await clock.pass(60_000);
    await start();
    await clock.pass(settleMs + 5_000);
    expect(vendor.journal.map(({ call }) => call)).toEqual(["find", "create"]);
  });
});

test("whoever had the lease went away while access was given back, and it was taken away again: what comes through late is undone", async () => {
  account("ann", { active: false });
  const { id, version } = await linked(store, "acme", "ann", { applied: { access: "inactive" }, wanted: { active: true }, due: { lane: "grant", lease: lost } });
  await later(id, person("ann", { active: false }), version);
  await clock.pass(60_000);
  await start();
  await clock.pass(10_000);
  account("ann", { active: true });
  await clock.pass(settleMs);
  expect([vendor.accounts.get("ann")?.active, await dueOf(id)]).toEqual([false, undefined]);
});

test("a lease that another has taken over writes nothing; the other knows that a call may be out, and looks", async () => {
  account("ann");
  const { id } = await linked(store, "acme", "ann");
  const kept = await keep(store, person("ann", { active: false }), { connection: acme, id, readAt: 1, due: { lane: "deny", lease: { owner: "paused", forMs: 55_000 } } });
  vendor.latencyMs = 120_000; // the process is suspended in the middle of its call
  const own = await openWorks({ store, clock, places: [{ connection: "acme", connector: vendor.connector }], owner: "paused" });
  await Promise.all([own.stop(), clock.pass(2_000)]);
  const paused = own.converge({ lease: kept.lease!, held: (await store.hold(acme, id))!, abandoned: false, correlation: "c" as never });
  await clock.pass(1_000);
  vendor.latencyMs = 50;
  await clock.pass(60_000);
  await start();
  await clock.pass(5_000);
  expect(vendor.accounts.get("ann")?.active).toBe(false);
  const rows = (await store.journal(acme, { resource: id, limit: 100 })).filter(({ kind }) => kind === "outcome").length;
  await Promise.all([paused, clock.pass(120_000)]);
  expect((await store.journal(acme, { resource: id, limit: 100 })).filter(({ kind }) => kind === "outcome")).toHaveLength(rows);
  expect(calls("get").length).toBeGreaterThanOrEqual(1);
  expect(await dueOf(id)).toBeUndefined();
});

test("whoever wakes up after their lease sends nothing any more: access that was denied meanwhile is not given", async () => {
  account("ann", { active: false });
  const { id } = await linked(store, "acme", "ann", { applied: { access: "inactive" } });
  const kept = await keep(store, person("ann"), { connection: acme, id, readAt: 1, due: { lane: "grant", lease: { owner: "paused", forMs: 55_000 } } });
  const own = await openWorks({ store, clock, places: [{ connection: "acme", connector: vendor.connector }], owner: "paused" });
  await Promise.all([own.stop(), clock.pass(2_000)]);
  Object.assign(own.works, { fault: (point: string) => clock.sleep(point === "lease.got" ? 120_000 : 0) }); // the process is suspended before its call, the intent being in the push's transaction
  const request = { journalled: true, counted: true, former: undefined, password: undefined, arrivedMs: clock.now(), untilMs: clock.now() + 10_000, acknowledged: () => true };
  const paused = own.converge({ lease: kept.lease!, held: (await store.hold(acme, id))!, abandoned: false, askedMs: clock.now(), correlation: "c" as never, request });
  await clock.pass(1_000);
  await later(id, person("ann", { active: false }), kept.version);
  await clock.pass(60_000);
  await start();
  await clock.pass(50_000);
  expect([vendor.accounts.get("ann")?.active, await dueOf(id)]).toEqual([false, undefined]);
  await Promise.all([paused, clock.pass(120_000)]);
  expect([vendor.accounts.get("ann")?.active, calls("reactivate")]).toEqual([false, []]);
});

test("what a push has intended and another has seen to meanwhile is put on record as not needed, once", async () => {
  account("ann", { active: false });
  const { id, version } = await linked(store, "acme", "ann", { applied: { access: "inactive" } });
  await store.append(acme, [{ kind: "intent", resource: id, correlation: "c" as never, data: { operations: [{ kind: "deactivate", reason: "r" }, { kind: "delete" }] } }]);
  await start();
  for (let readAt = version, turn = 0; turn < 2; turn++) readAt = (await later(id, person("ann", { active: false, nickName: `n${turn}` }), readAt)).version;
  await clock.pass(5_000);
  const told = (await store.journal(acme, { resource: id, limit: 100 })).filter(({ kind }) => kind === "decision");
  expect(told).toMatchObject([{ data: { unneeded: ["deactivate", "delete"] } }]);
  expect([vendor.journal, await dueOf(id)]).toEqual([[], undefined]);
});

test("a role of an older push that comes through after a newer one is set right", async () => {
  await start();
  account("ann");
  const { id } = await linked(store, "acme", "ann");
  vendor.fails = (call) => (call === "setRole" ? uncertain : undefined);
  await keep(store, person("ann", { roles: [{ value: "Editors" }] }), { connection: acme, id, readAt: 1, due: { lane: "grant", lease: undefined } });
  works?.nudge();
  await clock.pass(500);
  vendor.fails = () => undefined;
  await keep(store, person("ann"), { connection: acme, id, readAt: 2, due: { lane: "deny", lease: undefined } });
  works?.nudge();
  await clock.pass(2_000);
  account("ann", { role: "Editor" });
  await clock.pass(settleMs + 5_000);
  expect([vendor.accounts.get("ann")?.role, await dueOf(id)]).toEqual(["User", undefined]);
});

test("a privileged role whose push was taken back is looked at all the same, and taken away if it came through", async () => {
  await start();
  account("ann");
  const { id } = await linked(store, "acme", "ann");
  vendor.fails = (call) => (call === "setRole" ? uncertain : undefined);
  const wanted = person("ann", { roles: [{ value: "Admins" }] });
  const kept = await keep(store, wanted, { connection: acme, id, readAt: 1, due: { lane: "grant", lease: { owner: "request", forMs: 55_000 } } });
  const former = { attributes: person("ann"), keys: userKeys(person("ann")), version: 1, modifiedMs: 1 };
  const request = { journalled: false, former, password: undefined, arrivedMs: clock.now(), untilMs: clock.now() + 10_000, counted: true, acknowledged: () => false };
  const run = works!.converge({ lease: kept.lease!, held: (await store.hold(acme, id))!, abandoned: false, correlation: "c" as never, request });
  await clock.pass(5_000);
  expect(await run).toMatchObject({ kind: "undone" });
  expect((await store.hold(acme, id))?.attributes).toEqual(person("ann"));
  vendor.fails = () => undefined;
  account("ann", { role: "Admin" });
  await clock.pass(settleMs + 5_000);
  expect([vendor.accounts.get("ann")?.role, await dueOf(id)]).toEqual(["User", undefined]);
});

test("somebody who always fails is put off longer and longer, and holds up nobody", async () => {
  vendor.fails = (call, name) => (name === "poison" && call === "deactivate" ? uncertain : undefined);
  for (const name of ["poison", ...Array.from({ length: 50 }, (_, n) => `n${n}`)]) {
    account(name);
    await linked(store, "acme", name, { wanted: { active: false }, due: { lane: "deny", lease: undefined } });
  }
  await start();
  await clock.pass(3_000);
  expect([...vendor.accounts.values()].filter(({ active }) => active).map(({ id }) => id as string)).toEqual(["poison"]);
  await clock.pass(600_000);
  const tries = calls("deactivate").filter(({ account: name }) => name === "poison").length;
  expect(tries).toBeGreaterThanOrEqual(10);
  expect(tries).toBeLessThanOrEqual(20);
});

describe("a vendor that says 429", () => {
  test("and when to come back is left alone by the whole connection, denials excepted, which go one every five seconds", async () => {
    for (let n = 0; n < 40; n++) {
      account(`m${n}`);
      await linked(store, "acme", `m${n}`, { wanted: { displayName: "New" }, due: { lane: "profile", lease: undefined } });
    }
    vendor.fails = () => ({ kind: "throttled", detail: "too much", retryAfterSeconds: 120 });
    await start();
    await clock.pass(1_000);
    const first = vendor.journal.length;
    expect(first).toBeLessThanOrEqual(6); // what was on its way
    for (let n = 0; n < 40; n++) {
      account(`l${n}`);
      await linked(store, "acme", `l${n}`, { wanted: { active: false }, due: { lane: "deny", lease: undefined } });
    }
    works?.nudge();
    await clock.pass(110_000);
    const during = vendor.journal.slice(first);
    expect(new Set(during.map(({ call }) => call))).toEqual(new Set(["deactivate"]));
    expect(during.length).toBeGreaterThanOrEqual(15);
    expect(during.length).toBeLessThanOrEqual(23);
    vendor.fails = () => undefined;
    await clock.pass(400_000);
    expect([...vendor.accounts.values()].filter(({ id, active, profile }) => (id.startsWith("l") ? active : profile["displayName"] !== "New"))).toEqual([]);
    expect(works?.alarms).toEqual([]);
  });

  test("writes nothing into the journal for whoever only waits for a turn", async () => {
    account("ann");
    const { id } = await linked(store, "acme", "ann", { wanted: { displayName: "New" }, due: { lane: "profile", lease: undefined } });
    const rows = (await store.journal(acme, { resource: id, limit: 100 })).length;
    await start();
    works?.site("acme").budget.rest(300_000);
    const turn = await store.take(acme, id, "request", 55_000);
    void works?.converge({ ...turn!, correlation: "c" as never });
    await clock.pass(60_000);
    expect((await store.journal(acme, { resource: id, limit: 100 })).length).toBe(rows);
    expect(await dueOf(id)).toMatchObject({ attempts: 0, failure: { kind: "throttled" } });
  });
});

describe("a scan of the whole list may have begun", () => {
  const asked: (number | undefined)[] = [];
  beforeEach(() => {
    asked.length = 0;
    const { find } = vendor.connector;
    Object.assign(vendor.connector, { find: (email: string, call: Call) => (asked.push(call.sinceMs), find!(email, call)) });
  });
  const join = async (name: string, arrivedMs: number) => {
    const kept = await keep(store, person(name), { connection: acme, due: { lane: "grant", lease: { owner: "request", forMs: 55_000 } } });
    const request = { journalled: false, former: undefined, password: undefined, arrivedMs, untilMs: clock.now() + 10_000, counted: true, acknowledged: () => false };
    await Promise.all([works!.converge({ lease: kept.lease!, held: (await store.hold(acme, kept.id))!, abandoned: false, correlation: "c" as never, request }), clock.pass(2_000)]);
    return kept.id;
  };

  test("when the push arrived, for a create", async () => {
    await start();
    const arrivedMs = clock.now();
    await clock.pass(100);
    await join("new", arrivedMs);
    expect(asked).toEqual([arrivedMs]);
  });

  test("but not before the question, once a create may have been carried out, or the vendor says that somebody has the address", async () => {
    await start();
    vendor.fails = (call) => (call === "create" ? uncertain : undefined);
    await join("lost", clock.now());
    await clock.pass(settleMs + 5_000);
    expect(asked.slice(1)).toEqual(asked.slice(1).map(() => undefined));
    expect(asked.length).toBeGreaterThanOrEqual(2);
    asked.length = 0;
    vendor.fails = () => undefined;
    Object.assign(vendor.connector, { create: async (_: unknown, call: Call) => (await vendor.connector.control(call), { kind: "exists" }) });
    const arrivedMs = clock.now();
    await join("taken", arrivedMs);
    expect(asked).toEqual([arrivedMs, undefined]);
  });
});

test("a vendor that is down is answered for without a call, and the denial is kept", async () => {
  await start();
  vendor.fails = () => unreachable;
  for (let n = 0; n < 6; n++) {
    account(`x${n}`);
    await linked(store, "acme", `x${n}`, { wanted: { active: false }, due: { lane: "deny", lease: undefined } });
  }
  works?.nudge();
  await clock.until(() => works!.works.outages.isDown(acme), 10_000);
  account("ann");
  const { id } = await linked(store, "acme", "ann", { wanted: { active: false }, due: { lane: "deny", lease: { owner: "request", forMs: 55_000 } } });
  const before = vendor.journal.length;
  const outcome = await works!.converge({ lease: { connection: acme, resource: id, owner: "request", epoch: 2, untilMs: 0 }, held: (await store.hold(acme, id))!, abandoned: false, correlation: "c" as never });
  expect([outcome.kind, vendor.journal.length - before, (await dueOf(id))?.lane]).toEqual(["pending", 0, "deny"]);
});

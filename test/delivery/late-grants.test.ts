/**
 * What is granted late is not granted: in virtual time, against a vendor in memory.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectionId, type ResourceId } from "../../src/model/ids.ts";
import type { Attributes } from "../../src/model/resource.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { NewDue, Store } from "../../src/store/store.ts";
import { keep, keepGroup, member } from "../store/people.ts";
import { type FastVendor, fastVendor, unreachable } from "./support/fast-vendor.ts";
import { type VirtualClock, virtualClock } from "./support/virtual-clock.ts";
import { ended, inTheMoment, linked, openWorks, type TestWorks } from "./support/works.ts";

const acme = connectionId("acme");
const [minuteMs, hourMs] = [60_000, 3_600_000];

let clock: VirtualClock;
let raw: Store;
let store: Store;
let vendor: FastVendor;
let works: TestWorks;

beforeEach(async () => {
  clock = virtualClock();
  raw = await openStore({ url: "file::memory:", clock });
  store = inTheMoment(raw, clock);
  vendor = fastVendor(clock);
  works = await openWorks({ store, clock, places: [{ connection: "acme", connector: vendor.connector }] });
});
afterEach(async () => {
  await ended(works, clock);
  await raw.close();
});

const grant: NewDue = { lane: "grant", lease: undefined };
const add = (account: string, active = true) => void vendor.accounts.set(account, { id: account as never, kind: "account", email: `${account}@acme.example`, active, role: "User" as never, profile: { displayName: account } });
async function wants(account: string, wanted: Attributes, { active = true, due = grant }: { readonly active?: boolean; readonly due?: NewDue } = {}): Promise<ResourceId> {
  add(account, active);
  return (await linked(store, "acme", account, { wanted, due, ...(!active && { applied: { access: "inactive" as const } }) })).id;
}
const editor = { roles: [{ value: "Editors" }] };
const admin = { roles: [{ value: "Admins" }] };
const die = () => void (vendor.fails = () => unreachable);
const live = () => void (vendor.fails = () => undefined);
const dueOf = async (id: ResourceId) => (await store.hold(acme, id))?.due;
const roleAt = (account: string) => vendor.accounts.get(account)?.role;

describe("a role up that could not be given", () => {
  test("is given when the vendor is back within the hour", async () => {
    die();
    const id = await wants("ann", editor);
    await clock.pass(55 * minuteMs);
    live();
    await clock.pass(minuteMs);
    expect([roleAt("ann"), await dueOf(id), works.alarms]).toEqual(["Editor", undefined, []]);
  });

  test("is failed and alarmed after an hour, while the vendor is still down, and not given afterwards", async () => {
    die();
    const id = await wants("ann", editor);
    await clock.pass(59 * minuteMs);
    expect((await dueOf(id))?.dueAtMs).toBeTypeOf("number");
    await clock.pass(2 * minuteMs);
    expect(await dueOf(id)).toMatchObject({ dueAtMs: undefined, failure: { detail: expect.stringContaining('The role "Editor" could not be given') as string } });
    expect(works.alarms).toHaveLength(1);
    live();
    await clock.leap(3 * hourMs);
    expect([roleAt("ann"), works.alarms.length]).toEqual(["User", 1]);
  });

  test("counts from the push that asked for it, not from one that only changed a name; another role counts anew", async () => {
    die();
    const first = await wants("ann", editor);
    const second = await wants("bea", { displayName: "Bea" }, { due: { lane: "profile", lease: undefined } });
    await clock.pass(50 * minuteMs);
    const again = async (id: ResourceId, account: string, grants: "same" | "new") => keep(store, { userName: `${account}@acme.example`, active: true, displayName: "New", ...editor }, { connection: acme, id, readAt: 2, due: { ...grant, grants } });
    await again(first, "ann", "same");
    await again(second, "bea", "new");
    await clock.pass(12 * minuteMs);
    expect((await dueOf(second))?.dueAtMs).toBeTypeOf("number");
    live();
    await clock.pass(2 * minuteMs);
    expect([roleAt("ann"), roleAt("bea")]).toEqual(["User", "Editor"]);
    expect(vendor.accounts.get("ann")?.profile["displayName"]).toBe("New"); // a name never expires
  });

  test("is given when it is pushed again after it has failed", async () => {
    die();
    const id = await wants("ann", editor);
    await clock.leap(2 * hourMs);
    live();
    await clock.pass(minuteMs);
    const turn = await store.take(acme, id, "request", 55_000);
    await Promise.all([works.converge({ ...turn!, correlation: "c" as never, asked: true }), clock.pass(5_000)]);
    expect([roleAt("ann"), await dueOf(id)]).toEqual(["Editor", undefined]);
  });

  test("is given when a person has it tried again after it has failed, and its hour begins anew; a privileged one is not", async () => {
    die();
    const [ann, bea] = [await wants("ann", editor), await wants("bea", admin)];
    await clock.leap(2 * hourMs);
    for (const id of [ann, bea]) expect(await store.retry(acme, id, [])).toBe("retried");
    await clock.pass(50 * minuteMs); // the vendor is still down
    expect((await dueOf(ann))?.dueAtMs).toBeTypeOf("number");
    live();
    await clock.pass(minuteMs);
    expect([roleAt("ann"), await dueOf(ann)]).toEqual(["Editor", undefined]);
    expect([roleAt("bea"), (await dueOf(bea))?.dueAtMs]).toEqual(["User", undefined]);
  });

  test("is superseded by a denial, which never expires", async () => {
    die();
    const id = await wants("ann", editor);
    await clock.pass(30 * minuteMs);
    await keep(store, { userName: "ann@acme.example", active: false, displayName: "ann", ...editor }, { connection: acme, id, readAt: 2, due: { lane: "deny", lease: undefined } });
    await clock.leap(48 * hourMs);
    expect(await dueOf(id)).toMatchObject({ lane: "deny", grantSinceMs: undefined });
    live();
    await clock.pass(minuteMs);
    expect([vendor.accounts.get("ann")?.active, roleAt("ann"), works.alarms]).toEqual([false, "User", []]);
  });
});

describe("access that could not be given back", () => {
  test.each([
    [23, true],
    [25, false],
  ])("after %i hours: given = %s", async (hours, isGiven) => {
    die();
    const id = await wants("ann", { active: true, displayName: "ann" }, { active: false });
    await clock.leap(hours * hourMs);
    live();
    await clock.pass(5 * minuteMs);
    expect([vendor.accounts.get("ann")?.active, works.alarms.length, (await dueOf(id)) === undefined]).toEqual([isGiven, isGiven ? 0 : 1, isGiven]);
  });
});

test("a joiner is created however late, and the role that comes after it has its own hour", async () => {
  die();
  const { id } = await keep(store, { userName: "new@acme.example", active: true, displayName: "New" }, { connection: acme, due: { ...grant, grants: "none" } });
  await clock.leap(30 * hourMs);
  live();
  await clock.pass(minuteMs);
  expect([...vendor.accounts.values()].map(({ email }) => email)).toEqual(["new@acme.example"]);
  expect([await dueOf(id), works.alarms]).toEqual([undefined, []]);
});

describe("a privileged role", () => {
  test("is not given by the worker when the vendor did not take it at once: failed and alarmed", async () => {
    die();
    const id = await wants("ann", admin);
    await clock.pass(5_000);
    expect([(await dueOf(id))?.dueAtMs, works.alarms.length]).toEqual([undefined, 1]);
    live();
    await clock.leap(2 * hourMs);
    expect(roleAt("ann")).toBe("User");
  });

  test("that comes with the create of a joiner is not given later either", async () => {
    die();
    const { id } = await keep(store, { userName: "new@acme.example", active: true, ...admin }, { connection: acme, due: grant });
    await clock.pass(10 * minuteMs);
    live();
    await clock.pass(10 * minuteMs);
    // The account comes, with the role that everybody has: without one the joiner could never be denied.
    expect([...vendor.accounts.values()].find(({ email }) => email === "new@acme.example")?.role).toBe("User");
    expect(await dueOf(id)).toMatchObject({ dueAtMs: undefined });
    expect(works.alarms).toHaveLength(1);
  });

  test("that comes by a group is given by the worker while the vendor answers, and by nobody an hour later", async () => {
    add("ann");
    add("bea");
    const ann = await linked(store, "acme", "ann");
    await keepGroup(store, { displayName: "Admins" }, { connection: acme, members: [{ kind: "add", members: [member(ann.id)] }], affects: "changed" });
    works.nudge();
    await clock.pass(2_000);
    expect(roleAt("ann")).toBe("Admin");
    const bea = await linked(store, "acme", "bea");
    die();
    const { id } = (await store.holder(acme, "Group", { name: "admins" }))!;
    await keepGroup(store, undefined, { connection: acme, id, members: [{ kind: "add", members: [member(bea.id)] }], affects: "changed" });
    works.nudge();
    await clock.pass(10 * minuteMs);
    live();
    await clock.leap(2 * hourMs);
    expect([roleAt("bea"), works.alarms.length]).toEqual(["User", 1]);
  });
});

test("a refused denial is alarmed at first and then every quarter of an hour, and tried all the while", async () => {
  vendor.fails = (call) => (call === "deactivate" ? { kind: "refused", detail: "not while they hold the keys", vendorStatus: 409 } : undefined);
  const id = await wants("ann", { active: false }, { due: { lane: "deny", lease: undefined } });
  await clock.pass(hourMs);
  expect(works.alarms.length).toBeGreaterThanOrEqual(4);
  expect(works.alarms.length).toBeLessThanOrEqual(5);
  expect(vendor.journal.filter(({ call }) => call === "deactivate").length).toBeGreaterThan(50);
  const rows = await store.journal(acme, { resource: id, limit: 1_000 });
  expect(rows.filter(({ kind }) => kind === "alarm")).toHaveLength(works.alarms.length);
});

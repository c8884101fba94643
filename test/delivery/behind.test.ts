/**
 * Vendors whose list is behind what was done there, and answers that say less than they seem to. In virtual time.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Connector } from "../../src/connectors/connector.ts";
import { noLink } from "../../src/delivery/run.ts";
import { Fault } from "../../src/model/failure.ts";
import { accountId, connectionId, type ResourceId } from "../../src/model/ids.ts";
import type { Account } from "../../src/model/person.ts";
import type { Attributes } from "../../src/model/resource.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { keep, userKeys } from "../store/people.ts";
import { type FastVendor, fastVendor, uncertain } from "./support/fast-vendor.ts";
import { type VirtualClock, virtualClock } from "./support/virtual-clock.ts";
import { ended, inTheMoment, linked, openWorks, type TestWorks } from "./support/works.ts";

const acme = connectionId("acme");
const settleMs = 30_000;
const ann = "ann@acme.example";

let clock: VirtualClock;
let raw: Store;
let store: Store;
let vendor: FastVendor;
let works: TestWorks | undefined;
/** What the list shows instead of what is there. */
let listed: ((email: string) => readonly Account[]) | undefined;

beforeEach(async () => {
  clock = virtualClock();
  raw = await openStore({ url: "file::memory:", clock });
  store = inTheMoment(raw, clock);
  vendor = fastVendor(clock);
  works = undefined;
  listed = undefined;
});
afterEach(async () => {
  if (works) await ended(works, clock);
  await raw.close();
});

async function start(more: Partial<Connector> = {}): Promise<void> {
  const { find } = vendor.connector;
  const connector: Connector = { ...vendor.connector, find: async (email, call) => (await find?.(email, call), listed ? listed(email) : [...vendor.accounts.values()].filter((account) => account.email === email)), ...more };
  works = await openWorks({ store, clock, places: [{ connection: "acme", connector }] });
}
const account = (name: string, more: Partial<Account> = {}): Account => ({ id: accountId(name), kind: "account", email: ann, active: true, role: "User" as never, profile: { displayName: "ann" }, ...more });
const stands = (name: string, more: Partial<Account> = {}): void => void vendor.accounts.set(name, account(name, more));
const person = (more: Attributes = {}): Attributes => ({ userName: ann, active: true, displayName: "ann", externalId: "e-1", ...more });
const calls = (name: string) => vendor.journal.filter(({ call }) => call === name);
const open = () => store.openWork(acme, 10);
const linkOf = async (id: ResourceId) => (await store.hold(acme, id))?.link;
const active = () => [...vendor.accounts.values()].filter((one) => one.active).map(({ id }) => id as string);

/** Ann has an account and is deleted; her denial is done, and whoever comes with her address may come. */
async function left(): Promise<ResourceId> {
  stands("ann");
  const { id, version } = await linked(store, "acme", "ann");
  await start();
  await keep(store, undefined, { connection: acme, id, readAt: version, due: { lane: "deny", lease: undefined } });
  works?.nudge();
  await clock.pass(5_000);
  return id;
}
async function comesBack(more: Attributes = {}): Promise<ResourceId> {
  const { id } = await keep(store, person(more), { connection: acme, due: { lane: "grant", lease: undefined } });
  works?.nudge();
  await clock.pass(5_000);
  return id;
}

describe("a change of address got no clear answer, and the list shows neither address yet", () => {
  const bea = "bea@acme.example";

  /** Whoever is ann gets the address bea@…, without an answer, and is deleted; then somebody comes under that address. */
  async function moves(carriedOut: "at once" | "late" | "never"): Promise<ResourceId> {
    stands("ann");
    const { id, version } = await linked(store, "acme", "ann");
    let change = () => {};
    await start({
      traits: { ...vendor.connector.traits, emailChange: "possible" },
      updateProfile: async (target, changes, call) => {
        change = () => stands("ann", { ...vendor.accounts.get("ann"), email: changes["email"] ?? ann });
        if (carriedOut === "at once") change();
        vendor.fails = (name) => (name === "updateProfile" ? uncertain : undefined);
        return vendor.connector.updateProfile!(target, {}, call);
      },
    });
    listed = () => [];
    await keep(store, person({ userName: bea }), { connection: acme, id, readAt: version, due: { lane: "profile", lease: undefined } });
    works?.nudge();
    await clock.pass(500);
    await keep(store, undefined, { connection: acme, id, readAt: version + 1, due: { lane: "deny", lease: undefined } });
    works?.nudge();
    await clock.pass(1_000);
    const next = await comesBack({ userName: bea, externalId: "e-2" });
    if (carriedOut === "late") change();
    return next;
  }

  test.each(["at once", "late"] as const)("its person left, and the change was carried out %s: whoever comes under the new address waits, and is no second account beside it", async (when) => {
    const next = await moves(when);
    expect([calls("create"), (await store.hold(acme, next))?.due?.failure]).toMatchObject([[], { kind: "throttled" }]);
    await clock.pass(2 * settleMs);
    expect(calls("create")).toEqual([]);
    expect((await store.hold(acme, next))?.due?.failure).toMatchObject({ kind: "conflict", detail: expect.stringContaining("belonged to another person") as string });
  });

  test("its person stays, and goes back to the old address: whoever comes under the new one waits until it is seen that the change will not come", async () => {
    stands("ann");
    const { id, version } = await linked(store, "acme", "ann");
    await start({ traits: { ...vendor.connector.traits, emailChange: "possible" } });
    listed = () => [];
    vendor.fails = (name) => (name === "updateProfile" ? uncertain : undefined);
    await keep(store, person({ userName: bea }), { connection: acme, id, readAt: version, due: { lane: "profile", lease: undefined } });
    works?.nudge();
    await clock.pass(500);
    vendor.fails = () => undefined;
    await keep(store, person(), { connection: acme, id, readAt: version + 1, due: { lane: "profile", lease: undefined } });
    const next = await comesBack({ userName: bea, externalId: "e-2" });
    expect([calls("create"), (await store.hold(acme, next))?.due?.failure]).toMatchObject([[], { kind: "throttled" }]);
    await clock.pass(2 * settleMs);
    expect([[...vendor.accounts.values()].map(({ id: its, email }) => [its, email]), (await linkOf(next))?.account, await open()]).toEqual([[["ann", ann], ["made-1", bea]], "made-1", []]);
  });

  test("its person stays, and has the old address for a while yet: whoever comes under that one waits until it is free", async () => {
    stands("ann");
    const { id, version } = await linked(store, "acme", "ann");
    await start({
      traits: { ...vendor.connector.traits, emailChange: "possible" },
      updateProfile: async (target, changes, call) => {
        const done = await vendor.connector.updateProfile!(target, {}, call);
        stands("ann", { ...vendor.accounts.get("ann"), email: changes["email"] ?? ann });
        return done;
      },
    });
    vendor.fails = (name) => (name === "updateProfile" ? uncertain : undefined);
    await keep(store, person({ userName: bea }), { connection: acme, id, readAt: version, due: { lane: "profile", lease: undefined } });
    works?.nudge();
    await clock.pass(500);
    vendor.fails = () => undefined;
    const next = await comesBack({ externalId: "e-2" });
    expect([calls("create"), (await store.hold(acme, next))?.due?.failure]).toMatchObject([[], { kind: "throttled", detail: expect.stringContaining("another address") as string }]);
    await clock.pass(2 * settleMs);
    expect([[...vendor.accounts.values()].map(({ id: its, email }) => [its, email]), (await linkOf(next))?.account, await open()]).toEqual([[["ann", bea], ["made-1", ann]], "made-1", []]);
  });

  test("its person left, and the change was never carried out: whoever comes under the new address waits until that is certain, and gets an account", async () => {
    const next = await moves("never");
    expect(calls("create")).toEqual([]);
    await clock.pass(2 * settleMs);
    expect([(await linkOf(next))?.account, active(), await open()]).toEqual(["made-1", ["made-1"], []]);
  });
});

describe("somebody comes back to a vendor whose list is behind", () => {
  test("and still shows the access that was taken away a moment ago: it is given back, not believed", async () => {
    await left();
    expect(active()).toEqual([]);
    listed = () => [account("ann")];
    const id = await comesBack();
    expect([active(), (await linkOf(id))?.account, calls("create")]).toEqual([["ann"], "ann", []]);
  });

  test("and still shows an account that was removed a moment ago: a new one is made", async () => {
    await left();
    vendor.accounts.delete("ann");
    listed = (email) => [account("ann"), ...[...vendor.accounts.values()].filter((one) => one.email === email && false)];
    const id = await comesBack();
    expect([calls("create").length, (await linkOf(id))?.account, await open()]).toEqual([1, "made-1", []]);
  });

  test("and does not show their account yet: it is known from our own records", async () => {
    await left();
    listed = () => [];
    const id = await comesBack();
    expect([active(), (await linkOf(id))?.account, calls("create")]).toEqual([["ann"], "ann", []]);
  });

  test("nor while it is still looked whether they lost their access: they wait, and no second account is made", async () => {
    stands("ann");
    const { id, version } = await linked(store, "acme", "ann");
    await start();
    listed = () => [];
    vendor.fails = (call) => (call === "deactivate" ? uncertain : undefined);
    await keep(store, undefined, { connection: acme, id, readAt: version, due: { lane: "deny", lease: undefined } });
    works?.nudge();
    await clock.pass(500);
    vendor.fails = () => undefined;
    const next = await comesBack();
    expect([calls("create"), await linkOf(next)]).toEqual([[], undefined]);
    await clock.pass(2 * settleMs);
    expect([vendor.accounts.size, active(), (await linkOf(next))?.account, await open()]).toEqual([1, ["ann"], "ann", []]);
  });

  test("and still shows an account under the address that another person had until a moment ago: whoever comes gets one of their own", async () => {
    stands("ann");
    const { id, version } = await linked(store, "acme", "ann");
    await start({
      traits: { ...vendor.connector.traits, emailChange: "possible" },
      updateProfile: async (target, changes, call) => {
        stands("ann", { ...vendor.accounts.get("ann"), email: changes["email"] ?? ann });
        return vendor.connector.updateProfile!(target, {}, call);
      },
    });
    listed = (email) => (email === ann ? [account("ann")] : []);
    await keep(store, person({ userName: "moved@acme.example" }), { connection: acme, id, readAt: version, due: { lane: "profile", lease: undefined } });
    works?.nudge();
    await clock.pass(500);
    const next = await comesBack({ externalId: "e-2" });
    expect([(await linkOf(id))?.login, (await linkOf(next))?.account, await open()]).toEqual(["moved@acme.example", "made-1", []]);
  });

  test("but their account has got another address meanwhile: it is somebody's, and a new one is made", async () => {
    await left();
    stands("ann", { email: "archive@acme.example", active: false });
    const id = await comesBack({ externalId: "e-2" });
    expect([(await linkOf(id))?.account, vendor.accounts.get("ann")?.active, await open()]).toEqual(["made-1", false, []]);
  });

  test("while somebody of ours, whom the list does not show yet, has an account with the address: 409 instead of a second account", async () => {
    stands("ann");
    const { id } = await linked(store, "acme", "ann");
    await start();
    await keep(store, person({ userName: "moved@acme.example" }), { connection: acme, id, readAt: 1 }); // the vendor keeps the address
    listed = () => [];
    const other = await comesBack({ externalId: "e-2" });
    expect(calls("create")).toEqual([]);
    expect((await store.hold(acme, other))?.due?.failure).toMatchObject({ kind: "conflict", holder: id });
  });
});

test("somebody else's account is taken as the list shows it: one look-up, and nothing more", async () => {
  stands("hers");
  await start();
  const id = await comesBack();
  expect([(await linkOf(id))?.account, vendor.journal.map(({ call }) => call)]).toEqual(["hers", ["find"]]);
});

test("two people who left while their creates were in doubt find one account: both denials end, and nothing freezes", async () => {
  const marked = { ...noLink, login: ann, unknownAt: clock.now() };
  for (let n = 0; n < 2; n++) {
    const { id, lease } = await keep(store, person(), { connection: acme, due: { lane: "grant", lease: { owner: "gone", forMs: 1_000 } } });
    await store.record(lease!, { journal: [], link: marked, due: { kind: "keep" } });
    await keep(store, undefined, { connection: acme, id, readAt: 1, due: { lane: "deny", lease: undefined } });
  }
  stands("late");
  await clock.pass(60_000);
  await start({ delete: (target, call) => vendor.connector.deactivate!(target, call) });
  await clock.pass(3 * settleMs);
  expect([active(), await open(), (await store.mode(acme)).frozen]).toEqual([[], [], false]);
});

test("somebody left while a create in doubt may stand under two addresses, and the other is of one who has left as well: only their own is taken", async () => {
  const other = { email: "new@acme.example", id: accountId("other") };
  vendor.accounts.set(other.id, account("other", other));
  const { id: gone, version } = await linked(store, "acme", "other");
  await start();
  await keep(store, undefined, { connection: acme, id: gone, readAt: version, due: { lane: "deny", lease: undefined } });
  works?.nudge();
  await clock.pass(5_000);
  const { id, lease } = await keep(store, person({ userName: other.email }), { connection: acme, due: { lane: "grant", lease: { owner: "gone", forMs: 1_000 } }, journal: [{ kind: "intent", resource: undefined, correlation: "c" as never, data: {} }] });
  const create = { kind: "create", email: ann, profile: {}, reason: "" } as never;
  await store.record(lease!, { journal: [{ kind: "intent", resource: id, correlation: "c" as never, data: { operations: [create] } }], link: { ...noLink, login: other.email, unknownAt: clock.now() }, due: { kind: "keep" } });
  await keep(store, undefined, { connection: acme, id, readAt: 1, due: { lane: "deny", lease: undefined } });
  stands("late");
  await clock.pass(3 * settleMs);
  expect([active(), await open(), calls("deactivate").map(({ account: name }) => name)]).toEqual([[], [], ["other", "late"]]);
});

describe("a create of several calls", () => {
  /** The account is made, and then the next call says no. */
  const half: Partial<Connector> = {
    async create({ email }, call) {
      await call.admit?.({ write: true });
      stands("half", { email });
      call.record({ method: "POST", path: "/people", body: undefined, status: 201, durationMs: 1, call: "create", failure: undefined });
      await call.admit?.({ write: true });
      call.record({ method: "POST", path: "/people/half/seat", body: undefined, status: 400, durationMs: 1, call: "seat", failure: "invalid" });
      throw new Fault({ kind: "invalid", scimType: "invalidValue", detail: "no seat is free" });
    },
  };

  test.each([["wanted", person(), ["half"]], ["wanted without access by then", person({ active: false }), []]])("of which the first was carried out and the next refused: after the settle time it is seen what came of it, and is as %s", async (_, wanted, stillActive) => {
    await start(half);
    const kept = await keep(store, person(), { connection: acme, due: { lane: "grant", lease: { owner: "works", forMs: 60_000 } } });
    const request = { journalled: false, former: undefined, password: undefined, arrivedMs: clock.now(), untilMs: clock.now() + 10_000, counted: true, acknowledged: () => false };
    const run = works!.converge({ lease: kept.lease!, held: (await store.hold(acme, kept.id))!, abandoned: false, correlation: "c" as never, request });
    await clock.pass(5_000);
    expect(await run).toMatchObject({ kind: "pending", failure: { kind: "uncertain", detail: expect.stringContaining("no seat is free") as string } });
    await keep(store, wanted, { connection: acme, id: kept.id, readAt: 1, due: { lane: "deny", lease: undefined } });
    works?.nudge();
    await clock.pass(2 * settleMs);
    expect([active(), (await linkOf(kept.id))?.account, await open()]).toEqual([stillActive, "half", []]);
  });
});

describe("a role that was given, and then could not be read back with our key", () => {
  /** Carried out, and the look after it is 401. */
  const unread: Partial<Connector> = {
    async setRole({ account: id }, role, call) {
      await call.admit?.({ write: true });
      stands(id, { role });
      call.record({ method: "PATCH", path: `/people/${id}`, body: undefined, status: 200, durationMs: 1, call: "setRole", failure: undefined });
      await call.admit?.({ write: false });
      call.record({ method: "GET", path: `/people/${id}`, body: undefined, status: 401, durationMs: 1, call: "get", failure: "credentials" });
      throw new Fault({ kind: "credentials", detail: "the key may not read" });
    },
  };
  const promoted = async (role: string) => {
    stands("ann");
    const { id, version } = await linked(store, "acme", "ann");
    await start(unread);
    const kept = await keep(store, person({ roles: [{ value: role }] }), { connection: acme, id, readAt: version, due: { lane: "grant", lease: { owner: "works", forMs: 60_000 } } });
    const former = { attributes: person(), keys: userKeys(person()), version, modifiedMs: 1 };
    const request = { journalled: false, former, password: undefined, arrivedMs: clock.now(), untilMs: clock.now() + 10_000, counted: true, acknowledged: () => false };
    const run = works!.converge({ lease: kept.lease!, held: (await store.hold(acme, id))!, abandoned: false, correlation: "c" as never, request });
    await clock.pass(5_000);
    return { id, outcome: await run };
  };

  test("is looked at after the settle time, and stands", async () => {
    const { id, outcome } = await promoted("Editors");
    expect(outcome).toMatchObject({ kind: "pending" });
    await clock.pass(2 * settleMs);
    expect([vendor.accounts.get("ann")?.role, (await linkOf(id))?.applied.role, await open()]).toEqual(["Editor", "Editor", []]);
  });

  test("and is privileged: the push is taken back, and what came through is looked at and taken away", async () => {
    const { id, outcome } = await promoted("Admins");
    expect(outcome).toMatchObject({ kind: "undone" });
    expect(vendor.accounts.get("ann")?.role).toBe("Admin");
    await works?.stop();
    await start();
    await clock.pass(2 * settleMs);
    expect([vendor.accounts.get("ann")?.role, (await linkOf(id))?.applied.role, await open()]).toEqual(["User", "User", []]);
  });
});

test("an address that is taken after an unclear create, though nobody is shown, may be taken by ours: a later denial looks for it", async () => {
  await start();
  vendor.fails = (call) => (call === "create" ? uncertain : undefined);
  const id = await comesBack();
  await works?.stop();
  vendor.fails = () => undefined;
  await start({ create: () => Promise.resolve({ kind: "exists" }) });
  await clock.pass(2 * settleMs);
  expect((await store.hold(acme, id))?.due?.failure).toMatchObject({ kind: "conflict" });
  stands("late");
  await keep(store, person({ active: false }), { connection: acme, id, readAt: 1, due: { lane: "deny", lease: undefined } });
  works?.nudge();
  await clock.pass(2 * settleMs);
  expect([active(), await open()]).toEqual([[], []]);
});

test("an invitation that was found after its role was taken from the push, and is accepted in that role, loses it", async () => {
  const { id, version } = await linked(store, "acme", "ann");
  const { lease } = await keep(store, person({ displayName: "Ann" }), { connection: acme, id, readAt: version, due: { lane: "profile", lease: { owner: "gone", forMs: 1_000 } } });
  const { applied, ...link } = (await linkOf(id))!;
  await store.record(lease!, { journal: [], link: { ...link, kind: "invitation", applied: { ...applied, role: undefined, byDefault: true } }, due: { kind: "done", version } });
  stands("ann", { role: "Editor" as never }); // the letter has become this
  await start();
  await clock.pass(10_000);
  expect([vendor.accounts.get("ann")?.role, (await linkOf(id))?.applied.role]).toEqual(["User", "User"]);
});

describe("a role is to be taken from an account that is gone", () => {
  const demoted = async () => {
    const { id } = await linked(store, "acme", "ann", { applied: { role: "Editor" as never, wantedRole: "Editor" as never }, due: { lane: "deny", lease: undefined } });
    await start();
    await clock.pass(20_000);
    return id;
  };

  test("and the tenant can be listed: nothing is left to take, and a person is told", async () => {
    const id = await demoted();
    expect([calls("setRole").length, calls("control").length]).toEqual([1, 1]);
    expect((await linkOf(id))?.applied.access).toBe("gone");
    expect(await store.tasks(acme, { open: true })).toMatchObject([{ resource: id, title: expect.stringContaining("was removed") as string }]);
  });

  test("and the tenant cannot be listed either: it stays owed, also to an IdP that still waits", async () => {
    vendor.fails = (call) => (call === "control" ? { kind: "protocol", detail: "no list" } : undefined);
    const { id, version } = await linked(store, "acme", "ann", { applied: { role: "Editor" as never, wantedRole: "Editor" as never } });
    await start();
    const kept = await keep(store, person({ title: "none" }), { connection: acme, id, readAt: version, due: { lane: "deny", lease: { owner: "works", forMs: 60_000 } } });
    const former = { attributes: person(), keys: userKeys(person()), version, modifiedMs: 1 };
    const request = { journalled: false, former, password: undefined, arrivedMs: clock.now(), untilMs: clock.now() + 10_000, counted: true, acknowledged: () => false };
    const run = works!.converge({ lease: kept.lease!, held: (await store.hold(acme, id))!, abandoned: false, correlation: "c" as never, request });
    await clock.pass(5_000);
    expect(await run).toMatchObject({ kind: "owned", failure: { kind: "protocol" } });
    expect((await store.hold(acme, id))?.due).toMatchObject({ lane: "deny", dueAtMs: expect.any(Number) as number });
  });
});

test("a look that is owed at an account that is gone is made, and over", async () => {
  const { id, version } = await linked(store, "acme", "ann", { applied: { access: "gone" } });
  const { lease } = await keep(store, person({ displayName: "Ann" }), { connection: acme, id, readAt: version, due: { lane: "profile", lease: { owner: "gone", forMs: 1_000 } } });
  const link = (await linkOf(id))!;
  await store.record(lease!, { journal: [], link: { ...link, verifyAt: clock.now() + 5_000 }, due: { kind: "later", atMs: clock.now() + 5_000, lane: "deny", attempts: 0, failure: undefined } });
  await start();
  await clock.pass(60_000);
  expect((await linkOf(id))?.verifyAt).toBeUndefined();
  expect([calls("get").length, (await store.hold(acme, id))?.due?.failure?.kind]).toEqual([1, "conflict"]);
});

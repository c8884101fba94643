/**
 * Due rows and leases: who may work on what, in which order, and whose results count.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { accountId, connectionId } from "../../src/model/ids.ts";
import type { Failure } from "../../src/model/failure.ts";
import type { Recorded, Store } from "../../src/store/store.ts";
import { engines } from "../support/stores.ts";
import { acme, deny, done, entry, grant, handClock, keep, keepGroup, linkTo, member, push, rival, takeDue, undoing, user, userKeys } from "./people.ts";

const failure: Failure = { kind: "unreachable", detail: "gone fishing" };
const later = (atMs: number, lane: "deny" | "grant" | "profile" = "grant", attempts = 1): Recorded => ({ journal: [], due: { kind: "later", atMs, lane, attempts, failure } });

describe.each(engines)("on $name", ({ name, open }) => {
  let store: Store;
  const clock = handClock();
  beforeEach(async () => void (store = await open(clock)));
  afterEach(() => store.close());
  /** Lets a lease of 1 ms run out. */
  const runOut = () => (name === "sqlite" ? Promise.resolve(clock.pass(5)) : pause(5));

  test("a push's lease is its own, and nobody else gets one meanwhile", async () => {
    const { id, lease } = await keep(store, user("ann"), { due: grant("request") });
    expect(lease).toMatchObject({ connection: acme, resource: id, owner: "request", epoch: 1 });
    expect(await store.take(acme, id, "worker", 1_000)).toBeUndefined();
    expect(await takeDue(store, "worker", 1_000, 10, [])).toEqual([]);
    expect((await store.commit(push(user("ann", { title: "t" }), { id, readAt: 1, due: grant("other") })))).toMatchObject({ kind: "committed", lease: undefined });
  });

  test("twenty workers at once share the work without overlap", async () => {
    for (let n = 0; n < 10; n++) await keep(store, user(`u${n}`), { due: grant() });
    const taken = (await Promise.all(Array.from({ length: 20 }, (_, n) => takeDue(store, `w${n}`, 60_000, 3, [])))).flat();
    expect(taken).toHaveLength(10);
    expect(new Set(taken.map(({ held }) => held.id)).size).toBe(10);
  });

  test("a deleted resource that is kept only for another look lets its account go; every other one keeps it", async () => {
    const account = accountId("a-1");
    const reconcile: Recorded["due"] = { kind: "later", atMs: 9_999_999_999_999, lane: "reconcile", attempts: 0, failure: undefined };
    const { id, lease } = await keep(store, user("leaver"), { due: grant("w") });
    await store.record(lease!, { journal: [], link: linkTo("a-1"), due: reconcile });
    expect(await store.letGo(acme, id)).toBe(false); // not deleted
    await keep(store, undefined, { id, readAt: 1, due: deny() });
    expect(await store.letGo(acme, id)).toBe(false); // a denial is under way
    const denial = await store.take(acme, id, "w", 60_000);
    await store.record(denial!.lease, { journal: [], due: reconcile });
    const look = await store.take(acme, id, "w", 60_000);
    expect(await store.letGo(acme, id)).toBe(false); // somebody is at it
    await store.record(look!.lease, { journal: [], due: reconcile });
    expect([await store.letGo(rival, id), await store.linkedTo(acme, account)]).toEqual([false, id]);
    expect(await store.letGo(acme, id)).toBe(true);
    expect([await store.linkedTo(acme, account), await store.tombstone(acme, account)]).toEqual([undefined, { resource: id, externalId: undefined }]);
    expect(await store.hold(acme, id)).toMatchObject({ attributes: undefined, link: undefined });
  });

  test("of twenty that want one resource exactly one gets it", async () => {
    const { id } = await keep(store, user("one"), { due: grant() });
    const turns = await Promise.all(Array.from({ length: 20 }, (_, n) => store.take(acme, id, `w${n}`, 60_000)));
    expect(turns.filter((turn) => turn !== undefined)).toHaveLength(1);
  });

  test("work is taken by lane, oldest first, and not from connections that are left out", async () => {
    const ids: string[] = [];
    for (const [lane, connection] of [["profile", acme], ["grant", acme], ["deny", acme], ["reconcile", acme], ["grant", acme], ["deny", rival]] as const) {
      ids.push((await keep(store, user(`u${ids.length}`), { connection, due: { lane, lease: undefined } })).id);
      await runOut();
    }
    const [profile, firstGrant, denial, reconcile, secondGrant, foreign] = ids;
    const two = await takeDue(store, "w", 60_000, 2, [rival]);
    expect(two.map(({ held }) => held.id)).toEqual([denial, firstGrant]);
    const rest = await takeDue(store, "w", 60_000, 10, []);
    expect(rest.map(({ held }) => held.id)).toEqual([foreign, secondGrant, profile, reconcile]);
    expect(rest[0]).toMatchObject({ lease: { connection: rival, owner: "w", epoch: 1 }, held: { attributes: { userName: "u5" }, due: { lane: "deny" } }, abandoned: false });
  });

  test("an expired lease is free, its epoch rises, and its former holder writes nothing any more", async () => {
    const { id, lease } = await keep(store, user("slow"), { due: grant("slow", 1) });
    await runOut();
    // The next push does not take it over in silence: whoever does must know that a call may be under way.
    const second = await keep(store, user("slow", { title: "t" }), { id, readAt: 1, due: grant("request") });
    expect(second.lease).toBeUndefined();
    const turn = await store.take(acme, id, "fast", 60_000);
    expect(turn).toMatchObject({ abandoned: true, lease: { epoch: 2 }, held: { version: 2 } });
    const rows = (await store.journal(acme, { limit: 100 })).length;
    expect(await store.record(lease!, done(2, { journal: [entry("outcome", id)], link: linkTo("stolen") }))).toBe(false);
    expect(await store.journal(acme, { limit: 100 })).toHaveLength(rows);
    expect(await store.linkedTo(acme, accountId("stolen"))).toBeUndefined();
    expect(await store.record(turn!.lease, done(2, { link: linkTo("mine") }))).toBe(true);
  });

  test("an epoch never comes back, however often the work is settled", async () => {
    const { id, lease } = await keep(store, user("again"), { due: grant("w") });
    await store.record(lease!, done(1));
    const second = await keep(store, user("again", { title: "t" }), { id, readAt: 1, due: grant("w") });
    expect(second.lease?.epoch).toBe(2);
    expect(await store.record(lease!, done(2))).toBe(false);
  });

  test("done settles the row only if no newer version has come in", async () => {
    const { id, lease } = await keep(store, user("moving"), { due: grant("w") });
    await keep(store, user("moving", { active: false }), { id, readAt: 1, due: deny("request") });
    expect(await store.record(lease!, done(1, { link: linkTo("acc") }))).toBe(true);
    const held = await store.hold(acme, id);
    expect(held).toMatchObject({ version: 2, link: { account: "acc" }, due: { lane: "deny", attempts: 0 } });
    const [turn] = await takeDue(store, "w2", 60_000, 1, []);
    expect(turn?.abandoned).toBe(false);
    expect(await store.record(turn!.lease, done(2))).toBe(true);
    expect((await store.hold(acme, id))?.due).toBeUndefined();
    expect(await store.take(acme, id, "w", 1_000)).toBeUndefined();
  });

  test("a push that planned nothing under somebody's lease keeps the work open: what they have done may be what it did not want", async () => {
    const { id, lease } = await keep(store, user("moved"), { due: grant("holder") });
    await keep(store, user("moved", { title: "t" }), { id, readAt: 1 });
    expect(await store.record(lease!, done(1))).toBe(true);
    expect((await takeDue(store, "next", 60_000, 10, [])).map(({ held }) => held.id)).toEqual([id]);
  });

  test.each([
    ["put off", later(9_999_999_999_999)],
    ["given up", { journal: [], due: { kind: "failed", failure } } satisfies Recorded],
  ])("a denial that comes in under somebody's lease is not %s by them", async (_, change) => {
    const { id, lease } = await keep(store, user("denied"), { due: grant("w") });
    await keep(store, user("denied", { active: false }), { id, readAt: 1, due: deny() });
    expect(await store.record(lease!, change)).toBe(true);
    const [turn] = await takeDue(store, "w2", 60_000, 1, []);
    expect(turn?.held).toMatchObject({ id, version: 2, due: { lane: "deny" } });
  });

  test("later is later, with its lane, attempts and failure", async () => {
    const { id, lease } = await keep(store, user("wait"), { due: grant("w") });
    const atMs = (await store.now()) + 50_000;
    await store.record(lease!, later(atMs, "profile", 3));
    expect((await store.hold(acme, id))?.due).toMatchObject({ lane: "profile", dueAtMs: atMs, attempts: 3, failure });
    expect(await takeDue(store, "w", 1_000, 10, [])).toEqual([]);
    expect(await store.nextDueMs()).toBe(atMs);
    expect(await store.wake(rival)).toBe(0);
    expect(await store.wake(acme, "deny")).toBe(0);
    expect(await store.wake(acme)).toBe(1);
    expect(await takeDue(store, "w", 1_000, 10, [])).toHaveLength(1);
  });

  test("failed work waits for a push or a person", async () => {
    const { id, lease } = await keep(store, user("failed"), { due: grant("w") });
    await store.record(lease!, { journal: [], due: { kind: "failed", failure } });
    expect(await takeDue(store, "w", 1_000, 10, [])).toEqual([]);
    expect(await store.nextDueMs()).toBeUndefined();
    expect(await store.wake(acme)).toBe(0);
    expect(await store.openWork(acme, 10)).toMatchObject([{ resource: id, userName: "failed", due: { dueAtMs: undefined, failure } }]);
    expect(await store.take(acme, id, "person", 1)).toMatchObject({ held: { id } });
    await runOut();
    await keep(store, user("failed", { title: "t" }), { id, readAt: 1, due: grant() });
    expect((await store.hold(acme, id))?.due).toMatchObject({ attempts: 0, failure: undefined, dueAtMs: expect.any(Number) as number });
  });

  test("an open row keeps the time since when it is open, and the age of a denial is its own", async () => {
    const { id } = await keep(store, user("since"), { due: grant() });
    const since = (await store.hold(acme, id))!.due!.sinceMs;
    expect(await store.oldestDenialMs()).toBeUndefined();
    await runOut();
    const denied = await keep(store, user("since", { active: false }), { id, readAt: 1, due: deny() });
    expect((await store.hold(acme, id))!.due).toMatchObject({ sinceMs: since, lane: "deny" });
    expect(await store.oldestDenialMs()).toBe(denied.modifiedMs);
    await runOut();
    await keep(store, user("since", { active: false, title: "t" }), { id, readAt: 2, due: { lane: "profile", lease: undefined } });
    expect((await store.hold(acme, id))!.due).toMatchObject({ sinceMs: since, lane: "deny" });
    expect(await store.oldestDenialMs()).toBe(denied.modifiedMs);
    const [turn] = await takeDue(store, "w", 60_000, 1, []);
    await store.record(turn!.lease, later(1, "profile"));
    expect(await store.oldestDenialMs()).toBeUndefined();
  });

  test("what comes next counts leases that will run out", async () => {
    await keep(store, user("leased"), { due: grant("w", 60_000) });
    expect(await store.nextDueMs()).toBeGreaterThan((await store.now()) + 50_000);
    const { modifiedMs } = await keep(store, user("free"), { due: deny() });
    expect(await store.nextDueMs()).toBe(modifiedMs);
  });

  test("leases can all be broken, and are then known to be abandoned", async () => {
    const { id, lease } = await keep(store, user("dead"), { due: grant("dead") });
    await store.breakLeases();
    expect(await takeDue(store, "w", 60_000, 10, [])).toMatchObject([{ abandoned: true, held: { id } }]);
    expect(await store.record(lease!, done(1))).toBe(false);
  });

  test("a lease that goes on keeps the work, and writes journal and link", async () => {
    const { id, lease } = await keep(store, user("goes.on"), { due: grant("w") });
    const link = linkTo(undefined, { unknownAt: 5, verifyAt: 6 });
    expect(await store.record(lease!, { journal: [entry("intent", id)], link, due: { kind: "keep" } })).toBe(true);
    expect((await store.hold(acme, id))?.link).toStrictEqual(link);
    expect(await store.record(lease!, { journal: [], link: "none", due: { kind: "keep" } })).toBe(true);
    expect((await store.hold(acme, id))?.link).toBeUndefined();
    expect((await store.journal(acme, { resource: id, limit: 10 })).map(({ kind }) => kind)).toEqual(["push", "intent"]);
  });

  test("an account is linked once per connection, and nothing of the second claim is kept", async () => {
    const first = await keep(store, user("first"), { due: grant("w") });
    const second = await keep(store, user("second"), { due: grant("w") });
    await store.record(first.lease!, done(1, { link: linkTo("acc") }));
    await expect(store.record(second.lease!, done(1, { journal: [entry("outcome", second.id)], link: linkTo("acc") }))).rejects.toMatchObject({ failure: { kind: "conflict" } });
    expect((await store.hold(acme, second.id))?.due).toBeDefined();
    expect(await store.journal(acme, { resource: second.id, limit: 10 })).toHaveLength(1);
    const foreign = await keep(store, user("foreign"), { connection: rival, due: grant("w") });
    expect(await store.record(foreign.lease!, done(1, { link: linkTo("acc") }))).toBe(true);
    expect(await store.linkedTo(acme, accountId("acc"))).toBe(first.id);
  });

  test("a push without work leaves an open row as it is", async () => {
    const { id } = await keep(store, user("open"), { due: grant() });
    const { due } = (await store.hold(acme, id))!;
    await keep(store, user("open", { title: "t" }), { id, readAt: 1 });
    expect((await store.hold(acme, id))!.due).toEqual(due);
  });

  describe("a group that changes while somebody holds the lease of its member, whose version stays as it is", () => {
    const leased = async () => {
      const held = await keep(store, user("member"), { due: grant("holder") });
      const { id: group } = await keepGroup(store, { displayName: "Editors" }, { members: [{ kind: "add", members: [member(held.id)] }] });
      const leaves = () => keepGroup(store, undefined, { id: group, members: [{ kind: "remove", values: [held.id] }], affects: "changed" });
      return { ...held, lease: held.lease!, leaves };
    };

    test("keeps the work open, in the stronger lane, when the holder settles it", async () => {
      const { id, lease, leaves } = await leased();
      await leaves();
      expect(await store.record(lease, done(1))).toBe(true);
      expect((await store.hold(acme, id))?.due).toMatchObject({ lane: "deny", attempts: 0, failure: undefined });
      expect(await store.oldestDenialMs()).toBeTypeOf("number");
      const [turn] = await takeDue(store, "next", 60_000, 10, []);
      expect(turn).toMatchObject({ held: { id, groups: [] }, abandoned: false });
      expect(await store.record(turn!.lease, done(1))).toBe(true);
      expect((await store.hold(acme, id))?.due).toBeUndefined();
    });

    test("keeps the work open when the holder takes the push back", async () => {
      const { id, lease } = await keep(store, user("member"), { due: grant("first") });
      await store.record(lease!, done(1));
      const { id: group } = await keepGroup(store, { displayName: "Editors" }, { members: [{ kind: "add", members: [member(id)] }] });
      const second = await keep(store, user("member", { title: "t" }), { id, readAt: 1, due: grant("second") });
      await keepGroup(store, undefined, { id: group, members: [{ kind: "remove", values: [id] }], affects: "changed" });
      const former = { attributes: user("member"), keys: userKeys(user("member")), version: 1, modifiedMs: 1 };
      expect(await store.rollBack(undoing(second.lease!, 2, former))).toBe(true);
      expect((await store.hold(acme, id))?.due).toMatchObject({ lane: "deny" });
      expect(await takeDue(store, "next", 60_000, 10, [])).toMatchObject([{ held: { id, version: 1 } }]);
    });
  });

  test("a denial is found first behind all lesser ones, and a lane whose work lies in the future hides nobody", async () => {
    const far = connectionId("far");
    for (let n = 0; n < 60; n++) {
      const { lease } = await keep(store, user(`f${n}`), { connection: far, due: deny("w") });
      await store.record(lease!, later(9_999_999_999_999, "deny"));
    }
    for (let n = 0; n < 60; n++) await keep(store, user(`p${n}`), { due: { lane: "profile", lease: undefined } });
    const { id } = await keep(store, user("urgent"), { due: deny() });
    expect((await takeDue(store, "w", 1_000, 1, [])).map(({ held }) => held.id)).toEqual([id]);
    expect(await takeDue(store, "w", 60_000, 500, [])).toHaveLength(60);
  });
});

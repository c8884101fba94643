/**
 * Modes: what a frozen and an observing connection keep, and what they let the worker take.
 *
 * @module
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Breach } from "../../src/model/failure.ts";
import type { Mode } from "../../src/model/mode.ts";
import { permits } from "../../src/model/mode.ts";
import { connectionId } from "../../src/model/ids.ts";
import type { ConnectionId } from "../../src/model/ids.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import type { Store } from "../../src/store/store.ts";
import { engines } from "../support/stores.ts";
import { deny, done, entry, grant, groupPush, keep, keepGroup, linkTo, member, push, rival, user, takeDue } from "./people.ts";

describe.each(engines)("on $name", (engine) => {
  let store: Store;
  let here: ConnectionId;
  let count = 0;
  beforeAll(async () => void (store = await engine.open()));
  afterAll(() => store.close());
  beforeEach(() => void (here = connectionId(`c${++count}`)));

  const why = { by: "ann", reason: "too many leavers" };
  const taken = async () => (await takeDue(store, "worker", 60_000, 50, [])).filter(({ lease }) => lease.connection === here).map(({ lease }) => lease.resource);
  const lastRow = async () => (await store.journal(here, { limit: 100 })).at(-1);

  test("without a row a connection delivers", async () => {
    expect(await store.mode(here)).toMatchObject({ frozen: false, observes: false, owned: false });
    expect((await store.modes()).map(({ connection }) => connection)).not.toContain(here);
  });

  test("a freeze is journalled with who and why, the first reason stays, and lifting it is journalled too", async () => {
    expect(await store.freeze(here, why)).toBe(true);
    expect(await lastRow()).toMatchObject({ kind: "alarm", data: { mode: "frozen", by: "ann", reason: "too many leavers" } });
    expect(await store.freeze(here, { by: "bo", reason: "another" })).toBe(false);
    expect(await store.mode(here)).toMatchObject({ frozen: true, by: "ann", reason: "too many leavers" });
    expect(await store.unfreeze(here, { by: "cy", reason: "" })).toBe(true);
    expect(await lastRow()).toMatchObject({ kind: "decision", data: { mode: "deliver", by: "cy" } });
    expect(await store.unfreeze(here, { by: "cy", reason: "" })).toBe(false);
    expect(await store.firstBrokenRow(here)).toBeUndefined();
  });

  test("a frozen connection keeps nothing of a push: no resource, no version, no journal row, no due row", async () => {
    const { id } = await keep(store, user("ann"), { connection: here });
    await store.freeze(here, why);
    const before = await store.journalHead(here);
    const frozen = { kind: "frozen", mode: expect.objectContaining({ by: "ann" }) };
    expect(await store.commit(push(user("bo"), { connection: here, due: grant("r") }))).toEqual(frozen);
    expect(await store.commit(push(user("ann", { title: "t" }), { connection: here, id, readAt: 1, due: deny("r") }))).toEqual(frozen);
    expect(await store.commitGroup(groupPush({ displayName: "g" }, { connection: here }))).toEqual(frozen);
    expect(await store.journalHead(here)).toEqual(before);
    expect(await store.openWork(here, 10)).toEqual([]);
    expect((await store.hold(here, id))?.version).toBe(1);
    expect((await store.commit(push(user("bo"), { connection: rival }))).kind).toBe("committed");
    expect((await store.commit({ ...push(user("bo"), { connection: here }), by: "operator" })).kind).toBe("committed");
  });

  test("of a frozen connection the worker takes denials only, and everything once it is thawed", async () => {
    const leaver = await keep(store, user("leaver"), { connection: here, due: deny() });
    const joiner = await keep(store, user("joiner"), { connection: here, due: grant() });
    await store.freeze(here, why);
    expect(await taken()).toEqual([leaver.id]);
    await store.unfreeze(here, why);
    expect(await taken()).toEqual([joiner.id]);
  });

  test("what an observing connection keeps is nobody's to take, has no intent and no lease, and a denial in it has no age", async () => {
    await store.observe(here, { ...why, again: false });
    const id = newResourceId();
    const committed = await store.commit(push(user("leaver"), { connection: here, id, due: deny("request"), journal: [entry("push", id), entry("intent", id)] }));
    expect(committed).toMatchObject({ kind: "committed", observed: true, lease: undefined });
    expect((await store.journal(here, { resource: id, limit: 10 })).map(({ kind }) => kind)).toEqual(["push"]);
    const group = await keepGroup(store, { displayName: "g" }, { connection: here, members: [{ kind: "add", members: [member(id)] }], affects: "changed" });
    expect(await store.commitGroup(groupPush(undefined, { connection: here, id: group.id, readAt: 1, members: [{ kind: "clear" }], affects: "changed" }))).toMatchObject({ observed: true, affected: [id] });
    expect(await taken()).toEqual([]);
    expect((await store.mode(here, id)).owned).toBe(false);
  });

  test("a denial that was acknowledged before is owned, and is taken while the connection observes", async () => {
    const { id } = await keep(store, user("leaver"), { connection: here, due: deny() });
    await store.observe(here, { ...why, again: false });
    expect((await store.mode(here, id)).owned).toBe(true);
    expect(await taken()).toEqual([id]);
  });

  test("promotion makes what is parked due, denials acknowledged from now on, and names who approved whom", async () => {
    await store.observe(here, { ...why, again: false });
    const leaver = await keep(store, user("leaver"), { connection: here, due: deny() });
    const joiner = await keep(store, user("joiner"), { connection: here, due: grant() });
    const { seq } = await store.journalHead(here);
    expect(await store.promote(here, { by: "bo", hash: "h", pushesUntilSeq: seq, people: [leaver.id] })).toBe("promoted");
    expect((await store.journal(here, { afterSeq: seq, limit: 10 })).map(({ data }) => data)).toEqual([expect.objectContaining({ promoted: "h", by: "bo" }), { promoted: "h", approved: [leaver.id] }]);
    expect((await store.mode(here, leaver.id)).owned).toBe(true);
    expect(await taken()).toEqual([leaver.id, joiner.id]);
    expect(await store.promote(here, { by: "bo", hash: "h", pushesUntilSeq: seq, people: [] })).toBe("not observing");
  });

  test("nothing is promoted that was pushed after the plan was made", async () => {
    await store.observe(here, { ...why, again: false });
    const { seq } = await store.journalHead(here);
    await keep(store, user("late"), { connection: here, due: grant() });
    expect(await store.promote(here, { by: "bo", hash: "h", pushesUntilSeq: seq, people: [] })).toBe("moved");
    expect((await store.mode(here)).observes).toBe(true);
  });

  test("who was promoted is not sent back by a configuration, but by a person", async () => {
    await store.observe(here, { ...why, again: false });
    expect(await store.observe(here, { ...why, again: false })).toBe("observing");
    await store.promote(here, { by: "bo", hash: "h", pushesUntilSeq: (await store.journalHead(here)).seq, people: [] });
    expect(await store.observe(here, { ...why, again: false })).toBe("promoted");
    await store.freeze(here, why);
    expect(await store.observe(here, { ...why, again: true })).toBe("frozen");
    await store.unfreeze(here, why);
    expect(await store.observe(here, { ...why, again: false })).toBe("promoted");
    expect(await store.observe(here, { ...why, again: true })).toBe("begun");
  });

  test("what lay beneath a freeze is there again after it, and a frozen plan is not promoted", async () => {
    await store.observe(here, { ...why, again: false });
    await store.freeze(here, why);
    expect(await store.mode(here)).toMatchObject({ frozen: true, observes: true });
    expect(await store.promote(here, { by: "bo", hash: "h", pushesUntilSeq: 99, people: [] })).toBe("frozen");
    await store.unfreeze(here, why);
    expect(await store.mode(here)).toMatchObject({ frozen: false, observes: true });
  });

  test("a decision that hangs on whether the connection observes is made again when that has changed", async () => {
    const { id } = await keep(store, user("ann"), { connection: here });
    expect(await store.commit({ ...push(undefined, { connection: here, id, readAt: 1 }), observing: true })).toEqual({ kind: "moved" });
    expect((await store.commit({ ...push(undefined, { connection: here, id, readAt: 1 }), observing: false })).kind).toBe("committed");
  });

  test("a link that two people would share is a breach where the account was made, and a conflict where it was found", async () => {
    const one = await keep(store, user("one"), { connection: here, due: grant("w") });
    const two = await keep(store, user("two"), { connection: here, due: grant("w") });
    await store.record(one.lease!, done(1, { link: linkTo("acc") }));
    await expect(store.record(two.lease!, done(1, { link: linkTo("acc", { origin: "adopted" }) }))).rejects.not.toBeInstanceOf(Breach);
    await expect(store.record(two.lease!, done(1, { link: linkTo("acc") }))).rejects.toBeInstanceOf(Breach);
  });
});

test.each<[string, Pick<Mode, "frozen" | "observes">, string]>([
  ["delivers", { frozen: false, observes: false }, "all all all all"],
  ["observes", { frozen: false, observes: true }, "all reads reads reads"],
  ["is frozen", { frozen: true, observes: false }, "all all none none"],
  ["was frozen while it observed", { frozen: true, observes: true }, "all none none none"],
])("a connection that %s lets through, for owned denials, other denials, grants and profiles", (_, mode, wanted) => {
  const errands = [{ lane: "deny", owned: true }, { lane: "deny", owned: false }, { lane: "grant", owned: false }, { lane: "profile", owned: false }] as const;
  const word = (errand: (typeof errands)[number]) => (permits(mode, { ...errand, write: true }) ? "all" : permits(mode, { ...errand, write: false }) ? "reads" : "none");
  expect(errands.map(word).join(" ")).toBe(wanted);
});

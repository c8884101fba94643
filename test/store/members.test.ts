/**
 * Members of groups as row deltas.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ResourceId } from "../../src/model/ids.ts";
import type { Store } from "../../src/store/store.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import { engines } from "../support/stores.ts";
import { acme, everything, groupPush, incompressible, keep, keepGroup, member, nothing, push, user } from "./people.ts";

describe.each(engines)("on $name", ({ open }) => {
  let store: Store;
  beforeAll(async () => void (store = await open()));
  afterAll(() => store.close());

  let names = 0;
  const group = (...values: string[]) => keepGroup(store, { displayName: `group ${names++}` }, { members: [{ kind: "add", members: values.map((value) => member(value)) }] });
  const read = async (id: ResourceId) => (await store.read(acme, "Group", id, everything))!;
  const membersOf = async (id: ResourceId) => (await read(id)).members.map(({ value }) => value);

  test("a new group has version 1 and its members in order, whatever else was written into them", async () => {
    const members = [member("b", { display: "Bee", type: "User", $ref: "https://x/y" }), member("a"), member("c", { display: "Ünï 🦄" })];
    const { id, version, joined, memberCount } = await keepGroup(store, { displayName: "New" }, { members: [{ kind: "add", members }] });
    expect({ version, joined, memberCount }).toEqual({ version: 1, joined: ["b", "a", "c"], memberCount: 3 });
    expect(await read(id)).toMatchObject({ version: 1, attributes: { displayName: "New" }, members, emptied: false });
    expect((await store.read(acme, "Group", id, nothing))?.members).toEqual([]);
  });

  test("deltas say exactly who came and who left, and only they raise the version", async () => {
    const { id } = await group("a", "b");
    const added = await keepGroup(store, undefined, { id, members: [{ kind: "add", members: [member("b"), member("c"), member("c")] }] });
    expect(added).toMatchObject({ version: 2, changed: true, joined: ["c"], left: [], memberCount: 3 });
    const again = await keepGroup(store, undefined, { id, members: [{ kind: "add", members: [member("c")] }, { kind: "remove", values: ["stranger"] }] });
    expect(again).toMatchObject({ version: 2, changed: false, joined: [], left: [], modifiedMs: added.modifiedMs });
    const removed = await keepGroup(store, undefined, { id, members: [{ kind: "remove", values: ["a", "stranger", "a"] }] });
    expect(removed).toMatchObject({ version: 3, left: ["a"], memberCount: 2 });
    expect(await membersOf(id)).toEqual(["b", "c"]);
  });

  test("changes are applied in order, and who came and left in one push did neither", async () => {
    const { id } = await group("a", "b");
    const { joined, left, changed, memberCount } = await keepGroup(store, undefined, {
      id,
      members: [{ kind: "remove", values: ["a"] }, { kind: "add", members: [member("a"), member("x"), member("y")] }, { kind: "remove", values: ["x"] }, { kind: "clear" }, { kind: "add", members: [member("b"), member("z")] }],
    });
    expect({ joined, left, changed, memberCount }).toEqual({ joined: ["z"], left: ["a"], changed: true, memberCount: 2 });
    expect(await membersOf(id)).toEqual(["b", "z"]);
  });

  test("a large group is changed in stretches, with the same outcome, and the rest of the process gets its turns", async () => {
    const many = (from: number, to: number, display: string) => Array.from({ length: to - from }, (_, n) => member(`m${String(from + n).padStart(6, "0")}`, { display }));
    let turns = 0;
    let isOn = true;
    const others = () => {
      turns += 1;
      if (isOn) setImmediate(others);
    };
    setImmediate(others);
    const { id, joined } = await keepGroup(store, { displayName: `group ${names++}` }, { members: [{ kind: "add", members: many(0, 12_000, "a") }] });
    expect(joined).toHaveLength(12_000);
    const replaced = await keepGroup(store, undefined, { id, members: [{ kind: "replace", members: [...many(0, 3_000, "a"), ...many(3_000, 9_000, "b"), ...many(20_000, 26_000, "c")] }] });
    expect(replaced).toMatchObject({ version: 2, memberCount: 15_000 });
    expect([replaced.joined.length, replaced.joined[0], replaced.left.length, replaced.left[0], replaced.left.at(-1)]).toEqual([6_000, "m020000", 3_000, "m009000", "m011999"]);
    const { members } = await read(id);
    expect(members).toEqual([...many(0, 3_000, "a"), ...many(3_000, 9_000, "b"), ...many(20_000, 26_000, "c")]);
    const cleared = await keepGroup(store, undefined, { id, members: [{ kind: "clear" }] });
    expect(cleared).toMatchObject({ memberCount: 0, changed: true });
    expect(cleared.left).toEqual(members.map(({ value }) => value));
    isOn = false;
    // Every stretch of 1,000 rows: 12 inserted; 6 inserted, 3 removed, 6 written anew; 15 removed. On PostgreSQL each statement is a turn anyway.
    expect(turns).toBeGreaterThan(42);
  });

  test("replacing keeps who stays in place, and rewrites what is written beside the value", async () => {
    const { id } = await group("a", "b", "c");
    const replaced = await keepGroup(store, undefined, { id, members: [{ kind: "replace", members: [member("d"), member("c", { display: "Sea" }), member("a")] }] });
    expect(replaced).toMatchObject({ version: 2, joined: ["d"], left: ["b"], memberCount: 3 });
    expect((await read(id)).members).toEqual([member("a"), member("c", { display: "Sea" }), member("d")]);
    const same = await keepGroup(store, undefined, { id, members: [{ kind: "replace", members: [member("a"), member("c", { display: "Sea" }), member("d")] }] });
    expect(same).toMatchObject({ version: 2, changed: false });
    const renamed = await keepGroup(store, undefined, { id, members: [{ kind: "replace", members: [member("a"), member("c"), member("d")] }] });
    expect(renamed).toMatchObject({ version: 3, changed: true, joined: [], left: [] });
  });

  test.each([
    ["replaced by nobody", true, [{ kind: "replace", members: [] }]],
    ["robbed of all members", true, [{ kind: "remove", values: ["a", "b"] }]],
    ["robbed of one of two", false, [{ kind: "remove", values: ["a"] }]],
    ["cleared", false, [{ kind: "clear" }]],
    ["robbed one by one, then cleared", false, [{ kind: "remove", values: ["a", "b"] }, { kind: "clear" }]],
    ["emptied and filled again", false, [{ kind: "replace", members: [] }, { kind: "add", members: [member("q")] }]],
    ["robbed of nobody", false, [{ kind: "remove", values: ["stranger"] }]],
  ] as const)("a group that was %s shows an empty list: %s", async (_, emptied, members) => {
    const { id } = await group("a", "b");
    await keepGroup(store, undefined, { id, members });
    expect((await read(id)).emptied).toBe(emptied);
  });

  test("an empty group that is emptied shows it, without a new version", async () => {
    const { id } = await keepGroup(store, { displayName: "never anybody" });
    expect((await read(id)).emptied).toBe(false);
    expect(await keepGroup(store, undefined, { id, members: [{ kind: "replace", members: [] }] })).toMatchObject({ version: 1, changed: false });
    expect((await read(id)).emptied).toBe(true);
  });

  test("attributes are compared by version, members are not", async () => {
    const { id } = await group("a");
    await keepGroup(store, undefined, { id, members: [{ kind: "add", members: [member("b")] }] });
    expect(await store.commitGroup(groupPush({ displayName: "stale" }, { id, readAt: 1, members: [{ kind: "clear" }] }))).toEqual({ kind: "moved" });
    expect(await membersOf(id)).toEqual(["a", "b"]);
    expect(await keepGroup(store, undefined, { id, readAt: 1, members: [{ kind: "add", members: [member("c")] }] })).toMatchObject({ version: 3 });
    expect(await keepGroup(store, { displayName: "fresh" }, { id, readAt: 3 })).toMatchObject({ version: 4, changed: true });
    expect(await keepGroup(store, { displayName: "fresh" }, { id, readAt: 4 })).toMatchObject({ version: 4, changed: false });
  });

  test("a group that is not there is missing, and a deleted one takes its memberships along", async () => {
    expect(await store.commitGroup(groupPush(undefined, { members: [{ kind: "add", members: [member("a")] }] }))).toEqual({ kind: "missing" });
    const { id: ann } = await keep(store, user("ann.in.groups"));
    const { id } = await keepGroup(store, { displayName: "Short lived" }, { members: [{ kind: "add", members: [member(ann), member("b")] }] });
    expect((await store.read(acme, "User", ann, everything))?.groups).toEqual([{ value: id, display: "Short lived" }]);
    expect(await store.commitGroup(groupPush("deleted", { id, readAt: 7 }))).toEqual({ kind: "moved" });
    expect(await keepGroup(store, "deleted", { id, readAt: 1 })).toMatchObject({ left: [ann, "b"], changed: true, memberCount: 0 });
    expect(await store.read(acme, "Group", id, everything)).toBeUndefined();
    expect((await store.read(acme, "User", ann, everything))?.groups).toEqual([]);
    expect(await store.commitGroup(groupPush("deleted", { id }))).toEqual({ kind: "missing" });
    expect((await store.commitGroup(groupPush({ displayName: "SHORT LIVED" }))).kind).toBe("committed");
  });

  test("fifty pushes at once, a member each, lose nobody", async () => {
    const { id } = await group();
    await Promise.all(Array.from({ length: 50 }, (_, n) => keepGroup(store, undefined, { id, members: [{ kind: "add", members: [member(`m${n}`)] }] })));
    expect((await membersOf(id)).toSorted()).toEqual(Array.from({ length: 50 }, (_, n) => `m${n}`).toSorted());
    expect(await keepGroup(store, undefined, { id })).toMatchObject({ version: 51, memberCount: 50 });
  });

  test("members may have any value, of any length, in any script, and are told apart exactly", async () => {
    const long = incompressible(64 * 1024);
    const values = ["A", "a", "%", "_", "'", `"`, "\\", "[]", long, `${long}y`, "🦄", "é", "e\u0301", " a"];
    const { id, joined } = await group(...values);
    expect(joined).toEqual(values);
    expect(await membersOf(id)).toEqual(values);
    expect(await keepGroup(store, undefined, { id, members: [{ kind: "remove", values: [long, "A", "%"] }] })).toMatchObject({ left: [long, "A", "%"], memberCount: values.length - 3 });
  });

  test("a user's groups are those of the same connection that hold exactly this id", async () => {
    const { id } = await keep(store, user("ann"));
    const groups = [(await keepGroup(store, { displayName: "Zed" }, { members: [{ kind: "add", members: [member(id)] }] })).id, (await keepGroup(store, { displayName: "Alpha" }, { members: [{ kind: "add", members: [member(id)] }] })).id];
    await keepGroup(store, { displayName: "Capital" }, { members: [{ kind: "add", members: [member(id.toUpperCase())] }] });
    await store.commitGroup({ ...groupPush({ displayName: "Foreign" }, { members: [{ kind: "add", members: [member(id)] }] }), connection: "rival" as typeof acme });
    const shown = [{ value: groups[0], display: "Zed" }, { value: groups[1], display: "Alpha" }];
    expect((await store.read(acme, "User", id, everything))?.groups).toEqual(shown);
    expect((await store.hold(acme, id))?.groups).toEqual(shown);
    expect((await store.read(acme, "User", id, nothing))?.groups).toEqual([]);
  });

  test("50,000 members are written and counted, and one more is one more", async () => {
    const many = Array.from({ length: 50_000 }, () => member(newResourceId()));
    const { id, joined, memberCount } = await keepGroup(store, { displayName: "everyone" }, { members: [{ kind: "replace", members: many }] });
    expect(joined).toHaveLength(50_000);
    expect(memberCount).toBe(50_000);
    expect(await keepGroup(store, undefined, { id, members: [{ kind: "add", members: [member("one more")] }] })).toMatchObject({ joined: ["one more"], memberCount: 50_001 });
    const kept = many.slice(1);
    expect(await keepGroup(store, undefined, { id, members: [{ kind: "replace", members: kept }] })).toMatchObject({ joined: [], left: [many[0]!.value, "one more"], memberCount: 49_999 });
    // Not `toEqual`: printing how 50,000 values differ takes minutes.
    expect(isDeepStrictEqual(await membersOf(id), kept.map(({ value }) => value))).toBe(true);
  }, 60_000);

  test("the count survives deleted users", async () => {
    const { id: ann } = await keep(store, user("counted"));
    const { id } = await group(ann, "b");
    await store.commit(push(undefined, { id: ann, readAt: 1 }));
    expect(await keepGroup(store, undefined, { id })).toMatchObject({ memberCount: 1, version: 2 });
  });
});

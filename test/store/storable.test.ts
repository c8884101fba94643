/**
 * What both engines hold alike, and what neither is given.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Filter } from "../../src/model/filter.ts";
import { checkedJson, checkedText, indexKey } from "../../src/store/storable.ts";
import type { Store } from "../../src/store/store.ts";
import { engines } from "../support/stores.ts";
import { acme, groupPush, incompressible, keep, keepGroup, linkTo, member, nothing, push, user, grant } from "./people.ts";

test.each(["\0", "a\0b", "\ud800", "x\udc00", "\udc00\ud800"])("neither engine is given %j", (text) => {
  expect(() => checkedText(text)).toThrow(/NUL/);
  expect(() => checkedJson({ a: [{ b: text }] })).toThrow(/NUL/);
  expect(() => checkedJson({ [text]: 1 })).toThrow(/NUL/);
});

test.each(["\\u0000", "\\\\u0000", "\\ud800", "🦄", "\u0001", "\u001f\\", "\\", '"'])("%j is only text", (text) => {
  expect(JSON.parse(checkedJson({ [text]: text }))).toEqual({ [text]: text });
});

test("index keys are short, equal for equal texts only, and in order", () => {
  const long = "ä".repeat(40_000);
  expect(indexKey("short")).toBe("short");
  expect(indexKey(long)).not.toBe(indexKey(`${long}ä`));
  for (const text of [long, "🦄".repeat(30_000), `${"x".repeat(199)}${"🦄".repeat(1_000)}`]) {
    expect(Buffer.byteLength(indexKey(text))).toBeLessThanOrEqual(1_000);
    expect(indexKey(text).isWellFormed()).toBe(true);
  }
  expect(indexKey(`a${long}`) < indexKey(`b${long}`)).toBe(true);
});

describe.each(engines)("on $name", ({ open }) => {
  let store: Store;
  beforeAll(async () => void (store = await open()));
  afterAll(() => store.close());

  const at = (...path: string[]) => ({ path, listAt: undefined, type: "string" as const, caseExact: false });
  const count = async (filter: Filter) => (await store.list(acme, "User", { filter, sort: undefined, offset: 0, limit: 1_000, ...nothing })).total;

  test.each(["\0", "\ud800"])("text with %j is refused everywhere, before any statement", async (bad) => {
    await expect(store.commit(push(user(`u${bad}`)))).rejects.toThrow(/NUL/);
    await expect(store.commit(push(user("fine", { title: bad })))).rejects.toThrow(/NUL/);
    await expect(store.commitGroup(groupPush({ displayName: "g" }, { members: [{ kind: "add", members: [member(bad)] }] }))).rejects.toThrow(/NUL/);
    await expect(store.commitGroup(groupPush({ displayName: "g" }, { members: [{ kind: "remove", values: [bad] }] }))).rejects.toThrow(/NUL/);
    await expect(store.list(acme, "User", { filter: { kind: "compare", at: at("title"), operator: "co", value: bad }, sort: undefined, offset: 0, limit: 1, ...nothing })).rejects.toThrow(/NUL/);
    await expect(store.holder(acme, "User", { name: bad })).rejects.toThrow(/NUL/);
    expect(await store.holder(acme, "User", { name: "fine" })).toBeUndefined();
  });

  test("texts of 64 KiB are kept, found and compared", async () => {
    const long = `Lorem 🦄 ${incompressible(64 * 1024)}`;
    const { id } = await keep(store, user("long", { title: long, externalId: long, emails: [{ value: `${long}@x`, type: "work" }] }));
    expect((await store.read(acme, "User", id, nothing))?.attributes.title).toBe(long);
    const folded = long.toLowerCase();
    expect(await count({ kind: "compare", at: at("title"), operator: "eq", value: folded })).toBe(1);
    expect(await count({ kind: "compare", at: at("title"), operator: "ew", value: folded.slice(3) })).toBe(1);
    expect(await count({ kind: "compare", at: { ...at("externalId"), caseExact: true }, operator: "eq", value: long })).toBe(1);
    expect(await count({ kind: "compare", at: { ...at("externalId"), caseExact: true }, operator: "eq", value: `${long} ` })).toBe(0);
    expect(await count({ kind: "compare", at: { ...at("emails", "value"), listAt: 0 }, operator: "eq", value: `${folded}@x` })).toBe(1);
  });

  test("an account id that no index could hold is refused alike", async () => {
    const { id, lease } = await keep(store, user("long.account"), { due: grant("w") });
    await expect(store.record(lease!, { journal: [], link: linkTo("a".repeat(1_001)), due: { kind: "keep" } })).rejects.toMatchObject({ failure: { kind: "protocol" } });
    expect((await store.hold(acme, id))?.link).toBeUndefined();
  });

  test("quotes, wildcards and comments in a value are only characters", async () => {
    const hostile = [`' or 1=1 --`, `"; drop table resources; --`, "%", "_", "\\", "$1", "?", "*/", "[a-z]", "{}"];
    for (const [n, text] of hostile.entries()) await keep(store, user(`hostile ${n}`, { title: text }));
    for (const text of hostile) for (const operator of ["eq", "co", "sw", "ew"] as const) expect(await count({ kind: "compare", at: at("title"), operator, value: text })).toBe(1);
  });

  test("names sort by bytes: capitals were folded, and Z comes before a before ä before the unicorn", async () => {
    const { total } = await store.list(acme, "Group", { filter: undefined, sort: undefined, offset: 0, limit: 1, ...nothing });
    expect(total).toBe(0);
    for (const name of ["🦄", "ä", "a", "Z", "\uffee", "b"]) await keepGroup(store, { displayName: name, externalId: name });
    const sorted = async (path: string, descending = false) =>
      (await store.list(acme, "Group", { filter: undefined, sort: { path: [path], listAt: undefined, descending }, offset: 0, limit: 10, ...nothing })).resources.map(({ attributes }) => attributes.displayName);
    expect(await sorted("externalId")).toEqual(["Z", "a", "b", "ä", "\uffee", "🦄"]);
    expect(await sorted("externalId", true)).toEqual(["🦄", "\uffee", "ä", "b", "a", "Z"]);
    expect(await sorted("displayName")).toEqual(["a", "b", "Z", "ä", "\uffee", "🦄"]);
  });
});

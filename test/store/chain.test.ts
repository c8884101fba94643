/**
 * What the journal proves, and how it is shortened without proving less.
 *
 * @module
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import type { ConnectionId } from "../../src/model/ids.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import { openChain } from "../../src/store/chain.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import type { TestPlace } from "../support/stores.ts";
import { engines } from "../support/stores.ts";
import { entry, keepGroup, member } from "./people.ts";

describe.each(engines)("on $name", (engine) => {
  let place: TestPlace;
  let store: Store;
  let here: ConnectionId;
  let count = 0;
  beforeAll(async () => {
    place = await engine.place();
    store = await openStore({ url: place.url, clock: systemClock });
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });
  beforeEach(async () => {
    here = connectionId(`c${++count}`);
    await store.append(here, Array.from({ length: 30 }, (_, n) => entry("push", undefined, { n })));
  });

  const rows = (from: number, to: number) => store.chainRows(here, from - 1, to - from + 1);
  const tamper = (seq: number) => place.query(`update journal set data = '{"n":4711}' where connection = '${here}' and seq = ${seq}`);

  test("what is exported is taken out, the rest still verifies, and the record says so", async () => {
    expect(await store.prune(here, { rows: await rows(1, 10), digest: "d1", by: "ann" })).toBe(10);
    expect(await store.prune(here, { rows: await rows(11, 20), digest: "d2", by: "ann" })).toBe(10);
    expect(await store.verifyJournal(here)).toMatchObject({ breaks: [], first: 21, prunedThrough: 20, rows: 12 });
    expect((await store.journal(here, { limit: 100 })).at(-1)).toMatchObject({ kind: "decision", data: { pruned: { from: 11, through: 20 }, exported: "d2", by: "ann" } });
  });

  test.each([
    ["a row is another one than in the export", async () => (await rows(1, 10)).map((row) => (row.seq === 4 ? { ...row, data: "{}" } : row))],
    ["the export begins later than the journal", () => rows(2, 10)],
    ["the export has a hole", async () => (await rows(1, 10)).filter(({ seq }) => seq !== 5)],
    ["nothing would be left", () => rows(1, 30)],
    ["the export is empty", () => Promise.resolve([])],
  ])("nothing is taken out when %s", async (_, exported) => {
    expect(await store.prune(here, { rows: await exported(), digest: "d", by: "ann" })).toBe(0);
    expect(await store.verifyJournal(here)).toMatchObject({ breaks: [], rows: 30 });
  });

  test("rows that are gone without a record break the chain", async () => {
    await place.query(`delete from journal where connection = '${here}' and seq <= 5`);
    expect((await store.verifyJournal(here)).breaks).toMatchObject([{ row: 6, why: "rows 1 to 5 are missing and no export of them is on record" }]);
  });

  test("more rows gone than were exported break the chain", async () => {
    await store.prune(here, { rows: await rows(1, 10), digest: "d", by: "ann" });
    await place.query(`delete from journal where connection = '${here}' and seq <= 12`);
    expect(await store.firstBrokenRow(here)).toBe(13);
  });

  test("a break that an operator has accepted is reported and no longer counts; the next one does", async () => {
    await tamper(7);
    const [broken] = (await store.verifyJournal(here)).breaks;
    expect(broken).toMatchObject({ row: 7, why: "the row was changed after it was written" });
    await store.acceptBreak(here, broken!, { by: "ann", reason: "restored from a backup" });
    expect(await store.verifyJournal(here)).toMatchObject({ breaks: [], accepted: [{ row: 7 }] });
    await place.query(`update journal set data = '{"n":4712}' where connection = '${here}' and seq = 7`);
    expect(await store.firstBrokenRow(here)).toBe(7);
    await tamper(9);
    expect((await store.verifyJournal(here)).breaks.map(({ row }) => row)).toEqual([7, 9]);
  });

  test("an outcome without an intent is a break; after its intent it is none", async () => {
    const [one, two] = [newResourceId(), newResourceId()];
    await store.append(here, [entry("intent", one, { operations: [{ kind: "create" }, { kind: "setRole" }] }), entry("outcome", one, { operation: "create" }), entry("outcome", one, { operation: "setRole" })]);
    expect(await store.firstBrokenRow(here)).toBeUndefined();
    await store.append(here, [entry("outcome", two, { operation: "create" })]);
    expect((await store.verifyJournal(here)).breaks).toMatchObject([{ row: 34, why: "an outcome of create stands there without an intent" }]);
    expect(await store.firstBrokenRow(here)).toBe(34);
  });

  test("what was intended and not accounted for is known", async () => {
    const id = newResourceId();
    expect(await store.openIntent(here, id)).toEqual([]);
    await store.append(here, [entry("intent", id, { operations: [{ kind: "deactivate", reason: "r" }, { kind: "delete" }] })]);
    expect(await store.openIntent(here, id)).toEqual([{ kind: "deactivate", reason: "r" }, { kind: "delete" }]);
    await store.append(here, [entry("outcome", id, { operation: "deactivate", result: "done" })]);
    expect(await store.openIntent(here, id)).toEqual([{ kind: "delete" }]);
    // An operator's order for the same person says nothing about it.
    await store.append(here, [entry("intent", id, { operator: "resetMfa" }), entry("outcome", id, { operator: "resetMfa", result: "done" })]);
    expect(await store.openIntent(here, id)).toEqual([{ kind: "delete" }]);
    await store.append(here, [entry("outcome", id, { operation: "delete", result: "done" })]);
    expect(await store.openIntent(here, id)).toEqual([]);
    // What was not needed any more is accounted for, however many other decisions there are.
    await store.append(here, [entry("intent", id, { operations: [{ kind: "deactivate", reason: "r" }, { kind: "delete" }] }), ...Array.from({ length: 40 }, (_, n) => entry("decision", id, { waits: "deactivate", n }))]);
    expect((await store.openIntent(here, id)).map(({ kind }) => kind)).toEqual(["deactivate", "delete"]);
    await store.append(here, [entry("decision", id, { unneeded: ["deactivate", "delete"], notes: [] })]);
    expect(await store.openIntent(here, id)).toEqual([]);
  });

  test("an exported part verifies alone, from whatever row it begins, and not when a byte differs", async () => {
    const verdict = (part: Awaited<ReturnType<typeof rows>>) => {
      const chain = openChain({ part: true });
      for (const row of part) chain.show(row);
      return chain.verdict().breaks.map(({ row }) => row);
    };
    expect(verdict(await rows(5, 20))).toEqual([]);
    await tamper(9);
    expect(verdict(await rows(5, 20))).toEqual([9]);
  });

  test("who came into a group and who left stands there whole, in rows of at most a thousand, with what was written beside them", async () => {
    const many = Array.from({ length: 2_500 }, (_, n) => member(`id-${n}`, n === 3 ? { display: "Three" } : {}));
    const id = newResourceId();
    const group = await keepGroup(store, { displayName: "all" }, { connection: here, id, members: [{ kind: "add", members: many }], journal: [entry("push", id)] });
    await keepGroup(store, undefined, { connection: here, id, readAt: group.version, members: [{ kind: "clear" }], journal: [entry("push", id)] });
    const data = (await store.journal(here, { resource: id, limit: 100 })).map((row) => (row.data as { membership?: { joined?: string[]; left?: string[]; rests?: object } }).membership);
    const values = (which: "joined" | "left") => data.flatMap((membership) => membership?.[which] ?? []);
    expect([values("joined").toSorted(), values("left").toSorted()]).toEqual([many.map(({ value }) => value).toSorted(), many.map(({ value }) => value).toSorted()]);
    expect(data.every((membership) => (membership?.joined ?? membership?.left ?? []).length <= 1_000)).toBe(true);
    expect(data.flatMap((membership) => Object.entries(membership?.rests ?? {}))).toEqual([["id-3", { display: "Three" }]]);
  });
});

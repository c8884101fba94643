/**
 * The journal's chain, and what happens to it when somebody tampers.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import { type ChainRow, hashOf } from "../../src/store/chain.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import type { TestPlace } from "../support/stores.ts";
import { engines } from "../support/stores.ts";
import { acme, entry, rival } from "./people.ts";

describe.each(engines)("on $name", (engine) => {
  let place: TestPlace;
  let store: Store;
  beforeAll(async () => {
    place = await engine.place();
    store = await openStore({ url: place.url, clock: systemClock });
    for (let n = 1; n <= 20; n++) await store.append(acme, [entry("push", undefined, { n }), entry("call", undefined, { n, text: "Ünï 🦄 \"quoted\" \\u0041" })]);
    await store.append(rival, [entry("push")]);
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  test("rows are numbered without gaps, per connection, and come back as written", async () => {
    const rows = await store.journal(acme, { limit: 1_000 });
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
    expect(rows[1]).toMatchObject({ kind: "call", resource: undefined, correlation: "c-test", data: { n: 1, text: "Ünï 🦄 \"quoted\" \\u0041" } });
    expect(await store.journal(acme, { afterSeq: 38, limit: 10 })).toHaveLength(2);
    expect(await store.journal(rival, { limit: 10 })).toHaveLength(1);
  });

  test("one resource's rows are found among all", async () => {
    const id = newResourceId();
    await store.append(acme, [entry("push", id), entry("push"), entry("outcome", id)]);
    expect((await store.journal(acme, { resource: id, limit: 10 })).map(({ kind }) => kind)).toEqual(["push", "outcome"]);
    expect(await store.journal(acme, { resource: id, limit: 1 })).toHaveLength(1);
  });

  test("many writers at once make one chain", async () => {
    await Promise.all(Array.from({ length: 30 }, (_, n) => store.append(acme, [entry("push", undefined, n), entry("outcome", undefined, n)])));
    expect(await store.firstBrokenRow(acme)).toBeUndefined();
  });

  test("a chain of many pages is whole", async () => {
    await store.append(rival, Array.from({ length: 2_500 }, (_, n) => entry("call", undefined, n)));
    expect(await store.firstBrokenRow(rival)).toBeUndefined();
    await place.query(`update journal set data = '7' where connection = 'rival' and seq = 2222`);
    expect(await store.firstBrokenRow(rival)).toBe(2_222);
  });

  const seq = 7;
  test.each([
    ["data is flipped by a byte", `update journal set data = replace(data, '4', '5') where connection = 'acme' and seq = ${seq}`, seq],
    ["a time is moved", `update journal set at_ms = at_ms + 1 where connection = 'acme' and seq = ${seq}`, seq],
    ["a kind is changed", `update journal set kind = 'alarm' where connection = 'acme' and seq = ${seq}`, seq],
    ["a hash is changed", `update journal set hash = 'f' where connection = 'acme' and seq = ${seq}`, seq],
    ["a row is taken out", `delete from journal where connection = 'acme' and seq = ${seq}`, seq + 1],
    ["the first row is taken out", `delete from journal where connection = 'acme' and seq = 1`, 2],
    ["a row moves to another connection", `update journal set connection = 'rival2' where connection = 'acme' and seq = ${seq}`, seq + 1],
  ])("when %s, the chain breaks there", async (_, tampering, brokenAt) => {
    const rows = await place.query(`select * from journal where connection = 'acme'`);
    expect(await store.firstBrokenRow(acme)).toBeUndefined();
    await place.query(tampering);
    expect(await store.firstBrokenRow(acme)).toBe(brokenAt);
    await place.query(`delete from journal where connection in ('acme', 'rival2')`);
    for (const row of rows) {
      const names = Object.keys(row);
      const marks = names.map((_, at) => (engine.name === "sqlite" ? "?" : `$${at + 1}`));
      await place.query(`insert into journal (${names.join(", ")}) values (${marks.join(", ")})`, Object.values(row));
    }
  });

  test("a row that was changed and hashed anew breaks the chain at the next one", async () => {
    const [row] = (await place.query(`select * from journal where connection = 'acme' and seq = ${seq}`)) as unknown as readonly ChainRow[];
    const forged = { ...row!, seq, at_ms: Number(row!.at_ms) + 1 };
    const put = (atMs: number, hash: string) => place.query(`update journal set at_ms = ${atMs}, hash = '${hash}' where connection = 'acme' and seq = ${seq}`);
    await put(forged.at_ms, hashOf(forged));
    expect(await store.firstBrokenRow(acme)).toBe(seq + 1);
    await put(forged.at_ms - 1, row!.hash);
    expect(await store.firstBrokenRow(acme)).toBeUndefined();
  });
});

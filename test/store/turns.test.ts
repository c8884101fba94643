/**
 * The one connection to an SQLite file: who may speak on it when, and that no statement is planned more than once.
 *
 * @module
 */
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEngine } from "../../src/store/open-store.ts";
import type { Engine } from "../../src/store/engine.ts";
import { prepared } from "../../src/store/prepared.ts";

let engine: Engine;
let nowMs: number;
beforeEach(async () => {
  nowMs = 1_000;
  engine = openEngine("file::memory:", { now: () => nowMs, sleep: async () => {} }, false);
  await sql`create table notes (id integer primary key, at_ms integer)`.execute(engine.db);
});
afterEach(() => engine.close());

const notes = async (db = engine.db) => (await sql<{ id: number }>`select id from notes order by id`.execute(db)).rows.map(({ id }) => id);
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("who asks while a transaction is open is answered after it, and sees nothing that was taken back", async () => {
  let outside: Promise<number[]> | undefined;
  const failed = engine.transact(async (tx) => {
    await sql`insert into notes (id) values (1)`.execute(tx);
    outside = notes();
    await turn();
    expect(await notes(tx)).toEqual([1]);
    throw new Error("no");
  });
  await expect(failed).rejects.toThrow("no");
  expect(await outside).toEqual([]);
});

test("what is written beside an open transaction is not taken back with it", async () => {
  let beside: Promise<unknown> | undefined;
  const failed = engine.transact(async (tx) => {
    await sql`insert into notes (id) values (1)`.execute(tx);
    beside = sql`insert into notes (id) values (2)`.execute(engine.db);
    await turn();
    throw new Error("no");
  });
  await expect(failed).rejects.toThrow("no");
  await beside;
  expect(await notes()).toEqual([2]);
});

test("a transaction that is over takes no more statements", async () => {
  let kept: Engine["db"] | undefined;
  await engine.transact(async (tx) => void (kept = tx));
  await expect(notes(kept)).rejects.toThrow("already committed");
});

test("no parameter is a bare ?, at whose value SQLite would look to plan the statement anew", () => {
  const { sql: text } = engine.db.selectFrom("tokens").selectAll().where("name", "=", "a").limit(1).compile();
  expect(text).toMatch(/= \+\? limit \+\?$/);
});

test("a prepared statement takes its values, and the time, when it is carried out", async () => {
  const noted = prepared((at, given: { readonly id: number }) => sql`insert into notes (id, at_ms) values (${given.id}, ${at.now()})`);
  await noted(engine, engine.db, { id: 1 });
  nowMs = 2_000;
  await noted(engine, engine.db, { id: 2 });
  expect((await sql`select id, at_ms from notes order by id`.execute(engine.db)).rows).toEqual([{ id: 1, at_ms: 1_000 }, { id: 2, at_ms: 2_000 }]);
});

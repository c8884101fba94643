import SqliteFile from "better-sqlite3";
import { Kysely, SqliteDialect, sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { batching, type Transact } from "../../src/store/batch.ts";
import type { Database } from "../../src/store/schema.ts";

let db: Kysely<Database>;
let statements: string[];
let transact: Transact;

beforeEach(async () => {
  statements = [];
  db = new Kysely<Database>({ dialect: new SqliteDialect({ database: new SqliteFile(":memory:") }), log: (event) => void statements.push(event.query.sql) });
  await sql`create table notes (id integer primary key)`.execute(db);
  transact = batching(db);
});
afterEach(() => db.destroy());

const note = (id: number) => transact(async (tx) => void (await sql`insert into notes values (${id})`.execute(tx)));
const kept = async () => (await sql<{ id: number }>`select id from notes order by id`.execute(db)).rows.map(({ id }) => id);
const commits = () => statements.filter((text) => text === "commit").length;

test("twenty that are ready together share one commit", async () => {
  await Promise.all(Array.from({ length: 20 }, (_, id) => note(id)));
  expect(await kept()).toHaveLength(20);
  expect(commits()).toBe(1);
});

test("one that fails takes back only itself", async () => {
  const outcomes = await Promise.allSettled([
    note(1),
    transact(async (tx) => {
      await sql`insert into notes values (2)`.execute(tx);
      throw new Error("no");
    }),
    note(1),
    note(3),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  expect(await kept()).toEqual([1, 3]);
});

test("none is acknowledged before the commit, and all fail with it", async () => {
  const order: string[] = [];
  const watched = new Kysely<Database>({ dialect: new SqliteDialect({ database: new SqliteFile(":memory:") }), log: (event) => void order.push(event.query.sql) });
  const both = batching(watched);
  await Promise.all([both(async () => undefined).then(() => order.push("acknowledged")), both(async () => undefined).then(() => order.push("acknowledged"))]);
  expect(order.slice(-3)).toEqual(["commit", "acknowledged", "acknowledged"]);
  await watched.destroy();

  await sql`create table parents (id integer primary key)`.execute(db);
  await sql`create table children (parent integer references parents (id) deferrable initially deferred)`.execute(db);
  await sql`pragma foreign_keys = on`.execute(db);
  const outcomes = await Promise.allSettled([note(7), transact(async (tx) => void (await sql`insert into children values (99)`.execute(tx)))]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await kept()).toEqual([]);
});

test("those who come while others commit are in the next one", async () => {
  const first = note(1);
  const second = first.then(() => Promise.all([note(2), note(3)]));
  await second;
  expect(commits()).toBe(2);
});

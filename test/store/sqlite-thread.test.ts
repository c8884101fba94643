/**
 * The thread that answers what no index answers.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import SqliteFile from "better-sqlite3";
import { CompiledQuery } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { parseFilter } from "../../src/scim/filter-parse.ts";
import { openThread } from "../../src/store/sqlite-thread.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { temporaryFolder } from "../support/postgres.ts";
import { acme, keep, nothing, rival, user } from "./people.ts";
import { tables } from "./population.ts";

const folder = temporaryFolder();
const file = `${folder.path}/reading.db`;
let store: Store;
beforeAll(async () => {
  store = await openStore({ url: `file:${file}`, clock: systemClock });
  for (let n = 0; n < 300; n++) await keep(store, user(`u${n}`, { title: `t${n}` }));
});
afterAll(async () => {
  await store.close();
  folder.remove();
});
afterEach(() => vi.restoreAllMocks());

const list = (filter: string | undefined) => store.list(acme, "User", { filter: filter === undefined ? undefined : parseFilter(tables.User, filter), sort: undefined, offset: 0, limit: 1, ...nothing });
/** Counts to a million: some hundred milliseconds. */
const slow = CompiledQuery.raw("with recursive t (n) as (select 1 union all select n + 1 from t where n < 1000000) select max(n) as n from t");
const one = CompiledQuery.raw("select 1 as n");

test("what was acknowledged is seen at once", async () => {
  for (let n = 0; n < 20; n++) {
    await keep(store, user(`seen ${n}`, { title: "just now" }));
    expect((await list('title co "just now"')).total).toBe(n + 1);
  }
});

test("while it looks at everybody, the event loop goes on; what an index answers is asked without it", async () => {
  const told = vi.spyOn(Worker.prototype, "postMessage");
  expect((await list('userName eq "u7"')).total).toBe(1);
  expect((await list('externalId eq "x" or emails.value eq "y"')).total).toBe(0);
  expect(told).not.toHaveBeenCalled();
  const thread = openThread({ file, timeoutMs: 1_000, may: "read" });
  let turns = 0;
  let isOver = false;
  const answered = thread.ask(acme, slow).then(() => void (isOver = true));
  while (!isOver) {
    turns += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await answered;
  expect(turns).toBeGreaterThan(100);
  await thread.close();
});

test("connections take turns: whoever asks much waits for himself", async () => {
  const thread = openThread({ file, timeoutMs: 1_000, may: "read" });
  const order: string[] = [];
  const ask = async (connection: typeof acme) => {
    await thread.ask(connection, one);
    order.push(connection);
  };
  await Promise.all([...Array.from({ length: 20 }, () => ask(acme)), ask(rival), ask(rival)]);
  expect(order.slice(0, 5)).toEqual(["acme", "acme", "rival", "acme", "rival"]);
  expect(order).toHaveLength(22);
  await thread.close();
});

describe("what goes wrong", () => {
  test("an error of the database is the same error here", async () => {
    const thread = openThread({ file, timeoutMs: 1_000, may: "read" });
    await expect(thread.ask(acme, CompiledQuery.raw("select * from nowhere"))).rejects.toMatchObject({ code: "SQLITE_ERROR", message: "no such table: nowhere" });
    await expect(thread.ask(acme, CompiledQuery.raw("delete from resources returning id"))).rejects.toBeInstanceOf(SqliteFile.SqliteError);
    expect((await thread.ask<{ n: number }>(acme, one)).rows).toEqual([{ n: 1 }]);
    await thread.close();
  });

  test("a thread that ends takes one question with it, as if the database were away, and another thread answers the next", async () => {
    const thread = openThread({ file, timeoutMs: 1_000, may: "read" });
    const workers: Worker[] = [];
    const { postMessage } = Worker.prototype;
    vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (this: Worker, question: unknown) {
      workers.push(this);
      postMessage.call(this, question);
    });
    const engine = openSqlite({ path: `${folder.path}/other.db`, clock: systemClock, exclusive: false });
    const lost = thread.ask(acme, slow).catch((thrown: unknown) => thrown);
    const next = thread.ask(acme, one);
    await workers[0]!.terminate();
    expect(engine.isAway(await lost)).toBe(true);
    expect((await next).rows).toEqual([{ n: 1 }]);
    expect(new Set(workers).size).toBe(2);
    await engine.close();
    await thread.close();
  });

  test("a file that is not there is said, and a closed store answers nobody", async () => {
    const nowhere = openThread({ file: `${folder.path}/nowhere.db`, timeoutMs: 1_000, may: "read" });
    await expect(nowhere.ask(acme, one)).rejects.toThrow(/event loop has ended/);
    await nowhere.close();
    const thread = openThread({ file, timeoutMs: 1_000, may: "read" });
    const asked = [thread.ask(acme, slow), thread.ask(acme, one)].map((answer) => answer.catch((thrown: unknown) => String(thrown)));
    await thread.close();
    expect(await Promise.all(asked)).toEqual([expect.stringMatching(/has ended/), expect.stringMatching(/not open/)]);
    await expect(thread.ask(acme, one)).rejects.toThrow(/not open/);
  });
});

/**
 * A large transaction on SQLite: another thread carries it out, whole or not at all, and this one goes on.
 *
 * @module
 */
import { copyFileSync, rmSync, statSync } from "node:fs";
import { Worker } from "node:worker_threads";
import SqliteFile from "better-sqlite3";
import { CompiledQuery } from "kysely";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import { openThread } from "../../src/store/sqlite-thread.ts";
import type { Store } from "../../src/store/store.ts";
import { temporaryFolder } from "../support/postgres.ts";
import { acme, groupPush, keep, member, nothing, user } from "./people.ts";

const membersOf = (count: number, of: string) => [{ kind: "add" as const, members: Array.from({ length: count }, (_, n) => member(`${of}-${String(n).padStart(30, "0")}`)) }];

function countedIn(path: string): number {
  const database = new SqliteFile(path);
  try {
    return database.prepare<[], number>("select count(*) from members").pluck().get() ?? 0;
  } finally {
    database.close();
  }
}

/** Members in the file itself, its log left out. */
function inTheFile(path: string): number {
  copyFileSync(path, `${path}.copy`);
  try {
    return countedIn(`${path}.copy`);
  } finally {
    for (const end of ["", "-wal", "-shm"]) rmSync(`${path}.copy${end}`, { force: true });
  }
}

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
let store: Store;
beforeEach(async () => {
  folder = temporaryFolder();
  file = `${folder.path}/large.db`;
  store = await openStore({ url: `file:${file}`, clock: systemClock });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  folder.remove();
});

const many = () => groupPush({ displayName: "many" }, { members: membersOf(20_000, "many") });
const { postMessage } = Worker.prototype;
const isCheckpoint = (question: unknown): boolean => question === "checkpoint";

test("a large one is carried out and copied into the file by another thread; small ones stay in this one and go on copying by themselves", async () => {
  const told = vi.spyOn(Worker.prototype, "postMessage");
  await store.commitGroup(groupPush({ displayName: "few" }, { members: membersOf(1_000, "few") }));
  expect(told).not.toHaveBeenCalled();
  const push = many();
  expect((await store.commitGroup(push)).kind).toBe("committed");
  expect(told.mock.calls.at(-1)).toEqual(["checkpoint"]);
  await vi.waitFor(() => expect(inTheFile(file)).toBe(21_000), { timeout: 10_000, interval: 50 });
  // A log that nobody copies any more would grow with every push.
  const { size } = statSync(`${file}-wal`);
  for (let n = 0; n < 150; n++) await keep(store, user(`u${n}`, { title: "t".repeat(60_000) }));
  expect(statSync(`${file}-wal`).size).toBeLessThan(Math.max(size, 4_096 * 1_000) + 8_000_000);

  told.mockClear();
  await store.commitGroup(groupPush(undefined, { id: push.id, readAt: 1, members: membersOf(1, "one more") }));
  expect(told).not.toHaveBeenCalled();
  for (const change of [{ members: [{ kind: "replace" as const, members: [member("somebody")] }] }, { attributes: "deleted" as const }]) {
    told.mockClear();
    const large = many();
    await store.commitGroup({ ...large, keys: { ...large.keys!, name: `again ${JSON.stringify(change).length}` } });
    told.mockClear();
    expect((await store.commitGroup({ ...groupPush(undefined, { id: large.id, readAt: 1 }), ...change })).kind).toBe("committed");
    expect(told.mock.calls.length).toBeGreaterThan(40);
  }
});

test("while it is being written, readers see what was there before and need not wait; another writer comes after it", async () => {
  const ended: string[] = [];
  const large = store.commitGroup(many()).then(() => ended.push("large"));
  const beside = vi.waitFor(() => expect(statSync(`${file}-wal`).size).toBeGreaterThan(0)).then(async () => {
    expect((await store.list(acme, "Group", { filter: undefined, sort: undefined, offset: 0, limit: 1, ...nothing })).total).toBe(0);
    ended.push("read");
    await keep(store, user("ann"));
    ended.push("small");
  });
  await Promise.all([large, beside]);
  expect(ended).toEqual(["read", "large", "small"]);
});

test("what it has acknowledged is there again, also where nobody has copied it", async () => {
  const again = await openStore({ url: `file:${file}`, clock: systemClock });
  try {
    vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (this: Worker, question: unknown) {
      if (!isCheckpoint(question)) postMessage.call(this, question);
    });
    const push = many();
    await store.commitGroup(push);
    expect(await again.commitGroup(groupPush(undefined, { id: push.id, readAt: 1, members: membersOf(1, "one more") }))).toMatchObject({ kind: "committed", memberCount: 20_001 });
  } finally {
    await again.close();
  }
});

test("a thread that ends in the middle takes all of it back: nothing of it is kept, and no statement of it is carried out by itself", async () => {
  let asked = 0;
  vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (this: Worker, question: unknown) {
    postMessage.call(this, question);
    if (++asked === 12) void this.terminate();
  });
  const push = many();
  const failed: unknown = await store.commitGroup(push).catch((thrown: unknown) => thrown);
  expect(failed).toMatchObject({ code: "SQLITE_IOERR" });
  expect(await store.read(acme, "Group", push.id, { groups: false, members: false })).toBeUndefined();
  expect(countedIn(file)).toBe(0);
  expect(await store.commitGroup(push)).toMatchObject({ kind: "committed", memberCount: 20_000 });
});

test("a statement that finds no transaction open in its thread is refused", async () => {
  const thread = openThread({ file, timeoutMs: 1_000, may: "write" });
  await expect(thread.ask("the file", CompiledQuery.raw("delete from members"))).rejects.toThrow("no transaction is open");
  await thread.close();
});

test("many changes of one push leave turns to others", async () => {
  const statement = Object.getPrototypeOf(new SqliteFile(":memory:").prepare("select 1")) as { all(...parameters: readonly unknown[]): unknown[] };
  const { all } = statement;
  let [inOneTurn, most, isOver] = [0, 0, false];
  const turn = () => {
    inOneTurn = 0;
    if (!isOver) setImmediate(turn);
  };
  vi.spyOn(statement, "all").mockImplementation(function (this: unknown, ...parameters) {
    most = Math.max(most, ++inOneTurn);
    return all.apply(this, parameters);
  });
  try {
    setImmediate(turn);
    await store.commitGroup(groupPush({ displayName: "many" }, { members: Array.from({ length: 300 }, (_, n) => [...membersOf(15, `part ${n}`), { kind: "remove" as const, values: [`nobody ${n}`] }]).flat() }));
    expect(most).toBeGreaterThan(2);
    expect(most).toBeLessThan(30);
  } finally {
    isOver = true;
  }
});

/**
 * A large transaction on SQLite: what it wrote gets into the file, and not in the thread that asks.
 *
 * @module
 */
import { copyFileSync, rmSync, statSync } from "node:fs";
import { Worker } from "node:worker_threads";
import SqliteFile from "better-sqlite3";
import { afterEach, expect, test, vi } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import { temporaryFolder } from "../support/postgres.ts";
import { groupPush, keep, member, user } from "./people.ts";

afterEach(() => vi.restoreAllMocks());

const membersOf = (count: number, of: string) => [{ kind: "add" as const, members: Array.from({ length: count }, (_, n) => member(`${of}-${String(n).padStart(30, "0")}`)) }];

/** Members in the file itself, its log left out. */
function inTheFile(file: string): number {
  copyFileSync(file, `${file}.copy`);
  const copy = new SqliteFile(`${file}.copy`);
  try {
    return copy.prepare<[], number>("select count(*) from members").pluck().get() ?? 0;
  } finally {
    copy.close();
    for (const end of ["", "-wal", "-shm"]) rmSync(`${file}.copy${end}`, { force: true });
  }
}

test("the log of a large transaction is copied into the file by another thread; small ones go on copying by themselves", async () => {
  const folder = temporaryFolder();
  const file = `${folder.path}/large.db`;
  const told = vi.spyOn(Worker.prototype, "postMessage");
  const store = await openStore({ url: `file:${file}`, clock: systemClock });
  try {
    await store.commitGroup(groupPush({ displayName: "few" }, { members: membersOf(1_000, "few") }));
    expect(told).not.toHaveBeenCalled();
    expect((await store.commitGroup(groupPush({ displayName: "many" }, { members: membersOf(20_000, "many") }))).kind).toBe("committed");
    expect(told).toHaveBeenCalledWith("checkpoint");
    await vi.waitFor(() => expect(inTheFile(file)).toBe(21_000), { timeout: 10_000, interval: 50 });
    // A log that nobody copies any more would grow with every push.
    const { size } = statSync(`${file}-wal`);
    for (let n = 0; n < 150; n++) await keep(store, user(`u${n}`, { title: "t".repeat(60_000) }));
    expect(statSync(`${file}-wal`).size).toBeLessThan(Math.max(size, 4_096 * 1_000) + 8_000_000);
  } finally {
    await store.close();
    folder.remove();
  }
});

test("what a large transaction has acknowledged is there again, also where nobody has copied it", async () => {
  const folder = temporaryFolder();
  const url = `file:${folder.path}/large.db`;
  const [store, again] = [await openStore({ url, clock: systemClock }), await openStore({ url, clock: systemClock })];
  try {
    vi.spyOn(Worker.prototype, "postMessage").mockImplementation(() => {}); // the other thread hears of nothing
    const push = groupPush({ displayName: "many" }, { members: membersOf(6_000, "many") });
    await store.commitGroup(push);
    expect((await again.commitGroup(groupPush(undefined, { id: push.id, readAt: 1, members: membersOf(1, "one more") })))).toMatchObject({ kind: "committed", memberCount: 6_001 });
  } finally {
    await again.close();
    await store.close();
    folder.remove();
  }
});

test("many changes of one push leave turns to others", async () => {
  const folder = temporaryFolder();
  const store = await openStore({ url: `file:${folder.path}/turns.db`, clock: systemClock });
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
    await store.commitGroup(groupPush({ displayName: "many" }, { members: Array.from({ length: 300 }, (_, n) => membersOf(100, `part ${n}`)).flat() }));
    expect(most).toBeGreaterThan(2);
    expect(most).toBeLessThan(30);
  } finally {
    isOver = true;
    await store.close();
    folder.remove();
  }
});

/**
 * Several processes on one SQLite file, and processes that die.
 *
 * @module
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ResourceId } from "../../src/model/ids.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { openEngine, openStore } from "../../src/store/open-store.ts";
import { temporaryFolder } from "../support/postgres.ts";
import { acme, entry, keep, nothing, user, takeDue } from "./people.ts";

const writer = fileURLToPath(new URL("writer.ts", import.meta.url));

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, "data", "store.db");
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  folder.remove();
});

/** The tests run on the right Node already, so the child is that process itself and dies when it is killed. */
function write(prefix: string, count: number, ...more: string[]) {
  const child = spawn(process.execPath, [writer, file, prefix, String(count), ...more], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  const lines: string[] = [];
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (complaint += text));
  const said = async (atLeast: number) => {
    while (lines.length < atLeast && child.exitCode === null && child.signalCode === null) await once(child.stdout, "data");
    return lines;
  };
  return { child, said, lines, ended: once(child, "close"), complaint: () => complaint };
}

test("two processes write to one file, and neither loses anything", async () => {
  const store = await openStore({ url: `file:${file}`, clock: systemClock, exclusive: true });
  const other = write("theirs", 150);
  await other.said(1);
  const ours: string[] = [];
  for (let n = 0; n < 150; n++) ours.push((await keep(store, user(`ours ${n}`), { journal: [entry("push")] })).id);
  await other.ended;
  expect(other.complaint()).toBe("");
  const { resources, total } = await store.list(acme, "User", { filter: undefined, sort: undefined, offset: 0, limit: 1_000, ...nothing });
  expect(total).toBe(300);
  expect(new Set(resources.map(({ id }) => id as string))).toEqual(new Set([...ours, ...other.lines.slice(1)]));
  expect(await store.journal(acme, { limit: 1_000 })).toHaveLength(300);
  expect(await store.firstBrokenRow(acme)).toBeUndefined();
  await store.close();
}, 60_000);

test("a second server on the file is refused at once, one after it is not", async () => {
  const store = await openStore({ url: `file:${file}`, clock: systemClock, exclusive: true });
  await expect(openStore({ url: `file:${file}`, clock: systemClock, exclusive: true })).rejects.toThrow(`Another Drawbridge is running on ${file}`);
  const other = write("second", 1, "exclusive");
  await other.ended;
  expect(other.child.exitCode).not.toBe(0);
  expect(other.complaint()).toContain("Another Drawbridge is running");
  await keep(store, user("still works"));
  await store.close();
  const next = await openStore({ url: `file:${file}`, clock: systemClock, exclusive: true });
  await next.close();
});

test("a killed process leaves no lock, and every commit that it acknowledged", async () => {
  const acknowledged: string[] = [];
  for (let round = 0; round < 3; round++) {
    const killed = write(`round ${round}`, 1_000_000, "exclusive");
    await killed.said(20 + round * 13);
    killed.child.kill("SIGKILL");
    await killed.ended;
    acknowledged.push(...killed.lines.slice(1));
  }
  expect(acknowledged.length).toBeGreaterThan(60);
  const store = await openStore({ url: `file:${file}`, clock: systemClock, exclusive: true });
  for (const id of acknowledged) expect(await store.hold(acme, id as ResourceId)).toMatchObject({ id, due: { lane: "deny" } });
  // Whole pushes only: as many people as journal rows as due rows, at most one more per kill than was acknowledged.
  const { total } = await store.list(acme, "User", { filter: undefined, sort: undefined, offset: 0, limit: 1, ...nothing });
  expect(total - acknowledged.length).toBeLessThanOrEqual(3);
  expect(await store.journal(acme, { limit: 10_000 })).toHaveLength(total);
  expect(await store.openWork(acme, 10_000)).toHaveLength(total);
  expect(await store.firstBrokenRow(acme)).toBeUndefined();
  await store.breakLeases();
  expect(await takeDue(store, "next", 60_000, 1, [])).toMatchObject([{ abandoned: true }]);
  await store.close();
}, 60_000);

test("a commit is on the disk before it is acknowledged, and references hold", async () => {
  const engine = openEngine(`file:${file}`, systemClock, false);
  const pragma = async (name: string) => Object.values((await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(engine.db)).rows[0] ?? {})[0];
  expect(await pragma("journal_mode")).toBe("wal");
  expect(await pragma("synchronous")).toBe(2); // FULL
  expect(await pragma("foreign_keys")).toBe(1);
  await engine.close();
});

test("the file is for its owner's eyes only, and its folder is made", async () => {
  const store = await openStore({ url: `file:${file}`, clock: systemClock, exclusive: true });
  await keep(store, user("private"));
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(statSync(join(folder.path, "data")).mode & 0o077).toBe(0);
  for (const beside of [`${file}-wal`, `${file}.lock`]) if (existsSync(beside)) expect(statSync(beside).mode & 0o077).toBe(0);
  await store.close();
});

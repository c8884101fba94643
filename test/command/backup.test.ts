/**
 * `drawbridge backup`: what was acknowledged before it was asked for is in the copy, whatever goes on meanwhile.
 *
 * @module
 */
import { execFile, spawn } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import { acme, deny, entry, keep, user } from "../store/people.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;
const writer = new URL("../store/writer.ts", import.meta.url).pathname;
let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "drawbridge-backup-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const backup = (file: string, ...more: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> =>
  new Promise((resolve) => execFile(process.execPath, [main, "backup", join(folder, file), "--data", folder, ...more], (error, out, err) => resolve({ code: error ? Number(error.code ?? 1) : 0, out, err })));

const opened = (file: string) => openStore({ url: `file:${join(folder, file)}`, clock: systemClock });

test("while another process writes, the copy has everybody who was acknowledged before, and a whole journal", async () => {
  const child = spawn(process.execPath, [writer, join(folder, "drawbridge.db"), "person", "1000000"], { stdio: ["ignore", "pipe", "inherit"] });
  const acknowledged: string[] = [];
  const lines = createInterface({ input: child.stdout }).on("line", (line) => acknowledged.push(line));
  try {
    while (acknowledged.length < 200) await new Promise((resolve) => setTimeout(resolve, 5));
    const before = acknowledged.slice(1);
    const { code, out } = await backup("copy.db", "--json");
    expect(code).toBe(0);
    expect(acknowledged.length).toBeGreaterThan(before.length + 1); // nobody had to wait for it to end
    const copy = await opened("copy.db");
    const verdict = await copy.verifyJournal(acme);
    expect(verdict.breaks).toEqual([]);
    expect(JSON.parse(out)).toMatchObject({ journals: [{ connection: acme, seq: verdict.last?.seq, hash: verdict.last?.hash }] });
    for (const id of before) expect(await copy.hold(acme, id as never)).toMatchObject({ due: { lane: "deny" } });
    await copy.close();
    expect(statSync(join(folder, "copy.db")).mode & 0o777).toBe(0o600);
  } finally {
    child.kill("SIGKILL");
    lines.close();
    await new Promise((resolve) => (child.exitCode ?? child.signalCode) === null ? child.once("exit", resolve) : resolve(undefined));
  }
});

test("what stands in the write-ahead log alone is in the copy", async () => {
  const store = await opened("drawbridge.db");
  const { id } = await keep(store, user("ada", { active: true }), { due: deny("w"), journal: [entry("push")] });
  expect((await backup("copy.db")).code).toBe(0);
  const copy = await opened("copy.db");
  expect(await copy.hold(acme, id)).toMatchObject({ attributes: { userName: "ada" }, due: { lane: "deny" } });
  await Promise.all([copy.close(), store.close()]);
});

test("a file that is there is left as it is", async () => {
  await (await opened("drawbridge.db")).close();
  writeFileSync(join(folder, "copy.db"), "mine");
  expect(await backup("copy.db")).toMatchObject({ code: 1, err: expect.stringContaining("copy.db") });
  expect(readFileSync(join(folder, "copy.db"), "utf8")).toBe("mine");
});

test("where there is no database none is made, and no copy", async () => {
  expect(await backup("copy.db")).toMatchObject({ code: 1, err: expect.stringContaining("drawbridge.db") });
  expect([existsSync(join(folder, "drawbridge.db")), existsSync(join(folder, "copy.db"))]).toEqual([false, false]);
});

test("of a damaged database there is no copy", async () => {
  await (await opened("drawbridge.db")).close();
  const file = join(folder, "drawbridge.db");
  await truncate(file, statSync(file).size - 8_192);
  expect((await backup("copy.db")).code).toBe(1);
  expect(existsSync(join(folder, "copy.db"))).toBe(false);
});

test("of PostgreSQL it says what to use instead", async () => {
  const file = join(folder, "drawbridge.json");
  writeFileSync(file, JSON.stringify({ publicUrl: "https://scim.example.com", store: "postgres://drawbridge@127.0.0.1:1/drawbridge", connections: { acme: { connector: "peoplelens", settings: { baseUrl: "https://acme.peoplelensai.com", apiKey: "a-key" } } } }));
  expect(await backup("copy.db", "--config", file)).toMatchObject({ code: 1, err: expect.stringContaining("pg_dump") });
});

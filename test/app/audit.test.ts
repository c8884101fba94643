/**
 * The journal on the command line: proven, exported, and shortened by nothing but an export.
 *
 * @module
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import { ada, openWithVendor, patch } from "../support/house.ts";
import { documentOf, operator } from "../support/operator.ts";

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

const acme = connectionId("acme");
let house: Awaited<ReturnType<typeof openWithVendor>>;
let folder: string;
beforeEach(async () => {
  house = await openWithVendor();
  folder = await mkdtemp(join(tmpdir(), "drawbridge-audit-"));
  const { body } = await house.scim("POST", "/Users", ada());
  for (const value of ["A", "B", "C"]) await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "name.givenName", value }));
});
afterEach(async () => {
  await house.stop();
  await rm(folder, { recursive: true, force: true });
});
const run = (...words: readonly string[]) => operator(house.file)("audit", ...words);
const exported = async (...words: readonly string[]) => {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.jsonl`);
  documentOf(await run("export", "--connection", "acme", "--out", file, "--json", ...words));
  return file;
};
/** Whatever is in the journal is older than this. */
const old = "0d";

test("what is whole is said to be, with the last hash; exports verify alone, whole or in part, and never write over a file", async () => {
  const head = await house.house.store.journalHead(acme);
  expect(documentOf(await run("verify", "--connection", "acme", "--json"))).toMatchObject([{ id: "acme", whole: true, brokenRow: null, rows: head.seq, last: head }]);
  const whole = await exported();
  expect((await readFile(whole, "utf8")).trim().split("\n")).toHaveLength(head.seq);
  expect(documentOf(await run("verify", "--file", whole, "--json"))).toMatchObject([{ whole: true, last: head }]);
  const part = await exported("--from", "3", "--to", "5");
  expect(documentOf(await run("verify", "--file", part, "--json"))).toMatchObject([{ whole: true, first: 3, rows: 3 }]);
  expect((await run("export", "--connection", "acme", "--out", whole)).code).toBe(1);
});

test("an export with one letter changed is broken, names the row, and removes nothing", async () => {
  const file = await exported("--to", "5");
  await writeFile(file, (await readFile(file, "utf8")).replace("Lovelace", "Lovelase"));
  const verified = await run("verify", "--file", file, "--json");
  expect([verified.code, JSON.parse(verified.out)]).toMatchObject([1, [{ whole: false, brokenRow: 1 }]]);
  const pruned = await run("prune", "--connection", "acme", "--exported", file, "--older-than", old, "--yes");
  expect([pruned.code, pruned.err]).toEqual([1, expect.stringContaining("is broken at row 1")]);
  expect(await house.house.store.verifyJournal(acme)).toMatchObject({ first: 1, breaks: [] });
});

test("an export that was forged as a whole verifies alone, and still removes nothing", async () => {
  const { openChain, hashOf } = await import("../../src/store/chain.ts");
  const rows = (await house.house.store.chainRows(acme, 0, 5)).map((row) => ({ ...row }));
  let before = "";
  const forged = rows.map((row) => {
    const changed = { ...row, data: row.data.replace("Lovelace", "Lovelase"), prev_hash: before };
    before = hashOf(changed);
    return { ...changed, hash: before };
  });
  const chain = openChain({ part: true });
  for (const row of forged) chain.show(row);
  expect(chain.verdict().breaks).toEqual([]);
  const file = join(folder, "forged.jsonl");
  await writeFile(file, forged.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const pruned = await run("prune", "--connection", "acme", "--exported", file, "--older-than", old, "--yes");
  expect([pruned.code, pruned.err]).toEqual([1, expect.stringContaining("are not, byte for byte, those of")]);
  expect(await house.house.store.verifyJournal(acme)).toMatchObject({ first: 1, breaks: [] });
});

test("rows that stand in the export and are old go; the rest verifies, for the running server too, and can be pruned again", async () => {
  await house.house.checkJournals();
  const file = await exported("--to", "5");
  expect(documentOf(await run("prune", "--connection", "acme", "--exported", file, "--json"))).toMatchObject({ found: 0, removed: 0 });
  expect(documentOf(await run("prune", "--connection", "acme", "--exported", file, "--older-than", old, "--json"))).toMatchObject({ found: 5, removed: 0 });
  expect(documentOf(await run("prune", "--connection", "acme", "--exported", file, "--older-than", old, "--yes", "--json"))).toMatchObject({ removed: 5 });
  expect(documentOf(await run("verify", "--json"))).toMatchObject([{ whole: true, first: 6, prunedThrough: 5 }]);
  const rest = await exported("--to", "8");
  expect(documentOf(await run("prune", "--connection", "acme", "--exported", rest, "--older-than", old, "--yes", "--json"))).toMatchObject({ removed: 3 });
  await house.house.checkJournals();
  expect((await house.house.store.mode(acme)).frozen).toBe(false);
  expect((await house.scim("POST", "/Users", ada({ userName: "bo@acme.example", externalId: "bo" }))).status).toBe(201);
  expect(documentOf(await run("verify", "--json"))).toMatchObject([{ whole: true, first: 9, prunedThrough: 8 }]);
});

/**
 * The line with which every test run ends is true, and a run that is not all right never ends well.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../architecture/cruise.ts";

let folder = "";
beforeAll(() => {
  // A project of its own: vitest inside vitest must not find our tests.
  folder = mkdtempSync(join(tmpdir(), "drawbridge-outcome-"));
  symlinkSync(`${root}node_modules`, join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const files = {
    good: 'test("a", () => {}); test("b", () => expect(1).toBe(1));',
    bad: 'test("a", () => expect(1).toBe(2)); test("b", () => {});',
    broken: 'import "./absent.ts"; test("a", () => {});',
    skipped: 'test.skip("a", () => {});',
    stray: 'test("a", () => { void Promise.reject(new Error("nobody awaited me")); });',
    hook: 'import { beforeAll } from "vitest"; beforeAll(() => { throw new Error("no"); }); test("a", () => {});',
  };
  mkdirSync(join(folder, "test"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, "test", `${name}.test.ts`), `import { expect, test } from "vitest"; void expect;\n${text}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  { filter: "good", last: "2 passed, 0 failed", code: 0 },
  { filter: "bad", last: "1 passed, 1 failed", code: 1 },
  { filter: "broken", last: "0 passed, 1 failed", code: 1 },
  { filter: "hook", last: "0 passed, 1 failed", code: 1 },
  { filter: "skipped", last: "0 passed, 0 failed", code: 1 },
  { filter: "stray", last: "1 passed, 0 failed", code: 1 },
  { filter: "nothing-has-this-name", last: "0 passed, 0 failed", code: 1 },
])("a run of $filter ends with '$last' and code $code", ({ filter, last, code }) => {
  const { VITEST: _one, VITEST_WORKER_ID: _two, VITEST_POOL_ID: _three, ...env } = process.env;
  const { status, stdout } = spawnSync(process.execPath, [`${root}test/support/run-tests.mjs`, `test/${filter}.test.ts`], { cwd: folder, env, encoding: "utf8" });
  expect(stdout.trimEnd().split("\n").at(-1)).toBe(last);
  expect(status).toBe(code);
}, 60_000);

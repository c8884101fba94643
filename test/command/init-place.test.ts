/**
 * How a set-up gets onto the disk: all of it, or nothing.
 *
 * @module
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { placeAt, writeAll } from "../../src/command/init/place.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "drawbridge-place-"));
  file = join(folder, "drawbridge.yaml");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const secret = { path: "secrets/acme", text: "s3cret" };

test("a new file and its secret, each with its own rights", async () => {
  await writeAll(await placeAt(file), "a: 1\n", [secret]);
  expect([readFileSync(file, "utf8"), readFileSync(join(folder, "secrets/acme"), "utf8"), statSync(join(folder, "secrets/acme")).mode & 0o777]).toEqual(["a: 1\n", "s3cret\n", 0o600]);
  expect(readdirSync(folder).toSorted()).toEqual(["drawbridge.yaml", "secrets"]);
});

test("a file that is there keeps its rights", async () => {
  writeFileSync(file, "a: 1\n");
  chmodSync(file, 0o640);
  await writeAll(await placeAt(file), "a: 2\n", []);
  expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual(["a: 2\n", 0o640]);
});

test.each([
  ["somebody has changed the file meanwhile", "a: 1\n", () => writeFileSync(file, "a: by somebody else\n"), "a: by somebody else\n"],
  ["somebody has written one meanwhile", undefined, () => writeFileSync(file, "a: by somebody else\n"), "a: by somebody else\n"],
  ["the file is gone", "a: 1\n", () => rmSync(file), undefined],
])("where %s, nothing of ours is there afterwards", async (_, before, meanwhile, after) => {
  if (before !== undefined) writeFileSync(file, before);
  const place = await placeAt(file);
  meanwhile();
  await expect(writeAll(place, "a: 2\n", [secret])).rejects.toThrow();
  expect(existsSync(file) ? readFileSync(file, "utf8") : undefined).toBe(after);
  expect(existsSync(join(folder, "secrets/acme"))).toBe(false);
  expect(readdirSync(folder).filter((name) => name.endsWith(".new"))).toEqual([]);
});

test("a secret's file that is there already is nobody's to write over", async () => {
  mkdirSync(join(folder, "secrets"));
  writeFileSync(join(folder, "secrets/acme"), "somebody's own");
  await expect(writeAll(await placeAt(file), "a: 1\n", [secret])).rejects.toThrow(/is there already\. Nothing was written/);
  expect([existsSync(file), readFileSync(join(folder, "secrets/acme"), "utf8")]).toEqual([false, "somebody's own"]);
});

/**
 * The lint sees what it is there for: promises that nobody awaits above all, which needs types and fails silently without them.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "./cruise.ts";

const planted = `export default 1;
async function later(): Promise<void> {}
export function a(b: any): void {
  later();
  [1].forEach(async () => { await later(); });
  if (b == 1) throw "text";
  console.log(\`\${{}}\`);
}
`;

let folder = "";
let report = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "drawbridge-lint-"));
  for (const file of [".oxlintrc.json", "tsconfig.json", "package.json"]) cpSync(join(root, file), join(folder, file));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "src", "planted.ts"), planted);
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
  const lint = scripts["lint"]?.split(" ").slice(1) ?? [];
  report = spawnSync(process.execPath, [...lint.map((part) => (part.startsWith("bin/") ? join(root, part) : part)), "--format=unix"], { cwd: folder, encoding: "utf8" }).stdout;
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(["no-floating-promises", "no-misused-promises", "only-throw-error", "no-explicit-any", "no-default-export", "eqeqeq", "no-console", "no-base-to-string"])("%s is on", (rule) => {
  expect(report).toContain(`(${rule})`);
});

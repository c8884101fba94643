/**
 * Runs vitest and ends with one line that says how it went: `N passed, N failed`, read off vitest's own report.
 *
 *   node bin/node24.mjs test/support/run-tests.mjs [vitest's arguments: file filters, -t NAME, …]
 *
 * Exits with 0 only if something ran and nothing failed. A file that could not be loaded counts as one failure.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { outcomeOf } from "./outcome.mjs";

const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "drawbridge-tests-"));
const report = join(folder, "report.json");

const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
const child = spawn(process.execPath, [vitest, "run", ...reporters, ...process.argv.slice(2)], { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));

child.on("close", (code) => {
  const outcome = outcomeOf(read(), code);
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = outcome.exitCode;
  process.stdout.write(outcome.lines.map((line) => `${line}\n`).join(""));
});

function read() {
  try {
    return JSON.parse(readFileSync(report, "utf8"));
  } catch {
    return undefined; // vitest fell over before it could write one
  }
}

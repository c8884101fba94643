/**
 * A copy of the house in which one guard at a time is taken away, and tests are run.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Edit } from "./edits.ts";

export const root = fileURLToPath(new URL("../../", import.meta.url));
const copied = ["src", "test", "bin", "docs", "examples", "scim-schemas", "package.json", "tsconfig.json", "vitest.config.ts"];

/** The file without the guard. @throws Error unless `from` stands there exactly once */
export function edited(text: string, { file, from, to }: Edit): string {
  const times = from === "" ? 0 : text.split(from).length - 1;
  if (times !== 1) throw new Error(`${file}: the edit must fit exactly once, and fits ${times} times: ${from}`);
  return text.replace(from, () => to);
}

export interface Ran {
  /** Full names with their files, `app/delivery › when the vendor …`. */
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** What the run printed, for when it did not come to any test. */
  readonly output: string;
}

export interface Tree {
  /** Runs the named tests with the edit, or, without one, as the house is. */
  run(tests: Edit["tests"], edit?: Edit): Promise<Ran>;
  remove(): void;
}

export function copyTree(): Tree {
  const folder = mkdtempSync(join(tmpdir(), "drawbridge-sabotage-"));
  for (const name of copied) if (existsSync(join(root, name))) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return {
    async run(tests, edit) {
      const place = edit && join(folder, edit.file);
      const right = place && readFileSync(place, "utf8");
      if (edit && place && right !== undefined) writeFileSync(place, edited(right, edit));
      try {
        return await vitest(folder, tests);
      } finally {
        if (place && right !== undefined) writeFileSync(place, right);
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const mostMs = 180_000;
/** A pattern for the name; between a describe and a test the filter sees an arrow where the report has a blank. */
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(" ", "(?: > | )");

async function vitest(folder: string, tests: Edit["tests"]): Promise<Ran> {
  const report = join(folder, "report.json");
  rmSync(report, { force: true });
  const names = [...new Set(tests.map(({ name }) => escaped(name)))].join("|");
  const files = [...new Set(tests.map(({ file }) => file))];
  const child = spawn(process.execPath, [join(folder, "node_modules/vitest/vitest.mjs"), "run", ...files, "-t", names, "--reporter=json", `--outputFile=${report}`], {
    cwd: folder, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, UPDATE: "" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const timer = setTimeout(() => child.kill("SIGKILL"), mostMs);
  await new Promise((resolve) => child.on("close", resolve));
  clearTimeout(timer);
  if (!existsSync(report)) return { passed: [], failed: [], output };
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
  const named = (status: string) => testResults.flatMap(({ name, assertionResults }) => assertionResults.filter((one) => one.status === status).map(({ fullName }) => `${shortName(name)} › ${fullName}`));
  return { passed: named("passed"), failed: named("failed"), output };
}

interface Report {
  readonly testResults: readonly { readonly name: string; readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[] }[];
}

/** `app/delivery` */
export const shortName = (file: string): string => file.replace(/^.*?\btest\/(?!.*\btest\/)/, "").replace(/\.test\.ts$/, "");

/**
 * The quickstart, as a new user would: every command of the page in its order, in an empty folder, and what the page says is shown.
 *
 * Only the ports are others, because somebody may be at the page's own.
 *
 * @module
 */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../support/process.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const page = readFileSync(join(root, "docs/quickstart.md"), "utf8");
const fences = [...page.matchAll(/^```(sh|text)\n([\s\S]*?)^```$/gm)].map(([, kind, text = ""]) => ({ kind, text }));

const folder = mkdtempSync(join(tmpdir(), "drawbridge-quickstart-"));
const prefix = join(folder, "npm");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = (): NodeJS.ProcessEnv => ({ ...process.env, PATH: [join(prefix, "bin"), dirname(process.execPath), process.env["PATH"]].join(delimiter), NPM_CONFIG_PREFIX: prefix, HOME: folder });

beforeAll(async () => {
  const [install] = fences;
  // What the lock file says is there already, else no test would run.
  expect(install).toEqual({ kind: "sh", text: "npm ci\nnpm link\n" });
  await new Promise<void>((resolve, reject) => execFile("npm", ["link", "--no-audit", "--no-fund"], { cwd: root, env: environment() }, (error, _out, err) => (error ? reject(new Error(err)) : resolve())));
}, 120_000);

interface Played {
  readonly code: number | null;
  /** What each command block printed, in order. */
  readonly printed: readonly string[];
  readonly errors: string;
  readonly seconds: number;
}

const mark = "@@ next @@";

/** One shell for the whole page, as a person has one terminal. */
async function play(blocks: readonly string[]): Promise<Played> {
  const place = mkdtempSync(join(folder, "empty-"));
  const script = ["set -euo pipefail", "set -m", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT", ...blocks.flatMap((block) => [block, `echo; echo '${mark}'`])].join("\n");
  const began = performance.now();
  const child = spawn("bash", ["-c", script], { cwd: place, env: environment(), stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let errors = "";
  child.stdout.on("data", (chunk) => void (out += String(chunk)));
  child.stderr.on("data", (chunk) => void (errors += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, printed: out.split(mark).slice(0, -1).map((text) => text.trim()), errors, seconds: (performance.now() - began) / 1_000 };
}

/** `…` stands for anything on its line; alone on a line, for any number of lines. */
function pattern(text: string): RegExp {
  const quoted = (part: string) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const lines = text.trimEnd().split("\n").map((line) => (line === "…" ? "(?:.*\\n)*?" : `${line.split("…").map(quoted).join(".*")}\\n`));
  return new RegExp(`^${lines.join("")}$`.replace(/\\n\$$/, "\\n?$"));
}

test("every command does what the page says, within ten minutes", async () => {
  const ports = new Map<string, string>();
  for (const port of ["8080", "9301", "9302"]) ports.set(port, String(await freePort()));
  const here = (text: string) => text.replaceAll(/\b(8080|9301|9302)\b/g, (port) => ports.get(port) ?? port);
  const commands = fences.slice(1).filter(({ kind }) => kind === "sh");
  const { code, printed, errors, seconds } = await play(commands.map(({ text }) => here(text)));
  expect(errors.replaceAll(/^.*(Terminated|Killed|\[\d\].\s+Done).*$\n?/gm, "")).toBe("");
  expect(code).toBe(0);
  expect(printed).toHaveLength(commands.length);
  let at = -1;
  let shown = 0;
  for (const { kind, text } of fences.slice(1)) {
    if (kind === "sh") at++;
    else {
      shown++;
      expect(`${printed[at]?.replaceAll(/ +$/gm, "")}\n`, `what the page shows after:\n${commands[at]?.text}`).toMatch(pattern(here(text).replaceAll(/ +$/gm, "")));
    }
  }
  expect(shown).toBeGreaterThan(6);
  expect(seconds).toBeLessThan(600);
  console.log(`the quickstart's commands took ${Math.round(seconds)} s`);
}, 600_000);

test("the page's patterns are no patterns that anything fits", () => {
  expect("a b c\n").toMatch(pattern("a … c"));
  expect("a\nb\nc\n").toMatch(pattern("a\n…\nc"));
  expect("a\nx\n").not.toMatch(pattern("a\n…\nc"));
  expect("{\"active\":true}\n").not.toMatch(pattern("{…\"active\":false…"));
});

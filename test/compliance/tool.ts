/**
 * Tools of other languages: run, and installed from the registries that the machine is set up for, into a folder that is kept between runs.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { NotRun } from "./suite.ts";

export interface Ran {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface RunWish {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** @throws NotRun where the program is not on this machine, or did not end in time */
export function run(program: string, words: readonly string[], { cwd, env = {}, timeoutMs = 600_000 }: RunWish = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"], ...(cwd !== undefined && { cwd }), env: { ...process.env, ...env } });
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new NotRun(`${program} did not end within ${timeoutMs / 1_000} s`));
    }, timeoutMs);
    child.on("error", (thrown: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(thrown.code === "ENOENT" ? new NotRun(`there is no ${program} on this machine`) : thrown);
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, output, errors });
    });
  });
}

const cache = (): string => process.env.COMPLIANCE_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "drawbridge", "compliance");

/**
 * A folder that `install` has filled once; again when what it is made from changes.
 *
 * @param recipe what decides the content: pinned versions and hashes
 * @throws NotRun where it cannot be installed
 */
export async function installed(name: string, recipe: string, install: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cache(), `${name}-${createHash("sha256").update(recipe).digest("hex").slice(0, 12)}`);
  const done = join(folder, "installed");
  if (await readFile(done).then(() => true, () => false)) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await install(folder);
  await writeFile(`${done}.new`, "");
  await rename(`${done}.new`, done); // last: half an installation is none
  return folder;
}

/** @throws NotRun with the end of what the installer said, without addresses */
export async function must(ran: Promise<Ran>, what: string): Promise<Ran> {
  const { code, output, errors } = await ran;
  if (code === 0) return { code, output, errors };
  const lines = `${output}\n${errors}`.split("\n").filter((line) => /error|not found|no matching|could not/i.test(line)).map((line) => line.replace(/^(?:npm )?(?:\[?error\]?:?)/i, "").replace(/https?:\/\/\S+/g, "(registry)").trim());
  throw new NotRun(`${what}: ${lines.find((line) => line.length > 12) ?? errors.trim().split("\n").at(-1) ?? `it ended with ${code}`}`.slice(0, 250));
}

/** A Python with what a requirements file names, every file of it pinned by hash. @returns the folder of its programs */
export async function pythonWith(name: string, requirements: URL): Promise<string> {
  const python = process.env.PYTHON ?? "python3";
  await must(run(python, ["-c", "import sys; assert sys.version_info >= (3, 10)"]), "Python 3.10 or newer is needed");
  const recipe = await readFile(requirements, "utf8");
  const version = (await run(python, ["--version"])).output;
  const folder = await installed(name, recipe + version, async (place) => {
    await must(run(python, ["-m", "venv", place]), "no virtual environment could be made");
    await must(run(join(place, "bin", "pip"), ["install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", requirements.pathname]), "pip could not install it");
  });
  return join(folder, "bin");
}

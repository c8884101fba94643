/**
 * Every command of the documents is run: in a house as the documents assume it, with their placeholders filled in, and it must do what it is
 * there for. What is not run here stands in `elsewhere.ts`, with the reason.
 *
 * @module
 */
import { execFile, spawn } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { carryOut, program } from "../../src/main.ts";
import { freePort } from "../support/process.ts";
import { commandsIn, hiddenIn, pages, root, type Written } from "./documents.ts";
import { elsewhere } from "./elsewhere.ts";
import { type Connection, type DocumentsHouse, ended, openDocumentsHouse, started } from "./house.ts";
import { fresh, type Recipe, recipes, type Run } from "./recipes.ts";

const all = commandsIn(program);
const serverLine = "npm start -- --config drawbridge.yaml";
const sandboxLine = "npm ci && npm start";
const isOurs = ({ text }: Written): boolean => /^(npx )?drawbridge /.test(text) || (program.commands as readonly Command[]).some((one) => one.name() === text.split(" ")[0]);
const here = all.filter((written) => !elsewhere.some(({ which }) => which(written)));
const ours = here.filter(isOurs);
const others = here.filter((written) => !isOurs(written));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** In this process, as `main.ts` does it; nobody can be asked. */
async function inProcess(words: readonly string[]): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const spies = [
    vi.spyOn(console, "log").mockImplementation((...said: unknown[]) => void out.push(`${said.join(" ")}\n`)),
    vi.spyOn(console, "error").mockImplementation((...said: unknown[]) => void err.push(`${said.join(" ")}\n`)),
    vi.spyOn(process.stdout, "write").mockImplementation((said) => out.push(String(said)) > 0),
    vi.spyOn(process.stderr, "write").mockImplementation((said) => err.push(String(said)) > 0),
  ];
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await carryOut(words);
    return { code: Number(process.exitCode ?? 0), out: out.join(""), err: err.join("") };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

/** What is dangerous asks; without anybody who could answer it does nothing and says so. Then it is run as somebody who means it. */
async function answered(words: readonly string[]): Promise<Ran> {
  const ran = await inProcess(words);
  return ran.code === 2 && ran.err.includes("Nobody can be asked here: say --yes. Nothing was done.") ? inProcess([...words, "--yes"]) : ran;
}

const run: Run = async (...words) => {
  const { code, out, err } = await answered(words);
  if (code !== 0) throw new Error(`drawbridge ${words.join(" ")} ended with ${code}: ${err}`);
  return out;
};

const inShell = (line: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Ran> =>
  new Promise((resolve) => execFile("bash", ["-c", line], { cwd, env }, (error, out, err) => resolve({ code: error ? Number(error.code ?? 1) : 0, out, err })));

/** `drawbridge token create --name NAME` → `token create`. */
function commandOf(words: readonly string[]): { readonly name: string; readonly command: Command } | undefined {
  let command: Command = program;
  const names: string[] = [];
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (!next) break;
    command = next;
    names.push(word);
  }
  return names.length > 0 && command.commands.length === 0 ? { name: names.join(" "), command } : undefined;
}

/** What a mention leaves out is put behind it: arguments, and options that the command demands. */
function whole(words: readonly string[], name: string, command: Command, left: readonly string[]): readonly string[] {
  const depth = name.split(" ").length;
  const isDemanded = (option: string): boolean => command.options.some(({ long, mandatory }) => long === option && mandatory);
  const hasArguments = words.slice(depth).some((word, at, rest) => !word.startsWith("-") && !(rest[at - 1] ?? "").startsWith("-"));
  if (words.length === depth) return [...words, ...left];
  const wanted = left.flatMap((word, at) => (word.startsWith("--") ? (isDemanded(word) && !words.includes(word) ? [word, left[at + 1] ?? ""] : []) : !hasArguments && !(left[at - 1] ?? "").startsWith("--") && command.registeredArguments.some(({ required }) => required) ? [word] : []));
  return [...words, ...wanted];
}

const samples = [/^[hdc]-[0-9a-z]{3,}…?$/];
const always: Readonly<Record<string, string>> = { PERSON: "ada@acme.example", TEXT: "an audit", ROLE: "viewer" };

function filledIn(words: readonly string[], at: Connection, values: Readonly<Record<string, string>>): readonly string[] {
  return words.map((word, index) => {
    const before = words[index - 1] ?? "";
    if (before === "--connection") return word === "ID" ? at : word;
    if (word.startsWith("examples/")) return join(root, word);
    const placeholder = samples.some((sample) => sample.test(word)) ? "ID" : word;
    const value = values[`${before} ${placeholder}`] ?? values[placeholder] ?? always[placeholder];
    if (value === undefined && /^[A-Z]{2,}$/.test(placeholder)) throw new Error(`nobody says what ${placeholder} stands for`);
    return value ?? word;
  });
}

const wordsOf = (text: string): readonly string[] => text.replace(/^(npx )?drawbridge /, "").split(" ");

let house: DocumentsHouse;
const home = process.cwd();

beforeAll(async () => {
  house = await openDocumentsHouse(serverLine);
  process.chdir(house.folder);
  for (const [name, value] of Object.entries(house.secrets)) vi.stubEnv(name, value);
  for (const connection of ["acme", "peoplelens-prod"] as const) await house.join(connection, "ada");
  vi.stubEnv("DRAWBRIDGE_CONFIG", "");
  vi.stubEnv("DOCUMENTS_KEY", "a-key-of-nobody-0123456789");
  // The example asks for its secrets from the environment.
  for (const [, name] of readFileSync(join(root, "examples/peoplelens.yaml"), "utf8").matchAll(/\$\{([A-Z_]+)\}/g)) vi.stubEnv(name as string, "a-secret-of-the-example-0123456789abcdef");
}, 90_000);
afterAll(async () => {
  process.chdir(home);
  vi.unstubAllEnvs();
  await house?.stop();
});

async function runOurs(text: string): Promise<void> {
  const bare = wordsOf(text.replace(/ < \S+$/, ""));
  const found = commandOf(bare);
  if (!found) throw new Error(`there is no such command: ${text}`);
  const { name, command } = found;
  const recipe: Recipe | undefined = bare.map((word) => recipes[`${name} ${word}`]).find((one) => one !== undefined) ?? recipes[name];
  if (!recipe) throw new Error(`nobody has said in recipes.ts how "${name}" is run`);
  const said = whole(bare, name, command, recipe.left ?? []);
  const of = said[said.indexOf("--connection") + 1] ?? "ID";
  const at = (["acme", "peoplelens-prod", "link"] as const).find((one) => one === (said.includes("--connection") ? of : said.at(1))) ?? recipe.at ?? "acme";
  const words = filledIn(said, at, (await recipe.before?.(house, at, run)) ?? {});
  const input = / < (\S+)$/.exec(text)?.[1];
  const ran = input !== undefined ? await inShell(`drawbridge ${words.join(" ")} < ${input}`, house.folder, house.environment) : words.includes("--follow") ? await followed(words) : await answered(words);
  await recipe.after?.(house, at, run);
  expect({ ...ran, command: words.join(" ") }).toEqual({ command: words.join(" "), code: expect.toBeOneOf([...(recipe.codes ?? [0])]), err: ran.err, out: expect.stringMatching(recipe.says) });
}

/** It never ends by itself: what it has printed once somebody interrupts it. */
async function followed(words: readonly string[]): Promise<Ran> {
  const child = spawn("drawbridge", words, { cwd: house.folder, env: house.environment });
  let [out, err] = ["", ""];
  child.stderr.on("data", (chunk) => void (err += String(chunk)));
  child.stdout.on("data", (chunk) => {
    out += String(chunk);
    if (out.includes("push PATCH")) child.kill("SIGINT");
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code: code ?? 0, out, err };
}

describe("a command of Drawbridge, as the documents have it", () => {
  const texts = [...new Map(ours.map((written) => [written.text.replace(/^(npx )?drawbridge /, ""), written])).values()];
  test.each(texts.map(({ text, where }) => [text, where]))("%s (%s)", (text) => runOurs(text));
  test("there are so many of them that the collector cannot have missed them", () => expect(texts.length).toBeGreaterThan(80));
});

describe("what is no command of Drawbridge", () => {
  const plays: Readonly<Record<string, (text: string, written: Written) => Promise<void>>> = {
    [serverLine]: async () => expect((await fetch(`${house.url}/livez`)).status).toBe(200), // so the house was started
    async [sandboxLine]() {
      const port = await freePort();
      // What the lock file says is there already, else no test would run.
      const sandbox = await started(`npm start -- --port ${port} --data ${join(house.folder, "sandbox")}`, root, house.environment, async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok);
      await ended(sandbox);
    },
    async curl(text) {
      const [token = ""] = /dbo_\S+/.exec(await run("operator", "create", "--name", fresh("curl"), "--role", "viewer")) ?? [];
      // A running server knows a new operator within a second.
      if (text.includes("OPERATOR_TOKEN")) await vi.waitUntil(async () => (await fetch(`${house.url}/api/v1/whoami`, { headers: { authorization: `Bearer ${token}` } })).ok, { timeout: 10_000, interval: 500 });
      const line = text.replace(/^curl /, "curl --fail-with-body ").replace(/https:\/\/scim\.example\.com|http:\/\/127\.0\.0\.1:8080/, house.url);
      const ran = await inShell(line, house.folder, { ...house.environment, OPERATOR_TOKEN: token });
      expect(ran).toMatchObject({ code: 0, out: expect.stringMatching(/^\{/) });
    },
    async GET(text) {
      expect((await fetch(text.replace(/^GET https:\/\/scim\.example\.com/, house.url))).status).toBe(200);
    },
    async openssl(text) {
      expect(await inShell(text, house.folder, house.environment)).toMatchObject({ code: 0, out: expect.stringMatching(/^\w{40,}\s*$/) });
    },
    async cp(text, { page }) {
      const copy = join(house.folder, fresh("example"));
      cpSync(join(root, dirname(page)), copy, { recursive: true });
      expect((await inShell(text, copy, house.environment)).code).toBe(0);
    },
  };
  test.each(others.map((written) => [written.text, written]))("%s", async (text, written) => {
    const play = plays[text] ?? plays[/^\S+/.exec(text)?.[0] ?? ""];
    if (!play) throw new Error(`${written.where}: nobody runs \`${text}\`: say here how, or in elsewhere.ts why not`);
    await play(text, written);
  });
});

describe("what is not run here", () => {
  const them = all.filter((written) => !here.includes(written));
  test.each(them.filter(({ page, kind }) => page !== "docs/quickstart.md" || kind !== "fence").map((written) => [written.text, written]))("%s is right as far as can be seen", (_, written) => {
    expect(elsewhere.find(({ which }) => which(written))?.wrongs(written)).toEqual([]);
    // What stands behind a shell, an engine or a cluster is a command of ours all the same.
    const [, behind] = /node (?:src\/main\.ts|bin\/drawbridge\.mjs) ([^']*)/.exec(written.text) ?? [];
    if (behind !== undefined) knows(behind.split(" "));
  });
  test("each reason is needed", () => expect(elsewhere.filter(({ which, wrongs }) => !them.some((written) => which(written)) || (wrongs.length === 0 && wrongs(them[0]!).length > 0)).map(({ why }) => why)).toEqual([]));
});

/** A command, and options, that there are. */
function knows(words: readonly string[]): void {
  const found = commandOf(words);
  expect(found?.name, words.join(" ")).toBeDefined();
  for (const word of words.filter((one) => one.startsWith("--"))) expect(found?.command.options.map(({ long }) => long), words.join(" ")).toContain(word);
}

test("npx finds the same command", async () => {
  const ran = await inShell(`npx --offline drawbridge validate --config ${join(house.folder, "drawbridge.yaml")}`, root, house.environment);
  expect(ran).toMatchObject({ code: 0, out: expect.stringContaining("is valid: 3 connection(s).") });
});

test("no command hides in a fence without a language", () => {
  expect(pages.flatMap(hiddenIn)).toEqual([]);
});

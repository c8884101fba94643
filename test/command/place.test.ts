/**
 * Where a command looks when it is not told: a wrong guess would show an empty house in which all is well.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { UsageError } from "../../src/command/confirm.ts";
import { placeFor } from "../../src/command/place.ts";

const before = process.cwd();
let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "drawbridge-place-")));
  process.chdir(folder);
  vi.stubEnv("DRAWBRIDGE_CONFIG", "");
});
afterEach(() => {
  process.chdir(before);
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** What the command would read: a configuration, or a sandbox's folder. */
function read(name: string, ...args: readonly string[]): string {
  let its = "";
  const program = new Command().exitOverride().hook("preAction", (_, command) => placeFor(command));
  const command = program.command(name).option("--config <file>");
  if (name !== "doctor") command.option("--data <folder>", "", "./data");
  if (name === "serve") command.option("--port <number>", "", "8080");
  if (name === "verify") command.option("--file <file>");
  command.action(({ config, data }: { readonly config?: string; readonly data?: string }) => void (its = config ?? `the sandbox in ${data}`));
  program.parse([name, ...args], { from: "user" });
  return its;
}

test("what is said goes first, then the environment, then the file of the folder, then the sandbox that was started there", () => {
  mkdirSync("data");
  writeFileSync("data/sandbox-token", "x");
  expect(read("status")).toBe("the sandbox in ./data");
  writeFileSync("drawbridge.yaml", "");
  expect([read("status"), read("doctor"), read("serve")]).toEqual(Array(3).fill("drawbridge.yaml"));
  vi.stubEnv("DRAWBRIDGE_CONFIG", "/etc/drawbridge/drawbridge.yaml");
  expect([read("status"), read("status", "--data", "./other"), read("status", "--config", "mine.yaml")]).toEqual(["/etc/drawbridge/drawbridge.yaml", "the sandbox in ./other", "mine.yaml"]);
  expect(read("serve", "--port", "9000")).toBe("the sandbox in ./data");
});

test("without any of them nothing is looked at, and nothing is made; only the server makes itself a sandbox", () => {
  expect(() => read("status")).toThrow(UsageError);
  expect(() => read("status")).toThrow("There is no drawbridge.yaml in this folder: name the configuration with --config FILE, or the sandbox's folder with --data FOLDER.");
  expect(() => read("doctor")).toThrow(/FILE\.$/);
  expect([read("serve"), read("verify", "--file", "export.jsonl")]).toEqual(["the sandbox in ./data", "the sandbox in ./data"]);
  mkdirSync("data"); // somebody else's
  expect(() => read("status")).toThrow(UsageError);
});

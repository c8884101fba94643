/**
 * Where a command looks when it is not told: the configuration of this folder, else the sandbox of this folder, and never at neither.
 *
 *     --config FILE        this file
 *     --data FOLDER        the sandbox of this folder
 *     DRAWBRIDGE_CONFIG    this file
 *     ./drawbridge.yaml    where it is there
 *     ./data               where a sandbox has been started there
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { UsageError } from "./confirm.ts";

const here = "drawbridge.yaml";
/** Said on the command line, these mean the sandbox. */
const ofTheSandbox = ["data", "port"];
/** `audit verify --file` looks at this file alone. */
const ofNoStore = ["file"];

/**
 * Before each command. `serve` needs nothing: without a configuration it makes a sandbox. `init` writes the file.
 *
 * @throws UsageError where a command would look into an empty database and find all well
 */
export function placeFor(command: Command): void {
  const has = (name: string): boolean => command.options.some((option) => option.attributeName() === name);
  const isSaid = (name: string): boolean => has(name) && command.getOptionValueSource(name) === "cli";
  if (!has("config") || isSaid("config") || [...ofTheSandbox, ...ofNoStore].some(isSaid)) return;
  const named = process.env["DRAWBRIDGE_CONFIG"];
  if (named !== undefined && named !== "") return void command.setOptionValue("config", named);
  if (existsSync(here)) return void command.setOptionValue("config", here);
  if (command.name() === "serve" || command.name() === "init") return;
  if (has("data") && existsSync(join(String(command.opts()["data"]), "sandbox-token"))) return;
  throw new UsageError(`There is no ${here} in this folder: name the configuration with --config FILE${has("data") ? ", or the sandbox's folder with --data FOLDER" : ""}.`);
}

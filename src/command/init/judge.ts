/**
 * Whether what would be written is right: by the reader of configurations, by the connector, and by the vendor itself.
 *
 * @module
 */
import { resolve } from "node:path";
import { type Config, examineConfig, setupOf } from "../../config.ts";
import type { World } from "../../config/expand.ts";
import { told } from "../../config/problem.ts";
import { checkSetup } from "../../connectors/registry.ts";
import type { Finding } from "../../doctor/finding.ts";
import { lookAtVendor } from "../../doctor/vendor.ts";
import { systemClock } from "../../runtime/clock.ts";
import type { Entered } from "./settings.ts";
import type { Place } from "./place.ts";

export interface Judged {
  readonly config: Config;
  readonly warnings: readonly string[];
}

/** As the server would read it, once the secrets are where they are to be. @throws Error with every mistake */
export async function judgeText({ file }: Place, text: string, name: string, { environment, files }: Entered, world: World): Promise<Judged> {
  const pending = new Map([[resolve(file), text], ...files.map(({ path, text: secret }): [string, string] => [resolve(file, "..", path), secret])]);
  const then: World = { env: { ...world.env, ...environment }, readFile: (path) => Promise.resolve(pending.get(resolve(path)) ?? world.readFile(path)) };
  const { config, problems, warnings } = await examineConfig(file, then);
  const connection = config?.connections.find(({ id }) => id === name);
  const settings = config && connection ? (await checkSetup(setupOf(connection, config))).map(({ path, message }) => `connections.${name}.${path}: ${message}`) : [];
  const mistakes = [...problems.map(told), ...settings];
  if (!config || mistakes.length > 0) throw new Error(`${file} would have ${mistakes.length} ${mistakes.length === 1 ? "mistake" : "mistakes"}, so nothing was written:\n${mistakes.map((one) => `  ${one}`).join("\n")}`);
  return { config, warnings: warnings.filter(({ path }) => path === "" || path.startsWith(`connections.${name}`)).map(told) };
}

/** Everything about the vendor that the doctor would look at. */
export async function judgeVendor(config: Config, name: string, env: World["env"]): Promise<readonly Finding[]> {
  const connection = config.connections.find(({ id }) => id === name);
  if (!connection) return [];
  const { findings } = await lookAtVendor({ config, connection, store: undefined, clock: systemClock, env, timeoutMs: 15_000, signal: AbortSignal.timeout(120_000) });
  return findings;
}

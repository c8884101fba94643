/**
 * More runs of the state machine, or one failure again:
 *
 *   npm run machine -- --runs 500
 *   npm run machine -- --seed 1234 --path '4:2 BD:F'
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { runs: { type: "string" }, seed: { type: "string" }, path: { type: "string" }, shrink: { type: "boolean" } } });
const { seed = String(randomInt(2 ** 31)), ...asked } = values;
const env = { ...process.env, PROPERTY_SEED: seed };
for (const [name, value] of Object.entries(asked)) env[`MACHINE_${name.toUpperCase()}`] = String(value);
const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
process.exitCode = spawnSync(process.execPath, [vitest, "run", "test/machine/machine.test.ts"], { stdio: "inherit", env }).status ?? 1;

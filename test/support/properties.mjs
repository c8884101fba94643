/**
 * The property tests again and again, each round with a seed of its own; ends at the first round that is red.
 *
 *   npm run properties -- --rounds 20
 *   npm run properties -- --rounds 1 --seed 1234
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "10" }, seed: { type: "string" } } });
const root = fileURLToPath(new URL("../..", import.meta.url));
// The state machine and the fuzz targets have longer runs of their own.
const files = globSync("test/**/*.test.ts", { cwd: root }).filter((file) => !/^test\/(machine|fuzz)\//.test(file) && /\bfc\.(assert|check)\(/.test(readFileSync(`${root}/${file}`, "utf8")));

for (let round = 1; round <= Number(values.rounds); round += 1) {
  const seed = values.seed ?? String(randomInt(2 ** 31));
  process.stdout.write(`round ${round}: --seed ${seed}\n`);
  const { status } = spawnSync(process.execPath, [`${root}/node_modules/vitest/vitest.mjs`, "run", ...files], { stdio: "inherit", cwd: root, env: { ...process.env, PROPERTY_SEED: seed } });
  if (status !== 0) process.exit(status ?? 1);
}

/**
 * The kill −9 loop, printed: `npm run kills -- --engine sqlite|postgres|both --kills 300 [--seed N] [--people N] [--into FOLDER]`.
 *
 * Exits with 1 when anything acknowledged is lost, anybody is there twice, or the journal has a gap.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { type Killed, killLoop, type KillWish } from "./loop.ts";

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
const { values } = parseArgs({ options: { engine: { type: "string", default: "sqlite" }, kills: { type: "string", default: "300" }, seed: { type: "string" }, people: { type: "string", default: "40" }, into: { type: "string" } } });
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const engines: readonly KillWish["engine"][] = values.engine === "both" ? ["sqlite", "postgres"] : [values.engine === "postgres" ? "postgres" : "sqlite"];

const shown = (engine: string, { kills, vendorKills, databaseKills, requests, pushes, acked, uncertain, vendorWrites, journalRows, seconds, violations }: Killed): string =>
  `${engine}: ${kills} servers killed, ${vendorKills} times the vendor, ${databaseKills} times the database; ${pushes} pushes in ${requests} requests, ${acked} acknowledged, ${uncertain} uncertain; ${vendorWrites} vendor writes, ${journalRows} journal rows, ${seconds} s; ${violations.length} violations`;

let isGood = true;
for (const engine of engines) {
  console.log(`again: npm run kills -- --engine ${engine} --kills ${values.kills} --seed ${seed} --people ${values.people}`);
  const ended = await killLoop({ engine, kills: Number(values.kills), seed, people: Number(values.people), say: (line) => console.log(line), ...(values.into !== undefined && { into: values.into }) });
  for (const one of ended.violations) console.log(one);
  console.log(shown(engine, ended));
  isGood &&= ended.violations.length === 0;
}
process.exit(isGood ? 0 : 1);

/**
 * The kill −9 loop, printed: `npm run kills -- --engine sqlite|postgres --kills 300 [--seed N] [--people N] [--into FOLDER]`.
 *
 * Exits with 1 when anything acknowledged is lost, anybody is there twice, or the journal has a gap.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { killLoop } from "./loop.ts";

const { values } = parseArgs({ options: { engine: { type: "string", default: "sqlite" }, kills: { type: "string", default: "300" }, seed: { type: "string" }, people: { type: "string", default: "40" }, into: { type: "string" } } });
const engine = values.engine === "postgres" ? "postgres" : "sqlite";
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
console.log(`again: npm run kills -- --engine ${engine} --kills ${values.kills} --seed ${seed} --people ${values.people}`);
const ended = await killLoop({ engine, kills: Number(values.kills), seed, people: Number(values.people), say: (line) => console.log(line), ...(values.into !== undefined && { into: values.into }) });
for (const one of ended.violations) console.log(one);
const { kills, vendorKills, databaseKills, requests, pushes, acked, uncertain, vendorWrites, journalRows, seconds, violations } = ended;
console.log(`${engine}: ${kills} servers killed, ${vendorKills} times the vendor, ${databaseKills} times the database; ${pushes} pushes in ${requests} requests, ${acked} acknowledged, ${uncertain} uncertain; ${vendorWrites} vendor writes, ${journalRows} journal rows, ${seconds} s; ${violations.length} violations`);
process.exit(violations.length > 0 ? 1 : 0);

/**
 * The gates of the bench: what may not become dearer with size, and that no request keeps the event loop from everybody else.
 *
 *     npm run bench:gates                                  both engines, 100,000 people beside 1,000, the hostile catalogue where it is at hand
 *     … -- --engine sqlite --people 20000 --only pace      or: turns, catalogue
 *
 * Everything that is compared is measured in one run and in turn, and what is too large is measured again: it counts if it is so each time.
 * The catalogue is named by HOSTILE_TOOL and HOSTILE_CATALOGUE (docs/compliance.md). Prints tables; ends with 1 where a gate is broken.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { freshDatabase } from "../test/support/postgres.ts";
import { catalogued } from "./gates/catalogued.ts";
import { bulks, groups, mapped, ordinary, questions, users } from "./gates/heavy.ts";
import { type Heavy, idle, kept, mostMs } from "./gates/kept.ts";
import { openMachine } from "./gates/machine.ts";
import { paced, type Pair } from "./gates/pace.ts";
import { lookUps, members, pages } from "./gates/pairs.ts";
import { openSite, type Site } from "./gates/site.ts";
import { openVendor } from "./gates/vendor.ts";

const parts = ["pace", "turns", "catalogue"] as const;
const engines = ["sqlite", "postgres"] as const;
const { values: given } = parseArgs({ options: { engine: { type: "string", default: "both" }, people: { type: "string", default: "100000" }, only: { type: "string" }, requests: { type: "string", default: "" } } });
const many = Number(given.people);
const few = 1_000;
const sizes: readonly [number, number] = [500, Math.floor(many / 2)];
if (!(Number.isInteger(many) && many >= 5 * few)) throw new Error(`--people must be a whole number from ${5 * few}`);
const chosen = engines.filter((name) => given.engine === "both" || given.engine === name);
const played = parts.filter((name) => given.only === undefined || given.only === name);
if (chosen.length === 0 || played.length === 0) throw new Error(`--engine must be both, ${engines.join(" or ")}; --only ${parts.join(", ")}`);

const broken: string[] = [];
const vendor = await openVendor();
const machine = await openMachine();
try {
  for (const engine of chosen) {
    if (played.includes("pace") || played.includes("turns")) await measured(engine);
    if (played.includes("catalogue")) broken.push(...(await catalogued(engine)).map((one) => `${engine}: ${one}`));
  }
} finally {
  machine.end();
  await vendor.end();
}
console.log(broken.length === 0 ? "\nevery gate holds" : `\n${broken.map((one) => `BROKEN ${one}`).join("\n")}`);
process.exit(broken.length === 0 ? 0 : 1);

async function measured(engine: (typeof engines)[number]): Promise<void> {
  const places = [await placeOf(engine), await placeOf(engine)] as const;
  const open: Site[] = [];
  try {
    console.error(`${engine}: ${many} people and ${few} are put into the store`);
    const large = await openSite({ store: places[0].url, vendorUrl: vendor.url, people: many, groups: sizes });
    open.push(large);
    const small = await openSite({ store: places[1].url, vendorUrl: vendor.url, people: few, groups: [] });
    open.push(small);
    if (played.includes("pace")) await pace(engine, [...lookUps(small, large), ...(await pages(large)), ...members(large, sizes)]);
    await small.end();
    if (played.includes("turns")) await turns(engine, large);
  } finally {
    for (const site of open) await site.end();
    for (const place of places) await place.remove();
  }
}

async function pace(engine: string, pairs: readonly Pair[]): Promise<void> {
  console.log(`\n| ${engine}: what may not cost more | beside ms | ms | ratio | rounds | may be | |\n| --- | ---: | ---: | ---: | --- | ---: | --- |`);
  for (const pair of pairs.filter(({ name }) => name.includes(given.requests))) {
    const found = await paced(pair).catch((thrown: unknown) => String(thrown));
    if (typeof found === "string") {
      broken.push(`${engine}: ${pair.name}: ${found}`);
      continue;
    }
    const { smallMs, largeMs, ratio, ratios } = found;
    const holds = ratio <= pair.most;
    console.log(`| ${pair.name} | ${smallMs.toFixed(2)} | ${largeMs.toFixed(2)} | ${ratio.toFixed(2)} | ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)} | ${pair.most} | ${holds ? "holds" : "BROKEN"} |`);
    if (!holds) broken.push(`${engine}: ${pair.name}: ${ratio.toFixed(2)}, may be ${pair.most}`);
  }
}

async function turns(engine: string, site: Site): Promise<void> {
  console.log(`\n| ${engine}: how long one request keeps the event loop | kept ms | worst ms | CPU ms | collection ms | beside ms | request ms | times (disturbed) | |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |`);
  const ms = (value: number) => value.toFixed(value < 10 ? 1 : 0);
  const told = ({ name, keptMs, worstMs, cpuMs, gcMs, machineMs, tookMs, times, disturbed }: Awaited<ReturnType<typeof kept>>, says: string) => console.log(`| ${name} | ${ms(keptMs)} | ${ms(worstMs)} | ${ms(cpuMs)} | ${ms(gcMs)} | ${ms(machineMs)} | ${ms(tookMs)} | ${times} (${disturbed}) | ${says} |`);
  const heavies: readonly Heavy[] = [...ordinary, ...questions, ...users, ...groups, ...bulks, ...mapped].filter(({ name }) => name.includes(given.requests));
  for (const [at, heavy] of heavies.entries()) {
    if (at % 10 === 0) told(await idle(site, machine, 5_000), "");
    const found = await kept(site, machine, heavy).catch((thrown: unknown) => String(thrown));
    if (typeof found === "string") {
      broken.push(`${engine}: ${heavy.name}: ${found}`);
      continue;
    }
    const holds = found.keptMs <= mostMs;
    told(found, holds ? "holds" : "BROKEN");
    if (!holds) broken.push(`${engine}: ${heavy.name} keeps the event loop for ${ms(found.keptMs)} ms each time`);
  }
}

async function placeOf(engine: (typeof engines)[number]): Promise<{ readonly url: string; remove(): Promise<void> }> {
  if (engine === "postgres") {
    const { url, drop } = await freshDatabase();
    return { url, remove: drop };
  }
  const folder = mkdtempSync(join(tmpdir(), "drawbridge-gates-"));
  return { url: `file:${join(folder, "gates.db")}`, remove: async () => rmSync(folder, { recursive: true, force: true }) };
}

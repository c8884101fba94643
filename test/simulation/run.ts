/**
 * Plays seeds on every core, and says which of them ended badly and how to see that again.
 *
 *     npm run simulate -- --seeds 20000            seeds 1 to 20000 of the real code; exit code 1 if one of them broke an invariant
 *     npm run simulate -- --seed 4711              this one, step by step
 *     npm run simulate -- --table 300              naive designs and sabotages beside the real code, 300 runs in each cell
 *     … --subject plain | invited | renamed | removed --from 20001 --jobs 2 --json
 *
 * @module
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Counts, Played } from "./play.ts";
import { play } from "./play.ts";
import type { Random } from "./random.ts";
import { subjects, wildScenario } from "./scenario.ts";
import { tableOf, type TableCell } from "./table.ts";

const { values: given } = parseArgs({
  options: {
    seeds: { type: "string" }, seed: { type: "string" }, table: { type: "string" }, from: { type: "string", default: "1" }, jobs: { type: "string" }, subject: { type: "string" }, json: { type: "boolean", default: false },
    /** Of a child: every n-th seed, beginning with the k-th. */
    share: { type: "string" },
  },
});
const whole = (text: string | undefined, name: string): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} must be a whole number from 1`);
  return Number(text);
};
const jobs = whole(given.jobs, "jobs") ?? availableParallelism();
const seeds = whole(given.seeds, "seeds") ?? 1_000;
const from = whole(given.from, "from") ?? 1;
const table = whole(given.table, "table");
const subject = subjects.find((name) => name === given.subject);
if (given.subject !== undefined && subject === undefined) throw new Error(`--subject must be one of ${subjects.join(", ")}`);
const scenario = (random: Random) => wildScenario(random, subject);

let playing = "";
process.on("unhandledRejection", (thrown) => {
  console.log(JSON.stringify({ seed: playing, violations: [`a bug: nobody took ${String(thrown instanceof Error ? thrown.stack : thrown)}`] }));
  process.exit(1);
});

async function single(seed: string): Promise<void> {
  const { lines, violations, trace, counts } = await play({ seed, keepLines: true, scenario });
  for (const line of lines ?? []) console.log(line);
  console.log(`\nseed ${seed}: ${told(counts)}; digest ${trace}`);
  console.log(violations.length === 0 ? "no violation" : violations.map((violation) => `VIOLATION ${violation}`).join("\n"));
  process.exitCode = violations.length === 0 ? 0 : 1;
}

/** One line of JSON for each seed (or cell of the table). */
async function share(text: string): Promise<void> {
  const [at = 0, of = 1] = text.split("/").map(Number);
  if (table !== undefined) {
    for await (const cell of tableOf(table, (count) => count % of === at)) console.log(JSON.stringify(cell));
    return;
  }
  for (let seed = from + at; seed < from + seeds; seed += of) {
    playing = String(seed);
    const { violations, trace, counts } = await play({ seed: playing, scenario });
    console.log(JSON.stringify({ seed: playing, violations, trace, counts }));
  }
}

/** Who dies in a run waits for ever, and stays in memory: a process plays so many seeds and no more. */
const seedsOfAProcess = 1_000;

/** Starts a child for each core, over and over, and hands over what they print. */
async function children<Line>(take: (line: Line) => void): Promise<void> {
  const atOnce = table === undefined ? jobs * seedsOfAProcess : seeds;
  for (let at = 0; at < seeds; at += atOnce) await eachCore(take, ["--from", String(from + at), "--seeds", String(Math.min(atOnce, seeds - at))]);
}

async function eachCore<Line>(take: (line: Line) => void, range: readonly string[]): Promise<void> {
  const here = [...process.argv.slice(2), ...range]; // of an option that stands twice, the last one counts
  await Promise.all(
    Array.from({ length: jobs }, async (_, at) => {
      const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...here, "--share", `${at}/${jobs}`], { stdio: ["ignore", "pipe", "inherit"] });
      const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
      for await (const line of createInterface({ input: child.stdout })) take(JSON.parse(line) as Line);
      if ((await ended) !== 0) process.exitCode = 1;
    }),
  );
}

async function everySeed(): Promise<void> {
  const bad: Pick<Played, "seed" | "violations">[] = [];
  const total = { events: 0, virtualSeconds: 0, crashes: 0, pauses: 0, vendorCalls: 0, lost: 0, late: 0, refused: 0, unread: 0, lagging: 0, deliveries: 0, twice: 0, unanswered: 0 };
  const beganMs = performance.now();
  const seconds = () => (performance.now() - beganMs) / 1000;
  let done = 0;
  let toldAt = 0;
  await children<Pick<Played, "seed" | "violations"> & { readonly counts?: Counts }>(({ seed, violations, counts }) => {
    done += 1;
    if (counts) for (const name of Object.keys(total) as (keyof Counts)[]) total[name] += counts[name];
    if (violations.length > 0) {
      bad.push({ seed, violations });
      if (!given.json) console.log(`seed ${seed}: ${violations[0]}\n  npm run simulate -- --seed ${seed}${subject ? ` --subject ${subject}` : ""}`);
    }
    if (given.json || seconds() - toldAt < 10) return;
    toldAt = seconds();
    console.log(`${done} of ${seeds} seeds, ${bad.length} with violations, ${(done / seconds()).toFixed(1)} a second`);
  });
  if (bad.length > 0 || done < seeds) process.exitCode = 1;
  if (given.json) {
    console.log(JSON.stringify({ seeds: done, bad, total, seconds: Math.round(seconds()) }));
    return;
  }
  console.log(`${done} seeds in ${Math.round(seconds())} s on ${jobs} processes (${(done / seconds()).toFixed(1)} a second): ${told(total)}`);
  console.log(`${bad.length} seeds with violations${bad.length === 0 ? "" : `: ${bad.map(({ seed }) => seed).join(", ")}`}`);
}

const told = ({ virtualSeconds, deliveries, twice, unanswered, crashes, pauses, vendorCalls, lost, late, refused, unread, lagging, events }: Counts): string =>
  `${(virtualSeconds / 3600).toFixed(1)} h of virtual time, ${deliveries} deliveries (${twice} of them twice, ${unanswered} without an answer), ${crashes} crashes, ${pauses} pauses, ` +
  `${vendorCalls} vendor calls (writes: ${lost} answers lost, ${late} carried out late, ${refused} 5xx, 429 or unsent; reads: ${unread} failed), ${lagging} with a list that lags, ${events} events`;

async function printTable(runs: number): Promise<void> {
  const cells: TableCell[] = [];
  await children<TableCell>((cell) => {
    const same = cells.find(({ design, vendor }) => design === cell.design && vendor === cell.vendor);
    if (!same) return void cells.push({ ...cell, endings: { ...cell.endings } });
    same.runs += cell.runs;
    same.bad += cell.bad;
    for (const [ending, count] of Object.entries(cell.endings)) same.endings[ending] = (same.endings[ending] ?? 0) + count;
  });
  if (given.json) {
    console.log(JSON.stringify({ runs, cells }));
    return;
  }
  const designs = [...new Set(cells.map(({ design }) => design))];
  const vendors = [...new Set(cells.map(({ vendor }) => vendor))];
  console.log(`| design | ${vendors.join(" | ")} |\n| --- |${vendors.map(() => " --- |").join("")}`);
  for (const design of designs) console.log(`| ${design} | ${vendors.map((vendor) => written(cells.find((cell) => cell.design === design && cell.vendor === vendor))).join(" | ")} |`);
}

function written(cell: TableCell | undefined): string {
  if (!cell) return "–";
  const endings = Object.entries(cell.endings).map(([ending, count]) => `${ending} ${count}`);
  return `${((100 * cell.bad) / cell.runs).toFixed(1)} %${endings.length === 0 ? "" : ` (${endings.join(", ")})`}`;
}

if (given.seed !== undefined) await single(given.seed);
else if (given.share !== undefined) await share(given.share);
else if (table !== undefined) await printTable(table);
else await everySeed();

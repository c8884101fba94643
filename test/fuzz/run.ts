/**
 * The long fuzz: millions of inputs, on several processes.
 *
 *     npm run fuzz -- --inputs 10000000 --jobs 2 --seed 1     counts, the slowest input, inputs per second; exit code 1 if anything failed
 *     npm run fuzz -- --target patch                          this target only
 *     npm run fuzz -- --cases fuzz-failures.json              plays kept cases again, each by itself
 *     … --json
 *
 * What fails is shrunk, printed, and kept in `fuzz-failures.json`, from where it can be played again and moved to `test/fuzz/cases.json`.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Case } from "./cases.ts";
import { playCases } from "./cases.ts";
import { realCode } from "./code.ts";
import { openGround } from "./ground.ts";
import { type Played, play } from "./play.ts";
import { sharesOf } from "./shares.ts";
import { plainJson, Totals } from "./totals.ts";
import { allTargets, type Weighted } from "./targets/all.ts";

const { values: given } = parseArgs({
  options: {
    inputs: { type: "string", default: "100000" }, jobs: { type: "string" }, seed: { type: "string", default: "1" }, target: { type: "string" }, cases: { type: "string" }, json: { type: "boolean", default: false },
    /** Of a child: every n-th share, beginning with the k-th. */
    part: { type: "string" },
  },
});
const whole = (text: string, name: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} must be a whole number from 1`);
  return Number(text);
};
const inputs = whole(given.inputs, "inputs");
const jobs = given.jobs === undefined ? availableParallelism() : whole(given.jobs, "jobs");
const seed = whole(given.seed, "seed");
const kept = "fuzz-failures.json";

if (given.cases !== undefined) await again(given.cases);
else if (given.part !== undefined) await part(given.part);
else await everything();

function chosen(all: readonly Weighted[]): readonly Weighted[] {
  const found = given.target === undefined ? all : all.filter(({ target }) => target.name === given.target);
  if (found.length === 0) throw new Error(`--target must be one of ${all.map(({ target }) => target.name).join(", ")}`);
  return found;
}

/** One line of JSON for each share. */
async function part(text: string): Promise<void> {
  const [at = 0, of = 1] = text.split("/").map(Number);
  const ground = await openGround();
  for (const share of sharesOf({ seed, inputs }, chosen(allTargets(ground)))) {
    if (share.number % of !== at) continue;
    const played = play(share.target, realCode, share);
    await new Promise((resolve) => process.stdout.write(`${plainJson(played)}\n`, resolve));
  }
  await ground.close();
}

async function everything(): Promise<void> {
  const totals = new Totals();
  let toldAt = 0;
  const ended = await Promise.all(
    Array.from({ length: jobs }, async (_, at) => {
      const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...process.argv.slice(2), "--part", `${at}/${jobs}`], { stdio: ["ignore", "pipe", "inherit"] });
      const code = new Promise<number | null>((resolve) => child.on("close", resolve));
      for await (const line of createInterface({ input: child.stdout })) take(JSON.parse(line) as Played);
      return code;
    }),
  );
  if (ended.some((code) => code !== 0)) console.error("a process of the fuzz ended before its time");
  if (totals.failures.length > 0) writeFileSync(kept, `${JSON.stringify(totals.failures, undefined, 2)}\n`);
  process.exitCode = totals.failures.length > 0 || totals.inputs < inputs || ended.some((code) => code !== 0) ? 1 : 0;
  console.log(given.json ? JSON.stringify(totals.summary()) : totals.told({ seed, jobs, kept }));

  function take(played: Played): void {
    totals.add(played);
    const { failure } = played;
    if (failure && !given.json) console.log(`${played.target}: ${failure.what}\n  ${plainJson(failure.input)}\n  npm run fuzz -- --cases ${kept}`);
    if (given.json || totals.seconds() - toldAt < 30) return;
    toldAt = totals.seconds();
    console.log(`${totals.inputs} of ${inputs} inputs, ${totals.failures.length} failures, ${Math.round(totals.inputs / totals.seconds())} a second`);
  }
}

async function again(file: string): Promise<void> {
  const ground = await openGround();
  const cases = JSON.parse(readFileSync(file, "utf8")) as readonly Case[];
  for (const { target, input, wrong, ms } of playCases(cases, allTargets(ground), realCode)) {
    console.log(`${target}: ${wrong ?? `nothing is wrong with it (${ms.toFixed(2)} ms)`}\n  ${plainJson(input)}`);
    if (wrong !== undefined) process.exitCode = 1;
  }
  await ground.close();
}

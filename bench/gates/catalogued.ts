/**
 * How long the event loop is kept over the whole catalogue of hostile requests, one at a time (HOSTILE_TOOL and HOSTILE_CATALOGUE say where it is).
 *
 * Each run is a process of its own, with the house and its vendors in it and the tool beside it. A turn belongs to the request that came last. A
 * request that is asked several times counts by the middle one, and what is too long in one run counts if it is so in every run.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { freshDatabase } from "../../test/support/postgres.ts";
import type { CatalogueTurns } from "../servers/catalogue.ts";
import { mostMs } from "./kept.ts";

const mostRuns = 4;

/** @returns what is wrong */
export async function catalogued(engine: "sqlite" | "postgres"): Promise<readonly string[]> {
  if (process.env.HOSTILE_TOOL === undefined || process.env.HOSTILE_CATALOGUE === undefined) {
    console.log(`\n${engine}: the hostile catalogue was not played: say in HOSTILE_TOOL and HOSTILE_CATALOGUE where it is`);
    return [];
  }
  const runs: CatalogueTurns[] = [];
  let slow: readonly (readonly [string, number])[] = [];
  do {
    runs.push(await played(engine));
    slow = slowEachTime(runs);
  } while (slow.length > 0 && runs.length < mostRuns);
  const last = runs.at(-1)!;
  console.log(`\n| ${engine}: hostile catalogue | requests | turns over ${mostMs} ms, by run | too long in every run | longest turn of the last run, ms |\n| --- | ---: | --- | ---: | ---: |`);
  console.log(`| ${last.passed} of ${last.entries} entries passed | ${last.requests} | ${runs.map(({ over }) => over).join(", ")} | ${slow.length} | ${last.longestMs.toFixed(0)} |`);
  return [...slow.map(([request, ms]) => `hostile catalogue: ${request} keeps the event loop for ${ms.toFixed(0)} ms in each of ${runs.length} runs`), ...(last.passed < last.entries ? [`hostile catalogue: only ${last.passed} of ${last.entries} entries passed`] : [])];
}

/** Requests that were too long in every run, with the least of their times. */
function slowEachTime(runs: readonly CatalogueTurns[]): readonly (readonly [string, number])[] {
  const [first, ...rest] = runs;
  return Object.entries(first?.byRequest ?? {})
    .map(([request, ms]) => [request, Math.min(ms, ...rest.map(({ byRequest }) => byRequest[request] ?? 0))] as const)
    .filter(([, ms]) => ms > mostMs);
}

async function played(engine: "sqlite" | "postgres"): Promise<CatalogueTurns> {
  const database = engine === "postgres" ? await freshDatabase() : undefined;
  const child = spawn(process.execPath, [fileURLToPath(new URL("../servers/catalogue.ts", import.meta.url)), ...(database ? [database.url] : [])], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
  const [code] = (await once(child, "close")) as [number | null];
  await database?.drop();
  if (code !== 0) throw new Error(`the hostile catalogue ended with ${code}`);
  return JSON.parse(text) as CatalogueTurns;
}

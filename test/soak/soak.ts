/**
 * The soak: four connections at 25 requests a second each, all at once, while one of the vendors is throttling.
 *
 * @module
 */
import { rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import SqliteFile from "better-sqlite3";
import { seeded } from "../../src/connectors/kit/simulator/seeded.ts";
import { gates, type Sample, type Trend, trendOf } from "./memory.ts";
import { start } from "./processes.ts";
import type { ServerAnswer, ServerBegun } from "./server.ts";
import { startTraffic, type Traffic } from "./traffic.ts";
import type { VendorAnswer, VendorQuestion, VendorsBegun } from "./vendors.ts";

export interface Soak {
  readonly minutes: number;
  readonly perSecond: number;
  /** The vendor that answers only so many requests a second, and 429 with Retry-After to the rest. */
  readonly throttled: string;
  readonly limit: { readonly perSecond: number; readonly burst: number };
  readonly seed: number;
  /** How long the work may take that is left once the vendor throttles no more. */
  readonly settleMinutes: number;
  told?(line: string): void;
}

export interface Soaked {
  readonly connections: readonly { readonly name: string; readonly traffic: Traffic; readonly vendor: VendorAnswer; readonly openAtEnd: number }[];
  readonly samples: readonly Sample[];
  /** Under load: with what the requests under way hold, so it is told and not judged. */
  readonly heap: Trend;
  /** When everything is done and nobody asks anything. */
  readonly heapAtRestMb: number;
  readonly resident: Trend;
  readonly seconds: number;
  /** Until everything that was accepted was done; `undefined` = it was not in time. */
  readonly settledSeconds: number | undefined;
  /** What is open then, by connection, where it was not in time. */
  readonly left: Readonly<Record<string, number>>;
  /** Addresses at PeopleLens that are not as the last accepted push wants them. */
  readonly differing: readonly string[];
  /** Why it is not as it must be. */
  readonly wrong: readonly string[];
}

/** Whoever is invited there has changes that wait for the invitation to be accepted, and nobody accepts one here. */
const invites = new Set(["transactionlink"]);
const compared = "peoplelens";

const sampleEveryMs = 10_000;
/** The first part of a run fills caches and compiles. */
const warm = 0.3;

export async function soak({ minutes, perSecond, throttled, limit, seed, settleMinutes, told = () => {} }: Soak): Promise<Soaked> {
  const vendors = await start<VendorsBegun, VendorQuestion, VendorAnswer>("vendors.ts", []);
  const server = await start<ServerBegun, "measure", ServerAnswer>("server.ts", [JSON.stringify(vendors.begun)], ["--expose-gc"]);
  const { port, tokens, folder, file } = server.begun;
  const work = new OpenWork(file);
  const running = new Map<string, Traffic>();
  try {
    await vendors.ask({ vendor: throttled, limit });
    const beganMs = performance.now();
    const minute = () => (performance.now() - beganMs) / 60_000;
    Object.entries(tokens).forEach(([name, token], at) => running.set(name, startTraffic({ base: `http://127.0.0.1:${port}/scim/${name}/v2`, token, perSecond, random: seeded(seed + at) })));

    const samples: Sample[] = [];
    while (minute() < minutes) {
      await pause(Math.min(sampleEveryMs, Math.max(0, (minutes - minute()) * 60_000)));
      const { heapMb, residentMb, youngMb } = await server.ask("measure");
      const open = work.count();
      samples.push({ minute: minute(), heapMb, residentMb });
      const statuses = [...running].map(([name, { statuses: its, requests }]) => `${name} ${requests} (${[...its].map(([status, count]) => `${status}: ${count}`).join(", ")}; open ${open[name] ?? 0})`);
      told(`minute ${minute().toFixed(1)}: heap ${heapMb.toFixed(1)} MB, resident ${residentMb.toFixed(0)} + ${youngMb.toFixed(0)} MB · ${statuses.join(" · ")}`);
    }
    const seconds = minute() * 60;
    await Promise.all([...running.values()].map((traffic) => traffic.stop()));
    const open = work.count();
    const calls = new Map(await Promise.all([...running.keys()].map(async (vendor) => [vendor, await vendors.ask({ vendor })] as const)));

    await vendors.ask({ vendor: throttled, limit: "off" });
    const settledSeconds = await settled(settleMinutes * 60, () => Object.entries(work.count()).every(([name, count]) => count === 0 || invites.has(name)));
    const left = settledSeconds === undefined ? work.count() : {};
    const { heapMb: heapAtRestMb } = await server.ask("measure");
    const { enabled } = await vendors.ask({ vendor: compared });
    const differing = [...(running.get(compared)?.wanted() ?? [])].filter(([email, active]) => (enabled[email] ?? false) !== active).map(([email]) => email);
    const measured = samples.filter((sample) => sample.minute >= warm * minutes);
    const outcome = {
      connections: [...running].map(([name, traffic]) => ({ name, traffic, vendor: calls.get(name)!, openAtEnd: open[name] ?? 0 })),
      samples, heap: trendOf(measured, "heapMb"), heapAtRestMb, resident: trendOf(measured, "residentMb"), seconds, settledSeconds, left, differing,
    };
    return { ...outcome, wrong: wrongIn(outcome, throttled, perSecond) };
  } finally {
    await Promise.all([...running.values()].map((traffic) => traffic.stop()));
    work.close();
    await server.end();
    await vendors.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Resources whose work is not done. Counted in the file and not by the server: thousands of them, asked for again and again, would be memory of the question. */
class OpenWork {
  readonly #database: SqliteFile.Database;
  readonly #counts: SqliteFile.Statement<[], { readonly connection: string; readonly open: number }>;

  constructor(file: string) {
    this.#database = new SqliteFile(file, { readonly: true });
    this.#counts = this.#database.prepare("select connection, count(*) as open from due where lane is not null group by connection");
  }

  /** By connection; one that has none is not in it. */
  count = (): Readonly<Record<string, number>> => Object.fromEntries(this.#counts.all().map(({ connection, open }) => [connection, open]));
  close = (): void => void this.#database.close();
}

async function settled(forSeconds: number, isDone: () => boolean): Promise<number | undefined> {
  const beganMs = performance.now();
  const seconds = () => (performance.now() - beganMs) / 1_000;
  while (seconds() < forSeconds) {
    if (isDone()) return seconds();
    await pause(500);
  }
  return undefined;
}

/** Everything that is not as it must be, a sentence each. */
export function wrongIn({ connections, samples, heapAtRestMb, resident, seconds, settledSeconds, left, differing }: Omit<Soaked, "wrong" | "heap">, throttled: string, perSecond: number): readonly string[] {
  const wrong: string[] = [];
  for (const { name, traffic, vendor } of connections) {
    for (const [status, count] of traffic.statuses) if (status === 429 || status >= 500 || status === 0) wrong.push(`${name}: ${count} answers were ${status === 0 ? "missing" : status}`);
    for (const [kind, example] of traffic.unexpected) wrong.push(`${name}: unexpected ${kind}: ${example}`);
    if (traffic.requests < seconds * perSecond * 0.95) wrong.push(`${name}: only ${(traffic.requests / seconds).toFixed(1)} requests a second were sent`);
    if (name === throttled && vendor.throttled === 0) wrong.push(`${name}: the vendor has never said 429, so nothing was tried`);
    if (name !== throttled && vendor.throttled > 0) wrong.push(`${name}: its vendor said 429`);
  }
  const least = Math.min(...samples.map(({ heapMb }) => heapMb));
  const most = least * (1 + (gates.heap * seconds) / 60);
  if (!resident.judged) wrong.push("it was too short to judge memory: five minutes are the least");
  else if (heapAtRestMb > most) wrong.push(`at rest the heap holds ${heapAtRestMb.toFixed(1)} MB; it may hold ${most.toFixed(1)}`);
  if (resident.judged && !resident.flat) wrong.push(`resident memory grows by ${resident.slopeMbPerMinute.toFixed(2)} MB a minute`);
  if (differing.length > 0) wrong.push(`${differing.length} people at PeopleLens are not as the last accepted push wants them: ${differing.slice(0, 3).join(", ")}`);
  if (settledSeconds === undefined) wrong.push(`not everything that was accepted was carried out in time; open are ${Object.entries(left).map(([name, count]) => `${count} at ${name}`).join(", ")}`);
  return wrong;
}

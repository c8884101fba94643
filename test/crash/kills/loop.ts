/**
 * The kill −9 loop: servers, vendor and database processes die while an IdP pushes; then everything comes to rest, and the history is judged.
 *
 * @module
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { seeded } from "../../../src/connectors/kit/simulator/seeded.ts";
import { connectionId } from "../../../src/model/ids.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openStore } from "../../../src/store/open-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { peoplelens } from "../../../src/connectors/peoplelens/simulator.ts";
import { token } from "../../support/house.ts";
import type { Birth } from "../../support/lenient-vendor.ts";
import { freshDatabase } from "../../support/postgres.ts";
import { freePort } from "../../support/process.ts";
import { violations } from "./history.ts";
import { startIdp } from "./idp.ts";
import { type Killable, server, vendor as vendorProcess } from "./processes.ts";
import { type Call, doubles, restOf, settleMs, unintended, type VendorUser } from "./rest.ts";

export interface KillWish {
  readonly engine: "sqlite" | "postgres";
  readonly kills: number;
  readonly seed: number;
  readonly people?: number;
  /** An existing folder in which everything that was judged is left behind: pushes, vendor calls, journal, what the servers printed. */
  readonly into?: string;
  /** Told how it goes, now and then. */
  readonly say?: (line: string) => void;
}

export interface Killed {
  readonly kills: number;
  readonly vendorKills: number;
  readonly databaseKills: number;
  readonly requests: number;
  readonly pushes: number;
  readonly acked: number;
  readonly uncertain: number;
  readonly vendorWrites: number;
  readonly journalRows: number;
  readonly seconds: number;
  readonly violations: readonly string[];
}

const acme = connectionId("acme");
/** Time that a server is up before it dies, ms, where it takes no longer than this to come up. */
const upMs = { from: 50, to: 500 };
/** Where replicas take turns by leases, the work of the dead lies still until theirs run out: between two storms somebody gets to it. */
const storm = { deaths: 20, lullMs: 15_000 };
const usualStartMs = 1_500;
/** On a slow or busy machine servers live longer, or they would get nothing done before they die. */
const slowness = (startedInMs: number): number => Math.min(Math.max(startedInMs / usualStartMs, 1), 5);
/** Every so many deaths of a server, but three times and twice in a short loop as well. */
const vendorDiesEvery = (kills: number): number => Math.min(30, Math.ceil(kills / 3));
const databaseDiesEvery = (kills: number): number => Math.min(60, Math.ceil(kills / 2));
const restWithinMs = 120_000;

export async function killLoop({ engine, kills, seed, people = 40, into, say = () => {} }: KillWish): Promise<Killed> {
  const begunMs = Date.now();
  const random = seeded(seed);
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-kills-"));
  const database = engine === "postgres" ? await freshDatabase() : undefined;
  // The tests' server commits without waiting for its log; what is acknowledged must outlive its processes.
  const url = database ? `${database.url}${encodeURIComponent(" -c synchronous_commit=on")}` : `file:${join(folder, "kills.db")}`;
  const ports = { port: await freePort(), controlPort: await freePort() };
  const control = (path: string) => fetch(`http://127.0.0.1:${ports.controlPort}${path}`).then((answer) => answer.json());
  const vendor = vendorProcess(ports, join(folder, "vendor.json"));
  const servers: Killable[] = [];
  const bases: string[] = [];
  for (let n = 0; n < (engine === "postgres" ? 2 : 1); n++) {
    const port = await freePort();
    const file = join(folder, `server-${n}.json`);
    await writeFile(file, JSON.stringify(configuration(url, port, ports.port)));
    servers.push(server(`server ${n}`, file, port));
    bases.push(`http://127.0.0.1:${port}/scim/acme/v2`);
  }

  const done = { kills: 0, vendor: 0, database: 0 };
  const calls: Call[] = [];
  const noteCalls = async () => void calls.push(...((await control("/journal")) as Call[]));
  const state = async () => (await control("/state")) as { readonly users: readonly VendorUser[]; readonly births?: readonly Birth[] };
  /** Who is there twice at this moment: one of the two may be gone when everything is at rest. */
  const twice = new Set<string>();
  const countHeads = async () => doubles((await state()).users).forEach((person) => void twice.add(person));
  let store: Store | undefined;
  try {
    await vendor.start();
    for (const one of servers) await one.start(); // one after the other: the first makes the tables
    const idp = startIdp(bases, people, seeded(seed + 1));

    let lullUntilMs = 0;
    let vendorTurn: Promise<void> = Promise.resolve();
    const victims = servers.map(async (victim) => {
      let startedInMs = 0;
      while (done.kills < kills) {
        await pause((upMs.from + random.below(upMs.to - upMs.from)) * slowness(startedInMs));
        while (Date.now() < lullUntilMs) await pause(upMs.from);
        const nth = ++done.kills;
        const isLastOfStorm = database !== undefined && nth % storm.deaths === 0;
        if (isLastOfStorm) lullUntilMs = Number.POSITIVE_INFINITY;
        await victim.kill9();
        if (nth % 5 === 0) vendorTurn = vendorTurn.then(countHeads);
        if (nth % 25 === 0) say(`${nth} kills, ${idp.events.length} pushes, ${((Date.now() - begunMs) / 1000).toFixed(0)} s`);
        if (nth % vendorDiesEvery(kills) === 0) {
          done.vendor += 1;
          vendorTurn = vendorTurn.then(async () => {
            await noteCalls();
            await vendor.kill9();
            await vendor.start();
          });
        }
        startedInMs = await timed(() => victim.start());
        if (isLastOfStorm) lullUntilMs = Date.now() + storm.lullMs;
        if (database && nth % databaseDiesEvery(kills) === 0) done.database += await killBackend(url);
      }
    });
    await Promise.all(victims);
    await vendorTurn;
    await idp.stop();

    store = await openStore({ url, clock: systemClock });
    const found: string[] = [...idp.wrong, ...servers.flatMap((one) => one.ownEnds())];
    const failedStarts = servers.reduce((sum, one) => sum + one.failedStarts(), 0);
    if (failedStarts > 0 && done.database === 0) found.push(`${failedStarts} starts failed although the database was there: ${servers.map((one) => one.output().slice(-1_000)).join("\n")}`);
    if (!(await cameToRest(store))) found.push(`it did not come to rest: ${JSON.stringify((await store.openWork(acme, 5)).map(({ userName, due }) => ({ userName, due })))}`);
    await noteCalls();
    const { users, births = [] } = await state();
    const rest = await restOf(store, acme, users, [...new Set(idp.events.map(({ person }) => person))]);
    found.push(...violations(idp.events, rest.people), ...unintended(calls, rest.journal, births));
    found.push(...[...twice].map((person) => `I1: ${person} was there twice at one time`));
    const broken = await store.firstBrokenRow(acme);
    if (broken !== undefined) found.push(`I11: the journal's chain breaks at row ${broken}`);
    if (into !== undefined) await left(into, { events: idp.events, calls, journal: rest.journal, people: rest.people, births, work: await store.openWork(acme, 1_000), printed: Object.fromEntries(servers.map((one) => [one.name, one.output()])), found });
    const acked = idp.events.filter(({ ackedMs }) => ackedMs !== undefined).length;
    return {
      kills: done.kills, vendorKills: done.vendor, databaseKills: done.database, requests: idp.requests(), pushes: idp.events.length, acked, uncertain: idp.events.length - acked,
      vendorWrites: calls.filter(({ method }) => method !== "GET").length, journalRows: rest.journal.length, seconds: Math.round((Date.now() - begunMs) / 1000), violations: found,
    };
  } finally {
    await store?.close();
    for (const one of servers) await one.kill9();
    await vendor.kill9();
    await database?.drop().catch(() => {});
    await rm(folder, { recursive: true, force: true });
  }
}

const configuration = (store: string, port: number, vendorPort: number) => ({
  listen: { host: "127.0.0.1", port },
  publicUrl: "http://scim.test",
  store,
  egress: { allow: ["127.0.0.1"] },
  connections: {
    acme: {
      connector: "peoplelens",
      auth: { bearer: [{ name: "test", token }] },
      settings: { baseUrl: `http://127.0.0.1:${vendorPort}`, apiKey: peoplelens.apiKeys["admin"] },
      roles: { map: [{ idp: "Editors", vendor: "Editor" }, { idp: "Everyone", vendor: "User" }], fallback: "User" },
      rails: { massDeprovision: { count: 1_000_000 } },
      budget: { requestsPerSecond: 1_000, burst: 1_000 },
      delivery: { deadline: "500ms", settle: `${settleMs}ms` },
      vendor: { timeout: "400ms" },
    },
  },
});

async function timed(act: () => Promise<void>): Promise<number> {
  const begunMs = performance.now();
  await act();
  return performance.now() - begunMs;
}

async function left(folder: string, evidence: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, value] of Object.entries(evidence)) await writeFile(join(folder, `${name}.json`), JSON.stringify(value, undefined, 1));
}

async function cameToRest(store: Store): Promise<boolean> {
  for (const untilMs = Date.now() + restWithinMs; Date.now() < untilMs; await pause(100)) if ((await store.openWork(acme, 1)).length === 0) return true;
  return false;
}

/** One of the database's own processes; the rest of the database goes down with it, takes its log back, and comes up again. */
async function killBackend(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ pid: number }>("select pid from pg_stat_activity where application_name = 'drawbridge' order by random() limit 1");
    if (!rows[0]) return 0;
    process.kill(rows[0].pid, "SIGKILL");
    return 1;
  } catch {
    return 0;
  } finally {
    await client.end().catch(() => {});
  }
}

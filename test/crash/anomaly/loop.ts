/**
 * The loop, SQLite's way: the n-th fault point of a push meets trouble, for n = 1, 2, 3, … until a push passes unharmed.
 *
 * @module
 */
import type { FaultPoint } from "../../../src/runtime/fault.ts";
import { beginning, breaches, type Case } from "./check.ts";
import type { PushKind } from "./pushes.ts";
import type { Mode } from "./trouble.ts";
import { type Answer, acme, openWorld, pause, type World } from "./world.ts";

export interface Report {
  readonly kind: string;
  readonly mode: Mode;
  /** Which point the n-th trouble hit, in order of n. */
  readonly hits: readonly FaultPoint[];
  readonly breaches: readonly Breach[];
}

export interface Breach {
  readonly kind: string;
  readonly mode: Mode;
  readonly nth: number;
  readonly point: FaultPoint;
  readonly says: string;
}

/** No push has nearly so many points; a loop that does not end is a fault of the loop. */
const mostPoints = 120;

export interface LoopWish {
  readonly kind: PushKind;
  readonly modes: readonly Mode[];
  /** Only every so many points; the rest is the nightly's. Default: each. */
  readonly stride?: number;
  /** Only this n, or only the first point of this name. */
  readonly only?: number | FaultPoint;
}

export async function loop({ kind, modes, stride = 1, only }: LoopWish): Promise<readonly Report[]> {
  const world = await openWorld();
  const reports: Report[] = [];
  try {
    for (const mode of modes) {
      const hits: FaultPoint[] = [];
      const found: Breach[] = [];
      for (let nth = typeof only === "number" ? only : 1; nth <= mostPoints; nth += stride) {
        const played = await play(world, kind, mode, typeof only === "string" ? only : nth).catch((thrown: unknown) => {
          throw new Error(`the loop broke off at ${kind.name}, ${mode}, n = ${nth}, after ${hits.at(-1) ?? "nothing"}`, { cause: thrown });
        });
        if (!played) break;
        hits.push(played.point);
        found.push(...played.breaches.map((says) => ({ kind: kind.name, mode, nth, point: played.point, says })));
        if (only !== undefined) break;
      }
      reports.push({ kind: kind.name, mode, hits, breaches: found });
    }
    const broken = await world.house().store.firstBrokenRow(acme);
    const last = reports.at(-1);
    if (broken !== undefined && last) reports.push({ ...last, hits: [], breaches: [{ kind: kind.name, mode: last.mode, nth: 0, point: "commit.before", says: `I11: the journal's chain breaks at row ${broken}` }] });
  } finally {
    await world.close();
  }
  return reports;
}

let people = 0;

/** @returns where it hit; `undefined` when the push and everything after it passed without reaching the n-th point */
async function play(world: World, kind: PushKind, mode: Mode, which: number | FaultPoint): Promise<{ readonly point: FaultPoint; readonly breaches: readonly string[] } | undefined> {
  const person = await kind.prepare(world, `p${++people}@acme.example`);
  await world.drain();
  const since = await beginning(world);

  world.trouble.arm(mode, which);
  const answer = await kind.push(world, person);
  await settled(world);
  const point = world.trouble.hit;
  world.trouble.disarm();
  if (point === undefined) return undefined;

  const given: Case = { kind, mode, point, person, since };
  const found: string[] = [];
  // A database that hangs holds up every writer, the worker included: that ends with the process, and with nothing else.
  if (world.isDead() || (mode === "hang" && (point === "commit.before" || point === "commit.after"))) await world.restart();
  found.push(...(await rest(world, given, answer)));
  world.trouble.heal();
  await world.restart();
  found.push(...(await rest(world, given, answer)));
  found.push(...(await again(world, given)));
  return { point, breaches: [...new Set(found)] };
}

/** Work that the push has left is done, or what was planted has hit. */
async function settled(world: World): Promise<void> {
  await pause(3);
  for (let turn = 0; turn < 200 && world.trouble.hit === undefined; turn++) {
    const work = await world.house().store.openWork(acme, 100_000);
    if (work.every(({ due }) => due.dueAtMs === undefined)) return;
    world.skip(250);
    await pause(4);
  }
}

async function rest(world: World, given: Case, answer: Answer | undefined): Promise<readonly string[]> {
  try {
    await world.drain();
  } catch (thrown) {
    return [`I2/I3: ${String(thrown)}`];
  }
  return breaches(world, given, answer);
}

/** The IdP repeats what it had no good answer to; then there is one truth. */
async function again(world: World, given: Case): Promise<readonly string[]> {
  const { kind, person } = given;
  if (!kind.refused) await world.vendor.clearFaults();
  let repeated = await (kind.repeat ?? kind.push)(world, person);
  // A vendor that a slow machine makes slow: "come again" is right, and is done.
  for (let tries = 0; tries < 20 && (repeated === undefined || repeated.status === 503); tries++) {
    world.skip(1_000);
    await pause(100);
    repeated = await (kind.repeat ?? kind.push)(world, person);
  }
  const isRight = repeated !== undefined && (repeated.status < 300 || (kind.again ?? []).includes(repeated.status));
  if (!repeated || !isRight) return [`I8: the same push once more is answered ${repeated?.status ?? "nothing"}: ${JSON.stringify(repeated?.body)}`];
  // Whatever the status, what the push asks for is true now.
  return rest(world, given, { body: repeated.body, retryAfter: undefined, status: 200 });
}

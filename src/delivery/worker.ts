/**
 * The worker: takes what is due, denials first, and converges it.
 *
 * It polls at least once a second, so work that another process made due is found too; within the process it is told at once. What it
 * takes it begins at once. It also carries the news of outages between this process and the others.
 *
 * @module
 */
import { room, nextTurns, type Busy } from "./lanes.ts";
import type { Outcome } from "./outcome.ts";
import { startProbing } from "./probe.ts";
import type { Job } from "./run.ts";
import type { Site, Works } from "./site.ts";
import { leaseMs } from "./site.ts";
import { startSweeping } from "./sweep.ts";
import type { ConnectionId } from "../model/ids.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { Taken } from "../store/store.ts";

export interface Worker {
  /** Something may be due now. */
  nudge(): void;
  /** Takes nothing new, and resolves when what is under way has ended. */
  stop(): Promise<void>;
}

const pollMs = 1_000;

/** @param sites every configured connection, asked for anew at each turn; @param converge as `converge.ts` */
export function startWorker(works: Works, sites: () => readonly Site[], converge: (job: Job) => Promise<Outcome>): Worker {
  const { store, clock, outages, log } = works;
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();
  const busy = new Map<ConnectionId, Busy>();
  const served = new Map<ConnectionId, number>();
  let turns = 0;
  let toldMs = Number.NEGATIVE_INFINITY;
  let wakeUp: AbortController = new AbortController();
  let nudged = false;

  const nudge = () => {
    nudged = true;
    wakeUp.abort("nudged");
  };

  const loads = () =>
    sites().map(({ connection, budget, policy }) => ({
      connection,
      places: budget.places,
      busy: busy.get(connection) ?? { deny: 0, lesser: 0 },
      isDown: outages.isDown(connection),
      isTrying: outages.isTrying(connection),
      isResting: budget.restingMs() > 0,
      servedAt: served.get(connection) ?? 0,
      forMs: leaseMs(policy),
    }));

  /** @returns whether anything was taken up */
  async function turn(): Promise<boolean> {
    await tellOfOutages();
    const heads = underWay.size < room.all ? (await store.heads()).filter(({ isDue }) => isDue) : [];
    const asks = heads.length > 0 ? nextTurns(heads, loads()) : [];
    if (asks.length === 0 || stopping.signal.aborted) return false;
    const askedMs = clock.now();
    const taken = await store.takeDue(works.owner, asks);
    turns += 1;
    for (const job of taken) begin(job, askedMs);
    return taken.length > 0;
  }

  function begin(job: Taken, askedMs: number): void {
    const { connection } = job.lease;
    const kind = job.held.due?.lane === "deny" ? "deny" : "lesser";
    const count = (by: number) => {
      const now = busy.get(connection) ?? { deny: 0, lesser: 0 };
      busy.set(connection, { ...now, [kind]: now[kind] + by });
    };
    count(1);
    served.set(connection, turns);
    const run: Promise<void> = carryOut(job, askedMs).then(() => {
      count(-1);
      underWay.delete(run);
      nudge();
    });
    underWay.add(run);
  }

  /** Never throws: what is not done stays due once its lease has run out. */
  async function carryOut(job: Taken, askedMs: number): Promise<void> {
    const { fault } = works;
    try {
      if (fault) await fault("worker.claimed");
      await converge({ ...job, askedMs, correlation: job.held.due?.correlation ?? newCorrelationId() });
      if (fault) await fault("worker.done");
    } catch (thrown) {
      log.error("the worker dropped what it had taken", { connection: job.lease.connection, resource: job.held.id, error: String(thrown) });
    }
  }

  /** What was found out here is written down for the others, and what they have found out is believed. */
  async function tellOfOutages(): Promise<void> {
    for (const { connection, isDown } of outages.unsaved()) {
      if (isDown) await probing.down(connection);
      else await probing.up(connection);
      outages.saved(connection, isDown);
    }
    if (clock.now() - toldMs < pollMs) return;
    toldMs = clock.now();
    for (const connection of outages.told(await store.outages())) log.info("another process says that the vendor answers again", { connection });
  }

  async function rest(): Promise<void> {
    const next = await store.nextDueMs();
    // What is due already and was not taken belongs to somebody else, to a vendor that is down, or has no place yet.
    const waitMs = next === undefined || next <= clock.now() ? pollMs : Math.min(pollMs, next - clock.now());
    wakeUp = new AbortController();
    if (!nudged) await clock.sleep(waitMs, AbortSignal.any([wakeUp.signal, stopping.signal]));
    nudged = false;
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        if (!(await turn())) await rest();
      } catch (thrown) {
        log.error("the worker could not look for work", { error: String(thrown) });
        await clock.sleep(pollMs, stopping.signal);
      }
    }
  }

  const probing = startProbing(works, nudge, stopping.signal);
  const loops = Promise.all([work(), probing.ended, startSweeping(works, sites, converge, stopping.signal)]);
  return {
    nudge,
    async stop() {
      stopping.abort("stopping");
      await loops;
      await Promise.all(underWay);
    },
  };
}

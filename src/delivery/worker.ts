/**
 * The worker: takes what is due, denials first, and converges it; probes vendors that are down.
 *
 * It polls at least once a second, so work that another process made due is found too; within the process it is told at once.
 * Bounded: at most `atOnce` resources are under way, and a vendor that is down costs one probe every five seconds.
 *
 * @module
 */
import { callFor } from "./attempt.ts";
import { converge } from "./converge.ts";
import { probeEveryMs } from "./outage.ts";
import type { Site, Works } from "./site.ts";
import { leaseMs } from "./site.ts";
import { failureOf } from "../model/failure.ts";
import type { Taken } from "../store/store.ts";
import type { ConnectionId } from "../model/ids.ts";
import { newCorrelationId } from "../runtime/new-id.ts";

export interface Worker {
  /** Something may be due now. */
  nudge(): void;
  /** Takes nothing new, and resolves when what is under way has ended. */
  stop(): Promise<void>;
}

/** Never throws: what is not done stays due once its lease has run out. */
async function carryOut(job: Taken, works: Works): Promise<void> {
  try {
    if (works.fault) await works.fault("worker.claimed");
    await converge({ ...job, correlation: newCorrelationId() }, works);
    if (works.fault) await works.fault("worker.done");
  } catch (thrown) {
    works.log.error("the worker dropped what it had taken", { connection: job.lease.connection, resource: job.held.id, error: String(thrown) });
  }
}

const atOnce = 16;
const pollMs = 1_000;

/** @param sites every configured connection, asked for anew at each turn */
export function startWorker(works: Works, sites: () => readonly Site[]): Worker {
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();
  let wakeUp: AbortController = new AbortController();
  let nudged = false;

  const nudge = () => {
    nudged = true;
    wakeUp.abort();
  };

  async function turn(): Promise<void> {
    const room = atOnce - underWay.size;
    const longest = Math.max(...sites().map(({ policy }) => leaseMs(policy)), 0);
    const taken = room > 0 && longest > 0 ? await works.store.takeDue(works.owner, longest, room, works.outages.down()) : [];
    for (const job of taken) {
      const run: Promise<void> = carryOut(job, works).then(() => {
        underWay.delete(run);
        nudge();
      });
      underWay.add(run);
    }
    if (taken.length === room && room > 0) return; // there may be more
    await rest();
  }

  async function rest(): Promise<void> {
    const next = underWay.size < atOnce ? await works.store.nextDueMs() : undefined;
    // What is due already and was not taken belongs to somebody else, or to a vendor that is down.
    const waitMs = next === undefined || next <= works.clock.now() ? pollMs : Math.min(pollMs, next - works.clock.now());
    wakeUp = new AbortController();
    if (nudged) nudged = false;
    else await works.clock.sleep(waitMs, AbortSignal.any([wakeUp.signal, stopping.signal]));
    nudged = false;
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await turn();
      } catch (thrown) {
        works.log.error("the worker could not look for work", { error: String(thrown) });
        await works.clock.sleep(pollMs, stopping.signal);
      }
    }
  }

  async function probe(connection: ConnectionId): Promise<void> {
    const site = works.site(connection);
    if (!site) return;
    try {
      await site.connector.control(callFor(undefined, { correlation: newCorrelationId(), exchanges: [] }, site));
    } catch (thrown) {
      const { kind } = failureOf(thrown);
      if (kind === "unreachable" || kind === "uncertain" || kind === "throttled") return; // any other answer is an answer
    }
    works.outages.answered(connection);
    works.log.info("the vendor answers again", { connection, count: await works.store.wake(connection) });
    nudge();
  }

  async function probing(): Promise<void> {
    while (!stopping.signal.aborted) {
      await works.clock.sleep(probeEveryMs, stopping.signal);
      await Promise.all(works.outages.down().map(probe));
    }
  }

  const loops = Promise.all([work(), probing()]);
  return {
    nudge,
    async stop() {
      stopping.abort();
      await loops;
      await Promise.all(underWay);
    },
  };
}

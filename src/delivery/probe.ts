/**
 * Probes vendors that are down: one cheap read every five seconds, by whichever process gets the right to it.
 *
 * @module
 */
import { failureOf } from "../model/failure.ts";
import type { ConnectionId } from "../model/ids.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import { callFor } from "./call.ts";
import { probeEveryMs } from "./outage.ts";
import type { Works } from "./site.ts";

export interface Probing {
  /** Writes down that the vendor is down. */
  down(connection: ConnectionId): Promise<void>;
  /** Writes down that it answers, and wakes what waits for it: denials at once, then the rest. */
  up(connection: ConnectionId): Promise<void>;
  readonly ended: Promise<void>;
}

/** How often it is looked whether somebody may probe; the right itself comes every five seconds. */
const lookEveryMs = 1_000;

export function startProbing(works: Works, nudge: () => void, stopping: AbortSignal): Probing {
  const { store, clock, outages, log } = works;
  const underWay = new Map<ConnectionId, Promise<void>>();

  async function probe(connection: ConnectionId): Promise<void> {
    const site = works.site(connection);
    if (!site || !(await store.takeProbe(connection, probeEveryMs))) return;
    const exchanges: [] = [];
    const call = callFor(undefined, { correlation: newCorrelationId(), exchanges, isProbe: true }, site);
    try {
      await site.connector.control(call);
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (failure.kind === "throttled") site.budget.rest(failure.retryAfterSeconds * 1_000);
      if (failure.kind === "unreachable" || failure.kind === "uncertain") return; // any other answer is an answer
    } finally {
      call.end();
    }
    if (outages.isDown(connection)) outages.answered(connection); // whoever records no exchanges
    nudge();
  }

  async function loop(): Promise<void> {
    while (!stopping.aborted) {
      await clock.sleep(lookEveryMs, stopping);
      if (stopping.aborted) break;
      for (const connection of outages.down()) {
        if (underWay.has(connection)) continue;
        const run = probe(connection)
          .catch((thrown: unknown) => log.error("a probe failed", { connection, error: String(thrown) }))
          .finally(() => underWay.delete(connection));
        underWay.set(connection, run);
      }
    }
    await Promise.all(underWay.values());
  }

  return {
    ended: loop(),
    async down(connection) {
      await store.markDown(connection, probeEveryMs);
      log.warn("the vendor does not answer", { connection });
    },
    async up(connection) {
      await store.markUp(connection);
      const denials = await store.wake(connection, "deny");
      log.info("the vendor answers again", { connection, count: denials + (await store.wake(connection)) });
    },
  };
}

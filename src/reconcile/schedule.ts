/**
 * Looks every second which connection's reconciliation is due, and runs it. The schedule is rows: a run that ends plans the next one, a command
 * brings it forward, and of several replicas one takes it.
 *
 * @module
 */
import type { ConnectionId } from "../model/ids.ts";
import { regularly } from "../runtime/regularly.ts";
import type { Post } from "./post.ts";
import { type Ended, leaseMs, reconcile } from "./reconcile.ts";
import type { Works } from "./works.ts";

export interface NightWatch {
  /** Makes sure that a run of each of these connections is planned, as their policies say. */
  plan(): Promise<void>;
  /** Takes up nothing new, and resolves when what is under way has been put back. */
  stop(): Promise<void>;
}

export interface NightWatchNeeds extends Works {
  random(): number;
  /** Of the configuration in force. */
  posts(): readonly Post[];
  /** Told how each run has ended, for the metrics; a repair may be due. */
  ended(connection: ConnectionId, how: Ended): void;
}

const lookEveryMs = 1_000;
/** In one process; a run waits for its vendor nearly all the time. */
const mostAtOnce = 4;

export function startNightWatch(needs: NightWatchNeeds): NightWatch {
  const { store, clock, log, owner, posts, random, ended } = needs;
  const stopping = new AbortController();
  const underWay = new Map<ConnectionId, Promise<void>>();

  async function look(): Promise<void> {
    const here = new Map(posts().map((post) => [post.connection, post]));
    // A vendor that can list nobody is compared with nothing.
    if (underWay.size >= mostAtOnce || ![...here.values()].some(({ connector }) => connector.list)) return;
    const due = await store.dueReconciliations();
    for (const connection of due) {
      const post = here.get(connection);
      if (!post || underWay.has(connection) || underWay.size >= mostAtOnce || stopping.signal.aborted) continue;
      const run = await store.takeReconciliation(connection, owner, leaseMs);
      if (!run) continue;
      const work = reconcile(run, post, needs, stopping.signal)
        .then((how) => ended(connection, how))
        .catch((thrown: unknown) => log.error("a reconciliation was dropped; it is taken up again when its lease has run out", { connection, error: String(thrown) }))
        .finally(() => underWay.delete(connection));
      underWay.set(connection, work);
    }
  }

  const watching = regularly({ clock, everyMs: lookEveryMs, signal: stopping.signal }, look, (thrown) => log.error("reconciliations that are due could not be looked for", { error: String(thrown) }));
  return {
    async plan() {
      for (const { connection, connector, policy } of posts()) {
        const { everyMs } = policy.reconcile;
        // Up to a twentieth earlier, so that the connections of one vendor do not all begin at once.
        if (connector.list) await store.planReconciliation(connection, everyMs === undefined ? undefined : Math.round(everyMs * (1 - 0.05 * random())));
      }
    },
    async stop() {
      stopping.abort("stopping");
      await watching;
      await Promise.all(underWay.values());
    },
  };
}

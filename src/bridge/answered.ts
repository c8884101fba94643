/**
 * Which creates have had their answer written out.
 *
 * The same create again is a conflict once its answer went out, and gets the same resource while it did not (DESIGN 3). To keep
 * that off the hot path, answers are remembered here at once and written to the store a moment later, many in one transaction.
 * A process that dies in between leaves them unanswered: then a repeat gets the same resource once more, which harms nobody.
 *
 * @module
 */
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Store } from "../store/store.ts";

export interface Answered {
  mark(connection: ConnectionId, resource: ResourceId): void;
  has(resource: ResourceId): boolean;
  /** Writes down what is remembered. */
  flush(): Promise<void>;
}

const flushAfterMs = 250;

export function rememberAnswers(store: Store, clock: Clock, log: Log): Answered {
  const waiting = new Map<ResourceId, ConnectionId>();
  let planned = false;

  async function flush(): Promise<void> {
    const batch = [...waiting];
    const connections = new Set(batch.map(([, connection]) => connection));
    for (const connection of connections) {
      const resources = batch.filter(([, its]) => its === connection).map(([resource]) => resource);
      await store.markAnswered(connection, resources);
      for (const resource of resources) waiting.delete(resource);
    }
  }

  return {
    flush,
    has: (resource) => waiting.has(resource),
    mark(connection, resource) {
      waiting.set(resource, connection);
      if (planned) return;
      planned = true;
      void clock.sleep(flushAfterMs).then(async () => {
        planned = false;
        await flush().catch((thrown: unknown) => log.warn("could not note which creates were answered", { error: String(thrown) }));
      });
    },
  };
}

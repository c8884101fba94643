/**
 * A connection's place in delivery, as reconciliation sees it: its looks wait for their turn behind everybody else's, are heard by the
 * breaker and the metrics like any call, and end at a freeze.
 *
 * @module
 */
import type { Exchanged } from "../connectors/connector.ts";
import { callFor } from "../delivery/call.ts";
import { Halted } from "../delivery/halt.ts";
import { pauseSeconds } from "../delivery/retry.ts";
import type { Site } from "../delivery/site.ts";
import type { Fault } from "../model/failure.ts";
import { permits } from "../model/mode.ts";
import type { Look, Post } from "../reconcile/post.ts";
import type { Clock } from "../runtime/clock.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { Store } from "../store/store.ts";

/** How often a page that cannot be read is asked for again before the list is given up. */
const mostTries = { throttled: 20, unreachable: 4 } as const;

export function postOf({ connection, connector, vendor, policy, ...rest }: Site, { store, clock }: { readonly store: Store; readonly clock: Clock }): Post {
  const site: Site = { connection, connector, vendor, policy, ...rest };
  return {
    connection,
    connector,
    vendor,
    policy,
    look(signal: AbortSignal, sinceMs = clock.now()): Look {
      const exchanges: Exchanged[] = [];
      const calling = callFor(undefined, { correlation: newCorrelationId(), exchanges, isReconciliation: true, untilMs: Number.POSITIVE_INFINITY, sinceMs }, site);
      let failed = 0;
      return {
        ...calling,
        signal: AbortSignal.any([signal, calling.signal]),
        async admit(exchange) {
          await calling.admit?.(exchange);
          const mode = await store.mode(connection);
          if (!permits(mode, { lane: "reconcile", write: false, owned: false })) throw new Halted(mode);
        },
        record(exchanged) {
          calling.record(exchanged);
          exchanges.length = 0; // a list of a thousand pages must not be kept here
          if (exchanged.failure === undefined) failed = 0;
        },
        async again(fault: Fault) {
          const { failure } = fault;
          if (fault instanceof Halted) return false;
          if (failure.kind !== "throttled" && failure.kind !== "unreachable") return false;
          if (signal.aborted || ++failed > mostTries[failure.kind]) return false;
          if (failure.kind === "throttled") site.budget.rest(failure.retryAfterSeconds * 1_000);
          else await clock.sleep(pauseSeconds("reconcile", failed) * 1_000, signal);
          return !signal.aborted;
        },
      };
    },
  };
}

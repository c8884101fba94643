/**
 * Everything that is being converged in this process, for requests and for the worker alike, so that the house can end in good order.
 *
 * @module
 */
import type { Lease } from "../model/resource.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Store } from "../store/store.ts";
import type { Outcome } from "./outcome.ts";
import type { Job } from "./run.ts";

export interface UnderWay {
  converge(job: Job): Promise<Outcome>;
  /** Resolves once nothing is under way, or after `withinMs`. */
  ended(withinMs: number): Promise<void>;
  /** Gives back the leases of what is still under way: whoever takes them over knows that a call may be out. */
  abandon(): Promise<void>;
}

export function watchUnderWay(converge: (job: Job) => Promise<Outcome>, { store, clock }: { readonly store: Store; readonly clock: Clock }): UnderWay {
  const leases = new Map<Promise<Outcome>, Lease>();
  return {
    converge(job) {
      const run = converge(job);
      leases.set(run, job.lease);
      void run.finally(() => leases.delete(run));
      return run;
    },
    async ended(withinMs) {
      const over = new AbortController();
      const late = clock.sleep(withinMs, over.signal).then(() => "late" as const);
      while (leases.size > 0) {
        if ((await Promise.race([Promise.allSettled(leases.keys()), late])) === "late") break;
      }
      over.abort("ended");
    },
    abandon: () => store.abandon([...leases.values()]),
  };
}

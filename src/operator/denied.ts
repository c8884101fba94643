/**
 * Who was turned away at the operator API, written into the operators' journal: at most 60 rows a minute, the rest as a number, so that
 * nobody fills the database by knocking.
 *
 * @module
 */
import type { CorrelationId } from "../model/ids.ts";
import { operatorsJournal } from "../model/operator.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Store } from "../store/store.ts";

export interface Denied {
  readonly correlation: CorrelationId;
  readonly status: 401 | 403;
  /** For people; nothing of what was brought. */
  readonly reason: string;
  /** Where from, as far as proxies are trusted. */
  readonly from: string | undefined;
  /** Whose token it was, if it was one. */
  readonly by?: string;
  /** Which act was asked for. */
  readonly act?: string;
}

export interface DenialNotes {
  /** Does not wait. */
  note(denied: Denied): void;
  /** Resolves once what was noted is written. */
  flush(): Promise<void>;
}

const mostAMinute = 60;
const minuteMs = 60_000;

export function noteDenials(store: Store, clock: Clock, log: Log): DenialNotes {
  let sinceMs = Number.NEGATIVE_INFINITY;
  let written = 0;
  let more = 0;
  let last = Promise.resolve();
  return {
    note({ correlation, status, reason, from, by, act }) {
      log.warn("turned away at the operator API", { correlation, status, detail: reason, ...(by !== undefined && { token: by }), ...(act !== undefined && { operation: act }) });
      if (clock.now() - sinceMs >= minuteMs) {
        sinceMs = clock.now();
        written = 0;
      }
      if (written >= mostAMinute) return void (more += 1);
      written += 1;
      const data = { denied: reason, status, from: from ?? "unknown", ...(by !== undefined && { by }), ...(act !== undefined && { act }), ...(more > 0 && { more }) };
      more = 0;
      last = last.then(() => store.append(operatorsJournal, [{ kind: "decision", resource: undefined, correlation, data }])).catch((thrown: unknown) => log.error("a denied attempt could not be journalled", { correlation, error: String(thrown) }));
    },
    flush: () => last,
  };
}

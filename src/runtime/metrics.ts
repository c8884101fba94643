/**
 * The metrics: prom-client behind a small face. Names begin with `drawbridge_`, everything of a connection carries the label
 * `connection`, and every label has a small closed set of values: no ids, paths, names or addresses.
 *
 * Counters live in this process, as Prometheus expects; what the store holds is read at each scrape and handed in.
 *
 * @module
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import { droppedLines } from "./log-sink.ts";

export interface Metrics {
  /** One SCIM request that was let in, answered. Writes are pushes. */
  served(request: { readonly connection: string; readonly method: string; readonly type: "User" | "Group" | "other"; readonly status: number }): void;
  /** One exchange with a vendor. @param result `ok`, or the kind of the failure */
  called(call: { readonly connection: string; readonly operation: string; readonly result: string; readonly ms: number }): void;
  /** One reconciliation has ended. */
  reconciled(run: { readonly connection: string; readonly result: "complete" | "failed" | "interrupted" }): void;
  noticed(end: "sent" | "failed" | "givenUp" | "dropped", count: number): void;
  /** The page that Prometheus reads. */
  page(scrape: Scrape): Promise<string>;
  readonly contentType: string;
}

/** What is true at the moment of a scrape. */
export interface Scrape {
  readonly unsentNotices: number;
  readonly connections: readonly ConnectionScrape[];
}

export interface ConnectionScrape {
  readonly connection: string;
  readonly vendorDown: boolean;
  readonly due: Readonly<Record<string, number>>;
  readonly failed: number;
  /** 0 = none. */
  readonly oldestDenialSeconds: number;
  readonly openHolds: number;
  readonly heldPushes: number;
  readonly openTasks: number;
  readonly journalRows: number;
  /** What the last complete reconciliation has found. */
  readonly drift: Readonly<Record<string, number>>;
  /** When it ended (seconds since 1970); 0 = there was none. */
  readonly reconciledAtSeconds: number;
  /** Runs that have failed since. */
  readonly reconcileFailures: number;
}

const writes = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const reads = new Set(["GET", "HEAD", "OPTIONS"]);

export function openMetrics(): Metrics {
  const registers = [new Registry()];
  const [own] = registers as [Registry];
  const requestLabels = ["connection", "method", "type", "status"] as const;
  const pushes = new Counter({ name: "drawbridge_pushes_total", help: "SCIM writes that were let in, by class of the answer's status", labelNames: requestLabels, registers });
  const readings = new Counter({ name: "drawbridge_reads_total", help: "SCIM reads that were let in, by class of the answer's status", labelNames: requestLabels, registers });
  const calls = new Counter({ name: "drawbridge_vendor_calls_total", help: "HTTP exchanges with the vendor; look = a look-up, a probe or a control; reconcile = a reading of the vendor for reconciliation", labelNames: ["connection", "operation", "result"] as const, registers });
  const durations = new Histogram({ name: "drawbridge_vendor_call_duration_seconds", help: "How long an exchange with the vendor took", labelNames: ["connection"] as const, buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30], registers });
  const notices = new Counter({ name: "drawbridge_notices_total", help: "Attempts to post an alarm to the webhook, and notices that were given up or dropped", labelNames: ["result"] as const, registers });
  const gauge = (name: string, help: string) => new Gauge({ name: `drawbridge_${name}`, help, labelNames: ["connection"] as const, registers });
  const due = new Gauge({ name: "drawbridge_due", help: "Resources with work at the vendor, by lane; 10000 = that many or more", labelNames: ["connection", "lane"] as const, registers });
  const failed = gauge("failed", "Resources whose work was given up until a push or a person");
  const oldest = gauge("oldest_denial_age_seconds", "Age of the oldest denial that is not carried out; 0 = there is none");
  const holds = gauge("holds_open", "Holds that wait for a person");
  const held = gauge("held_pushes", "Pushes that a hold keeps");
  const tasks = gauge("tasks_open", "Tasks that nobody has closed");
  const down = gauge("vendor_down", "1 while the vendor counts as down");
  const journal = gauge("journal_rows", "Rows ever written to the journal, exported ones included");
  const drift = new Gauge({ name: "drawbridge_drift_findings", help: "What the last complete reconciliation has found, by situation; 10000 = that many or more", labelNames: ["connection", "situation"] as const, registers });
  const reconciledAt = gauge("reconcile_last_success_timestamp_seconds", "When the last complete reconciliation ended, in seconds since 1970; 0 = there was none");
  const reconcileFailures = gauge("reconcile_consecutive_failures", "Reconciliations that have failed since the last complete one");
  const runs = new Counter({ name: "drawbridge_reconcile_runs_total", help: "Reconciliations that this process has ended", labelNames: ["connection", "result"] as const, registers });
  const unsent = new Gauge({ name: "drawbridge_notices_unsent", help: "Alarms that the webhook has not taken yet", registers });
  for (const result of ["sent", "failed", "givenUp", "dropped"]) notices.inc({ result }, 0);

  return {
    contentType: own.contentType,
    served({ connection, method, type, status }) {
      const counter = writes.has(method) ? pushes : readings;
      counter.inc({ connection, method: writes.has(method) || reads.has(method) ? method : "other", type, status: `${Math.floor(status / 100)}xx` });
    },
    called({ connection, operation, result, ms }) {
      calls.inc({ connection, operation, result });
      durations.observe({ connection }, ms / 1000);
    },
    reconciled: ({ connection, result }) => runs.inc({ connection, result }),
    noticed: (result, count) => notices.inc({ result }, count),
    async page({ unsentNotices, connections }) {
      // A connection that is gone must not stand there for ever with its last values.
      for (const one of [due, failed, oldest, holds, held, tasks, down, journal, drift, reconciledAt, reconcileFailures]) one.reset();
      for (const { connection, ...now } of connections) {
        for (const [lane, count] of Object.entries(now.due)) due.set({ connection, lane }, count);
        failed.set({ connection }, now.failed);
        oldest.set({ connection }, now.oldestDenialSeconds);
        holds.set({ connection }, now.openHolds);
        held.set({ connection }, now.heldPushes);
        tasks.set({ connection }, now.openTasks);
        down.set({ connection }, now.vendorDown ? 1 : 0);
        journal.set({ connection }, now.journalRows);
        for (const [situation, count] of Object.entries(now.drift)) drift.set({ connection, situation }, count);
        reconciledAt.set({ connection }, now.reconciledAtSeconds);
        reconcileFailures.set({ connection }, now.reconcileFailures);
      }
      unsent.set(unsentNotices);
      return (await own.metrics()) + (await processRegistry().metrics());
    },
  };
}

let ofProcess: Registry | undefined;

/** CPU, memory, file descriptors, event loop lag: of the process, however many houses stand in it. */
function processRegistry(): Registry {
  if (ofProcess) return ofProcess;
  ofProcess = new Registry();
  collectDefaultMetrics({ register: ofProcess, prefix: "drawbridge_" });
  const registers = [ofProcess];
  void new Counter({
    name: "drawbridge_log_lines_dropped_total", help: "Log lines that nobody has read in time", registers,
    collect() {
      this.reset();
      this.inc(droppedLines());
    },
  });
  return ofProcess;
}

/**
 * `drawbridge reconcile`: compares a vendor with what is wanted, now. A running server does it, within the vendor's budget; where none takes
 * it up within a few seconds, the command does it itself and leaves what is to be repaired to the next server.
 *
 * @module
 */
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { postOf } from "../bridge/post.ts";
import { type Reconciliation, type RunCounts, situations } from "../model/drift.ts";
import type { RepairPolicy } from "../model/policy.ts";
import { listFindings, listRuns, showRun, startRun } from "../reconcile/ask.ts";
import { leaseMs, reconcile } from "../reconcile/reconcile.ts";
import { systemClock } from "../runtime/clock.ts";
import { openLog } from "../runtime/log.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { Store } from "../store/store.ts";
import { type AtConnection, whoIs, withConnection } from "./at-connection.ts";
import { UsageError } from "./confirm.ts";
import { findingWords, shownFinding } from "./drift.ts";
import { withSite } from "./with-site.ts";
import { print } from "./with-store.ts";

export interface ReconcileOptions extends Partial<AtConnection> {
  readonly data: string;
  readonly repair?: boolean;
  readonly denials?: boolean;
  readonly missing?: string;
  readonly by?: string;
}

/** A server looks every second. */
const waitForServerMs = 4_000;
const lookEveryMs = 250;
/** What one page of a terminal has room for. */
const mostShown = 100;

export async function runReconciliation(named: string | undefined, options: ReconcileOptions): Promise<void> {
  const connection = named ?? options.connection;
  if (connection === undefined) throw new UsageError("Which connection? drawbridge reconcile CONNECTION");
  if (options.repair && options.denials) throw new UsageError("--repair puts everything right, --denials only takes away what was given: say one of them.");
  const mostMissing = options.missing === undefined ? undefined : numberOf(options.missing);
  const policy: RepairPolicy | undefined = options.repair ? "repair" : options.denials ? "denials" : undefined;
  await withSite({ ...options, connection }, async (store, site) => {
    const { run, isNew } = await startRun(store, site.connection, { by: whoIs(options.by), policy, mostMissing });
    if (!isNew && !options.json) console.error(`${run.id} is under way already; this is what it comes to.`);
    if (!(await isTakenUp(store, run))) await carryOutHere();
    const ended = await overAfter(store, run);
    const findings = await listFindings(store, site.connection, { limit: options.json ? 10_000 : mostShown });
    const words = ended.failure ? [runWords(ended)] : [runWords(ended), ...findings.map(findingWords), ...more(ended, findings.length)];
    print(options, { ...shownRun(ended), findings: ended.failure ? [] : findings.map(shownFinding) }, words.join("\n"));
    if (ended.failure) process.exitCode = 1;

    async function carryOutHere(): Promise<void> {
      const taken = await store.takeReconciliation(site.connection, `${hostname()}-${process.pid}-${newCorrelationId()}`, leaseMs);
      if (!taken) return;
      if (!options.json) console.error("No server has taken it up, so it is done here.");
      await reconcile(taken, postOf(site, { store, clock: systemClock }), { store, clock: systemClock, log: openLog("error"), owner: taken.owner }, new AbortController().signal);
    }
  });
}

async function isTakenUp(store: Store, { id }: Reconciliation): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < waitForServerMs; waitedMs += lookEveryMs) {
    if ((await showRun(store, id)).state !== "planned") return true;
    await pause(lookEveryMs);
  }
  return false;
}

async function overAfter(store: Store, { id }: Reconciliation): Promise<Reconciliation> {
  for (;;) {
    const run = await showRun(store, id);
    if (run.state === "complete" || run.state === "failed") return run;
    await pause(lookEveryMs);
  }
}

export async function listReconciliations(options: AtConnection & { readonly limit?: string }): Promise<void> {
  await withConnection(options, async (store, connection) => {
    const runs = await listRuns(store, connection, options.limit === undefined ? 20 : numberOf(options.limit));
    print(options, runs.map(shownRun), runs.map(runWords).join("\n\n") || "None yet.");
  });
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

const shownRun = ({ id, connection, state, askedBy, policy, dueMs, startedMs, endedMs, counts, failure, failures }: Reconciliation) => ({
  id, connection, state, by: askedBy ?? "schedule", policy: policy ?? null, due: iso(dueMs), started: iso(startedMs), ended: iso(endedMs), counts: counts ?? null, failure: failure ?? null, failures,
});

function runWords({ id, connection, state, askedBy, dueMs, startedMs, endedMs, counts, failure, failures }: Reconciliation): string {
  const when = state === "planned" ? (dueMs === undefined ? "when somebody asks" : `due ${iso(dueMs)}`) : `begun ${iso(startedMs)}${endedMs === undefined ? "" : `, ended ${iso(endedMs)}`}`;
  const head = `${id}  ${connection}  ${state}, ${when}, by ${askedBy ?? "the schedule"}`;
  if (failure) return `${head}\n  FAILED (${failure.reason}), ${failures} in a row: ${failure.detail}\n  Nothing that was seen is believed; what was found before stays as it is.`;
  return counts ? [head, ...countWords(counts)].join("\n") : head;
}

function countWords({ listed, fenced, linked, equal, moving, unseen, looks, findings, repairs, remarks }: RunCounts): readonly string[] {
  const outside = Object.entries(fenced).toSorted(([, a], [, b]) => b - a);
  const found = Object.entries(findings).map(([kind, count]) => `${kind} ${count}`);
  return [
    `  ${listed} accounts listed${outside.length === 0 ? "" : `, and outside the fence ${outside.map(([role, count]) => `${count} as ${role}`).join(", ")}`}; ${looks} looked at one by one`,
    `  ${linked} people linked, ${equal} as they should be${moving === 0 ? "" : `, ${moving} just under way`}${unseen.role + unseen.access === 0 ? "" : `; not shown: the role of ${unseen.role}, the access of ${unseen.access}`}`,
    `  found: ${found.join(", ") || "nothing"}${repairs === 0 ? "" : `; handed to the worker: ${repairs} people`}`,
    ...remarks.map((remark) => `  note: ${remark}`),
  ];
}

function more({ counts }: Reconciliation, shown: number): readonly string[] {
  const all = Object.values(counts?.findings ?? {}).reduce((sum, count) => sum + count, 0);
  return all > shown ? [`… and ${all - shown} more: drawbridge drift list --situation ${situations.join("|")}`] : [];
}

function numberOf(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new UsageError(`"${text}" is no number.`);
  return Number(text);
}

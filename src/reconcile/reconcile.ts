/**
 * One run, from the vendor's list to the last repair:
 *
 *     check ─► list ─► presence ─► people ─► orphans ─► publish ─► tell ─► repair
 *              rows     positive    beside    nobody's   from here on it is
 *                       control     the rows             the connection's
 *
 * Until it is published nothing of it counts, so a list that is not whole changes nothing. Everything seen and found is in rows, under a lease
 * that is renewed by a clock of its own: whoever takes the run over begins anew, or goes on telling.
 *
 * @module
 */
import { alarmEntry } from "../model/alarm.ts";
import type { RunCounts, RunFailure } from "../model/drift.ts";
import { Fault } from "../model/failure.ts";
import type { CorrelationId } from "../model/ids.ts";
import type { Json } from "../model/json.ts";
import { permits } from "../model/mode.ts";
import type { JournalEntry } from "../model/resource.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { RunTaken } from "../store/reconcile-contract.ts";
import { failedBy, kept, RunFailed, RunLost } from "./broken-off.ts";
import { readList } from "./listing.ts";
import { judgeOrphans } from "./orphans.ts";
import { judgePeople } from "./people.ts";
import { newTally, type Post, type Round } from "./post.ts";
import { provePresence } from "./presence.ts";
import { repairAll, say, tellFindings } from "./tell.ts";
import type { Works } from "./works.ts";

/** Longer than the pause of anything that stalls a process for a while; a holder that is silent for so long is gone. */
export const leaseMs = 90_000;
const renewEveryMs = 20_000;
/** A run that only failed once is nobody's concern. */
export const alarmAfterFailures = 3;
const firstPauseMs = 900_000;
/** A frozen connection is not asked about every second. */
const frozenPauseMs = 300_000;
const rowsAtOnce = 2_000;

export type Ended = "complete" | "failed" | "putBack" | "lost";

/** @param stopping aborts when the process is about to end: the run begins anew elsewhere */
export async function reconcile(run: RunTaken, post: Post, works: Works, stopping: AbortSignal): Promise<Ended> {
  const lost = new AbortController();
  const signal = AbortSignal.any([stopping, lost.signal]);
  const before = await works.store.lastCounts(post.connection);
  const round: Round = { post, run, store: works.store, clock: works.clock, log: works.log, signal, startedMs: works.clock.now(), tally: newTally(run.counts?.parts ?? before?.parts ?? []) };
  const over = new AbortController();
  const renewing = renew(round, lost, over.signal);
  try {
    return await carriedOut(round, stopping);
  } finally {
    over.abort("over");
    await renewing;
  }
}

async function renew({ run, store, clock, log }: Round, lost: AbortController, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await clock.sleep(renewEveryMs, over);
    if (over.aborted) return;
    try {
      if (!(await store.renewReconciliation(run, leaseMs))) return lost.abort("lost");
    } catch (thrown) {
      log.warn("a reconciliation's lease could not be renewed", { connection: run.connection, error: String(thrown) });
    }
  }
}

async function carriedOut(round: Round, stopping: AbortSignal): Promise<Ended> {
  const { post, run, store, log } = round;
  const correlation = newCorrelationId();
  try {
    const mode = await store.mode(post.connection);
    if (mode.frozen) {
      if (run.askedBy === undefined) return await putBack(round, frozenPauseMs, []);
      throw new RunFailed({ reason: "vendor", detail: `The connection is frozen (${mode.reason}), so nothing is asked of ${post.vendor.title}.` });
    }
    if (run.state === "running") await find(round, correlation);
    return await finish(round, correlation, mode.observes);
  } catch (thrown) {
    if (thrown instanceof RunLost) return "lost";
    if (stopping.aborted) return putBack(round, 0, [noted(correlation, { reconciliation: run.id, is: "interrupted, and begins anew" })]);
    if (round.signal.aborted) return "lost";
    if (store.isAway(thrown)) throw thrown; // nothing can be written down now; the lease runs out by itself
    if (await isFrozenNow(round, thrown)) return putBack(round, frozenPauseMs, [noted(correlation, { reconciliation: run.id, is: "broken off, because the connection was frozen" })]);
    const { failure } = failedBy(thrown);
    if (failure.reason === "internal") log.error("a reconciliation broke off", { connection: post.connection, correlation, error: String(thrown instanceof Error ? thrown.stack : thrown) });
    return fail(round, failure, correlation);
  }
}

/** A look that was not let through is nobody's failure. */
async function isFrozenNow({ post, store }: Round, thrown: unknown): Promise<boolean> {
  return thrown instanceof Fault && !permits(await store.mode(post.connection), { lane: "reconcile", write: false, owned: false });
}

async function find(round: Round, correlation: CorrelationId): Promise<void> {
  const { post, run, store, signal, tally } = round;
  await store.append(post.connection, [noted(correlation, { reconciliation: run.id, is: "begun", by: run.askedBy ?? "schedule" })]);
  while ((await store.forgetAttempt(run, rowsAtOnce)) > 0) signal.throwIfAborted();
  await check(round);
  await readList(round);
  const gone = await provePresence(round);
  await judgePeople(round, gone);
  await judgeOrphans(round);
  await kept(store.publish(run, countsOf(tally, {})));
}

/** A key that sees less than it must shows a tenant in which half of everybody is missing. */
async function check({ post, signal }: Round): Promise<void> {
  const look = post.look(signal);
  try {
    await post.connector.check(look);
  } finally {
    look.end();
  }
}

async function finish(round: Round, correlation: CorrelationId, observes: boolean): Promise<Ended> {
  const { post, run, store, signal } = round;
  // Whoever goes on where another has ended counts from what that one had counted.
  const counts = run.counts ?? countsOf(round.tally, {});
  if (run.counts) round.tally.linked = run.counts.linked;
  for (const remark of run.counts?.remarks ?? []) round.tally.remarks.add(remark);
  await tellFindings(round, correlation);
  const policy = run.policy ?? post.policy.reconcile.policy;
  if (observes && policy !== "report") round.tally.remarks.add("nothing was repaired: the connection is in observe mode");
  const repairs = observes ? 0 : await repairAll(round, policy, run.askedBy ?? "reconcile.policy", correlation);
  while ((await store.forgetAttempt(run, rowsAtOnce)) > 0) signal.throwIfAborted();
  const found = await store.findingKinds(run);
  const final: RunCounts = { ...counts, findings: found, repairs, remarks: [...round.tally.remarks] };
  const journal = [noted(correlation, { reconciliation: run.id, is: "complete", listed: final.listed, linked: final.linked, equal: final.equal, findings: found as Json, repairs, ...(final.remarks.length > 0 && { notes: final.remarks }) })];
  const ended = { counts: final, failure: undefined, journal: () => journal, nextInMs: () => post.policy.reconcile.everyMs };
  return (await store.endReconciliation(run, ended)) ? "complete" : "lost";
}

async function fail(round: Round, failure: RunFailure, correlation: CorrelationId): Promise<Ended> {
  const { post, run, store } = round;
  const { everyMs } = post.policy.reconcile;
  const { connection } = post;
  const alarm = (failures: number) => ({ connection, kind: "reconcile.failed", severity: "alarm", resource: undefined, correlation, text: `${failures} reconciliations in a row have failed: ${failure.detail}` }) as const;
  const isGrave = (failures: number) => failures >= alarmAfterFailures;
  let told = 0;
  while ((await store.forgetAttempt(run, rowsAtOnce)) > 0);
  const ended = await store.endReconciliation(run, {
    counts: undefined,
    failure,
    journal: (failures) => {
      told = failures;
      return [noted(correlation, { reconciliation: run.id, is: "failed", reason: failure.reason, detail: failure.detail, notes: ["nothing that was seen is believed; what the last complete run has found stays as it is"] }), ...(isGrave(failures) ? [alarmEntry(alarm(failures))] : [])];
    },
    nextInMs: (failures) => everyMs && Math.min(everyMs, firstPauseMs * 2 ** Math.min(failures - 1, 10)),
  });
  if (!ended) return "lost";
  if (isGrave(told)) say(round, alarm(told));
  else round.log.warn("a reconciliation has failed", { connection, correlation, detail: failure.detail });
  return "failed";
}

async function putBack({ run, store }: Round, inMs: number, journal: readonly JournalEntry[]): Promise<Ended> {
  return (await store.putBackReconciliation(run, inMs, journal)) ? "putBack" : "lost";
}

const noted = (correlation: CorrelationId, data: { readonly [name: string]: Json }): JournalEntry => ({ kind: "decision", resource: undefined, correlation, data });

const countsOf = ({ listed, fenced, linked, equal, moving, unseen, looks, parts, remarks }: Round["tally"], findings: RunCounts["findings"]): RunCounts => ({
  listed, fenced: Object.fromEntries(fenced), linked, equal, moving, unseen, looks, findings, repairs: 0, parts: [...parts], remarks: [...remarks],
});

/**
 * Carries one resource's plan out under its lease, until applied = desired or there is a reason to stop.
 *
 *     plan ─► operation ─► note the intent ─► attempt ─► note the outcome ─► plan again …
 *
 * Level-triggered: it is told which resource, never what to do; what must be done is decided anew from what is desired now and
 * what the vendor has acknowledged. The request that pushed and the worker run this same function (DESIGN 3). It never throws.
 *
 * @module
 */
import type { Failure } from "../model/failure.ts";
import { Fault, failureOf } from "../model/failure.ts";
import type { Link } from "../model/link.ts";
import type { Operation } from "../model/operation.ts";
import { laneOf } from "../model/operation.ts";
import type { Planned } from "../plan/plan-user.ts";
import type { Recorded } from "../store/store.ts";
import { raised } from "./alarm.ts";
import { titleOf } from "./by-hand.ts";
import { stopUncounted } from "./counted.ts";
import { outcomeOf } from "./entries.ts";
import { acceptedMeanwhile, tooEarly, verifyIfDue } from "./look.ts";
import type { Outcome } from "./outcome.ts";
import { performed } from "./perform.ts";
import { lookAgain, nextLookMs, withNextLook } from "./recheck.ts";
import { type Job, LeaseLost, Run } from "./run.ts";
import { isPrivilegedGrant } from "./lapse.ts";
import { lapsed, stumble } from "./setback.ts";
import type { Works } from "./site.ts";
import { neverBegun, spared } from "./spared.ts";

/** How often it is looked whether an invitation has been accepted; a push of the person looks too. */
const lookAfterInvitationMs = 300_000;

/** No plan is longer than a handful of operations; with every retry that fits into a deadline it stays far below this. */
const mostTurns = 50;

export async function converge(job: Job, works: Works): Promise<Outcome> {
  const startedMs = works.clock.now();
  const outcome = await brought(job, works);
  const { lease: { connection, epoch }, held, correlation, request } = job;
  works.converged?.({ connection, resource: held.id, correlation, epoch, lane: held.due?.lane, by: request ? "request" : "worker", outcome, startedMs, endedMs: works.clock.now() });
  return outcome;
}

async function brought(job: Job, works: Works): Promise<Outcome> {
  const site = works.site(job.lease.connection);
  if (!site) return { kind: "pending", failure: undefined }; // no longer configured; the lease runs out by itself
  try {
    return await whileOurs(new Run(job, site, works));
  } catch (thrown) {
    if (thrown instanceof LeaseLost) return { kind: "pending", failure: undefined };
    works.log.error("converge broke off", { connection: site.connection, resource: job.held.id, correlation: job.correlation, error: String(thrown instanceof Error ? thrown.stack : thrown) });
    return { kind: "pending", failure: works.store.isAway(thrown) ? storeAway : failureOf(thrown) };
  }
}

/** By its own clock, before a call, or by the store's, at a note: either way the run ends here. */
async function whileOurs(run: Run): Promise<Outcome> {
  try {
    return await carryOut(run);
  } catch (thrown) {
    const { fault } = run.works;
    if (fault && thrown instanceof LeaseLost) await fault("lease.lost");
    throw thrown;
  }
}

const storeAway: Failure = { kind: "unreachable", detail: "Drawbridge cannot reach or write its own database at the moment." };

async function carryOut(run: Run): Promise<Outcome> {
  const { fault } = run.works;
  if (fault) await fault("lease.got");
  if (run.job.abandoned) await takeOver(run);
  for (let turn = 0; turn < mostTurns; turn++) {
    let operation: Operation | undefined;
    run.called = false;
    try {
      await acceptedMeanwhile(run);
      await verifyIfDue(run);
      const planned = run.plan();
      if (planned.waitsFor.length > 0) return await wait(run, planned);
      operation = planned.plan[0];
      if (!operation) {
        const looked = await lookAgain(run);
        return "kind" in looked ? looked : await finish(run, [...looked, ...(await neverBegun(run))]);
      }
      const early = (await lapsed(run, operation)) ?? (await tooEarly(run, operation, planned));
      if (early) return early;
      const stop = await act(run, operation, planned);
      if (stop) return stop;
    } catch (thrown) {
      if (run.works.store.isAway(thrown)) throw thrown; // nothing can be written down now; whoever finds the lease run out goes on
      const stop = await stumble(run, operation ?? denialOwed(run), failureOf(thrown), thrown);
      if (stop) return stop;
    }
  }
  const failure: Failure = { kind: "internal", detail: "The plan for this person does not come to an end." };
  await run.alarm(failure.detail, { kind: "later", atMs: (await run.works.store.now()) + 300_000, lane: "deny", attempts: run.failed + 1, failure });
  return { kind: "pending", failure };
}

/** Whoever had the lease is dead or asleep: what they intended and did not account for may have been carried out (I11). */
async function takeOver(run: Run): Promise<void> {
  const { held, correlation, lease } = run.job;
  await run.distrustBefore();
  const open = await run.works.store.openIntent(lease.connection, held.id);
  if (open.length === 0) return;
  const failure: Failure = { kind: "uncertain", detail: "Whoever was at it ended without saying how the vendor answered, or whether it was called at all." };
  await run.record({ journal: open.map((operation) => outcomeOf(held.id, correlation, operation, failure, [], [])), ...(run.changed() && { link: run.link ?? "none" }), due: { kind: "keep" } });
}

/** What a failed look holds up: a denial keeps its lane and is never given up, whatever the look ended with. */
function denialOwed(run: Run): Operation | undefined {
  try {
    return run.plan().plan.find((operation, at) => at === 0 && laneOf(operation) === "deny");
  } catch {
    return undefined; // no plan, so no denial
  }
}

/** One operation: intent, attempt, outcome. Answers only when the run is over. */
async function act(run: Run, operation: Operation, planned: Planned): Promise<Outcome | undefined> {
  const stopped = await stopUncounted(run, operation);
  if (stopped) return stopped;
  run.begun = false;
  run.found = false;
  try {
    return await acted(run, operation, planned);
  } catch (thrown) {
    throw unsure(thrown, run, operation);
  }
}

/**
 * A bug or a failing store in the middle of an operation: the vendor may have been called, and may have done it. Taken back or
 * given up, it would leave the vendor with what nobody wants and nobody looks at.
 */
function unsure(thrown: unknown, run: Run, operation: Operation): unknown {
  if (thrown instanceof Fault || !run.begun) return thrown;
  const { connection } = run.site;
  run.works.log.error("an operation broke off in the middle", { connection, resource: run.job.held.id, correlation: run.job.correlation, operation: operation.kind, error: String(thrown instanceof Error ? thrown.stack : thrown) });
  return new Fault({ kind: "uncertain", detail: "Drawbridge broke off in the middle and will look at what came of it." }, { cause: thrown });
}

async function acted(run: Run, operation: Operation, planned: Planned): Promise<Outcome | undefined> {
  const { held, correlation } = run.job;
  const done = await performed(run, operation, planned);
  run.heard(true);
  run.found = done.isFound ?? false;
  run.opened ||= operation.kind === "reactivate" || operation.kind === "create";
  run.denied ||= laneOf(operation) === "deny";
  // A write that may still be under way elsewhere must be looked at again, whatever has succeeded since.
  run.link = done.link && { ...done.link, verifyAt: run.link?.verifyAt ?? (await lastLook(run, operation, done.link)) ?? done.link.verifyAt };
  run.failed = 0;
  const outcome = outcomeOf(held.id, correlation, operation, "done", run.exchanges, done.notes);
  if (done.left !== undefined) return partly(run, operation, done.left, outcome);
  if (run.plan().plan.length === 0) return finish(run, [outcome, ...spared(run, [...run.intended].filter((kind) => kind !== operation.kind))]);
  await run.record({ journal: [outcome], link: run.link ?? "none", due: { kind: "keep", grantsFromNow: operation.kind === "create" && !run.plan().plan.some((next) => isPrivilegedGrant(next, run.site.policy)) } });
  run.intended.delete(operation.kind); // not before: what could not be written down is still owed
  return undefined;
}

/** An invitation that was withdrawn may have been accepted while we did: after the settle time it is looked at once more. */
async function lastLook(run: Run, operation: Operation, link: Link): Promise<number | undefined> {
  if (link.kind !== "invitation" || laneOf(operation) !== "deny") return undefined;
  return (await run.works.store.now()) + run.site.policy.delivery.settleMs;
}

async function finish(run: Run, journal: Recorded["journal"]): Promise<Outcome> {
  const { version } = run.job.held;
  // From now on the role is one that can be lost, although the vendor need not be told.
  if (run.link?.applied.byDefault && run.plan().nowMapped) run.link = { ...run.link, applied: { ...run.link.applied, byDefault: false } };
  run.link = await withNextLook(run);
  const link = run.link ?? "none";
  const verifyAt = run.link?.verifyAt;
  const recheckMs = await nextLookMs(run);
  const due: Recorded["due"] =
    verifyAt !== undefined
      ? { kind: "later", atMs: verifyAt, lane: "deny", attempts: 0, failure: undefined }
      : run.link?.kind === "invitation" && run.link.applied.access === "active"
        ? { kind: "later", atMs: (await run.works.store.now()) + lookAfterInvitationMs, lane: "reconcile", attempts: 0, failure: undefined }
        : recheckMs !== undefined
          ? { kind: "later", atMs: recheckMs, lane: "reconcile", attempts: 0, failure: undefined }
          : { kind: "done", version };
  await run.record({ journal, ...(run.changed() && { link }), due });
  return { kind: "done" };
}

/** The doable part is done; the person shows as active until somebody confirms the rest (DESIGN 8, "Pinned"). */
async function partly(run: Run, operation: Operation, left: string, outcome: Recorded["journal"][number]): Promise<Outcome> {
  const { held, correlation, lease, request } = run.job;
  const alarm = raised(run.works.log, { connection: lease.connection, kind: "denial.partial", severity: "alarm", resource: held.id, correlation, text: `only a part of ${operation.kind} could be done: ${left}` });
  await run.works.store.openTask({ connection: lease.connection, resource: held.id, account: run.link?.account, title: titleOf(operation, run.site), steps: left });
  const failure: Failure = { kind: "unsupported", capability: operation.kind, steps: left, detail: `${run.site.vendor.title} allows only a part of this. Left for a person: ${left}` };
  await run.record({ journal: [outcome, alarm], link: run.link ?? "none", due: request?.former ? { kind: "keep" } : { kind: "failed", failure } });
  if (request?.former) await run.undo(operation, failure);
  return { kind: "partial", left };
}

async function wait(run: Run, planned: Planned): Promise<Outcome> {
  const { held, correlation, lease } = run.job;
  await run.works.store.openTask({ connection: lease.connection, resource: held.id, account: undefined, title: `${run.site.vendor.title} needs ${planned.waitsFor.join(", ")}`, steps: `Give the person ${planned.waitsFor.join(" and ")} in the IdP and push again; the account is created then.` });
  await run.record({ journal: [{ kind: "decision", resource: held.id, correlation, data: { waitsFor: [...planned.waitsFor], notes: [...planned.notes] } }], due: { kind: "done", version: held.version } });
  return { kind: "waits", for: planned.waitsFor };
}

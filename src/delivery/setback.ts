/**
 * What becomes of a failure: try again, keep a denial for ever, give up with an alarm, or take the push back.
 *
 * @module
 */
import type { Failure } from "../model/failure.ts";
import { Breach, LinkTaken } from "../model/failure.ts";
import type { Lane, Operation } from "../model/operation.ts";
import { laneOf } from "../model/operation.ts";
import { breached } from "./breach.ts";
import { NoTurn } from "./budget.ts";
import { exactSteps, titleOf } from "./by-hand.ts";
import { looked, outcomeOf } from "./entries.ts";
import { Halted } from "./halt.ts";
import { isNeverQueued, isPrivilegedGrant, lapsesAfterMs, lapseText } from "./lapse.ts";
import type { Outcome } from "./outcome.ts";
import { jittered, pauseSeconds } from "./retry.ts";
import { LeaseLost, type Run } from "./run.ts";
import { controlled, unproven } from "./tenant.ts";
import { NotYet } from "./standing.ts";

/**
 * Several who were deleted while their creates were in doubt look for what came of these under one address, and there is one account at
 * most. Whoever comes second looks again, and finds whose it is.
 */
const foundByTwo = new NotYet("The account was just found for another person who had its address. It is looked for again.");

/** Sorts a failure. Answers only when the run is over. */
export async function stumble(run: Run, operation: Operation | undefined, failure: Failure, thrown: unknown): Promise<Outcome | undefined> {
  const { held, correlation } = run.job;
  if (thrown instanceof LeaseLost) throw thrown;
  if (thrown instanceof NoTurn && run.exchanges.length === 0) return putOff(run, operation, thrown);
  if (thrown instanceof LinkTaken) {
    // Nobody has an account by this run, and what could not be written once is not tried again with the outcome.
    const isShared = run.found && run.link?.origin === "created";
    run.link = held.link;
    run.opened = false;
    if (isShared) return stumble(run, operation, foundByTwo.failure, foundByTwo);
  }
  if (thrown instanceof Breach) await breached(run.works, run.site.connection, thrown.message);
  if (failure.kind === "internal") run.works.log.error("a step of converge failed", { connection: run.site.connection, resource: held.id, correlation, error: String(thrown instanceof Error ? thrown.stack : thrown) });
  if (!(thrown instanceof Halted || thrown instanceof NotYet)) {
    run.heard(failure.kind !== "unreachable" && failure.kind !== "uncertain");
    if (failure.kind === "throttled") run.site.budget.rest(failure.retryAfterSeconds * 1_000);
  }
  if (failure.kind === "uncertain") await run.distrust(operation);
  const told = { ...(run.changed() && { link: run.link ?? ("none" as const) }), due: { kind: "keep" } as const };
  if (operation && run.intended.has(operation.kind)) await run.record({ journal: [outcomeOf(held.id, correlation, operation, failure, run.exchanges, [])], ...told });
  // A look that failed was nobody's intent.
  else if (operation) await run.record({ journal: [looked(held.id, correlation, operation, failure, run.exchanges)], ...told });
  run.intended.clear();
  if (thrown instanceof Halted) return halted(run, operation, failure);
  run.failed += 1;
  if (failure.kind === "throttled" || failure.kind === "unreachable" || failure.kind === "uncertain") return retry(run, operation, failure);
  // Whoever is gone has no role left that could be taken; access is denied with a look of its own (`attempt.ts`).
  if (failure.kind === "notFound" && operation?.kind === "setRole" && run.link) return vanished(run, operation, failure);
  if (operation && laneOf(operation) === "deny" && failure.kind !== "unsupported") return own(run, operation, failure);
  return giveUp(run, operation, failure);
}

/** A look that is owed may be about a denial that an older write has undone, unless reconciliation asked for it and has seen what it is about. */
function laneOwed({ link, job }: Run, operation: Operation | undefined): Lane {
  if (operation) return laneOf(operation);
  const isMild = job.held.due?.lane === "reconcile" && link?.verifyAt === job.held.link?.verifyAt;
  return link?.verifyAt === undefined || isMild ? "reconcile" : "deny";
}

/** Stays due, so that it goes on as soon as the mode lets it; a privileged role is not given late. */
async function halted(run: Run, operation: Operation | undefined, failure: Failure): Promise<Outcome> {
  const refused = operation && isPrivilegedGrant(operation, run.site.policy) ? await notNow(run, operation, failure) : undefined;
  return refused ?? run.later(await run.works.store.now(), laneOwed(run, operation), failure);
}

/** It was not its turn, so nothing has been tried and nothing is known. */
async function putOff(run: Run, operation: Operation | undefined, { waitMs, message }: NoTurn): Promise<Outcome> {
  const failure: Failure = { kind: "throttled", detail: message, retryAfterSeconds: Math.ceil(waitMs / 1_000) };
  return (await notNow(run, operation, failure)) ?? run.later((await run.works.store.now()) + waitMs, laneOwed(run, operation), failure);
}

async function retry(run: Run, operation: Operation | undefined, failure: Failure): Promise<Outcome | undefined> {
  const lane = laneOwed(run, operation);
  const refused = await notNow(run, operation, failure);
  if (refused) return refused;
  const settle = failure.kind === "uncertain" && operation?.kind === "create" ? run.site.policy.delivery.settleMs : 0;
  const retryAfter = failure.kind === "throttled" ? failure.retryAfterSeconds : undefined;
  const pauseMs = Math.max(settle, jittered(pauseSeconds(lane, run.failed, retryAfter), run.works.random));
  const { request } = run.job;
  const now = run.works.clock.now();
  if (request && run.isWaitedFor && now + pauseMs < request.untilMs && !run.works.outages.isDown(run.site.connection)) {
    await run.works.clock.sleep(pauseMs, run.site.cut);
    return undefined;
  }
  return run.later((await run.works.store.now()) + pauseMs, lane, failure);
}

/**
 * What is done at the push or not at all: everything where the IdP is to repeat it itself (`onOutage: reject`), and a privileged role,
 * which is never queued (DESIGN 3). An account that may be coming to be is kept all the same, or it would be made twice.
 */
export async function notNow(run: Run, operation: Operation | undefined, failure: Failure): Promise<Outcome | undefined> {
  if (!operation) return undefined;
  const isPerhapsDone = run.link?.unknownAt !== undefined;
  const isPrivileged = isPrivilegedGrant(operation, run.site.policy);
  if (!isPerhapsDone && !run.stays && (run.rejects(operation) || (run.isWaitedFor && (isPrivileged || (laneOf(operation) !== "deny" && isNeverQueued(run.plan().plan, run.site.policy)))))) return run.undo(operation, failure);
  if (!isPrivileged || isPerhapsDone) return undefined;
  return lapse(run, operation, failure);
}

/** Whether the time of a grant is over. A look that is still owed comes first. */
export async function lapsed(run: Run, operation: Operation): Promise<Outcome | undefined> {
  const afterMs = lapsesAfterMs(operation, run.site.policy);
  if (afterMs === undefined || run.isWaitedFor || run.job.asked === true || run.link?.verifyAt !== undefined || run.link?.unknownAt !== undefined) return undefined;
  const { due } = run.job.held;
  const isPrivileged = isPrivilegedGrant(operation, run.site.policy);
  // Given up already, and looked at since because its call had no clear answer: it did not come through, and stays given up.
  if (isPrivileged && due?.failure?.detail.startsWith(lapseText(operation, run.site.vendor.title))) {
    await run.record({ journal: [], ...(run.changed() && { link: run.link ?? "none" }), due: { kind: "failed", failure: due.failure } });
    return { kind: "failed", failure: due.failure };
  }
  // A privileged role counts from its push on, whatever had to come before it, and is never given after a failure.
  const sinceMs = isPrivileged ? (due?.failure ? Number.NEGATIVE_INFINITY : (due?.sinceMs ?? 0)) : run.grantSinceMs;
  if (sinceMs === undefined || (await run.works.store.now()) - sinceMs <= afterMs) return undefined;
  return lapse(run, operation, due?.failure);
}

async function lapse(run: Run, operation: Operation, because: Failure | undefined): Promise<Outcome> {
  const detail = `${lapseText(operation, run.site.vendor.title)}${because ? ` (${because.detail})` : ""}`;
  const failure: Failure = { kind: "unreachable", detail };
  // A write without a clear answer is looked at all the same; by then the grant has lapsed.
  const verifyAt = run.link?.verifyAt;
  await run.alarm(detail, verifyAt === undefined ? { kind: "failed", failure } : { kind: "later", atMs: verifyAt, lane: "deny", attempts: run.failed, failure });
  return { kind: "failed", failure };
}

async function own(run: Run, operation: Operation, failure: Failure): Promise<Outcome> {
  const atMs = (await run.works.store.now()) + jittered(pauseSeconds("deny", run.failed), run.works.random);
  await run.alarm(`${operation.kind} is refused: ${failure.detail}`, { kind: "later", atMs, lane: "deny", attempts: run.failed, failure });
  return { kind: "owned", failure };
}

async function giveUp(run: Run, operation: Operation | undefined, failure: Failure): Promise<Outcome> {
  const { request, held, lease } = run.job;
  // Whoever is told that another person of theirs has what is wanted can put it right where both are kept; nothing is left to do at the vendor.
  const isIdpsOwn = failure.kind === "conflict" && failure.holder !== undefined && run.isWaitedFor;
  if ((failure.kind === "conflict" && !isIdpsOwn) || failure.kind === "unsupported") {
    const steps = failure.kind === "unsupported" ? exactSteps(failure.steps, operation) : failure.detail;
    const title = failure.kind === "unsupported" && operation ? titleOf(operation, run.site) : `${run.site.vendor.title}: ${operation?.kind ?? "plan"} needs a person${operation?.kind === "create" ? ` (${operation.email})` : ""}`;
    await run.works.store.openTask({ connection: lease.connection, resource: request && !request.former && operation?.kind === "create" ? undefined : held.id, account: run.link?.account, title, steps });
  }
  if (failure.kind === "notFound" && run.link) return vanished(run, operation, failure);
  const isVain = failure.kind === "credentials" || failure.kind === "internal" || failure.kind === "protocol";
  // A create that may have been carried out is forgotten only by a look that finds nobody.
  const isUnknown = isVain && run.link?.unknownAt !== undefined;
  if (run.isWaitedFor && held.attributes && !run.stays && !isUnknown) return run.undo(operation, failure);
  // A look that is still owed is never given up either: what it is about may be a denial that an older write has undone.
  const isOwed = run.link?.verifyAt !== undefined;
  if (isOwed || isVain) {
    const lane = isOwed ? laneOwed(run, undefined) : operation ? laneOf(operation) : "profile";
    const atMs = (await run.works.store.now()) + jittered(pauseSeconds(lane, run.failed), run.works.random);
    await run.alarm(`${operation?.kind ?? "plan"}: ${failure.detail}`, { kind: "later", atMs, lane, attempts: run.failed, failure });
    return { kind: "pending", failure };
  }
  await run.alarm(`${operation?.kind ?? "plan"} failed: ${failure.detail}`, { kind: "failed", failure });
  return { kind: "failed", failure };
}

/** The vendor does not know the account any more, and the push was no denial: said, never repaired behind anybody's back. */
async function vanished(run: Run, operation: Operation | undefined, failure: Failure): Promise<Outcome> {
  const { held, lease } = run.job;
  const link = run.link;
  const { title } = run.site.vendor;
  try {
    await run.look((call) => (link?.account === undefined ? run.site.connector.control(call) : controlled(run.site, run.works.store, link.account, call)));
  } catch (thrown) {
    const { failure: open } = unproven(thrown, run.site);
    return operation && laneOf(operation) === "deny" ? own(run, operation, open) : giveUp(run, operation, open);
  }
  if (link) run.link = { ...link, applied: { ...link.applied, access: "gone", confirmed: true } };
  await run.works.store.openTask({ connection: lease.connection, resource: held.id, account: link?.account, title: `The account was removed in ${title}`, steps: `Create the account in ${title} again, or release the link so that the next push creates a new one.` });
  await run.record({ journal: [], link: run.link ?? "none", due: { kind: "keep" } });
  const conflict: Failure = { kind: "conflict", detail: `The account was removed in ${title}. Create it there again, or release the link, as the open task says.` };
  if (run.isWaitedFor) return run.undo(operation, conflict);
  await run.alarm(failure.detail, { kind: "failed", failure: conflict });
  return { kind: "failed", failure: conflict };
}

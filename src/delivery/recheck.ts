/**
 * Denials that the vendor has acknowledged and nobody could read back ("accepted, not confirmed") are looked at again:
 *
 *     look     after
 *     1        the settle time
 *     2        another hour
 *     3 … 9    another day each
 *
 * A look reads the account; where its status is not shown, the denial is asserted once more, which harms nobody (I13). It ends as
 * confirmed when a read shows it, or when the vendor says that it was so already. Proof of access is an alarm and a denial anew. After
 * the last look the denial stays what it is, accepted and not confirmed, and no vendor is called for it any more. Of somebody whom
 * the IdP has deleted there is one look: then the resource goes.
 *
 * @module
 */
import type { Call, Done, Target } from "../connectors/connector.ts";
import type { Failure } from "../model/failure.ts";
import { failureOf } from "../model/failure.ts";
import type { Link } from "../model/link.ts";
import type { Operation } from "../model/operation.ts";
import type { JournalEntry } from "../model/resource.ts";
import { NoTurn } from "./budget.ts";
import { intended, outcomeOf } from "./entries.ts";
import { Halted } from "./halt.ts";
import type { Outcome } from "./outcome.ts";
import { LeaseLost, type Run } from "./run.ts";
import { controlled } from "./tenant.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
export const mostLooks = 9;

/** @param looks how many there have been; `undefined` = that was the last */
export const untilNextLookMs = (looks: number, settleMs: number): number | undefined => (looks >= mostLooks ? undefined : looks === 0 ? settleMs : looks === 1 ? hourMs : dayMs);

/** The vendor said yes, and nobody has seen it. Invitations are looked after elsewhere (`look.ts`). */
export const isUnconfirmed = ({ account, kind, applied }: Link): boolean => account !== undefined && kind === "account" && !applied.confirmed && (applied.access === "inactive" || applied.access === "deleted");

/** The link with the time of its next look. @returns the same one where nothing changes */
export async function withNextLook({ link, site, works, job }: Run): Promise<Link | undefined> {
  if (!link) return undefined;
  const { recheck, ...settled } = link.applied;
  if (!isUnconfirmed(link)) return recheck === undefined ? link : { ...link, applied: settled };
  if (recheck === undefined) return { ...link, applied: { ...settled, recheck: { looks: 0, atMs: (await works.store.now()) + site.policy.delivery.settleMs } } };
  if (job.held.attributes === undefined && recheck.looks > 0) return { ...link, applied: { ...settled, recheck: { looks: recheck.looks } } };
  return link;
}

/** When the due row of a link is to come up for its next look; one that could not be taken up at its time waits for the probe, which wakes it. */
export async function nextLookMs({ link, works }: Run): Promise<number | undefined> {
  const atMs = link?.applied.recheck?.atMs;
  if (atMs === undefined) return undefined;
  const now = await works.store.now();
  return atMs > now ? atMs : now + 60_000;
}

type Seen = { readonly is: "ended" | "access" } | { readonly is: "unseen"; readonly because?: string };

/**
 * Looks, if it is time; called when nothing else is to be done.
 *
 * @returns journal rows to finish with; an outcome where the denial has to be done anew
 */
export async function lookAgain(run: Run): Promise<readonly JournalEntry[] | Outcome> {
  const { link, site, works, job } = run;
  const recheck = link?.applied.recheck;
  if (!link || recheck?.atMs === undefined || !isUnconfirmed(link) || works.outages.isDown(site.connection)) return [];
  const now = await works.store.now();
  if (recheck.atMs > now) return [];

  const seen = await look(run, link);
  if (seen.is === "access") return begunAnew(run, link, now);
  const looks = recheck.looks + 1;
  const pauseMs = untilNextLookMs(looks, site.policy.delivery.settleMs);
  const applied = seen.is === "ended" ? { ...link.applied, confirmed: true, recheck: undefined } : { ...link.applied, recheck: { looks, ...(pauseMs !== undefined && { atMs: now + pauseMs }) } };
  run.link = { ...link, applied };
  const data = { rechecked: seen.is === "ended" ? "confirmed" : "accepted, still not confirmed", looks, ...(seen.is === "unseen" && seen.because !== undefined && { because: seen.because }) };
  return [{ kind: "decision", resource: job.held.id, correlation: job.correlation, data }];
}

/** Reads, and where that shows nothing asserts once more. Whatever goes wrong is no proof of anything: it is looked at again later. */
async function look(run: Run, { account, kind, login, applied }: Link): Promise<Seen> {
  const { site, works, job } = run;
  const call = run.call(undefined);
  const target: Target = { account: account as NonNullable<typeof account>, kind, email: login, applied: applied.profile };
  try {
    const read = await see(run, target, call);
    run.heard(true);
    return read.is === "unseen" ? await assertedAgain(run, target, call) : read;
  } catch (thrown) {
    if (thrown instanceof LeaseLost || (thrown instanceof NoTurn && run.exchanges.length === 0)) throw thrown;
    const failure = failureOf(thrown);
    run.heard(failure.kind !== "unreachable" && failure.kind !== "uncertain");
    if (failure.kind === "throttled" && !(thrown instanceof Halted)) site.budget.rest(failure.retryAfterSeconds * 1_000);
    if (failure.kind === "internal") works.log.error("a denial could not be looked at again", { connection: site.connection, resource: job.held.id, correlation: job.correlation, error: String(thrown) });
    return { is: "unseen", because: failure.detail };
  } finally {
    call.end();
  }
}

async function see({ site, works }: Run, target: Target, call: Call): Promise<Seen> {
  const { connector } = site;
  if (!connector.get) return { is: "unseen" };
  const account = await connector.get(target, call);
  if (account?.active !== undefined) return { is: account.active ? "access" : "ended" };
  if (account) return { is: "unseen" };
  await controlled(site, works.store, target.account, call); // throws where "not there" proves nothing
  return { is: "ended" };
}

async function assertedAgain(run: Run, target: Target, call: Call): Promise<Seen> {
  const { site, job, link } = run;
  const operation: Operation = link?.applied.access === "deleted" ? { kind: "delete" } : { kind: "deactivate", reason: "the denial was acknowledged and not confirmed" };
  const method = site.connector[operation.kind as "deactivate" | "delete"];
  if (!method) return { is: "unseen", because: site.vendor.missing(operation.kind) ?? "there is no call for it any more" };
  await run.record({ journal: [intended(job.held.id, job.correlation, [operation])], due: { kind: "keep" } });
  const ended = async (result: "done" | Failure, notes: readonly string[] = []) => run.record({ journal: [outcomeOf(job.held.id, job.correlation, operation, result, run.exchanges, notes)], due: { kind: "keep" } });
  let done: Done;
  try {
    done = await method(target, call);
  } catch (thrown) {
    const failure = failureOf(thrown);
    await ended(failure);
    // "Yes", and still there: only a read that shows the access is proof of it.
    if (failure.kind === "protocol" && (await see(run, target, call)).is === "access") return { is: "access" };
    throw thrown;
  }
  await ended("done", [...(done.by ? [`by ${done.by}`] : []), ...(done.note ? [done.note] : [])]);
  return done.confirmed && done.complete ? { is: "ended" } : { is: "unseen" };
}

async function begunAnew(run: Run, link: Link, now: number): Promise<Outcome> {
  const { recheck: _, ...applied } = link.applied;
  run.link = { ...link, applied: { ...applied, access: "active" } };
  const detail = `${run.site.vendor.title} acknowledged that the access was ended, and shows it still.`;
  const failure: Failure = { kind: "protocol", detail };
  await run.alarm(detail, { kind: "later", atMs: now, lane: "deny", attempts: 0, failure });
  return { kind: "pending", failure };
}

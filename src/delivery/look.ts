/**
 * What is looked at before anything is done: is it too early to call, what did an unclear write come to, was an invitation accepted?
 *
 * @module
 */
import type { Failure } from "../model/failure.ts";
import { Fault } from "../model/failure.ts";
import type { Operation } from "../model/operation.ts";
import { laneOf, strongestLane } from "../model/operation.ts";
import type { Account } from "../model/person.ts";
import { fenceOf, isPrivileged } from "../plan/plan-roles.ts";
import type { Planned } from "../plan/plan-user.ts";
import type { Outcome } from "./outcome.ts";
import { pauseSeconds } from "./retry.ts";
import type { Run } from "./run.ts";
import { notNow } from "./setback.ts";
import { profileOf } from "../plan/as-observed.ts";
import { observed } from "./verify.ts";

/** Reasons not to call the vendor now: it is down, or an earlier call may still be carried out. */
export async function tooEarly(run: Run, operation: Operation, planned: Planned): Promise<Outcome | undefined> {
  const suspects = run.link?.unknownAt !== undefined || run.link?.verifyAt !== undefined;
  if (!suspects && !run.works.outages.isDown(run.site.connection)) return undefined;
  const now = await run.works.store.now();
  const lane = strongestLane(planned.plan) ?? "profile";
  const settlesAt = run.link?.unknownAt === undefined ? undefined : run.link.unknownAt + run.site.policy.delivery.settleMs;
  if (settlesAt !== undefined && settlesAt > now) return run.later(settlesAt, lane, undefined);
  const verifyAt = run.link?.verifyAt;
  const isDown = run.works.outages.isDown(run.site.connection);
  // Still to be looked at, also if that fell due a moment ago: nothing is given before somebody has looked.
  if (verifyAt !== undefined && (verifyAt > now || !isDown) && laneOf(operation) !== "deny" && run.link?.kind === "account") return (await notNow(run, operation, unsettled(run))) ?? run.later(Math.max(verifyAt, now), lane, undefined);
  if (isDown) {
    const failure: Failure = { kind: "unreachable", detail: `${run.site.vendor.title} does not answer at the moment.` };
    const refused = await notNow(run, operation, failure);
    if (refused) return refused;
    // The probe wakes it; the time is only for the case that nobody does.
    return run.later(now + pauseSeconds(lane, Math.max(run.failed, 1)) * 1000, lane, failure);
  }
  return undefined;
}

const unsettled = ({ site }: Run): Failure => ({ kind: "unreachable", detail: `${site.vendor.title} may still be carrying out an earlier change of this person.` });

export async function verifyIfDue(run: Run): Promise<void> {
  const link = run.link;
  if (!link || link.verifyAt === undefined || link.verifyAt > (await run.works.store.now()) || run.works.outages.isDown(run.site.connection)) return;
  const { correlation } = run.job;
  run.link = await run.look((call) => observed(link, run.wanted(), roleOf(run), run.site, run.works.store, call));
  run.heard(true);
  await run.record({ journal: [{ kind: "decision", resource: run.job.held.id, correlation, data: { verified: run.link.applied.access ?? "unknown", ...(run.link.applied.role !== undefined && { role: run.link.applied.role }), calls: run.exchanges as never } }], link: run.link, due: { kind: "keep" } });
}

/** What cannot be planned, because the account is gone, must be looked at all the same: else the look would be owed for ever. */
function roleOf(run: Run): Pick<Planned, "wantedRole" | "byDefault"> {
  try {
    return run.plan();
  } catch {
    return { wantedRole: undefined };
  }
}

/** An invitation that was accepted has become an account; until then only a denial can be carried out. */
export async function acceptedMeanwhile(run: Run): Promise<void> {
  const link = run.link;
  if (link?.kind !== "invitation" || link.account === undefined || link !== run.job.held.link || !run.site.connector.get || run.works.outages.isDown(run.site.connection)) return;
  // A denial looks for itself; whether the account may be touched at all must be known before it.
  if (link.origin === "created" && run.plan().plan.some((operation) => laneOf(operation) === "deny")) return;
  const target = { account: link.account, kind: "invitation", email: link.login } as const;
  const account = await run.look(async (call) => run.site.connector.get?.(target, call));
  run.heard(true);
  // Unless it was we who withdrew it, or may have.
  if (account?.kind === "invitation" && account.active === false && link.applied.access === "active" && link.verifyAt === undefined) await runOut(run);
  if (account?.kind !== "account") return;
  judgeAccepted(run, account);
  // What was asked for before, and is not wanted any more, was given there all the same: a mapped role that can be lost.
  const byDefault = link.applied.byDefault === true && (link.origin === "adopted" || account.role === undefined || account.role === link.applied.wantedRole);
  run.link = { ...link, account: account.id, kind: "account", applied: { ...link.applied, access: account.active === false ? "inactive" : "active", role: account.role ?? link.applied.role, wantedRole: account.role ?? link.applied.wantedRole, byDefault, profile: profileOf(account, link.applied.profile, run.wanted()?.profile ?? {}) } };
  await run.record({ journal: [{ kind: "decision", resource: run.job.held.id, correlation: run.job.correlation, data: { accepted: account.id, ...(account.role !== undefined && { role: account.role }), notes: ["the invitation was accepted: the account has the role that it was given there"] } }], link: run.link, due: { kind: "keep", grantsFromNow: true } });
}

/** Nobody is invited again without being asked to: a letter a week would be a nuisance. */
async function runOut({ job, link, site, works }: Run): Promise<void> {
  const { title } = site.vendor;
  const steps = `The invitation of ${link?.login ?? "the person"} to ${title} has run out without an answer. Invite them again there, or deactivate and reactivate them in the IdP.`;
  await works.store.openTask({ connection: site.connection, resource: job.held.id, account: link?.account, title: `${title}: an invitation has run out`, steps });
}

/** Somebody else's invitation showed no role when it was linked; the account that came of it must be one that may be adopted (I4). */
function judgeAccepted({ link, site }: Run, account: Account): void {
  if (link?.origin !== "adopted") return;
  const fence = site.connector.traits.managedRoles ?? fenceOf(site.policy.roles, site.vendor.defaultRole);
  const isManaged = account.role !== undefined && (fence.size === 0 || fence.has(account.role));
  if (isManaged && !isPrivileged(account.role, site.policy.roles)) return;
  throw new Fault({ kind: "conflict", detail: `The invitation in ${site.vendor.title} has become an account in the role "${account.role ?? "unknown"}", which this connection must not adopt.` });
}

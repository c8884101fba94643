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
import type { Exchanged } from "../connectors/connector.ts";
import type { Failure } from "../model/failure.ts";
import { Fault, failureOf } from "../model/failure.ts";
import type { CorrelationId } from "../model/ids.ts";
import type { Link } from "../model/link.ts";
import { nothingApplied } from "../model/link.ts";
import type { Lane, Operation } from "../model/operation.ts";
import { laneOf, strongestLane } from "../model/operation.ts";
import type { Held, Lease } from "../model/resource.ts";
import type { Planned } from "../plan/plan-user.ts";
import { planUser } from "../plan/plan-user.ts";
import { wantedOf } from "../plan/wanted.ts";
import type { Recorded, RollBack } from "../store/store.ts";
import { attempt, callFor } from "./attempt.ts";
import { titleOf } from "./by-hand.ts";
import { alarmed, intended, outcomeOf } from "./entries.ts";
import type { Outcome } from "./outcome.ts";
import { jittered, pauseSeconds } from "./retry.ts";
import type { Site, Works } from "./site.ts";
import { observed } from "./verify.ts";

/** How often it is looked whether an invitation has been accepted; a push of the person looks too. */
const lookAfterInvitationMs = 300_000;

export interface Job {
  readonly lease: Lease;
  readonly held: Held;
  /** The lease was found expired: whoever had it may still be calling. */
  readonly abandoned: boolean;
  readonly correlation: CorrelationId;
  /** Present while an IdP waits for the answer. */
  readonly request?: Asked;
}

/** What the request that pushed lends to converge. */
export interface Asked {
  /** The first plan's intent was journalled in the push's own transaction. */
  readonly journalled: boolean;
  /** What a refusal returns to; `undefined` = the resource is new and then was never there. */
  readonly former: RollBack["former"];
  readonly password: string | undefined;
  /** ms since 1970. */
  readonly untilMs: number;
  /** True once the IdP has been told that the push is accepted: from then on nothing is taken back. */
  acknowledged(): boolean;
}

export async function converge(job: Job, works: Works): Promise<Outcome> {
  const site = works.site(job.lease.connection);
  if (!site) return { kind: "pending", failure: undefined }; // no longer configured; the lease runs out by itself
  try {
    return await new Run(job, site, works).go();
  } catch (thrown) {
    if (thrown instanceof LeaseLost) return { kind: "pending", failure: undefined };
    works.log.error("converge broke off", { connection: site.connection, resource: job.held.id, correlation: job.correlation, error: String(thrown instanceof Error ? thrown.stack : thrown) });
    return { kind: "pending", failure: failureOf(thrown) };
  }
}

/** One run. A class, because the lease, the link and the attempts of one run must not be mixed with another's. */
class Run {
  readonly #job: Job;
  readonly #site: Site;
  readonly #works: Works;
  #link: Link | undefined;
  #failed: number;
  #journalled: boolean;
  #exchanges: Exchanged[] = [];
  #reactivated = false;

  constructor(job: Job, site: Site, works: Works) {
    this.#job = job;
    this.#site = site;
    this.#works = works;
    this.#link = job.held.link;
    this.#failed = job.held.due?.attempts ?? 0;
    this.#journalled = job.request?.journalled ?? false;
  }

  async go(): Promise<Outcome> {
    if (this.#job.abandoned) await this.#distrust(this.#abandoned());
    for (;;) {
      let operation: Operation | undefined;
      try {
        await this.#acceptedMeanwhile();
        await this.#verifyIfDue();
        const planned = this.#plan();
        if (planned.waitsFor.length > 0) return await this.#wait(planned);
        operation = planned.plan[0];
        if (!operation) return await this.#finish([]);
        const early = await this.#tooEarly(operation, planned);
        if (early) return early;
        const stop = await this.#act(operation, planned);
        if (stop) return stop;
      } catch (thrown) {
        const stop = await this.#stumble(operation, failureOf(thrown), thrown);
        if (stop) return stop;
      }
    }
  }

  /** What the one before us was probably at. */
  #abandoned(): Operation | undefined {
    try {
      return this.#plan().plan[0];
    } catch {
      return undefined; // no plan, so no call
    }
  }

  #plan(): Planned {
    const { attributes, groups } = this.#job.held;
    const { policy, vendor } = this.#site;
    return planUser(attributes && wantedOf(attributes, policy.identity, groups), this.#link, vendor, policy);
  }

  /** One operation: intent, attempt, outcome. Answers only when the run is over. */
  async #act(operation: Operation, planned: Planned): Promise<Outcome | undefined> {
    const { held, correlation, request } = this.#job;
    if (!this.#journalled) await this.#record({ journal: [intended(held.id, correlation, [operation])], due: { kind: "keep" } });
    this.#journalled = planned.plan.length > 1 && this.#journalled;
    this.#exchanges = [];
    const done = await attempt(operation, this.#link, { resource: held.id, version: held.version, correlation, wantedRole: planned.wantedRole, password: request?.password, exchanges: this.#exchanges }, this.#site, this.#works);
    this.#heard();
    this.#reactivated ||= operation.kind === "reactivate";
    // A write that may still be under way elsewhere must be looked at again, whatever has succeeded since.
    this.#link = done.link && { ...done.link, verifyAt: this.#link?.verifyAt ?? done.link.verifyAt };
    this.#failed = 0;
    const outcome = outcomeOf(held.id, correlation, operation, "done", this.#exchanges, done.notes);
    if (done.left !== undefined) return this.#partly(operation, done.left, outcome);
    if (this.#plan().plan.length === 0) return this.#finish([outcome]);
    await this.#record({ journal: [outcome], link: this.#link ?? "none", due: { kind: "keep" } });
    return undefined;
  }

  async #finish(journal: Recorded["journal"]): Promise<Outcome> {
    const { version } = this.#job.held;
    const link = this.#link ?? "none";
    const verifyAt = this.#link?.verifyAt;
    const due: Recorded["due"] =
      verifyAt !== undefined
        ? { kind: "later", atMs: verifyAt, lane: "deny", attempts: 0, failure: undefined }
        : this.#link?.kind === "invitation" && this.#link.applied.access === "active"
          ? { kind: "later", atMs: (await this.#works.store.now()) + lookAfterInvitationMs, lane: "reconcile", attempts: 0, failure: undefined }
          : { kind: "done", version };
    await this.#record({ journal, ...(this.#changed() && { link }), due });
    return { kind: "done" };
  }

  /** The doable part is done; the person shows as active until somebody confirms the rest (DESIGN 8, "Pinned"). */
  async #partly(operation: Operation, left: string, outcome: Recorded["journal"][number]): Promise<Outcome> {
    const { held, correlation, lease, request } = this.#job;
    const partly = alarmed(held.id, correlation, `only a part of ${operation.kind} could be done: ${left}`);
    await this.#works.store.openTask({ connection: lease.connection, resource: held.id, account: this.#link?.account, title: titleOf(operation, this.#site), steps: left });
    const failure: Failure = { kind: "unsupported", capability: operation.kind, steps: left, detail: `${this.#site.vendor.title} allows only a part of this. Left for a person: ${left}` };
    await this.#record({ journal: [outcome, partly], link: this.#link ?? "none", due: request?.former ? { kind: "keep" } : { kind: "failed", failure } });
    if (request?.former) await this.#undo(operation, failure);
    return { kind: "partial", left };
  }

  async #wait(planned: Planned): Promise<Outcome> {
    const { held, correlation, lease } = this.#job;
    await this.#works.store.openTask({ connection: lease.connection, resource: held.id, account: undefined, title: `${this.#site.vendor.title} needs ${planned.waitsFor.join(", ")}`, steps: `Give the person ${planned.waitsFor.join(" and ")} in the IdP and push again; the account is created then.` });
    await this.#record({ journal: [{ kind: "decision", resource: held.id, correlation, data: { waitsFor: [...planned.waitsFor], notes: [...planned.notes] } }], due: { kind: "done", version: held.version } });
    return { kind: "waits", for: planned.waitsFor };
  }

  /** Reasons not to call the vendor now: it is down, or an earlier call may still be carried out. */
  async #tooEarly(operation: Operation, planned: Planned): Promise<Outcome | undefined> {
    const suspects = this.#link?.unknownAt !== undefined || this.#link?.verifyAt !== undefined;
    if (!suspects && !this.#works.outages.isDown(this.#site.connection)) return undefined;
    const now = await this.#works.store.now();
    const lane = strongestLane(planned.plan) ?? "profile";
    const settlesAt = this.#link?.unknownAt === undefined ? undefined : this.#link.unknownAt + this.#site.policy.delivery.settleMs;
    if (settlesAt !== undefined && settlesAt > now) return this.#later(settlesAt, lane, undefined);
    const verifyAt = this.#link?.verifyAt;
    if (verifyAt !== undefined && verifyAt > now && laneOf(operation) !== "deny") return this.#later(verifyAt, lane, undefined);
    if (this.#works.outages.isDown(this.#site.connection)) {
      const failure: Failure = { kind: "unreachable", detail: `${this.#site.vendor.title} does not answer at the moment.` };
      if (this.#rejects(operation)) return this.#undo(operation, failure);
      // The probe wakes it; the time is only for the case that nobody does.
      return this.#later(now + pauseSeconds(lane, Math.max(this.#failed, 1)) * 1000, lane, failure);
    }
    return undefined;
  }

  async #verifyIfDue(): Promise<void> {
    const link = this.#link;
    if (!link || link.verifyAt === undefined || link.verifyAt > (await this.#works.store.now()) || this.#works.outages.isDown(this.#site.connection)) return;
    this.#exchanges = [];
    const { correlation } = this.#job;
    const wanted = this.#plan().wantedRole;
    this.#link = await observed(link, wanted, this.#site, callFor(undefined, { correlation, exchanges: this.#exchanges }, this.#site));
    this.#heard();
    await this.#record({ journal: [{ kind: "decision", resource: this.#job.held.id, correlation, data: { verified: this.#link.applied.access ?? "unknown", calls: this.#exchanges as never } }], link: this.#link, due: { kind: "keep" } });
  }

  /** An invitation that was accepted has become an account; until then only a denial can be carried out. */
  async #acceptedMeanwhile(): Promise<void> {
    const link = this.#link;
    if (link?.kind !== "invitation" || link.account === undefined || link !== this.#job.held.link || !this.#site.connector.get || this.#works.outages.isDown(this.#site.connection)) return;
    if (this.#plan().plan.some((operation) => laneOf(operation) === "deny")) return; // the denial looks for itself
    this.#exchanges = [];
    const account = await this.#site.connector.get({ account: link.account, kind: "invitation", email: link.login }, callFor(undefined, { correlation: this.#job.correlation, exchanges: this.#exchanges }, this.#site));
    this.#heard();
    if (account?.kind !== "account") return;
    this.#link = { ...link, account: account.id, kind: "account", applied: { ...link.applied, access: account.active === false ? "inactive" : "active", role: account.role ?? link.applied.role, wantedRole: account.role ?? link.applied.wantedRole, profile: { ...link.applied.profile, ...account.profile } } };
    await this.#record({ journal: [{ kind: "decision", resource: this.#job.held.id, correlation: this.#job.correlation, data: { accepted: account.id } }], link: this.#link, due: { kind: "keep" } });
  }

  /** Sorts a failure. Answers only when the run is over. */
  async #stumble(operation: Operation | undefined, failure: Failure, thrown: unknown): Promise<Outcome | undefined> {
    const { held, correlation } = this.#job;
    if (thrown instanceof LeaseLost) throw thrown;
    if (failure.kind === "internal") this.#works.log.error("a step of converge failed", { connection: this.#site.connection, resource: held.id, correlation, error: String(thrown instanceof Error ? thrown.stack : thrown) });
    const again = failure.kind === "throttled" || failure.kind === "unreachable" || failure.kind === "uncertain";
    if (failure.kind === "unreachable" || failure.kind === "uncertain") this.#works.outages.failed(this.#site.connection);
    else this.#heard();
    if (failure.kind === "uncertain") await this.#distrust(operation);
    if (operation) await this.#record({ journal: [outcomeOf(held.id, correlation, operation, failure, this.#exchanges, [])], ...(this.#changed() && { link: this.#link ?? "none" }), due: { kind: "keep" } });
    this.#journalled = false;
    this.#failed += 1;
    if (again) return this.#retry(operation, failure);
    if (operation && laneOf(operation) === "deny" && failure.kind !== "unsupported") return this.#own(operation, failure);
    return this.#giveUp(operation, failure);
  }

  /** A call without a clear answer may still be carried out: remember to settle before creating, and to look before believing. */
  async #distrust(operation: Operation | undefined): Promise<void> {
    if (!operation) return;
    const now = await this.#works.store.now();
    if (operation.kind === "create") {
      this.#link = { ...(this.#link ?? blank), login: operation.email, unknownAt: now };
      return;
    }
    if (this.#link) this.#link = { ...this.#link, verifyAt: now + this.#site.policy.delivery.settleMs };
  }

  async #retry(operation: Operation | undefined, failure: Failure): Promise<Outcome | undefined> {
    const lane: Lane = operation ? laneOf(operation) : "reconcile";
    if (operation && this.#rejects(operation)) return this.#undo(operation, failure);
    const settle = failure.kind === "uncertain" && operation?.kind === "create" ? this.#site.policy.delivery.settleMs : 0;
    const retryAfter = failure.kind === "throttled" ? failure.retryAfterSeconds : 0;
    const pauseMs = Math.max(settle, jittered(pauseSeconds(lane, this.#failed, retryAfter), this.#works.random));
    const { request } = this.#job;
    const now = this.#works.clock.now();
    if (request && !request.acknowledged() && now + pauseMs < request.untilMs && !this.#works.outages.isDown(this.#site.connection)) {
      await this.#works.clock.sleep(pauseMs);
      return undefined;
    }
    return this.#later((await this.#works.store.now()) + pauseMs, lane, failure);
  }

  /** `onOutage: reject`: the IdP is to repeat it itself. Never a denial, and never after it was told otherwise. */
  #rejects(operation: Operation): boolean {
    const { request } = this.#job;
    return this.#site.policy.delivery.onOutage === "reject" && laneOf(operation) !== "deny" && request !== undefined && !request.acknowledged();
  }

  async #own(operation: Operation, failure: Failure): Promise<Outcome> {
    const atMs = (await this.#works.store.now()) + jittered(pauseSeconds("deny", this.#failed), this.#works.random);
    await this.#alarm(`${operation.kind} is refused: ${failure.detail}`, { kind: "later", atMs, lane: "deny", attempts: this.#failed, failure });
    return { kind: "owned", failure };
  }

  async #giveUp(operation: Operation | undefined, failure: Failure): Promise<Outcome> {
    const { request, held, lease } = this.#job;
    if (failure.kind === "conflict" || failure.kind === "unsupported") {
      const steps = failure.kind === "unsupported" ? failure.steps : failure.detail;
      const title = failure.kind === "unsupported" && operation ? titleOf(operation, this.#site) : `${this.#site.vendor.title}: ${operation?.kind ?? "plan"} needs a person`;
      await this.#works.store.openTask({ connection: lease.connection, resource: request && !request.former && operation?.kind === "create" ? undefined : held.id, account: this.#link?.account, title, steps });
    }
    if (failure.kind === "notFound" && this.#link) return this.#vanished(operation, failure);
    if (request && !request.acknowledged() && held.attributes && !(this.#reactivated && operation?.kind !== "reactivate")) return this.#undo(operation, failure);
    const temporary = failure.kind === "credentials" || failure.kind === "internal" || failure.kind === "protocol";
    if (temporary && !request) {
      const lane = operation ? laneOf(operation) : "profile";
      const atMs = (await this.#works.store.now()) + jittered(pauseSeconds(lane, this.#failed), this.#works.random);
      await this.#alarm(`${operation?.kind ?? "plan"}: ${failure.detail}`, { kind: "later", atMs, lane, attempts: this.#failed, failure });
      return { kind: "pending", failure };
    }
    await this.#alarm(`${operation?.kind ?? "plan"} failed: ${failure.detail}`, { kind: "failed", failure });
    return { kind: "failed", failure };
  }

  /** The vendor does not know the account any more, and the push was no denial: said, never repaired behind anybody's back. */
  async #vanished(operation: Operation | undefined, failure: Failure): Promise<Outcome> {
    const { held, correlation, lease, request } = this.#job;
    const link = this.#link;
    const { title } = this.#site.vendor;
    await this.#site.connector.control(callFor(operation, { correlation, exchanges: this.#exchanges }, this.#site));
    if (link) this.#link = { ...link, applied: { ...link.applied, access: "gone", confirmed: true } };
    await this.#works.store.openTask({ connection: lease.connection, resource: held.id, account: link?.account, title: `The account was removed in ${title}`, steps: `Create the account in ${title} again, or release the link so that the next push creates a new one.` });
    await this.#record({ journal: [], link: this.#link ?? "none", due: { kind: "keep" } });
    const conflict: Failure = { kind: "conflict", detail: `The account was removed in ${title}. Create it there again, or release the link, as the open task says.` };
    if (request && !request.acknowledged()) return this.#undo(operation, conflict);
    await this.#alarm(failure.detail, { kind: "failed", failure: conflict });
    return { kind: "failed", failure: conflict };
  }

  /** The push is refused: the desired state returns to what it was. */
  async #undo(operation: Operation | undefined, failure: Failure): Promise<Outcome> {
    const { lease, held, request, correlation } = this.#job;
    const data = { refused: operation?.kind ?? "plan", failure: failure.kind, detail: failure.detail };
    const undone = await this.#works.store.rollBack({ lease, version: held.version, former: request?.former, journal: [{ kind: "decision", resource: held.id, correlation, data }] });
    if (undone) return { kind: "undone", failure };
    // A newer push is there already, and what it wants is decided on its own: ours is past.
    await this.#record({ journal: [], due: { kind: "done", version: held.version } });
    return { kind: "pending", failure };
  }

  async #later(atMs: number, lane: Lane, failure: Failure | undefined): Promise<Outcome> {
    await this.#record({ journal: [], ...(this.#changed() && { link: this.#link ?? "none" }), due: { kind: "later", atMs: Math.round(atMs), lane, attempts: this.#failed, failure } });
    return { kind: "pending", failure };
  }

  async #alarm(text: string, due: Recorded["due"]): Promise<void> {
    const { held, correlation } = this.#job;
    this.#works.log.alarm(text, { connection: this.#site.connection, resource: held.id, correlation });
    await this.#record({ journal: [alarmed(held.id, correlation, text)], ...(this.#changed() && { link: this.#link ?? "none" }), due });
  }

  async #record(change: Recorded): Promise<void> {
    if (!(await this.#works.store.record(this.#job.lease, change))) throw new LeaseLost();
  }

  #changed = (): boolean => this.#link !== this.#job.held.link;

  #heard(): void {
    if (this.#works.outages.answered(this.#site.connection)) void this.#works.store.wake(this.#site.connection);
  }
}

/** Somebody else holds the lease by now; what we know of the vendor is theirs to find out. */
class LeaseLost extends Fault {
  constructor() {
    super({ kind: "internal", detail: "The lease was lost." });
  }
}

const blank: Link = { account: undefined, kind: "account", origin: "created", login: undefined, applied: nothingApplied, unknownAt: undefined, verifyAt: undefined };

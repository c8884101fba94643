/**
 * One run of converge: the lease it works under, what it knows of the link, and the few steps that everything in it shares.
 *
 * A class, because the lease, the link and the attempts of one run must not be mixed with another's.
 *
 * @module
 */
import { type Calling, callFor } from "./call.ts";
import { lapsesAfterMs } from "./lapse.ts";
import type { Exchanged } from "../connectors/connector.ts";
import type { Failure } from "../model/failure.ts";
import { Fault } from "../model/failure.ts";
import type { CorrelationId } from "../model/ids.ts";
import type { Link } from "../model/link.ts";
import { nothingApplied } from "../model/link.ts";
import type { Lane, Operation } from "../model/operation.ts";
import { laneOf, strongestLane } from "../model/operation.ts";
import type { Held, Lease } from "../model/resource.ts";
import type { Planned } from "../plan/plan-user.ts";
import { planUser } from "../plan/plan-user.ts";
import { type Wanted, wantedOf } from "../plan/wanted.ts";
import type { Recorded, RollBack } from "../store/store.ts";
import { raised } from "./alarm.ts";
import type { Outcome } from "./outcome.ts";
import { leaseMs, type Site, type Works } from "./site.ts";

export interface Job {
  readonly lease: Lease;
  readonly held: Held;
  /** This process's clock before it asked for the lease; absent = it has only just been given. */
  readonly askedMs?: number;
  /** The lease was found expired: whoever had it may still be calling. */
  readonly abandoned: boolean;
  readonly correlation: CorrelationId;
  /** An IdP asks for it at this moment, whether or not its push can still be refused. */
  readonly pushed?: boolean;
  /** Present while an IdP waits for the answer. */
  readonly request?: Asked;
  /** An IdP has asked for it just now, though it has nothing to take back: a repeated push, or one of a group. */
  readonly asked?: boolean;
}

/** What the request that pushed lends to converge. */
export interface Asked {
  /** The first plan's intent was journalled in the push's own transaction. */
  readonly journalled: boolean;
  /** What it takes was counted by the brake in the push's own transaction. */
  readonly counted: boolean;
  /** What a refusal returns to; `undefined` = the resource is new and then was never there. */
  readonly former: RollBack["former"];
  readonly password: string | undefined;
  /** ms since 1970. */
  readonly arrivedMs: number;
  /** ms since 1970. */
  readonly untilMs: number;
  /** True once the IdP has been told that the push is accepted: from then on nothing is taken back. */
  acknowledged(): boolean;
  /** From now on the push is being taken back: the IdP's answer waits for what comes of it, deadline or not. */
  takingBack?(): void;
}

/** How often it is said that something is still refused. */
const warnAgainMs = 900_000;

export class Run {
  readonly job: Job;
  readonly site: Site;
  readonly works: Works;
  link: Link | undefined;
  /** As it stands in the store. */
  #stored: Link | undefined;
  /** Attempts that have failed in a row. */
  failed: number;
  /** Kinds of operations whose intent is in the journal and whose outcome is not. */
  readonly intended: Set<Operation["kind"]>;
  /** The brake knows of the denial that this run carries out. */
  counted: boolean;
  exchanges: Exchanged[] = [];
  /** A vendor was asked, or about to be, in this turn. */
  called = false;
  /** The present attempt has begun to change something at the vendor. */
  begun = false;
  /** Since when what is granted can be given. */
  grantSinceMs: number | undefined;
  /** This process's clock before the lease was given, or made longer, last. */
  #leasedMs: number;
  /** The link's account was found by its address; see `Recorded.found`. */
  found = false;
  /** An account was created or opened again in this run: it stays, and an error would cost Okta its link (idps.md P4). */
  opened = false;
  /** A denial was carried out in this run: nothing that fails behind it gives the access back. */
  denied = false;

  constructor(job: Job, site: Site, works: Works) {
    this.job = job;
    this.site = site;
    this.works = works;
    this.link = job.held.link;
    this.#stored = job.held.link;
    this.failed = job.held.due?.attempts ?? 0;
    this.counted = job.request?.counted ?? false;
    this.intended = new Set(job.request?.journalled ? this.#firstPlan() : []);
    this.grantSinceMs = job.held.due?.grantSinceMs;
    this.#leasedMs = job.askedMs ?? works.clock.now();
  }

  /** What the push journalled: the plan that follows from the same facts. */
  #firstPlan(): readonly Operation["kind"][] {
    try {
      return this.plan().plan.map(({ kind }) => kind);
    } catch {
      return [];
    }
  }

  /** What this run has done must not be taken back with its push. */
  get stays(): boolean {
    return this.opened || this.denied;
  }

  /** The IdP has not been told yet that the push is accepted. */
  get isWaitedFor(): boolean {
    return this.job.request !== undefined && !this.job.request.acknowledged();
  }

  call(operation: Operation | undefined): Calling {
    const { request, correlation } = this.job;
    this.exchanges = [];
    this.called = true;
    this.begun = false;
    return callFor(operation, {
      correlation,
      about: this.job.held.id,
      epoch: this.job.lease.epoch,
      exchanges: this.exchanges,
      begins: () => void (this.begun = true),
      untilMs: request && this.isWaitedFor ? request.untilMs : undefined,
      // A create may be content with what was seen since the push arrived, unless an earlier one may have been carried out meanwhile.
      guard: this.guard,
      sinceMs: operation?.kind === "create" && this.link?.unknownAt === undefined ? (request?.arrivedMs ?? this.works.clock.now()) : undefined,
    }, this.site);
  }

  /** A look, and nothing else. */
  async look<T>(ask: (call: Calling) => Promise<T>): Promise<T> {
    const call = this.call(undefined);
    try {
      return await ask(call);
    } finally {
      call.end();
    }
  }

  /**
   * Nobody may call the vendor on a lease that somebody else can have taken: this process may have stood still since. Told by its own
   * clock, from before the store was asked, so that neither a pause nor clocks that differ make the lease longer.
   *
   * @throws LeaseLost
   */
  readonly guard = (): void => {
    if (this.works.clock.now() - this.#leasedMs >= leaseMs(this.site.policy)) throw new LeaseLost();
  };

  wanted(): Wanted | undefined {
    const { attributes, groups } = this.job.held;
    return attributes && wantedOf(attributes, this.site.policy.identity, groups);
  }

  plan(): Planned {
    return planUser(this.wanted(), this.link, this.site.vendor, this.site.policy);
  }

  async record(change: Recorded): Promise<void> {
    const due = change.due.kind === "keep" ? { ...change.due, forMs: leaseMs(this.site.policy) } : change.due;
    const { fault, store, clock } = this.works;
    const at = fault && notedBy(change, this.job.held.link);
    if (fault && at) await fault(`${at}.before`);
    const askedMs = clock.now();
    if (!(await store.record(this.job.lease, { ...change, due, ...(this.found && { found: true }) }))) throw new LeaseLost();
    if (fault && at) await fault(`${at}.after`);
    if (change.link !== undefined) this.#stored = change.link === "none" ? undefined : change.link;
    if (due.kind === "keep") this.#leasedMs = askedMs;
    if (due.kind === "keep" && due.grantsFromNow) this.grantSinceMs = await this.works.store.now();
  }

  changed(): boolean {
    return this.link !== this.#stored;
  }

  /** Noted before it is asked for: whatever comes of the call, the account may be found under the new address from then on (I1). */
  seek(email: string | undefined): void {
    if (email === undefined || !this.link?.account || this.link.applied.seeks === email) return;
    this.link = { ...this.link, applied: { ...this.link.applied, seeks: email } };
  }

  /** Its exchanges speak for a call; a connector that has made none is taken at its word. */
  heard(isAnswer: boolean): void {
    if (!this.called || this.exchanges.length > 0) return;
    const { id } = this.job.held;
    if (isAnswer) this.works.outages.answered(this.site.connection, "write", id);
    else this.works.outages.failed(this.site.connection, "silent", id);
  }

  /** A call without a clear answer may still be carried out: remember to settle before creating, and to look before believing. */
  async distrust(operation: Operation | undefined): Promise<void> {
    if (!operation) return;
    const now = await this.works.store.now();
    if (operation.kind === "create") this.link = this.#perhapsMade(operation, now);
    else if (operation.kind === "reactivate" && this.link?.kind === "invitation") this.link = this.#perhapsInvited(this.link, now);
    else if (this.link) this.link = { ...this.link, verifyAt: now + this.site.policy.delivery.settleMs };
  }

  /** Whoever had the lease before may have been calling for what was wanted then; what the store says of their calls begins anew. */
  async distrustBefore(): Promise<void> {
    const { link } = this;
    if (link === undefined) return;
    const now = await this.works.store.now();
    if (link.kind === "invitation" && link.applied.access === "inactive") this.link = this.#perhapsInvited(link, now);
    else if (link.account !== undefined) this.link = { ...link, verifyAt: now + this.site.policy.delivery.settleMs };
    else if (link.unknownAt !== undefined) this.link = { ...link, unknownAt: now };
  }

  /**
   * Committed before a create is sent and after nobody was found: should we die now, the next one knows that an account of this address
   * may be ours, and without the mark that it cannot be (I1, I5).
   */
  async markCreate(operation: Extract<Operation, { kind: "create" }>): Promise<void> {
    this.link = this.#perhapsMade(operation, await this.works.store.now());
    await this.record({ journal: [], link: this.link, due: { kind: "keep" } });
  }

  /** Whose invitation was withdrawn has got another one, or not: nothing is known of it but the address. */
  #perhapsInvited({ login, applied }: Link, now: number): Link {
    return { ...noLink, login, applied: { ...nothingApplied, role: applied.role }, unknownAt: now };
  }

  /** No account is known, so nothing is applied; which role was asked for tells ours from somebody else's. */
  #perhapsMade({ email, role }: Extract<Operation, { kind: "create" }>, now: number): Link {
    return { ...(this.link ?? noLink), login: email, applied: { ...nothingApplied, role }, unknownAt: now };
  }

  /**
   * `onOutage: reject`: the IdP is to repeat it itself. Never a denial, never after it was told otherwise, and never what may be carried
   * out yet: forgotten, it would be done a second time, or stay undone here and done there.
   */
  rejects(operation: Operation): boolean {
    return this.site.policy.delivery.onOutage === "reject" && laneOf(operation) !== "deny" && this.isWaitedFor;
  }

  async later(atMs: number, lane: Lane, failure: Failure | undefined): Promise<Outcome> {
    const grantsFromNow = lane === "grant" && (this.job.asked === true || this.grantSinceMs === undefined) && this.plan().plan.some((operation) => lapsesAfterMs(operation, this.site.policy) !== undefined);
    await this.record({ journal: [], ...(this.changed() && { link: this.link ?? "none" }), due: { kind: "later", atMs: Math.round(atMs), lane, attempts: this.failed, failure, grantsFromNow } });
    return { kind: "pending", failure };
  }

  /** What is tried again and again is said at first, and then now and then. */
  async alarm(text: string, due: Recorded["due"]): Promise<void> {
    const { held, correlation } = this.job;
    const link = this.changed() && { link: this.link ?? ("none" as const) };
    const warnedMs = held.due?.warnedMs;
    if (due.kind === "later") {
      if (warnedMs !== undefined && (await this.works.store.now()) - warnedMs < warnAgainMs) return this.record({ journal: [], ...link, due });
      due = { ...due, warned: true };
    }
    const row = raised(this.works.log, { connection: this.site.connection, kind: due.kind === "failed" ? "delivery.failed" : "delivery.stuck", severity: "alarm", resource: held.id, correlation, text });
    await this.record({ journal: [row], ...link, due });
  }

  /** The push is refused: the desired state returns to what it was. */
  async undo(operation: Operation | undefined, failure: Failure): Promise<Outcome> {
    const { lease, held, request, correlation } = this.job;
    request?.takingBack?.();
    const lookAt = this.link?.unknownAt === undefined ? this.link?.verifyAt : this.link.unknownAt + this.site.policy.delivery.settleMs; // what was refused may yet be carried out
    const later = lookAt === undefined ? await this.#backAgain() : ({ atMs: lookAt, lane: "deny" } as const);
    const data = { refused: operation?.kind ?? "plan", failure: failure.kind, detail: failure.detail };
    const undone = await this.#rolledBack({ lease, version: held.version, former: request?.former, journal: [{ kind: "decision", resource: held.id, correlation, data }], later });
    if (undone === "unknown") return { kind: "undone", failure: { kind: "uncertain", detail: "Drawbridge could not take the push back in its own database. Try again." } };
    if (undone) return { kind: "undone", failure };
    // A newer push is there already, and what it wants is decided on its own: ours is past.
    await this.record({ journal: [], due: { kind: "done", version: held.version } });
    return { kind: "pending", failure };
  }

  /** One facet was done before another was refused: the vendor returns to what is wanted again, or a refused push would have changed something there. */
  async #backAgain(): Promise<RollBack["later"]> {
    const { former } = this.job.request ?? {};
    if (!former) return undefined;
    try {
      const lane = strongestLane(planUser(wantedOf(former.attributes, this.site.policy.identity, this.job.held.groups), this.link, this.site.vendor, this.site.policy).plan);
      return lane && { atMs: await this.works.store.now(), lane };
    } catch {
      return undefined; // an account that is gone: the task says what is left to do
    }
  }

  /** `unknown`: the store failed. Whoever finds the lease run out will see; no yes can be given for the push. */
  async #rolledBack(undo: RollBack): Promise<boolean | "unknown"> {
    try {
      return await this.works.store.rollBack(undo);
    } catch (thrown) {
      this.works.log.error("a push could not be taken back", { connection: this.site.connection, resource: this.job.held.id, correlation: this.job.correlation, error: String(thrown) });
      return "unknown";
    }
  }
}

/** Which fault points a note passes: that there is an account, or anything else that the vendor has acknowledged. */
function notedBy({ link, journal }: Recorded, before: Link | undefined): "link" | "applied" | undefined {
  if (link !== undefined && link !== "none" && link.account !== undefined && before?.account === undefined) return "link";
  return journal.some(({ kind }) => kind === "outcome") ? "applied" : undefined;
}

/** Somebody else holds the lease by now; what we know of the vendor is theirs to find out. */
export class LeaseLost extends Fault {
  constructor() {
    super({ kind: "internal", detail: "The lease was lost." });
  }
}

/** Before anything is known of an account. */
export const noLink: Link = { account: undefined, kind: "account", origin: "created", login: undefined, applied: nothingApplied, unknownAt: undefined, verifyAt: undefined };

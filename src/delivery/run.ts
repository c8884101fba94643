/**
 * One run of converge: the lease it works under, what it knows of the link, and the few steps that everything in it shares.
 *
 * A class, because the lease, the link and the attempts of one run must not be mixed with another's.
 *
 * @module
 */
import type { Exchanged } from "../connectors/connector.ts";
import type { Failure } from "../model/failure.ts";
import { Fault } from "../model/failure.ts";
import type { CorrelationId } from "../model/ids.ts";
import type { Link } from "../model/link.ts";
import { nothingApplied } from "../model/link.ts";
import type { Lane, Operation } from "../model/operation.ts";
import { laneOf } from "../model/operation.ts";
import type { Held, Lease } from "../model/resource.ts";
import type { Planned } from "../plan/plan-user.ts";
import { planUser } from "../plan/plan-user.ts";
import { wantedOf } from "../plan/wanted.ts";
import type { Recorded, RollBack } from "../store/store.ts";
import { raised } from "./alarm.ts";
import type { Outcome } from "./outcome.ts";
import type { Site, Works } from "./site.ts";

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
  exchanges: Exchanged[] = [];
  /** An account was created or opened again in this run: it stays, and an error would cost Okta its link (idps.md P4). */
  opened = false;

  constructor(job: Job, site: Site, works: Works) {
    this.job = job;
    this.site = site;
    this.works = works;
    this.link = job.held.link;
    this.#stored = job.held.link;
    this.failed = job.held.due?.attempts ?? 0;
    this.intended = new Set(job.request?.journalled ? this.#firstPlan() : []);
  }

  /** What the push journalled: the plan that follows from the same facts. */
  #firstPlan(): readonly Operation["kind"][] {
    try {
      return this.plan().plan.map(({ kind }) => kind);
    } catch {
      return [];
    }
  }

  plan(): Planned {
    const { attributes, groups } = this.job.held;
    const { policy, vendor } = this.site;
    return planUser(attributes && wantedOf(attributes, policy.identity, groups), this.link, vendor, policy);
  }

  async record(change: Recorded): Promise<void> {
    if (!(await this.works.store.record(this.job.lease, change))) throw new LeaseLost();
    if (change.link !== undefined) this.#stored = change.link === "none" ? undefined : change.link;
  }

  changed(): boolean {
    return this.link !== this.#stored;
  }

  heard(): void {
    if (this.works.outages.answered(this.site.connection)) void this.works.store.wake(this.site.connection);
  }

  /** A call without a clear answer may still be carried out: remember to settle before creating, and to look before believing. */
  async distrust(operation: Operation | undefined): Promise<void> {
    if (!operation) return;
    const now = await this.works.store.now();
    if (operation.kind === "create") this.link = this.#perhapsMade(operation, now);
    else if (this.link) this.link = { ...this.link, verifyAt: now + this.site.policy.delivery.settleMs };
  }

  /** Whoever had the lease before may have been calling for what was wanted then; what the store says of their calls begins anew. */
  async distrustBefore(): Promise<void> {
    const { link } = this;
    if (link === undefined) return;
    const now = await this.works.store.now();
    if (link.account !== undefined) this.link = { ...link, verifyAt: now + this.site.policy.delivery.settleMs };
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

  /** No account is known, so nothing is applied; which role was asked for tells ours from somebody else's. */
  #perhapsMade({ email, role }: Extract<Operation, { kind: "create" }>, now: number): Link {
    return { ...(this.link ?? blank), login: email, applied: { ...nothingApplied, role }, unknownAt: now };
  }

  /** `onOutage: reject`: the IdP is to repeat it itself. Never a denial, and never after it was told otherwise. */
  rejects(operation: Operation): boolean {
    const { request } = this.job;
    return this.site.policy.delivery.onOutage === "reject" && laneOf(operation) !== "deny" && request !== undefined && !request.acknowledged();
  }

  async later(atMs: number, lane: Lane, failure: Failure | undefined): Promise<Outcome> {
    await this.record({ journal: [], ...(this.changed() && { link: this.link ?? "none" }), due: { kind: "later", atMs: Math.round(atMs), lane, attempts: this.failed, failure } });
    return { kind: "pending", failure };
  }

  async alarm(text: string, due: Recorded["due"]): Promise<void> {
    const { held, correlation } = this.job;
    const row = raised(this.works.log, { connection: this.site.connection, kind: due.kind === "failed" ? "delivery.failed" : "delivery.stuck", severity: "alarm", resource: held.id, correlation, text });
    await this.record({ journal: [row], ...(this.changed() && { link: this.link ?? "none" }), due });
  }

  /** The push is refused: the desired state returns to what it was. */
  async undo(operation: Operation | undefined, failure: Failure): Promise<Outcome> {
    const { lease, held, request, correlation } = this.job;
    const data = { refused: operation?.kind ?? "plan", failure: failure.kind, detail: failure.detail };
    const undone = await this.works.store.rollBack({ lease, version: held.version, former: request?.former, journal: [{ kind: "decision", resource: held.id, correlation, data }] });
    if (undone) return { kind: "undone", failure };
    // A newer push is there already, and what it wants is decided on its own: ours is past.
    await this.record({ journal: [], due: { kind: "done", version: held.version } });
    return { kind: "pending", failure };
  }
}

/** Somebody else holds the lease by now; what we know of the vendor is theirs to find out. */
export class LeaseLost extends Fault {
  constructor() {
    super({ kind: "internal", detail: "The lease was lost." });
  }
}

const blank: Link = { account: undefined, kind: "account", origin: "created", login: undefined, applied: nothingApplied, unknownAt: undefined, verifyAt: undefined };

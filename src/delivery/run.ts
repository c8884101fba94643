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
  /** From now on the push is being taken back: the IdP's answer waits for what comes of it, deadline or not. */
  takingBack(): void;
}

export class Run {
  readonly job: Job;
  readonly site: Site;
  readonly works: Works;
  link: Link | undefined;
  /** Attempts that have failed in a row. */
  failed: number;
  /** Kinds of operations whose intent is in the journal and whose outcome is not. */
  readonly intended: Set<Operation["kind"]>;
  exchanges: Exchanged[] = [];
  /** The present attempt has begun to talk to the vendor. */
  called = false;
  /** An account was created or opened again in this run: it stays, and an error would cost Okta its link (idps.md P4). */
  opened = false;

  constructor(job: Job, site: Site, works: Works) {
    this.job = job;
    this.site = site;
    this.works = works;
    this.link = job.held.link;
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
    const { fault, store } = this.works;
    const at = fault && notedBy(change, this.job.held.link);
    if (fault && at) await fault(`${at}.before`);
    if (!(await store.record(this.job.lease, change))) {
      if (fault) await fault("lease.lost");
      throw new LeaseLost();
    }
    if (fault && at) await fault(`${at}.after`);
  }

  changed(): boolean {
    return this.link !== this.job.held.link;
  }

  heard(): void {
    if (this.works.outages.answered(this.site.connection)) void this.works.store.wake(this.site.connection);
  }

  /** A call without a clear answer may still be carried out: remember to settle before creating, and to look before believing. */
  async distrust(operation: Operation | undefined): Promise<void> {
    if (!operation) return;
    const now = await this.works.store.now();
    if (operation.kind === "create") {
      this.link = { ...(this.link ?? blank), login: operation.email, unknownAt: now };
      return;
    }
    if (this.link) this.link = { ...this.link, verifyAt: now + this.site.policy.delivery.settleMs };
  }

  /**
   * `onOutage: reject`: the IdP is to repeat it itself. Never a denial, never after it was told otherwise, and never what may be carried
   * out yet: forgotten, it would be done a second time, or stay undone here and done there.
   */
  rejects(operation: Operation): boolean {
    const { request } = this.job;
    if (this.link?.unknownAt !== undefined || this.link?.verifyAt !== undefined) return false;
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
    request?.takingBack();
    const data = { refused: operation?.kind ?? "plan", failure: failure.kind, detail: failure.detail };
    try {
      const undone = await this.works.store.rollBack({ lease, version: held.version, former: request?.former, journal: [{ kind: "decision", resource: held.id, correlation, data }] });
      if (undone) return { kind: "undone", failure };
    } catch (thrown) {
      // Taken back or not, nobody knows; whoever finds the lease run out will see. No yes can be given for it.
      this.works.log.error("a push could not be taken back", { connection: this.site.connection, resource: held.id, correlation, error: String(thrown) });
      return { kind: "undone", failure: { kind: "uncertain", detail: "Drawbridge could not take the push back in its own database. Try again." } };
    }
    // A newer push is there already, and what it wants is decided on its own: ours is past.
    await this.record({ journal: [], due: { kind: "done", version: held.version } });
    return { kind: "pending", failure };
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

const blank: Link = { account: undefined, kind: "account", origin: "created", login: undefined, applied: nothingApplied, unknownAt: undefined, verifyAt: undefined };

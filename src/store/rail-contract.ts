/**
 * The rails' part of the store's contract: what a push brings along to be judged, what becomes of one that is stopped, and what people
 * and the house may ask about holds and role policies.
 *
 * @module
 */
import type { Hold, HeldPush, KeptGroup, KeptPush, RailName, Taking, Waiting } from "../model/hold.ts";
import type { ConnectionId, CorrelationId, HoldId, ResourceId, RoleId } from "../model/ids.ts";
import type { JsonObject } from "../model/json.ts";
import type { Brake } from "../model/policy.ts";
import type { Held, Lease } from "../model/resource.ts";

/** What the rails decide by, in the push's own transaction. */
export interface Rails {
  readonly brake: Brake;
  /** Vendor roles of which one active account must always be left. */
  readonly privileged: readonly RoleId[];
}

export interface UserRail {
  readonly rails: Rails;
  readonly taking: Taking;
  /** The waiting push that was there when this one was decided; another one by now, and it is decided again. */
  readonly waiting: Waiting | undefined;
  /** This push wants the opposite of the waiting one, which is over. */
  readonly cancels: boolean;
  /** This is the approved one itself. */
  readonly carriesOut: boolean;
  /** What is kept if it is stopped, and under which push's name. */
  readonly kept: KeptPush;
  readonly correlation: CorrelationId;
}

export interface GroupRail {
  readonly rails: Rails;
  /** What the change takes from one of the affected, who is given as they are after it. */
  judge(person: Held): Taking;
  readonly kept: KeptGroup;
  readonly correlation: CorrelationId;
  /** Carries out an approved push: the row of `held` that it closes. */
  readonly release?: { readonly seq: number; readonly hold: HoldId; readonly rail: RailName };
}

/** A rail has stopped it. Only the hold is written, and that the push waits in it. */
export interface StoppedByRail {
  readonly kind: "held";
  readonly hold: HoldId;
  readonly rail: RailName;
  readonly detail: string;
  /** The hold was opened by this push: somebody must be told. */
  readonly opened: boolean;
}

export interface HoldStore {
  /** Holds of one connection or of all, oldest first. */
  holds(connection: ConnectionId | undefined, wanted: { readonly open: boolean }): Promise<readonly (Hold & { readonly connection: ConnectionId })[]>;
  /** The one of this name, decided or not. */
  holdNamed(id: string): Promise<(Hold & { readonly connection: ConnectionId }) | undefined>;
  heldPushes(hold: HoldId): Promise<readonly HeldPush[]>;
  /**
   * A person's word about an open hold, whole or for one resource. Approved pushes are carried out by a running server; rejected ones
   * are forgotten. Somebody who waits as one of a group's members is taken out of that group at once.
   *
   * @returns the resources that were decided about; `undefined` = there is no such open hold on this connection. `changed`: it is not
   * what was `seen` any more, and nothing was decided
   */
  decideHold(decision: Decision): Promise<{ readonly resources: readonly ResourceId[]; readonly closed: boolean; readonly changed?: true } | undefined>;
  /** Approved pushes that are not carried out yet, of every connection, oldest first. */
  approved(limit: number): Promise<readonly (HeldPush & { readonly connection: ConnectionId; readonly hold: HoldId; readonly rail: RailName })[]>;
  /** The waiting push is over: nothing is left to do about it, or a later one wanted the opposite. False when somebody was faster. */
  endWaiting(connection: ConnectionId, resource: ResourceId, waiting: { readonly seq: number }, why: { readonly as: "carriedOut" | "replaced"; readonly note: string; readonly correlation: CorrelationId }): Promise<boolean>;
  /** Open holds about which nobody has been told for so long; each is given to one asker only. */
  holdsToWarnOf(everyMs: number): Promise<readonly (Hold & { readonly connection: ConnectionId })[]>;
  /** Forgets losses that no window can reach any more, unless their denial is still open. */
  forgetLosses(olderMs: number): Promise<void>;
  /** Whether the losses of this person were counted already: within the window, or when the open denial was accepted. */
  wasCounted(connection: ConnectionId, resource: ResourceId, windowMs: number): Promise<boolean>;
  /** Counts a loss that no push was counted for, under the lease; stopped, the work is parked until a person decides. */
  countLoss(lease: Lease, rails: Rails, taking: Taking, correlation: CorrelationId): Promise<{ readonly kind: "counted" } | StoppedByRail | { readonly kind: "leaseLost" }>;
  /** Lets approved work go on that the worker had parked. */
  resumeWork(connection: ConnectionId, resource: ResourceId, waiting: { readonly seq: number; readonly hold: HoldId }): Promise<boolean>;
}

export interface PolicyStore {
  /** The role policy that was last in force, as it was given to `takePolicy`. */
  rolePolicy(connection: ConnectionId): Promise<JsonObject | undefined>;
  /** People with access, in order of their ids, after one of them. */
  peopleWithAccess(connection: ConnectionId, after: ResourceId | undefined, limit: number): Promise<readonly Held[]>;
  /** Puts a role policy in force: the rails judge what it takes, the losses are counted, and those who lose something are due. */
  takePolicy(change: PolicyTaking): Promise<{ readonly kind: "taken" } | StoppedByRail>;
}

export interface PolicyTaking {
  readonly connection: ConnectionId;
  readonly policy: JsonObject;
  readonly taken: readonly (readonly [ResourceId, Taking])[];
  /** Who loses access or steps down: planned anew at once. */
  readonly affected: readonly ResourceId[];
  readonly rails: Rails;
  /** Only asks: nothing is put in force. A hold is written all the same. */
  readonly dry: boolean;
  readonly correlation: CorrelationId;
}

export interface Decision {
  readonly connection: ConnectionId;
  readonly hold: HoldId;
  /** `undefined` = everything that waits in it. */
  readonly resource: ResourceId | undefined;
  readonly decision: "approved" | "rejected";
  /** What the person has looked at: how many waited, and which was the last. Absent = whatever waits. */
  readonly seen?: { readonly waiting: number; readonly lastPush: number } | undefined;
  readonly by: string;
  readonly correlation: CorrelationId;
}

/**
 * One push on its way: what each step of `write.ts` hands to the next.
 *
 * @module
 */
import type { Taking, Waiting } from "../model/hold.ts";
import type { ResourceId } from "../model/ids.ts";
import type { Attributes, Held, Lease } from "../model/resource.ts";
import type { Planned } from "../plan/plan-user.ts";
import type { Wanted } from "../plan/wanted.ts";
import type { Exchange, WriteRequest } from "../scim/exchange.ts";
import type { Committed, RollBack } from "../store/store.ts";

/** As the rooms behind the door see it. */
export interface Push {
  readonly method: WriteRequest["method"];
  readonly type: "User" | "Group";
  readonly id: string | undefined;
  /** After the dialects. */
  readonly body: unknown;
  /** Which habits were met, for the timeline. */
  readonly quirks: readonly string[];
  readonly exchange: Pick<Exchange, "base" | "ifMatch" | "ifNoneMatch" | "correlation" | "answered" | "untilMs">;
  /** ms since 1970. */
  readonly arrivedMs: number;
  readonly query: WriteRequest["query"];
  /** Why it cannot be kept as it is: a name of it is somebody else's. A denial is kept without it. */
  readonly taken?: string;
  /** An approved push that is carried out without the IdP. */
  readonly released?: Waiting;
}

export type Decided = Change | Unchanged | Redeliver | LetGo;

/** A new desired state. */
export interface Change {
  readonly kind: "change";
  readonly id: ResourceId;
  /** `undefined` = the resource is new. */
  readonly held: Held | undefined;
  /** `undefined` = deleted. */
  readonly attributes: Attributes | undefined;
  readonly wanted: Wanted | undefined;
  readonly planned: Planned;
  readonly password: string | undefined;
  readonly ignored: readonly string[];
  /** What a denial left behind because it cannot be done (journalled, not stored). */
  readonly dropped: readonly string[];
  /** Decided for a connection that observes, where that makes a difference (a deletion). */
  readonly observed: boolean;
  /** What it takes from the person. */
  readonly taking: Taking;
  /** It wants the opposite of a push that waits in a hold. */
  readonly cancels: boolean;
}

/** Nothing to store, but a push that waits in a hold is over: this one wants the opposite. */
export interface LetGo {
  readonly kind: "letGo";
  readonly held: Held;
  readonly waiting: Waiting;
}

/** Nothing to store and nothing to do. */
export interface Unchanged {
  readonly kind: "unchanged";
  readonly held: Held;
}

/** Nothing to store, but an earlier push is not carried out yet: this one asks again. */
export interface Redeliver {
  readonly kind: "redeliver";
  readonly held: Held;
}

/** A push that is kept. */
export interface Kept {
  readonly kind: "kept";
  /** As it stands now. */
  readonly held: Held;
  readonly former: RollBack["former"];
  readonly change: Change;
  /** `undefined`: there is nothing to deliver, or somebody else is at it. */
  readonly lease: Lease | undefined;
  /** This process's clock before the lease was asked for. */
  readonly askedMs: number;
  /** The intent of what will be planned is in the journal: the link is still the one that the plan was made from. */
  readonly journalled: boolean;
  readonly hasWork: boolean;
  /** The connection observes: nothing of it is delivered now. */
  readonly observed: boolean;
}

/** Somebody else has the name. */
export type Taken = Extract<Committed, { kind: "taken" }> & { readonly digest: string | undefined; readonly id: ResourceId };

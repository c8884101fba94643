/**
 * Rails and holds: what a push would take from people, and what is kept of a push that a rail has stopped.
 *
 * @module
 */
import type { CorrelationId, HoldId, ResourceId } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import type { MemberChange } from "./member.ts";

/**
 * `protected`: someone whom no push may touch · `lastAdministrator`: nobody privileged would be left · `deletions`: too many of the
 * vendor's records would go for good · `brake`: too many people would lose access · `configuration`: a changed role policy would do one of these.
 */
export type RailName = "protected" | "lastAdministrator" | "deletions" | "brake" | "configuration";

/** What a push would take from one person. */
export interface Taking {
  /** Access, of somebody who has it or is just being given it. */
  readonly access: boolean;
  /** The vendor's record of the person, for good. */
  readonly record: boolean;
  /** A denial, a demotion or another address for somebody who stands in `rails.protected`. */
  readonly fromProtected: boolean;
  /** An active privileged account would be none any more. */
  readonly administrator: boolean;
}

export const takesNothing: Taking = { access: false, record: false, fromProtected: false, administrator: false };

export const takesAnything = ({ access, record, fromProtected, administrator }: Taking): boolean => access || record || fromProtected || administrator;

/** A push that waits in a hold. */
export interface Waiting {
  readonly seq: number;
  readonly hold: HoldId;
  readonly rail: RailName;
  /** What was said when the hold was opened. */
  readonly detail: string;
  /** Approved, and not carried out yet. */
  readonly approved: boolean;
  readonly kept: KeptPush;
}

/** A push as a hold keeps it: what it means, not how it was spelled; never a password. */
export type KeptPush = KeptUser | KeptGroup | KeptWork | KeptPolicy;

export interface KeptUser {
  readonly type: "User";
  readonly method: "PUT" | "PATCH" | "DELETE";
  readonly deleted: boolean;
  /** The attributes that it changes, whole, as they were and as they are to be. */
  readonly before: JsonObject;
  readonly after: JsonObject;
}

export interface KeptGroup {
  readonly type: "Group";
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly deleted: boolean;
  /** Absent = unchanged. */
  readonly attributes?: JsonObject;
  readonly members: readonly MemberChange[];
}

/** Nobody pushed: the worker found that a person would lose access, and no push had been counted for it. */
export interface KeptWork {
  readonly type: "Work";
}

export interface KeptPolicy {
  readonly type: "Policy";
  readonly policy: JsonObject;
}

export interface Hold {
  readonly id: HoldId;
  readonly rail: RailName;
  readonly detail: string;
  readonly openedMs: number;
  /** `undefined` = open. */
  readonly decidedMs: number | undefined;
  readonly decidedBy: string | undefined;
  /** How many pushes wait for a decision, were approved, and were rejected. */
  readonly waiting: number;
  readonly approved: number;
  readonly rejected: number;
  /** `HeldPush.seq` of the newest push that it has ever kept. */
  readonly lastPush: number;
}

export interface HeldPush {
  readonly seq: number;
  readonly resource: ResourceId;
  /** userName or displayName. */
  readonly name: string | undefined;
  readonly atMs: number;
  readonly correlation: CorrelationId;
  readonly kept: KeptPush;
  /** Those who would lose by it, as far as they were looked at: a rail stops looking once it knows enough. */
  readonly people: readonly ResourceId[];
  readonly decision: "approved" | "rejected" | "replaced" | undefined;
  readonly doneMs: number | undefined;
}

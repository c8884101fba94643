/**
 * Our SCIM resources as the store holds them.
 *
 * @module
 */
import type { AccountId, ConnectionId, CorrelationId, ResourceId } from "./ids.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Waiting } from "./hold.ts";
import type { Link } from "./link.ts";
import type { Lane } from "./operation.ts";
import type { Member, MemberChange } from "./member.ts";
import type { Failure } from "./failure.ts";

export type ResourceType = "User" | "Group";

/**
 * What the client wrote and nothing else: no `id`, `meta`, `schemas`, `groups`, `password`, and for groups no `members`.
 * Values stand exactly as sent; names in the schema's spelling; extensions under their URN; nothing is null, no list or object is empty.
 */
export type Attributes = JsonObject;

export interface StoredResource {
  readonly type: ResourceType;
  readonly id: ResourceId;
  /** Counts the changes, from 1; `meta.version` is `W/"<version>"`. */
  readonly version: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly attributes: Attributes;
  /** Users: the groups that have them as a member (empty where not asked for). */
  readonly groups: readonly GroupRef[];
  /** Groups: their members in order of arrival (empty where not asked for). */
  readonly members: readonly Member[];
  /** Groups: `members` was emptied on purpose and is shown as `[]`. */
  readonly emptied: boolean;
}

export interface GroupRef {
  readonly value: ResourceId;
  readonly display: string;
  /** What the IdP calls the group, where it said so; roles can be mapped by it. */
  readonly externalId?: string | undefined;
}

/** What the store needs beside the attributes to find, order and guard a resource; made by scim/, folded there. */
export interface Keys {
  /** Folded userName or group displayName: unique per connection and type. */
  readonly name: string;
  readonly externalId: string | undefined;
  /** Folded; set only where the vendor knows accounts by e-mail: unique per connection. */
  readonly email: string | undefined;
  /** Every folded address of the resource, for look-ups. */
  readonly emails: readonly string[];
  readonly active: boolean;
  /** The attributes as filters see them: text folded unless case-exact, date-times as ms, the primary element of a list first. */
  readonly search: JsonObject;
}

/** What is still to be done for a resource, and who is at it. */
export interface Due {
  readonly lane: Lane;
  /** ms since 1970, database time; `undefined` = given up (`failed`), waits for a push or a person. */
  readonly dueAtMs: number | undefined;
  readonly attempts: number;
  /** When the oldest push that is not carried out yet was accepted. */
  readonly sinceMs: number;
  /** Since when something that was granted can be given and is not; `undefined` = nothing is, or its time does not count. */
  readonly grantSinceMs: number | undefined;
  /** When the last alarm about it was raised. */
  readonly warnedMs: number | undefined;
  readonly failure: Failure | undefined;
  /** The last push that asked for it, or the decision; `undefined` = nobody did, or before this was kept. */
  readonly correlation: CorrelationId | undefined;
}

/** A claim on a resource: only who holds the epoch may write results. */
export interface Lease {
  readonly connection: ConnectionId;
  readonly resource: ResourceId;
  readonly owner: string;
  readonly epoch: number;
  /** ms since 1970, database time. */
  readonly untilMs: number;
}

/** Everything converge needs to know about one resource, read in one transaction. */
export interface Held {
  readonly type: ResourceType;
  readonly id: ResourceId;
  readonly version: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** `undefined` once the IdP has deleted the resource. */
  readonly attributes: Attributes | undefined;
  readonly groups: readonly GroupRef[];
  readonly link: Link | undefined;
  readonly due: Due | undefined;
  /** A push for this resource that a rail keeps: undecided, or approved and not carried out yet. */
  readonly waiting?: Waiting;
}

/**
 * One journal row before it is chained.
 *
 * `push` what came in · `intent` before a vendor write · `call` one exchange · `outcome` after · `decision` why (adopted, waits, dropped) · `alarm` ·
 * `hold` what a rail stopped, and what a person decided about it.
 */
export interface JournalEntry {
  readonly kind: "push" | "intent" | "call" | "outcome" | "decision" | "alarm" | "hold";
  readonly resource: ResourceId | undefined;
  readonly correlation: CorrelationId;
  readonly data: Json;
}

export interface Task {
  readonly id: string;
  readonly connection: ConnectionId;
  readonly resource: ResourceId | undefined;
  readonly account: AccountId | undefined;
  readonly title: string;
  /** The exact steps, as a person can follow them. */
  readonly steps: string;
  readonly openedMs: number;
  readonly doneMs: number | undefined;
}

export type { Member, MemberChange };

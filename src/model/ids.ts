/**
 * Identities. Branded, so that a resource's id never meets a vendor's account id.
 *
 * @module
 */
declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

/** The name of a connection in the configuration: lower-case letters, digits and hyphens. */
export type ConnectionId = Id<"connection">;
/** Ours: a canonical lower-case UUID, never reused, never the vendor's. */
export type ResourceId = Id<"resource">;
/** The vendor's name for an account or an invitation. Opaque. */
export type AccountId = Id<"account">;
/** A role as the vendor names it. */
export type RoleId = Id<"role">;
/** One per push or worker run; travels through header, log, journal and error. */
export type CorrelationId = Id<"correlation">;

/** One reconciliation of a connection. */
export type ReconciliationId = Id<"reconciliation">;
/** What a reconciliation found about one person or account; the same as long as it is the same drift. */
export type FindingId = Id<"finding">;

/** An incident that a rail has stopped; short enough to be typed. */
export type HoldId = Id<"hold">;

export const connectionId = (text: string): ConnectionId => text as ConnectionId;
export const resourceId = (text: string): ResourceId => text as ResourceId;
export const accountId = (text: string): AccountId => text as AccountId;
export const roleId = (text: string): RoleId => text as RoleId;
export const correlationId = (text: string): CorrelationId => text as CorrelationId;

export const holdId = (text: string): HoldId => text as HoldId;
export const reconciliationId = (text: string): ReconciliationId => text as ReconciliationId;
export const findingId = (text: string): FindingId => text as FindingId;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Only our own spelling is an id; every other text names nobody. */
export const isResourceId = (text: string): text is ResourceId => uuid.test(text);

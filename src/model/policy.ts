/**
 * A connection's settings after parsing: what the rooms need, in units they can use.
 *
 * `config.ts` makes it from `drawbridge.yaml`; nobody behind it checks anything again.
 *
 * @module
 */
import type { Evidence } from "./capability.ts";
import type { AccountId, ConnectionId, RoleId } from "./ids.ts";

export interface Policy {
  readonly connection: ConnectionId;
  readonly adopt: "never" | "byEmail";
  readonly identity: "auto" | "userName" | "workEmail";
  readonly roles: RolePolicy;
  /** Groups (by name or externalId) that lead to tags of the vendor. Only tags that are named here are ever added or taken away. */
  readonly tags: readonly { readonly idp: string; readonly vendor: string }[];
  readonly onEmailChange: "refuse" | "keepLogin";
  /** A joiner without what the vendor demands (an address, a name): keep and wait for it, or answer 400. */
  readonly onIncomplete: "wait" | "refuse";
  readonly endpoints: Evidence;
  readonly denyEndpoints: Evidence;
  readonly delivery: DeliveryPolicy;
  readonly strict: boolean;
  /** Whether Bulk requests are taken; if not, 501 and ServiceProviderConfig says so. */
  readonly bulk: boolean;
  /** Whether lists are also paged by cursor (RFC 9865); if not, 400 `invalidCursor` and ServiceProviderConfig says nothing of paging. */
  readonly cursors: boolean;
  readonly limits: Limits;
  /** If not empty, no push may bring in another address, and no account with another is adopted. Lower-case. */
  readonly domains: readonly string[];
  /** Lower-case addresses that no push may take access from. */
  readonly protectedEmails: readonly string[];
  /** The same by the vendor's ids: the account that the credential belongs to, which no vendor's calls tell. */
  readonly protectedAccounts: readonly AccountId[];
  readonly brake: Brake;
  readonly reconcile: ReconcilePolicy;
}

/** How the vendor is compared with what is wanted, when nobody pushes. */
export interface ReconcilePolicy {
  /** `undefined` = only when somebody asks. */
  readonly everyMs: number | undefined;
  /** What becomes of drift: told, or told and what was given behind our back taken away again, or put right altogether. */
  readonly policy: RepairPolicy;
  /** Whether what a list does not show is asked for one by one. */
  readonly detail: "full" | "list";
  /** So many people with access may be missing from a list that is believed, and so many may be given something by the repairs of one run. */
  readonly limit: Measure;
}

export type RepairPolicy = "report" | "denials" | "repair";

/** How many people may lose access within a sliding window before a person is asked. */
export interface Brake extends Measure {
  readonly windowMs: number;
  /** How many of the vendor's records may go for good. */
  readonly deletes: Measure;
}

/** The larger of the two counts. */
export interface Measure {
  readonly count: number;
  /** 0.1 = a tenth of the people who are active, or were within the window. */
  readonly share: number;
}

export interface RolePolicy {
  /** The allow-list in order of precedence. */
  readonly map: readonly { readonly idp: string; readonly vendor: RoleId; readonly privileged: boolean }[];
  /** What losing the last mapped role leads to; `undefined` = the connector's default role. */
  readonly fallback: RoleId | "deactivate" | undefined;
  /** Each name of the map is there as a Group from the start, so that an IdP can find it, link it and push members into it. */
  readonly serveAsGroups: boolean;
  /** The names of the map, and of `tags.map`, are shown at /Roles and /Entitlements (Okta), and a person's `entitlements` count like `roles`. */
  readonly serveAsEntitlements: boolean;
}

export interface DeliveryPolicy {
  /** How long a push may wait for the vendor. Profile-only pushes wait at most 5 s of it. */
  readonly deadlineMs: number;
  /** How long a vendor may still carry out a call that we gave up on. */
  readonly settleMs: number;
  /** How long one vendor call may take. */
  readonly vendorTimeoutMs: number;
  readonly onOutage: "accept" | "reject";
}

export interface Limits {
  readonly userBodyBytes: number;
  readonly groupBodyBytes: number;
  readonly operations: number;
  readonly filterLength: number;
  readonly page: number;
}

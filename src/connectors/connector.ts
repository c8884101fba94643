/**
 * The contract between the bridge and a vendor. The core imports nothing else of this room.
 *
 * Having a method is having the capability; there is no second list to keep true. Every method converges: deactivating who
 * is inactive, or removing who is gone, resolves. No method repeats a call, logs, or decides; each throws a `Fault` whose
 * kind says what is known about the call (`model/failure.ts`).
 *
 * @module
 */
import type { Capability, OperatorAction } from "../model/capability.ts";
import type { Fault } from "../model/failure.ts";
import type { AccountId, CorrelationId, RoleId } from "../model/ids.ts";
import type { JsonObject } from "../model/json.ts";
import type { Account, Part, Profile, ProfileChange } from "../model/person.ts";

export interface Connector {
  readonly traits: Traits;
  /** One cheap authenticated read. Throws `credentials` when the vendor says no, or when the key is too weak to confirm a denial. */
  check(call: Call): Promise<void>;
  /** Proves that the tenant is there, before a "not found" about a person is believed. */
  control(call: Call): Promise<void>;
  /** Everyone with exactly this address, letter case apart, with their role. Several are a fact, not an error. */
  find?(email: string, call: Call): Promise<readonly Account[]>;
  /** `undefined` = the vendor says that there is no such account. */
  get?(target: Target, call: Call): Promise<Account | undefined>;
  /** Everyone whom this connection manages, page by page; `census` is told what the list says of itself and whom it left out. */
  list?(call: Call, census?: Census): AsyncIterable<Account>;
  create?(wanted: NewAccount, call: Call): Promise<Created>;
  updateProfile?(target: Target, changes: ProfileChange, call: Call): Promise<Done>;
  setRole?(target: Target, role: RoleId, call: Call): Promise<Done>;
  setTags?(target: Target, tags: readonly string[], call: Call): Promise<Done>;
  listRoles?(call: Call): Promise<readonly Role[]>;
  /** Tries its strategies in order; only `unsupported` moves on to the next. */
  deactivate?(target: Target, call: Call): Promise<Done>;
  reactivate?(target: Target, role: RoleId | undefined, call: Call): Promise<Done>;
  delete?(target: Target, call: Call): Promise<Done>;
  /** Not among the capabilities: nothing but an operator's command calls these. Sent once, never repeated. */
  readonly operator?: { readonly [Action in OperatorAction]?: (target: Target, call: Call) => Promise<void> };
}

/** Writes take an account that a link points at, never an address (I5). Email and name only help the steps of a task. */
export interface Target {
  readonly account: AccountId;
  readonly kind: "account" | "invitation";
  readonly email: string | undefined;
  /** What was last applied, for vendors that take a profile whole and do not show it. */
  readonly applied?: Profile;
}

/** For whoever must know whether a list is whole, and who is in it besides those who are managed. */
export interface Census {
  /** Somebody who is listed and must not be changed: outside the fence (then not among the accounts of `list`), or protected. */
  apart(account: Account, because: string, isListed: boolean): void | Promise<void>;
  /**
   * The list has been read to its end.
   *
   * @param read.rows how many different ones were seen @param read.total how many the vendor says there are, if it does
   * @param read.remark what is odd about a list that looks whole
   */
  ended(read: { readonly rows: number; readonly total: number | undefined; readonly remark?: string | undefined }): void;
}

export interface NewAccount {
  readonly email: string;
  readonly profile: Profile;
  readonly role: RoleId | undefined;
  /** What the IdP sent, if this very push brought one. Never kept. */
  readonly password: string | undefined;
}

export type Created =
  | { readonly kind: "created"; readonly account: Account }
  /** The vendor says that somebody has the address. Adopt or 409: not the connector's business. */
  | { readonly kind: "exists" }
  | { readonly kind: "invited"; readonly account: Account }
  | { readonly kind: "manual"; readonly steps: string };

export interface Done {
  /** Read back from the vendor, and it showed what was wanted. */
  readonly confirmed: boolean;
  /** False when some access is known to remain; `left` then names it. */
  readonly complete: boolean;
  readonly left?: string;
  /** The account is not there any more ("gone already", or removed by this call). */
  readonly gone?: boolean;
  /** The strategy that did it, for the timeline. */
  readonly by?: string;
  /** A sentence for the timeline: what was left out, or cannot be known. */
  readonly note?: string;
  /** Whom the link points at from now on: the account that an invitation had become, or a new invitation. */
  readonly account?: Account;
}

export interface Role {
  readonly id: RoleId;
  readonly name: string;
}

/** What travels with every call: when to give up, which push it serves, and who writes the exchange down. */
export interface Call {
  readonly signal: AbortSignal;
  readonly correlation: CorrelationId;
  record(exchange: Exchanged): void;
  /** Awaited before each exchange: the vendor's budget, and whether the connection may make it. Throws where it may not. */
  admit?(exchange: { readonly write: boolean }): Promise<void>;
  /** Asked when a page of a list could not be read; true = read it once more. Without it a list ends at its first failure. */
  again?(fault: Fault): Promise<boolean>;
  /** How far back a scan of the whole list may have begun and still answer this (ms since 1970): the arrival of the push, for example. Default: now. */
  readonly sinceMs?: number;
}

/** One HTTP exchange with the vendor, masked already: no credential, no password, no generated secret. */
export interface Exchanged {
  readonly method: string;
  /** Path and query, without origin. */
  readonly path: string;
  readonly body: JsonObject | undefined;
  /** `undefined` = no answer. */
  readonly status: number | undefined;
  readonly durationMs: number;
  /** The call's name in the manifest. */
  readonly call: string;
  readonly failure: string | undefined;
}

/** What the plan must know about a vendor; plain data, read off the manifest. */
export interface Traits {
  readonly connector: string;
  readonly title: string;
  /** Accounts are keyed by e-mail, so an address may belong to one resource only. */
  readonly emailIsKey: boolean;
  /** Whether `updateProfile` can carry a change of e-mail. */
  readonly emailChange: "possible" | "impossible";
  readonly parts: readonly PartTrait[];
  /** Role of a person for whom no mapping says otherwise. */
  readonly defaultRole: RoleId | undefined;
  /** The fence of vendor roles that this connection manages; absent = nobody has drawn one here. */
  readonly managedRoles?: ReadonlySet<RoleId> | undefined;
  /** `get` looks through the list: asking for many one by one would read it as often. */
  readonly getReadsList?: boolean;
  /** `delete` may end in a strategy after which the vendor has no record of the person any more, for good. */
  readonly deletesForGood?: boolean;
  /** What a person must do by hand where no call exists. */
  steps(capability: Capability, person: { readonly email: string | undefined; readonly name: string | undefined; readonly role: RoleId | undefined }): string;
  /** Why a capability is missing, if one is (evidence not allowed, strategy needs a setting). */
  missing(capability: Capability | OperatorAction): string | undefined;
}

export interface PartTrait {
  readonly part: Part;
  readonly onCreate: boolean;
  readonly onUpdate: boolean;
  readonly required: boolean;
  /** Whether the vendor has a way to empty it. */
  readonly clearable: boolean;
  /** Equal for this vendor: same → no call and no drift. */
  same(a: string, b: string): boolean;
}

const abilities = { find: true, get: true, list: true, create: true, updateProfile: true, setRole: true, setTags: true, listRoles: true, deactivate: true, reactivate: true, delete: true } as const satisfies { readonly [K in Capability]: true };

export const capabilitiesOf = (connector: Connector): ReadonlySet<Capability> =>
  new Set((Object.keys(abilities) as Capability[]).filter((capability) => connector[capability] !== undefined));

/**
 * Drift: what a vendor holds and nobody wanted, as reconciliation names it.
 *
 * @module
 */
import type { AccountId, ConnectionId, FindingId, ReconciliationId, ResourceId } from "./ids.ts";
import type { RepairPolicy } from "./policy.ts";

/**
 * Where a person or an account stands. Who is linked and equal, and who is on the way at the moment, is only counted.
 *
 * `drifted` linked, and something of the account is otherwise · `deleted` the account is gone · `backFromTheDead` access that was taken
 * away is there again · `missing` wanted, and no account · `unlinked` an account that fits a person and is not theirs here · `disputed`
 * nobody can tell whose it is · `orphan` an account of nobody whom the IdP knows
 */
export const situations = ["backFromTheDead", "drifted", "deleted", "disputed", "unlinked", "missing", "orphan"] as const;
export type Situation = (typeof situations)[number];

interface Rule {
  readonly situation: Situation;
  /** `alarm`: somebody has what nobody gave them · `warning`: somebody should look · `notice`: to know. */
  readonly severity: "alarm" | "warning" | "notice";
  /** In a few words, for lists. */
  readonly says: string;
}

/** Every kind of drift that is told apart. */
export const driftRules = {
  reenabled: { situation: "backFromTheDead", severity: "alarm", says: "access that was taken away was given back there" },
  addedAgain: { situation: "backFromTheDead", severity: "alarm", says: "somebody whose account was removed has another one" },
  deletedActive: { situation: "backFromTheDead", severity: "alarm", says: "the account of somebody who was deleted has access again" },

  privilegeGained: { situation: "drifted", severity: "alarm", says: "a privileged role was given there" },
  foreignRole: { situation: "drifted", severity: "alarm", says: "a role was given there that this connection does not know" },
  roleRaised: { situation: "drifted", severity: "warning", says: "a higher role was given there" },
  roleLowered: { situation: "drifted", severity: "warning", says: "a lower role was given there" },
  privilegeLost: { situation: "drifted", severity: "warning", says: "a privileged role was taken away there" },
  disabled: { situation: "drifted", severity: "warning", says: "access was taken away there" },
  emailChanged: { situation: "drifted", severity: "warning", says: "the address was changed there" },
  tagsAdded: { situation: "drifted", severity: "warning", says: "mapped tags were added there" },
  tagsRemoved: { situation: "drifted", severity: "warning", says: "mapped tags were removed there" },
  profileChanged: { situation: "drifted", severity: "notice", says: "the profile was changed there" },
  profileCleared: { situation: "drifted", severity: "notice", says: "a part of the profile was emptied there" },
  regained: { situation: "drifted", severity: "notice", says: "access that is wanted and could not be given from here was given there" },
  deniedThere: { situation: "drifted", severity: "notice", says: "access that could not be taken away from here was taken away there" },
  returned: { situation: "drifted", severity: "warning", says: "an account that was removed is there again" },
  invitationWithdrawn: { situation: "drifted", severity: "warning", says: "an invitation was withdrawn or has run out" },

  removed: { situation: "deleted", severity: "warning", says: "the account was removed there" },
  leaverRemoved: { situation: "deleted", severity: "notice", says: "the account of somebody without access was removed there" },

  severalAccounts: { situation: "disputed", severity: "warning", says: "several accounts have the person's address" },
  sharedAccount: { situation: "disputed", severity: "warning", says: "the account with the person's address belongs to somebody else" },

  unlinked: { situation: "unlinked", severity: "warning", says: "an account has the person's address and is not linked" },
  unlinkedLeaver: { situation: "unlinked", severity: "warning", says: "somebody who must have no access has an account that is not linked" },
  missing: { situation: "missing", severity: "warning", says: "the person should have an account and has none" },

  orphan: { situation: "orphan", severity: "notice", says: "nobody whom the IdP knows has this account" },
  privilegedOrphan: { situation: "orphan", severity: "warning", says: "nobody whom the IdP knows has this account, and it is privileged" },
  protectedOrphan: { situation: "orphan", severity: "notice", says: "nobody whom the IdP knows has this account, and it is protected" },
  inactiveOrphan: { situation: "orphan", severity: "notice", says: "nobody whom the IdP knows has this account, and it has no access" },
} as const satisfies Readonly<Record<string, Rule>>;

export type DriftKind = keyof typeof driftRules;

/** One difference, as a run has seen it. */
export interface Drift {
  readonly id: FindingId;
  readonly kind: DriftKind;
  /** Whose it is here; `undefined` for what belongs to nobody. */
  readonly resource: ResourceId | undefined;
  /** What the IdP calls the person. */
  readonly name: string | undefined;
  readonly account: AccountId | undefined;
  /** The address at the vendor. */
  readonly email: string | undefined;
  /** `access`, `role`, `tags`, `email`, or a part of the profile. */
  readonly attribute: string | undefined;
  /** What the vendor had acknowledged. */
  readonly from: string | undefined;
  /** What it shows now. */
  readonly to: string | undefined;
  /** A sentence for whoever reads the report. */
  readonly detail: string;
  readonly repair: Repair;
}

/**
 * What may be done about it. `look`: the worker looks at the account and plans anew · `deliver`: the worker is told that there is
 * something to do · `person`: nothing, because of `because`.
 */
export type Repair =
  | { readonly by: "look" | "deliver"; readonly lane: "deny" | "reconcile"; readonly does: string; readonly administrator?: boolean }
  | { readonly by: "person"; readonly because: string };

export interface Finding extends Drift {
  readonly connection: ConnectionId;
  readonly run: ReconciliationId;
  readonly situation: Situation;
  readonly severity: Rule["severity"];
  /** When a run found it first, and when one found it last (ms since 1970). */
  readonly sinceMs: number;
  readonly foundMs: number;
  /**
   * `open` · `repairing`: the worker has it · `repaired`: the worker has done it, the next run will show · `failed`, `held`: it could not,
   * or a rail has stopped it.
   */
  readonly state: "open" | "repairing" | "repaired" | "failed" | "held";
}

export interface Reconciliation {
  readonly id: ReconciliationId;
  readonly connection: ConnectionId;
  /** `telling`: everything is found, and is being written down, told and repaired. */
  readonly state: "planned" | "running" | "telling" | "complete" | "failed";
  /** `undefined` = the schedule. */
  readonly askedBy: string | undefined;
  readonly policy: RepairPolicy | undefined;
  /** Instead of the policy's limit: so many may be missing, this once. */
  readonly mostMissing: number | undefined;
  /** ms since 1970, as the others. */
  readonly dueMs: number | undefined;
  readonly startedMs: number | undefined;
  readonly endedMs: number | undefined;
  readonly counts: RunCounts | undefined;
  readonly failure: RunFailure | undefined;
  /** How many runs have failed in a row, with this one. */
  readonly failures: number;
}

export interface RunCounts {
  /** Accounts that this connection manages, and those outside its fence, by role. */
  readonly listed: number;
  readonly fenced: Readonly<Record<string, number>>;
  /** People who have an account that is theirs, and of those the ones who are as they should be. */
  readonly linked: number;
  readonly equal: number;
  /** People of whom nothing is said, because something was under way or has happened since the run began. */
  readonly moving: number;
  /** Roles and accesses that the vendor does not show, so that nothing was compared. */
  readonly unseen: { readonly role: number; readonly access: number };
  /** Accounts that were looked at one by one. */
  readonly looks: number;
  readonly findings: Readonly<Partial<Record<DriftKind, number>>>;
  readonly repairs: number;
  /** Parts of a profile that the vendor shows of anybody: where one is absent, it was emptied. */
  readonly parts: readonly string[];
  /** What else is to be known about this run. */
  readonly remarks: readonly string[];
}

/** `incomplete`: the list is not all there is · `shrunken`: too many are missing to believe it · `vendor`: it could not be read. */
export interface RunFailure {
  readonly reason: "incomplete" | "shrunken" | "vendor" | "credentials" | "internal";
  readonly detail: string;
}

/**
 * What of an account is otherwise than the vendor had acknowledged it. Pure: same arguments, same differences.
 *
 * Only what was ever applied is compared, and only what the vendor shows; equal is what the connector calls equal.
 *
 * @module
 */
import type { DriftKind } from "../model/drift.ts";
import { fold } from "../model/fold.ts";
import type { RoleId } from "../model/ids.ts";
import type { Link } from "../model/link.ts";
import type { Account } from "../model/person.ts";
import type { Policy } from "../model/policy.ts";
import { mappedTags } from "../plan/as-observed.ts";
import { directionOf, fenceOf, isPrivileged } from "../plan/plan-roles.ts";
import type { Vendor } from "../plan/vendor.ts";

export interface Difference {
  readonly kind: DriftKind;
  readonly attribute: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface Known {
  readonly vendor: Vendor;
  readonly policy: Policy;
  /** The fence of the connector; `undefined` = what the role policy names. */
  readonly managed: ReadonlySet<RoleId> | undefined;
  /** Parts that the vendor shows of anybody. */
  readonly parts: ReadonlySet<string>;
}

export function differencesOf(link: Link, account: Account, known: Known): readonly Difference[] {
  const { applied } = link;
  if (applied.access === "gone") return [{ kind: "returned", attribute: "access", from: "gone", to: account.active === false ? "inactive" : "active" }];
  const denied = applied.access === "inactive" || applied.access === "deleted" || applied.access === "partly";
  // Of somebody without access nothing else matters, and what a denial did to their role is no drift.
  if (denied) return account.active === true ? [{ kind: "reenabled", attribute: "access", from: applied.access, to: "active" }] : [];
  if (applied.access === "active" && account.active === false) return [{ kind: "disabled", attribute: "access", from: "active", to: "inactive" }];
  return [...roleDifference(link, account, known), ...tagDifferences(link, account, known), ...emailDifference(link, account), ...profileDifferences(link, account, known)];
}

function roleDifference({ applied }: Link, { role: now }: Account, { policy, vendor, managed }: Known): readonly Difference[] {
  const before = applied.role ?? applied.wantedRole;
  if (now === undefined || before === undefined || now === before) return [];
  const differs = (kind: DriftKind): readonly Difference[] => [{ kind, attribute: "role", from: before, to: now }];
  const fence = managed ?? fenceOf(policy.roles, vendor.defaultRole);
  if (isPrivileged(now, policy.roles) && !isPrivileged(before, policy.roles)) return differs("privilegeGained");
  if (fence.size > 0 && !fence.has(now)) return differs("foreignRole");
  if (isPrivileged(before, policy.roles) && !isPrivileged(now, policy.roles)) return differs("privilegeLost");
  return differs(directionOf(before, now, policy.roles) === "up" ? "roleRaised" : "roleLowered");
}

function tagDifferences({ applied }: Link, { tags }: Account, { policy }: Known): readonly Difference[] {
  if (!tags || policy.tags.length === 0) return [];
  const now = mappedTags(tags, policy);
  const [added, removed] = [now.filter((tag) => !applied.tags.includes(tag)), applied.tags.filter((tag) => !now.includes(tag))];
  const differs = (kind: DriftKind): Difference => ({ kind, attribute: "tags", from: applied.tags.join(", "), to: now.join(", ") });
  return [...(added.length > 0 ? [differs("tagsAdded")] : []), ...(removed.length > 0 ? [differs("tagsRemoved")] : [])];
}

const emailDifference = ({ login }: Link, { email }: Account): readonly Difference[] =>
  login !== undefined && email !== undefined && fold(login.trim()) !== fold(email.trim()) ? [{ kind: "emailChanged", attribute: "email", from: login, to: email }] : [];

function profileDifferences({ applied }: Link, { profile }: Account, { vendor, parts }: Known): readonly Difference[] {
  return vendor.parts.flatMap(({ part, onCreate, onUpdate, same }): readonly Difference[] => {
    const from = applied.profile[part];
    const to = profile[part];
    if (from === undefined || ["email", "role", "password"].includes(part) || !(onCreate || onUpdate)) return [];
    if (to !== undefined) return same(from, to) ? [] : [{ kind: "profileChanged", attribute: part, from, to }];
    return parts.has(part) ? [{ kind: "profileCleared", attribute: part, from, to: undefined }] : [];
  });
}

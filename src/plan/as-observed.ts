/**
 * The link as it is once what a vendor shows is taken for what is applied: the plan then asserts again whatever is missing. Pure.
 *
 * @module
 */
import type { RoleId } from "../model/ids.ts";
import type { Applied, Link } from "../model/link.ts";
import type { Account, Profile } from "../model/person.ts";
import type { Policy } from "../model/policy.ts";
import { isPrivileged } from "./plan-roles.ts";
import type { Planned } from "./plan-user.ts";
import type { Wanted } from "./wanted.ts";

/** What is not shown stays as it was believed to be. */
export function asObserved(link: Link, account: Account, wanted: Wanted | undefined, planned: Pick<Planned, "wantedRole" | "byDefault">, policy: Policy): Link {
  const { applied } = link;
  const wantedRole = settledRole(account.role, planned.wantedRole, applied, policy);
  return {
    ...link,
    account: account.id,
    kind: account.kind,
    login: account.email ?? link.login,
    applied: {
      ...applied,
      access: account.active === undefined ? applied.access : account.active ? "active" : "inactive",
      confirmed: account.active === undefined ? applied.confirmed : true,
      role: account.role ?? applied.role,
      wantedRole,
      byDefault: wantedRole === applied.wantedRole ? applied.byDefault === true : wantedRole === planned.wantedRole && planned.byDefault === true,
      tags: account.tags === undefined ? applied.tags : mappedTags(account.tags, policy),
      profile: profileOf(account, applied.profile, wanted?.profile ?? {}),
      seeks: account.email === undefined ? applied.seeks : undefined,
    },
  };
}

/** Of the vendor's tags those that the map names, in its order. */
export const mappedTags = (tags: readonly string[], policy: Pick<Policy, "tags">): readonly string[] => [...new Set(policy.tags.map(({ vendor }) => vendor).filter((tag) => tags.includes(tag)))];

/**
 * Which wanted role the account's own settles. Another role than the one that was acknowledged is nobody's settled wish: the plan must
 * see it, or a role that an unclear write has given would stay after it was taken away again. But a privileged one that is gone stays
 * gone (I4, DESIGN 8).
 */
function settledRole(shown: RoleId | undefined, wanted: RoleId | undefined, applied: Applied, { roles }: Policy): RoleId | undefined {
  if (shown === undefined) return applied.wantedRole;
  if (shown === wanted) return wanted;
  if (shown === applied.role || (isPrivileged(applied.wantedRole, roles) && !isPrivileged(shown, roles))) return applied.wantedRole;
  return shown;
}

/** What is not shown may be absent there, or only unseen: it is told once more, so what is believed of it must differ from what is wanted. */
export function profileOf({ profile: shown }: Account, believed: Profile, wanted: Profile): Profile {
  const unseen = Object.entries(believed).filter(([part, value]) => shown[part] === undefined && wanted[part] !== value);
  return { ...Object.fromEntries(unseen), ...shown };
}

/**
 * Looks at the account after a write without a clear answer, once the vendor can no longer be carrying it out, and takes what
 * it sees for what is applied: the plan then asserts again whatever is missing.
 *
 * @module
 */
import type { Call } from "../connectors/connector.ts";
import type { RoleId } from "../model/ids.ts";
import type { Applied, Link } from "../model/link.ts";
import type { Account, Profile } from "../model/person.ts";
import { isPrivileged } from "../plan/plan-roles.ts";
import type { Planned } from "../plan/plan-user.ts";
import type { Wanted } from "../plan/wanted.ts";
import type { Site } from "./site.ts";

/** Of the vendor's tags those that the map names, in its order. */
const mappedTags = (tags: readonly string[], { policy }: Site): readonly string[] => [...new Set(policy.tags.map(({ vendor }) => vendor).filter((tag) => tags.includes(tag)))];

/** @throws Fault what the connector threw */
export async function observed(link: Link, wanted: Wanted | undefined, planned: Pick<Planned, "wantedRole" | "byDefault">, site: Site, call: Call): Promise<Link> {
  const clear = { ...link, verifyAt: undefined };
  if (link.account === undefined) return clear;
  // Without a way to look, a denial is simply asserted again; that harms nobody.
  if (!site.connector.get) return { ...clear, applied: { ...link.applied, access: link.applied.access === "inactive" ? undefined : link.applied.access } };
  const account = await site.connector.get({ account: link.account, kind: link.kind, email: link.login }, call);
  // A withdrawn invitation is nobody, and stays so unless it was accepted after all.
  if (!account && link.kind === "invitation") return clear;
  if (!account) {
    await site.connector.control(call);
    return { ...clear, applied: { ...link.applied, access: "gone", confirmed: true } };
  }
  const { applied } = link;
  const wantedRole = settledRole(account.role, planned.wantedRole, applied, site);
  return {
    ...clear,
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
      tags: account.tags === undefined ? applied.tags : mappedTags(account.tags, site),
      profile: profileOf(account, applied.profile, wanted?.profile ?? {}),
    },
  };
}

/**
 * Which wanted role the account's own settles. Another role than the one that was acknowledged is nobody's settled wish: the plan must
 * see it, or a role that an unclear write has given would stay after it was taken away again. But a privileged one that is gone stays
 * gone (I4, DESIGN 8).
 */
function settledRole(shown: RoleId | undefined, wanted: RoleId | undefined, applied: Applied, { policy }: Site): RoleId | undefined {
  if (shown === undefined) return applied.wantedRole;
  if (shown === wanted) return wanted;
  if (shown === applied.role || (isPrivileged(applied.wantedRole, policy.roles) && !isPrivileged(shown, policy.roles))) return applied.wantedRole;
  return shown;
}

/** What is not shown may be absent there, or only unseen: it is told once more, so what is believed of it must differ from what is wanted. */
export function profileOf({ profile: shown }: Account, believed: Profile, wanted: Profile): Profile {
  const unseen = Object.entries(believed).filter(([part, value]) => shown[part] === undefined && wanted[part] !== value);
  return { ...Object.fromEntries(unseen), ...shown };
}

/**
 * The effective role of a person, in words: which entry of `roles.map` decides, by which value or group, and what is never sent. Pure.
 *
 * @module
 */
import type { RoleId } from "../model/ids.ts";
import type { Link } from "../model/link.ts";
import type { Policy } from "../model/policy.ts";
import type { Attributes, GroupRef } from "../model/resource.ts";
import { decideRole } from "./plan-roles.ts";
import type { Vendor } from "./vendor.ts";
import { grantsOf, wantedOf } from "./wanted.ts";

export interface RoleExplained {
  /** `undefined` = none: the person has no role here, or is to have no access at all. */
  readonly role: RoleId | undefined;
  readonly reason: string;
  /** What the vendor has acknowledged; differs from `role` while a change is on its way. */
  readonly atVendor: RoleId | undefined;
  /** Mapped values that an earlier entry of `roles.map` outranks. */
  readonly outranked: readonly string[];
  /** Values and groups that map to nothing: kept and answered, never sent to the vendor. */
  readonly ignored: readonly string[];
}

export function explainRole(attributes: Attributes, groups: readonly GroupRef[], link: Link | undefined, vendor: Vendor, policy: Policy): RoleExplained {
  const { roles: map, tags, identity } = { roles: policy.roles.map, tags: policy.tags, identity: policy.identity };
  const known = link?.account !== undefined;
  const applied = link?.applied;
  const all = grantsOf(wantedOf(attributes, identity, groups), policy.roles);
  const own = grantsOf(wantedOf(attributes, identity), policy.roles);
  const decision = decideRole(all, known ? applied : undefined, policy.roles, vendor.defaultRole);

  const sourceOf = (idp: string): string => {
    const group = groups.find(({ display, externalId }) => display === idp || externalId === idp);
    return own.includes(idp) ? "a value of roles" : `the group "${group?.display ?? idp}"`;
  };
  const mine = map.filter(({ idp }) => all.includes(idp));
  const counts = (name: string) => [...map, ...tags].some(({ idp }) => idp === name);
  const ignored = [...own.filter((value) => !counts(value)), ...groups.filter(({ display, externalId }) => !counts(display) && !(externalId !== undefined && counts(externalId))).map(({ display }) => display)];
  const said = { atVendor: applied?.role, outranked: mine.slice(1).map(({ idp }) => idp), ignored: [...new Set(ignored)] };

  switch (decision.kind) {
    case "deactivate":
      return { ...said, role: undefined, reason: decision.reason };
    case "leave": {
      if (applied?.byDefault && applied.wantedRole === vendor.defaultRole && applied.role === applied.wantedRole) return { ...said, role: applied.role, reason: `${applied.role}, the default role` };
      return { ...said, role: applied?.role, reason: applied?.role === undefined ? decision.reason : `${applied.role}, as it is: ${decision.reason}` };
    }
    case "role": {
      const [won] = mine;
      const reason = won ? `${decision.reason} (${sourceOf(won.idp)})` : decision.reason;
      // Settled, and yet another: an adoption, or a return without a privileged role, has left the account what it has.
      const isOwn = applied?.role !== undefined && applied.wantedRole === decision.role && applied.role !== decision.role;
      return isOwn ? { ...said, role: applied.role, reason: `${applied.role}, the account's own, which stays until the IdP's values change; they lead to ${reason}` } : { ...said, role: decision.role, reason };
    }
  }
}

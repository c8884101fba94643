/**
 * Which vendor role a person has, and why. Pure.
 *
 * `roles.map` is an exact allow-list in order of precedence: the first entry that one of the person's values equals wins, so
 * an IdP that only ever appends roles (Entra's complex mode) cannot demote by accident. A value that maps to nothing is never sent.
 *
 * @module
 */
import type { RoleId } from "../model/ids.ts";
import type { Applied } from "../model/link.ts";
import type { RolePolicy } from "../model/policy.ts";

export type RoleDecision =
  /** `privileged`: never queued, never restored. `byDefault`: a joiner's, to which no value led. */
  | { readonly kind: "role"; readonly role: RoleId; readonly privileged: boolean; readonly reason: string; readonly byDefault?: true }
  /** The last mapped role is gone and the policy says that this ends the access. */
  | { readonly kind: "deactivate"; readonly reason: string }
  /** Nothing says which role: whatever the account has is left alone. */
  | { readonly kind: "leave"; readonly reason: string };

/**
 * @param values the `roles` values and group names of the person, exactly as the IdP wrote them
 * @param before the role that was last wanted for the linked account, and whether no value had led to it; `undefined` = there is none yet
 */
export function decideRole(values: readonly string[], before: Pick<Applied, "byDefault" | "wantedRole"> | undefined, policy: RolePolicy, defaultRole: RoleId | undefined): RoleDecision {
  const mine = new Set(values);
  const rank = policy.map.findIndex(({ idp }) => mine.has(idp));
  const won = policy.map[rank];
  if (won) return { kind: "role", role: won.vendor, privileged: won.privileged, reason: `${won.vendor}, because "${won.idp}" is rank ${rank + 1} in roles.map` };

  const hadMapped = before?.wantedRole !== undefined && before.byDefault !== true && policy.map.some(({ vendor }) => vendor === before.wantedRole);
  if (hadMapped && policy.fallback === "deactivate") return { kind: "deactivate", reason: "the last mapped role is gone, and roles.fallback is deactivate" };
  const fallback = (policy.fallback === "deactivate" ? undefined : policy.fallback) ?? defaultRole;
  if (hadMapped && fallback) return { kind: "role", role: fallback, privileged: false, reason: `${fallback}, because the last mapped role is gone (${policy.fallback === undefined ? "the default role" : "roles.fallback"})` };
  if (!before && defaultRole) return { kind: "role", role: defaultRole, privileged: false, reason: `${defaultRole}, the default role`, byDefault: true };
  return { kind: "leave", reason: "no value of the person is in roles.map" };
}

/** A change towards a later place in `roles.map`, or out of it, takes something away. */
export function directionOf(from: RoleId | undefined, to: RoleId, policy: RolePolicy): "up" | "down" {
  const place = (role: RoleId | undefined) => {
    const at = policy.map.findIndex(({ vendor }) => vendor === role);
    return at < 0 ? policy.map.length : at;
  };
  return place(to) > place(from) ? "down" : "up";
}

/** The vendor roles that the connection may touch: what the map, the default and the fallback name. */
export function fenceOf(policy: RolePolicy, defaultRole: RoleId | undefined): ReadonlySet<RoleId> {
  return new Set([...policy.map.map(({ vendor }) => vendor), ...(defaultRole ? [defaultRole] : []), ...(policy.fallback && policy.fallback !== "deactivate" ? [policy.fallback] : [])]);
}

export const isPrivileged = (role: RoleId | undefined, policy: RolePolicy): boolean => role !== undefined && policy.map.some(({ vendor, privileged }) => vendor === role && privileged);

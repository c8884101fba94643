/**
 * Decides what must become true at the vendor for one person. Pure: same arguments, same plan.
 *
 * A plan starts from what was applied, never from the push before, so it replaces whatever an earlier plan had left. Off and
 * on again before delivery is nothing to do. A leaver's plan holds the denial alone: their new title waits until they return.
 *
 * @module
 */
import type { Capability } from "../model/capability.ts";
import { Fault } from "../model/failure.ts";
import type { RoleId } from "../model/ids.ts";
import type { Link } from "../model/link.ts";
import { nothingApplied } from "../model/link.ts";
import type { Operation, Plan } from "../model/operation.ts";
import { laneOf, order } from "../model/operation.ts";
import type { Profile, ProfileChange } from "../model/person.ts";
import type { Policy } from "../model/policy.ts";
import { decideRole, directionOf, isPrivileged } from "./plan-roles.ts";
import type { PartTrait, Vendor } from "./vendor.ts";
import type { Wanted } from "./wanted.ts";

export interface Planned {
  readonly plan: Plan;
  /** What the vendor demands and the IdP has not given: nothing is created until it comes. */
  readonly waitsFor: readonly string[];
  /** Decisions for the timeline, in sentences. */
  readonly notes: readonly string[];
  /** The role that the IdP's values lead to; once it is settled, `applied.wantedRole` is this. */
  readonly wantedRole: RoleId | undefined;
}

const nothing: Planned = { plan: [], waitsFor: [], notes: [], wantedRole: undefined };

/**
 * @param wanted `undefined` once the IdP has deleted the user
 * @throws Fault `unsupported` when this vendor has no way to it; `conflict` when the account vanished behind our back and the
 * push is no denial; `invalid` (mutability) when the address changed and cannot
 */
export function planUser(wanted: Wanted | undefined, link: Link | undefined, vendor: Vendor, policy: Policy): Planned {
  const lost = link !== undefined && link.applied.access === "gone";
  if (!wanted) return lost || !link ? nothing : able(leaving(link, vendor), vendor, wanted, link);
  const known = link?.account !== undefined;
  const role = decideRole([...wanted.roles], known ? { wanted: link.applied.wantedRole } : undefined, policy.roles, vendor.defaultRole);
  const active = wanted.active && role.kind !== "deactivate";

  if (!active) {
    if (!link || lost || link.applied.access === "inactive") return nothing;
    return able([{ kind: "deactivate", reason: role.kind === "deactivate" ? role.reason : "the IdP deactivated the person" }], vendor, wanted, link);
  }
  if (lost) throw new Fault({ kind: "conflict", detail: `The account was removed in ${vendor.title}. Create it there again, or release the link, as the open task says.` });
  if (!known) return create(wanted, role.kind === "role" ? role : undefined, vendor, link);

  const { applied } = link;
  const returns = applied.access !== "active";
  const notes = emailChange(wanted, link, vendor, policy);
  const operations: Operation[] = [];
  const roleTo = role.kind === "role" && role.role !== applied.wantedRole ? role : undefined;
  const restored = isPrivileged(applied.role, policy.roles) ? vendor.defaultRole : applied.role;
  if (returns) operations.push({ kind: "reactivate", role: restored });
  if (returns && !roleTo && restored && restored !== applied.role) operations.push({ kind: "setRole", role: restored, direction: "down", reason: `${restored}, because a privileged role is never restored on return` });
  if (roleTo) operations.push({ kind: "setRole", role: roleTo.role, direction: directionOf(applied.wantedRole, roleTo.role, policy.roles), reason: roleTo.reason });
  const changes = profileChange(wanted.profile, applied.profile, vendor.parts);
  if (Object.keys(changes).length > 0) operations.push({ kind: "updateProfile", changes });
  const { plan, notes: kept } = able(operations.toSorted(byLane), vendor, wanted, link);
  return { plan, waitsFor: [], notes: [...notes, ...kept], wantedRole: role.kind === "role" ? role.role : undefined };
}

function create(wanted: Wanted, role: { readonly role: RoleId; readonly reason: string } | undefined, vendor: Vendor, link: Link | undefined): Planned {
  const parts = vendor.parts.filter((trait) => trait.required && trait.onCreate && trait.part !== "email" && trait.part !== "role" && trait.part !== "password");
  const waitsFor = [...(wanted.email === undefined ? ["an e-mail address"] : []), ...parts.filter(({ part }) => wanted.profile[part] === undefined).map(({ part }) => part)];
  if (wanted.email === undefined || waitsFor.length > 0) return { ...nothing, waitsFor, notes: [`${vendor.title} demands ${waitsFor.join(", ")}`] };
  const sent = new Set(vendor.parts.filter((trait) => trait.onCreate).map(({ part }) => part));
  const profile = Object.fromEntries(Object.entries(wanted.profile).filter(([part]) => sent.has(part)));
  return { ...able([{ kind: "create", email: wanted.email, profile, role: role?.role, reason: role?.reason ?? "no role is mapped" }], vendor, wanted, link), wantedRole: role?.role };
}

/** Access goes first, reversibly; then whatever the vendor has for a deletion. */
function leaving(link: Link, vendor: Vendor): Plan {
  const deactivate: Plan = vendor.can.has("deactivate") && link.applied.access !== "inactive" ? [{ kind: "deactivate", reason: "the IdP deleted the person" }] : [];
  return vendor.can.has("delete") || !vendor.can.has("deactivate") ? [...deactivate, { kind: "delete" }] : deactivate;
}

/** Only what the vendor can be told and would see as different. An emptied part that cannot be cleared stays as it is there. */
export function profileChange(wanted: Profile, applied: Profile, parts: readonly PartTrait[]): ProfileChange {
  const changes: Record<string, string | null> = {};
  for (const { part, onUpdate, clearable, same } of parts) {
    if (!onUpdate || part === "email" || part === "role" || part === "password") continue;
    const to = wanted[part];
    const from = applied[part];
    if (to === undefined) {
      if (from !== undefined && clearable) changes[part] = null;
    } else if (from === undefined || !same(from, to)) changes[part] = to;
  }
  return changes;
}

/** Says what becomes of a changed address; throws where the operator wants it refused. */
export function emailChange(wanted: Wanted, link: Link, vendor: Vendor, policy: Policy): readonly string[] {
  if (wanted.email === undefined || link.login === undefined || wanted.email.toLowerCase() === link.login.toLowerCase() || vendor.emailChange === "possible") return [];
  if (policy.onEmailChange === "keepLogin") return [`${vendor.title} cannot change an e-mail: the account keeps its former address (onEmailChange: keepLogin)`];
  throw new Fault({ kind: "invalid", scimType: "mutability", detail: `${vendor.title} cannot change a person's e-mail address. Change it there, or create a new user; onEmailChange: keepLogin would keep the old address.` });
}

const byLane = (a: Operation, b: Operation): number => order.indexOf(laneOf(a)) - order.indexOf(laneOf(b));

const needs: { readonly [K in Operation["kind"]]: Capability } = {
  create: "create", updateProfile: "updateProfile", setRole: "setRole", deactivate: "deactivate", reactivate: "reactivate", delete: "delete",
};

/** Refuses what the vendor cannot do, except where that would hold up a denial: then the denial goes alone. */
function able(plan: Plan, vendor: Vendor, wanted: Wanted | undefined, link: Link | undefined): Planned {
  const possible = plan.filter(({ kind }) => vendor.can.has(needs[kind]));
  const missing = plan.filter(({ kind }) => !vendor.can.has(needs[kind]));
  const denies = (operation: Operation) => laneOf(operation) === "deny";
  const refused = missing.find(denies) ?? (possible.some(denies) ? undefined : missing.find(({ kind }) => kind !== "updateProfile"));
  if (refused) {
    const capability = needs[refused.kind];
    const steps = vendor.steps(capability, { email: wanted?.email ?? link?.login, name: wanted?.name, role: (link?.applied ?? nothingApplied).role });
    throw new Fault({ kind: "unsupported", capability, steps, detail: `${vendor.title} offers no way to ${words[capability]}${vendor.missing(capability) ? ` (${vendor.missing(capability)})` : ""}. A person must do it there: ${steps}` });
  }
  return { ...nothing, plan: possible, notes: missing.map(({ kind }) => `${vendor.title} cannot ${words[needs[kind]]}: kept here, not sent`) };
}

const words: { readonly [K in Capability]: string } = {
  find: "look a person up", get: "read an account", list: "list accounts", create: "create an account", updateProfile: "change a profile", setRole: "change a role",
  setTags: "change tags", listRoles: "list roles", deactivate: "deactivate an account", reactivate: "reactivate an account", delete: "remove an account",
};

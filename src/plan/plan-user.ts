/**
 * Decides what must become true at the vendor for one person. Pure: same arguments, same plan.
 *
 * A plan starts from what was applied, never from the push before, so it replaces whatever an earlier plan had left. Off and
 * on again before delivery is nothing to do. A leaver's plan holds the denial alone: their new title waits until they return.
 *
 * @module
 */
import { Fault } from "../model/failure.ts";
import type { RoleId } from "../model/ids.ts";
import type { Link } from "../model/link.ts";
import type { Operation, Plan } from "../model/operation.ts";
import { laneOf, order } from "../model/operation.ts";
import type { Profile, ProfileChange } from "../model/person.ts";
import type { Policy } from "../model/policy.ts";
import { decideRole, directionOf, isPrivileged, type RoleDecision } from "./plan-roles.ts";
import type { PartTrait, Vendor } from "./vendor.ts";
import { grantsOf, type Wanted } from "./wanted.ts";

export interface Planned {
  readonly plan: Plan;
  /** What the vendor demands and the IdP has not given: nothing is created until it comes. */
  readonly waitsFor: readonly string[];
  /** Decisions for the timeline, in sentences. */
  readonly notes: readonly string[];
  /** The role that the IdP's values lead to; once it is settled, `applied.wantedRole` is this. */
  readonly wantedRole: RoleId | undefined;
  /** It is the default role, to which no value of the IdP led. */
  readonly byDefault?: boolean;
  /** The account has by default what a value of the IdP leads to from now on: nothing to tell the vendor, but to be remembered (`applied.byDefault`). */
  readonly nowMapped?: boolean;
}

const nothing: Planned = { plan: [], waitsFor: [], notes: [], wantedRole: undefined };

/**
 * @param wanted `undefined` once the IdP has deleted the user
 * @throws Fault `conflict` when the account vanished behind our back and the push is no denial; `invalid` (mutability) when the
 * address changed and cannot
 */
export function planUser(wanted: Wanted | undefined, link: Link | undefined, vendor: Vendor, policy: Policy): Planned {
  const lost = link !== undefined && link.applied.access === "gone";
  // A denial that removed the account has left nothing to act on.
  const removed = link?.account === undefined && link?.unknownAt === undefined && link?.applied.access === "inactive";
  if (!wanted) return lost || !link || removed || link.applied.access === "deleted" ? nothing : able(leaving(link, vendor), vendor);
  const known = link?.account !== undefined;
  const role = decideRole(grantsOf(wanted, policy.roles), known && !link.applied.joins ? link.applied : undefined, policy.roles, vendor.defaultRole);
  const active = wanted.active && role.kind !== "deactivate";

  if (!active) {
    if (!link || lost || link.applied.access === "inactive") return nothing;
    return able([{ kind: "deactivate", reason: role.kind === "deactivate" ? role.reason : "the IdP deactivated the person" }], vendor);
  }
  if (lost) throw new Fault({ kind: "conflict", detail: `The account was removed in ${vendor.title}. Create it there again, or release the link, as the open task says.` });
  if (!known) return create(wanted, role.kind === "role" ? role : undefined, vendor);

  const { applied } = link;
  if (applied.access === "partly") return { ...nothing, notes: ["the access is taken away in part, and a person must do the rest: nothing is given meanwhile"] };
  const returns = applied.access !== "active";
  const notes = emailChange(wanted, link, vendor, policy);
  const operations: Operation[] = [];
  const roleTo = role.kind === "role" && role.role !== applied.wantedRole ? role : undefined;
  const restored = isPrivileged(applied.role, policy.roles) ? vendor.defaultRole : applied.role;
  const restores = restored === undefined ? "no role is known: the account's own stays" : restored === applied.role ? `${restored}, the last role, which a return restores` : `${restored}, because a privileged role is never restored on return`;
  // What is privileged is given by an operation of its own, which is never queued.
  if (returns) operations.push({ kind: "reactivate", role: roleTo && !roleTo.privileged ? roleTo.role : restored, reason: roleTo?.reason ?? restores });
  if (returns && !roleTo && restored && restored !== applied.role) operations.push({ kind: "setRole", role: restored, direction: "down", reason: restores });
  if (roleTo) operations.push({ kind: "setRole", role: roleTo.role, direction: directionOf(applied.wantedRole, roleTo.role, policy.roles), reason: roleTo.reason });
  const tags = tagsOf(grantsOf(wanted, policy.roles), policy);
  if (tags.join() !== applied.tags.join()) operations.push({ kind: "setTags", tags, direction: applied.tags.every((tag) => tags.includes(tag)) ? "up" : "down" });
  const changes = { ...profileChange(wanted.profile, applied.profile, vendor.parts), ...(vendor.emailChange === "possible" && isMoved(wanted, link) && { email: wanted.email as string }) };
  if (Object.keys(changes).length > 0) operations.push({ kind: "updateProfile", changes });
  if (link.kind === "invitation") return { ...nothing, plan: operations.filter(({ kind }) => kind === "reactivate"), notes: ["the invitation has not been accepted yet: role and profile wait for it"], ...settles(role) };
  const { plan, notes: kept } = able(operations.toSorted(byLane), vendor);
  return { plan, waitsFor: [], notes: [...notes, ...kept], ...settles(role), nowMapped: applied.byDefault === true && role.kind === "role" && !roleTo };
}

const settles = (role: RoleDecision): Pick<Planned, "wantedRole" | "byDefault"> => (role.kind === "role" ? { wantedRole: role.role, byDefault: role.byDefault === true } : { wantedRole: undefined });

/** In the order of the map. */
const tagsOf = (values: readonly string[], { tags }: Policy): readonly string[] => [...new Set(tags.filter(({ idp }) => values.includes(idp)).map(({ vendor }) => vendor))];

/** A privileged role is given after the account, by an operation of its own, so that it is never created late with an old answer in hand. */
function create(wanted: Wanted, role: Extract<RoleDecision, { kind: "role" }> | undefined, vendor: Vendor): Planned {
  const parts = vendor.parts.filter((trait) => trait.required && trait.onCreate && trait.part !== "email" && trait.part !== "role" && trait.part !== "password");
  const waitsFor = [...(wanted.email === undefined ? ["an e-mail address"] : []), ...parts.filter(({ part }) => wanted.profile[part] === undefined).map(({ part }) => part)];
  if (wanted.email === undefined || waitsFor.length > 0) return { ...nothing, waitsFor, notes: [`${vendor.title} demands ${waitsFor.join(", ")}`] };
  const sent = new Set(vendor.parts.filter((trait) => trait.onCreate).map(({ part }) => part));
  const profile = Object.fromEntries(Object.entries(wanted.profile).filter(([part]) => sent.has(part)));
  const first = role?.privileged && vendor.can.has("setRole") ? vendor.defaultRole : undefined;
  return { ...able([{ kind: "create", email: wanted.email, profile, role: first ?? role?.role, reason: first ? `${first} first: ${role?.role} is privileged, and given when the account is there` : (role?.reason ?? "no role is mapped") }], vendor), wantedRole: role?.role, byDefault: role?.byDefault === true };
}

/** Access goes first, reversibly; then whatever the vendor has for a deletion. */
function leaving(link: Link, vendor: Vendor): Plan {
  const deactivate: Plan = vendor.can.has("deactivate") && link.applied.access !== "inactive" ? [{ kind: "deactivate", reason: "the IdP deleted the person" }] : [];
  if (vendor.can.has("delete")) return [...deactivate, { kind: "delete" }];
  return vendor.can.has("deactivate") ? deactivate : [{ kind: "deactivate", reason: "the IdP deleted the person" }];
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

const isMoved = (wanted: Wanted, { login }: Link): boolean => wanted.email !== undefined && login !== undefined && wanted.email.toLowerCase() !== login.toLowerCase();

/** Says what becomes of a changed address; throws where the operator wants it refused. */
export function emailChange(wanted: Wanted, link: Link, vendor: Vendor, policy: Policy): readonly string[] {
  if (!isMoved(wanted, link) || vendor.emailChange === "possible") return [];
  if (policy.onEmailChange === "keepLogin") return [`${vendor.title} cannot change an e-mail: the account keeps its former address (onEmailChange: keepLogin)`];
  throw new Fault({ kind: "invalid", scimType: "mutability", detail: `${vendor.title} cannot change a person's e-mail address. Change it there, or create a new user; onEmailChange: keepLogin would keep the old address.` });
}

const byLane = (a: Operation, b: Operation): number => order.indexOf(laneOf(a)) - order.indexOf(laneOf(b));

/**
 * Leaves out a profile change where the vendor has no way to it, and says so. Everything else stays in the plan: an account may be
 * there to adopt, and what only a person can do becomes a task when its turn comes.
 */
function able(plan: Plan, vendor: Vendor): Planned {
  if (vendor.can.has("updateProfile") || plan.every(({ kind }) => kind !== "updateProfile")) return { ...nothing, plan };
  return { ...nothing, plan: plan.filter(({ kind }) => kind !== "updateProfile"), notes: [`${vendor.title} cannot change a profile: kept here, not sent`] };
}

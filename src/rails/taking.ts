/**
 * What a change takes from one person: read off the plan, never off the spelling of a push, so every dialect, PUT, DELETE, the
 * loss of the last mapped role and a changed configuration are the same thing here. Pure.
 *
 * @module
 */
import { takesNothing, type Taking } from "../model/hold.ts";
import { hasAccess } from "../model/link.ts";
import type { Operation, Plan } from "../model/operation.ts";
import { laneOf } from "../model/operation.ts";
import type { Policy } from "../model/policy.ts";
import type { Attributes, GroupRef, Held } from "../model/resource.ts";
import { decideRole, isPrivileged } from "../plan/plan-roles.ts";
import { planUser } from "../plan/plan-user.ts";
import type { Vendor } from "../plan/vendor.ts";
import { grantsOf, wantedOf } from "../plan/wanted.ts";
import { isProtected } from "./protected.ts";

/** What is wanted of a person, under which policy. */
export interface Desired {
  /** `undefined` = deleted. */
  readonly attributes: Attributes | undefined;
  readonly groups: readonly GroupRef[];
  readonly policy: Policy;
}

type Person = Pick<Held, "link" | "due">;

/**
 * @param before `undefined` = nothing of what the plan takes was decided before (the worker's question)
 * @param plan the plan for `after`, where the caller has made it already
 */
export function takingOf(before: Desired | undefined, after: Desired, person: Person, vendor: Vendor, plan: Plan = planFor(after, person, vendor)): Taking {
  const { link } = person;
  const { policy } = after;
  const ends = !wantsAccess(after, person, vendor);
  const grave = plan.filter(isGrave);
  if (!ends && grave.length === 0) return takesNothing;
  const planned = before === undefined ? [] : planFor(before, person, vendor).filter(isGrave);
  // What an earlier push has led to already was judged then.
  const fresh = grave.filter((operation) => !planned.some((other) => isSame(other, operation)));
  const access = ends && (before === undefined || wantsAccess(before, person, vendor)) && (link !== undefined && hasAccess(link.applied) ? true : isOnTheWay(person));
  const demoted = fresh.some((operation) => operation.kind === "setRole" && !isPrivileged(operation.role, policy.roles));
  return {
    access,
    record: vendor.deletesForGood === true && fresh.some(({ kind }) => kind === "delete"),
    fromProtected: (access || fresh.length > 0) && isProtected(before?.attributes ?? after.attributes, link, policy),
    administrator: link?.applied.access === "active" && isPrivileged(link.applied.role, policy.roles) && (access || demoted),
  };
}

/** Whether a change takes something that was not decided before: access, or a higher role. */
export function deniesAnew(before: Desired, after: Desired, person: Person, vendor: Vendor): boolean {
  const planned = planFor(before, person, vendor);
  return planFor(after, person, vendor).some((operation) => isGrave(operation) && laneOf(operation) === "deny" && !planned.some((other) => isSame(other, operation)));
}

/** Whether a person is meant to have access, whatever the vendor holds. */
function wantsAccess({ attributes, groups, policy }: Desired, { link }: Person, vendor: Vendor): boolean {
  if (!attributes) return false;
  const wanted = wantedOf(attributes, policy.identity, groups);
  if (!wanted.active) return false;
  const known = link?.account !== undefined ? link.applied : undefined;
  return decideRole(grantsOf(wanted, policy.roles), known, policy.roles, vendor.defaultRole).kind !== "deactivate";
}

/** A create or a return that is under way gives access in a moment. */
const isOnTheWay = ({ link, due }: Person): boolean => due?.dueAtMs !== undefined && link?.applied.access !== "gone" && link?.applied.access !== "deleted";

/** What a protected person is protected from, and what an administrator may lose. */
const isGrave = (operation: Operation): boolean =>
  operation.kind === "updateProfile" ? Object.hasOwn(operation.changes, "email") : operation.kind !== "setTags" && laneOf(operation) === "deny";

const isSame = (a: Operation, b: Operation): boolean =>
  a.kind === b.kind && (a.kind !== "setRole" || b.kind !== "setRole" || a.role === b.role) && (a.kind !== "updateProfile" || b.kind !== "updateProfile" || a.changes["email"] === b.changes["email"]);

function planFor({ attributes, groups, policy }: Desired, { link }: Person, vendor: Vendor): Plan {
  try {
    return planUser(attributes && wantedOf(attributes, policy.identity, groups), link, vendor, policy).plan;
  } catch {
    return []; // an account that is gone, an address that cannot change: nothing is taken by what cannot be planned
  }
}

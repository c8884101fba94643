/**
 * What a repair would do: asked of the planner itself, with the link as the look that begins the repair would leave it. So nothing is
 * promised here that converge would not do, and nothing is decided here that a push would not have decided. Pure.
 *
 * @module
 */
import type { Repair } from "../model/drift.ts";
import { Fault } from "../model/failure.ts";
import type { Link } from "../model/link.ts";
import type { Operation, Plan } from "../model/operation.ts";
import { laneOf } from "../model/operation.ts";
import type { Account } from "../model/person.ts";
import type { Policy } from "../model/policy.ts";
import type { Held } from "../model/resource.ts";
import { asObserved } from "../plan/as-observed.ts";
import { decideRole, isPrivileged } from "../plan/plan-roles.ts";
import { type Planned, planUser } from "../plan/plan-user.ts";
import type { Vendor } from "../plan/vendor.ts";
import { grantsOf, type Wanted, wantedOf } from "../plan/wanted.ts";
import { isProtected } from "../rails/protected.ts";
import type { Difference } from "./compare.ts";
import { byPerson } from "./drifts.ts";

interface Place {
  readonly vendor: Vendor;
  readonly policy: Policy;
}

type Linked = Held & { readonly link: Link };

/** What would be done if the account were looked at now. @returns the sentence that says why nothing can be planned */
export function planAfterLook({ link, attributes, groups }: Linked, account: Account, place: Place): Plan | string {
  const { policy } = place;
  if (!attributes) return "The IdP has deleted the person, and the deletion is still under way.";
  const wanted = wantedOf(attributes, policy.identity, groups);
  return planFor(wanted, asObserved({ ...link, verifyAt: undefined }, account, wanted, roleWanted(wanted, link, place), policy), place);
}

/** What the vendor did is what is wanted: the person is only to be looked at. */
const isWelcome = new Set<Difference["kind"]>(["returned", "regained", "deniedThere"]);

/** Of one difference of somebody who is linked. @param planned as `planAfterLook` */
export function remedyFor({ kind, attribute }: Difference, planned: Plan | string, held: Linked, account: Account, { vendor, policy }: Place): Repair {
  const { link, attributes } = held;
  if (held.waiting) return byPerson(`A push of this person waits in hold ${held.waiting.hold}.`);
  if (isWelcome.has(kind)) return { by: "look", lane: "reconcile", does: "take note of it" };
  if (typeof planned === "string") return byPerson(planned);
  const operation = planned.find((one) => changes(one, attribute));
  if (!operation) return byPerson(whyNothing(kind, attribute, vendor));
  const takes = laneOf(operation) === "deny" && operation.kind !== "setTags";
  if ((takes || "email" in changesIn(operation)) && isProtected(attributes, link, policy)) return byPerson("The account is protected (rails.protected, rails.protectedAccounts): a person must do it there.");
  if (operation.kind === "setRole" && operation.direction === "up" && isPrivileged(operation.role, policy.roles)) return byPerson("A privileged role is given only while an IdP asks for it: push the person again.");
  const lane = laneOf(operation) === "deny" || kind === "foreignRole" || kind === "privilegeGained" ? "deny" : "reconcile";
  return { by: "look", lane, does: wordsOf(operation), ...(takes && isPrivileged(account.role, policy.roles) && { administrator: true }) };
}

/** Of somebody who should have an account: converge looks for one, adopts it by the rules, or creates one. */
export function remedyForMissing(held: Held, wanted: Wanted, { vendor, policy }: Place): Repair {
  if (held.waiting) return byPerson(`A push of this person waits in hold ${held.waiting.hold}.`);
  const role = decideRole(grantsOf(wanted, policy.roles), undefined, policy.roles, vendor.defaultRole);
  if (role.kind === "role" && role.privileged) return byPerson("A privileged role is given only while an IdP asks for it: push the person again.");
  return { by: "deliver", lane: "reconcile", does: "look for the account, and create it if there is none" };
}

/** @returns the sentence that says why nothing can be planned */
export function planFor(wanted: Wanted, link: Link | undefined, { vendor, policy }: Place): Plan | string {
  try {
    return planUser(wanted, link, vendor, policy).plan;
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.message;
    throw thrown;
  }
}

function roleWanted(wanted: Wanted, link: Link, { vendor, policy }: Place): Pick<Planned, "wantedRole" | "byDefault"> {
  try {
    return planUser(wanted, link, vendor, policy);
  } catch {
    return { wantedRole: undefined };
  }
}

function changes(operation: Operation, attribute: string): boolean {
  switch (operation.kind) {
    case "deactivate":
    case "delete":
    case "reactivate":
    case "create":
      return attribute === "access";
    case "setRole":
      return attribute === "role";
    case "setTags":
      return attribute === "tags";
    case "updateProfile":
      return Object.hasOwn(operation.changes, attribute);
  }
}

const changesIn = (operation: Operation): object => (operation.kind === "updateProfile" ? operation.changes : {});

function whyNothing(kind: Difference["kind"], attribute: string, { title, parts }: Vendor): string {
  if (kind === "privilegeLost") return "A privileged role that is gone stays gone until an IdP asks for it again: push the person again.";
  if (attribute === "role") return "Nothing that the IdP says of the person leads to a role.";
  const part = parts.find((trait) => trait.part === attribute);
  if (attribute === "email" || (part && !part.onUpdate)) return `${title} has no way to change it; a person must do it there.`;
  return "Nothing that the IdP says of the person leads to another value.";
}

function wordsOf(operation: Operation): string {
  switch (operation.kind) {
    case "create":
      return "create the account";
    case "deactivate":
      return "take the access away";
    case "delete":
      return "remove the account";
    case "reactivate":
      return `give the access back${operation.role === undefined ? "" : ` as ${operation.role}`}`;
    case "setRole":
      return `set the role ${operation.role}`;
    case "setTags":
      return `set the tags ${operation.tags.join(", ") || "to none"}`;
    case "updateProfile":
      return `set ${Object.keys(operation.changes).join(", ")}`;
  }
}

/**
 * What is granted late is not granted at all: nobody is promoted hours later, unseen.
 *
 *     a role up, tags                       an hour after it could be given
 *     access given back                     a day
 *     a privileged role, however it comes   at the push, or in the minute after it by the worker; never after a failure
 *
 * Creates and profiles do not expire. Any later denial plans the grant away.
 *
 * @module
 */
import type { Operation, Plan } from "../model/operation.ts";
import type { Policy } from "../model/policy.ts";
import { isPrivileged } from "../plan/plan-roles.ts";

export const lapses = { privileged: 60_000, role: 3_600_000, access: 86_400_000 } as const;

/** Gives somebody a role that is marked so. */
export function isPrivilegedGrant(operation: Operation, { roles }: Pick<Policy, "roles">): boolean {
  if (operation.kind === "setRole") return operation.direction === "up" && isPrivileged(operation.role, roles);
  return (operation.kind === "create" || operation.kind === "reactivate") && isPrivileged(operation.role, roles);
}

/** With a privileged role in it, a push that cannot be carried out now is not kept, whatever else it wants; unless somebody joins or comes back, for whom the role is a second thing. */
export const isNeverQueued = (plan: Plan, policy: Pick<Policy, "roles">): boolean => plan.some((operation) => isPrivilegedGrant(operation, policy)) && !plan.some(({ kind }) => kind === "create" || kind === "reactivate");

/** `undefined` = never. */
export function lapsesAfterMs(operation: Operation, policy: Pick<Policy, "roles">): number | undefined {
  if (isPrivilegedGrant(operation, policy)) return lapses.privileged;
  if (operation.kind === "reactivate") return lapses.access;
  return (operation.kind === "setRole" || operation.kind === "setTags") && operation.direction === "up" ? lapses.role : undefined;
}

/** In words, for the alarm. */
export function lapseText(operation: Operation, title: string): string {
  const what = operation.kind === "reactivate" ? "The access" : operation.kind === "setTags" ? "Tags" : `The role "${"role" in operation ? (operation.role ?? "") : ""}"`;
  return `${what} could not be given in ${title} in time, and is not given later: push it again.`;
}

/**
 * What a connector can do. Having the method is having the capability; this list only names them.
 *
 * @module
 */
export type Capability = "find" | "get" | "list" | "create" | "updateProfile" | "setRole" | "setTags" | "listRoles" | "deactivate" | "reactivate" | "delete";

/** What only an operator may order. No plan knows these words, so no push can lead to them. */
export type OperatorAction = "resetMfa";

/** How sure we are that a vendor's endpoint exists, strongest first. */
export type Evidence = "seed" | "public" | "observed" | "inferred";

export const evidences: readonly Evidence[] = ["seed", "public", "observed", "inferred"];

/** Whether an endpoint of this evidence may be used where the operator allows down to `allowed`. */
export const isAllowed = (evidence: Evidence, allowed: Evidence): boolean => evidences.indexOf(evidence) <= evidences.indexOf(allowed);

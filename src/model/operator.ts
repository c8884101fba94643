/**
 * Operators: people and tools that look after the house, what they may do, and where it is written down who did what.
 *
 * @module
 */
import { connectionId } from "./ids.ts";

/** Each may do what the ones before it may. `viewer` looks · `operator` mends · `approver` decides what takes from people, and who may come in. */
export const roles = ["viewer", "operator", "approver"] as const;
export type Role = (typeof roles)[number];

export const mayDo = (has: Role, needs: Role): boolean => roles.indexOf(has) >= roles.indexOf(needs);

/**
 * The journal of what belongs to no connection: operator tokens made and revoked, and who was turned away. Chained like every other; no
 * connection can be called so, because a connection's name begins with a letter or a digit.
 */
export const operatorsJournal = connectionId("~operators");

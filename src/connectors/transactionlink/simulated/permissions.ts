/**
 * Organisation API tokens of the simulated TransactionLink and what each may do.
 *
 * @module
 */
import type { Answer, VendorRequest } from "../../kit/simulator/definition.ts";
import { refusal } from "./answers.ts";
import type { Organisation } from "./state.ts";

export type Permission = "can_manage_users" | "can_reset_2fa" | "can_view_workspace" | "can_manage_workspace_access";

/** By the token's name; a token of another name that a test brought along may do everything. */
const permissions: Readonly<Record<string, readonly Permission[]>> = {
  people: ["can_manage_users"],
  viewer: ["can_view_workspace"],
};

/** The first is the one that may do everything. The scheme is part of no token: it is passed as it is. */
export const tokens = {
  admin: "tot_4f1c9e0b7a52d8036c1e9f4a70b35d82e6a1",
  people: "tot_a07d3b51c94e6f28b0d5e7139c84f2a6d913",
  viewer: "tot_c3e8514fd0972ab6f1043d9e8b57a6c02f44",
} as const;

/** 403 for a token without the permission. */
export const permitted = (needed: Permission) => (answer: (request: VendorRequest, world: Organisation) => Answer) => (request: VendorRequest, world: Organisation): Answer => {
  const may = Object.hasOwn(permissions, request.credential ?? "") ? permissions[request.credential ?? ""] : undefined;
  return may === undefined || may.includes(needed) ? answer(request, world) : refusal(403, `Missing permission ${needed}`, world);
};

/**
 * Roles and workspaces of the simulated TransactionLink.
 *
 * @module
 */
import type { JsonObject } from "../../../model/json.ts";
import type { Answer, Route, VendorRequest } from "../../kit/simulator/definition.ts";
import { ok, refusal } from "./answers.ts";
import { permitted } from "./permissions.ts";
import type { Organisation, TransactionLinkState } from "./state.ts";

/** Whether the list of roles is bare or wrapped is nowhere said. */
function roles(_request: VendorRequest, world: Organisation): Answer {
  const rows: readonly JsonObject[] = world.state.roles.map((role) => ({ ...role }));
  return ok(world.position("rolesShape") === "array" ? rows : { content: rows });
}

const workspaces = (_request: VendorRequest, { state }: Organisation): Answer => ok(state.workspaces.map((one) => ({ ...one })));

function memberships({ parameters }: VendorRequest, world: Organisation): Answer {
  const { workspaceId } = parameters;
  if (!world.state.workspaces.some(({ id }) => id === workspaceId)) return refusal(404, "Workspace not found", world);
  const role = { id: "5d2f7a3e-40c1-4f0b-8a52-0000000000aa", name: "viewer", workspaceId: String(workspaceId), createdDateTime: "2026-01-01T00:00:00Z", type: "WORKSPACE" };
  return ok(world.state.memberships.filter((one) => one.workspaceId === workspaceId).map((one) => ({ ...one, role })));
}

const view = permitted("can_view_workspace");

export const surroundingRoutes: readonly Route<TransactionLinkState>[] = [
  { method: "GET", path: "/organizations/roles", answer: permitted("can_manage_users")(roles) },
  { method: "GET", path: "/organizations/workspaces", answer: view(workspaces) },
  { method: "GET", path: "/workspaces/{workspaceId}/memberships", answer: view(memberships) },
  { method: "GET", path: "/organizations/workspaces/{workspaceId}/memberships", answer: view(memberships) },
];

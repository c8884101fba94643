/**
 * The simulated Applivery's segment permissions: they let people in by address or tag, beside their role.
 *
 * @module
 */
import type { JsonObject } from "../../../model/json.ts";
import { isObject } from "../../../model/json.ts";
import type { Answer, Route, VendorRequest } from "../../kit/simulator/definition.ts";
import type { Workspace } from "./answers.ts";
import { allowed, carriedOut, fieldsOf, inWorkspace, listRoutes, notFound, ok, paged } from "./answers.ts";
import type { AppliveryState, SegmentPermission } from "./state.ts";

const shownPermission = (permission: SegmentPermission, { organization }: AppliveryState): JsonObject => structuredClone({ ...permission, organization: organization.id }) as unknown as JsonObject;

function list(request: VendorRequest, world: Workspace): Answer {
  const { query } = request;
  const segment = query.get("segmentId");
  const search = query.get("search")?.toLowerCase() ?? "";
  const found = world.state.permissions.filter(({ name, segmentId }) => (segment === null || segmentId === segment) && name.toLowerCase().includes(search));
  return paged(found.map((permission) => shownPermission(permission, world.state)), request, world);
}

/** The object is shared by many people: the bridge never calls this. */
function change(request: VendorRequest, world: Workspace): Answer {
  const permission = world.state.permissions.find(({ id }) => id === request.parameters["permissionId"]);
  if (!permission) return notFound(world);
  const { name = permission.name, segmentId = permission.segmentId, users = {}, roles = permission.roles, actions = permission.actions } = fieldsOf(request);
  const next = { ...permission, name, segmentId, roles, actions, users: { ...permission.users, ...(isObject(users) ? users : {}) } } as SegmentPermission;
  return carriedOut(ok(shownPermission(next, world.state)), world, () => void Object.assign(permission, structuredClone(next)));
}

export const permissionRoutes: readonly Route<AppliveryState>[] = [
  ...listRoutes("/v1/organizations/{organizationId}/segment-permissions", inWorkspace(allowed(["admin", "developer"], list))),
  { method: "PUT", path: "/v1/organizations/{organizationId}/segment-permissions/{permissionId}", answer: inWorkspace(allowed(["admin"], change)) },
];

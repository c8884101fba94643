/**
 * The public `/api/v1` of the simulated PeopleLens: active users, and the audit log.
 *
 * Whether its ids are those of `/api/users` is unknown; the switch `v1Ids` plays all three answers.
 *
 * @module
 */
import type { JsonObject } from "../../../model/json.ts";
import type { Answer, Route, VendorRequest } from "../../kit/simulator/definition.ts";
import type { Tenant } from "./answers.ts";
import { adminsOnly, ok, refusal } from "./answers.ts";
import type { PeopleLensState, User } from "./state.ts";
import { removeUser } from "./writes.ts";

function v1Id({ id }: User, world: Tenant): string {
  switch (world.position("v1Ids")) {
    case "unprefixed":
      return id.replace(/^usr-/, "");
    case "same":
      return id;
    default:
      // Another id space that looks the same: the hex digits back to front.
      return id.replace(/^usr-/, "").split("-").map((part) => part.split("").reverse().join("")).join("-");
  }
}

const shown = (user: User, world: Tenant): JsonObject => ({ id: v1Id(user, world), email: user.email, first_name: user.first_name, last_name: user.last_name });

const active = ({ state }: Tenant): readonly User[] => state.users.filter(({ is_enabled, deleted }) => is_enabled && !deleted);

function list(request: VendorRequest, world: Tenant): Answer {
  const email = request.query.get("email");
  const limit = whole(request.query.get("limit"), 100);
  if (limit === undefined || limit < 1) return refusal(400, "limit is not valid", world);
  const found = active(world).filter((user) => email === null || user.email === email);
  return ok({ data: found.slice(0, limit).map((user) => shown(user, world)) });
}

const find = ({ parameters }: VendorRequest, world: Tenant): User | undefined => active(world).find((user) => v1Id(user, world) === parameters["id"]);

function get(request: VendorRequest, world: Tenant): Answer {
  const user = find(request, world);
  return user ? ok({ data: shown(user, world) }) : refusal(404, "User not found", world);
}

function remove(request: VendorRequest, world: Tenant): Answer {
  const user = find(request, world);
  return removeUser({ ...request, parameters: { id: user?.id ?? "" } }, world);
}

/** `limit` at most 100. Newest first is a guess: the order is nowhere said. */
function auditLogs(request: VendorRequest, world: Tenant): Answer {
  const { query } = request;
  const limit = whole(query.get("limit"), 100);
  const offset = whole(query.get("offset"), 0);
  const since = query.get("since") === null ? 0 : Date.parse(query.get("since") ?? "");
  if (limit === undefined || limit < 1 || limit > 100 || offset === undefined || Number.isNaN(since)) return refusal(400, "limit, offset or since is not valid", world);
  const action = query.get("action");
  const found = world.state.audit.filter((entry) => (action === null || entry.action === action) && Date.parse(entry.created_at) >= since).toReversed();
  const data = found.slice(offset, offset + limit).map((entry): JsonObject => ({ ...entry }));
  return ok({ data, pagination: { total: found.length, limit, offset } });
}

/** @returns `undefined` for a text that is no whole number */
const whole = (text: string | null, fallback: number): number | undefined => (text === null ? fallback : /^\d{1,9}$/.test(text) ? Number(text) : undefined);

export const v1Routes: readonly Route<PeopleLensState>[] = [
  { method: "GET", path: "/api/v1/users", answer: adminsOnly(list) },
  { method: "GET", path: "/api/v1/users/{id}", answer: adminsOnly(get) },
  { method: "DELETE", path: "/api/v1/users/{id}", answer: adminsOnly(remove) },
  { method: "GET", path: "/api/v1/audit-logs", answer: adminsOnly(auditLogs) },
];

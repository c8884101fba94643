/**
 * `GET /api/users` and `GET /api/users/{id}` of the simulated PeopleLens.
 *
 * @module
 */
import type { Answer, Route, VendorRequest } from "../../kit/simulator/definition.ts";
import type { Tenant } from "./answers.ts";
import { ok, refusal, shownAlone, shownInList, userOf } from "./answers.ts";
import type { PeopleLensState, User } from "./state.ts";

function list(request: VendorRequest, world: Tenant): Answer {
  const search = request.query.get("search");
  const role = request.query.get("role");
  const found = world.state.users
    .filter(({ is_enabled }) => is_enabled || world.position("listDisabled") === "true")
    .filter((user) => !search || isFound(user, search, world.position("searchFields")))
    .filter((user) => !role || user.role === role);
  const cap = world.position("listCap");
  return ok({ users: found.slice(0, cap === "none" ? undefined : Number(cap)).map((user) => shownInList(user, request)) });
}

/** "search by email or name". */
function isFound({ email, first_name, last_name }: User, search: string, how: string): boolean {
  const sought = search.trim().toLowerCase();
  const texts = [email, first_name, last_name, `${first_name} ${last_name}`].map((text) => text.toLowerCase());
  return how === "substring" ? texts.some((text) => text.includes(sought)) : texts.some((text) => text === sought || text.split(/\s+/).includes(sought));
}

function get(request: VendorRequest, world: Tenant): Answer {
  const user = userOf(request, world);
  return user ? ok({ user: shownAlone(user, request) }) : refusal(404, "User not found", world);
}

export const readRoutes: readonly Route<PeopleLensState>[] = [
  { method: "GET", path: "/api/users", answer: list },
  { method: "GET", path: "/api/users/{id}", answer: get },
];

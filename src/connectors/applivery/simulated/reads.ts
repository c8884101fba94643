/**
 * What can be read of the simulated Applivery's people: the list of collaborators, and the tags in use.
 *
 * @module
 */
import type { Answer, Route, VendorRequest } from "../../kit/simulator/definition.ts";
import type { Workspace } from "./answers.ts";
import { allowed, inWorkspace, invalidInput, listRoutes, ok, paged, shown } from "./answers.ts";
import type { AppliveryState, Collaborator } from "./state.ts";
import { accountOf, collaboratorRoles } from "./state.ts";

const sortable = /^([\w.]*)(?::(asc|desc))?$/;

function list(request: VendorRequest, world: Workspace): Answer {
  const { query } = request;
  const role = query.get("role");
  const email = query.get("email");
  const onlyUsers = query.get("onlyUsers");
  const sort = sortable.exec(query.get("sort") ?? "");
  const wrong = !sort || (role !== null && !collaboratorRoles.includes(role)) || (email?.length ?? 0) > 256 || ![null, "true", "false"].includes(onlyUsers);
  if (wrong) return invalidInput(world);
  const tags = [...query.getAll("tags"), ...query.getAll("tags[]")];
  const hidesServiceAccounts = onlyUsers === "true" && world.position("onlyUsers") === "hides";
  const { state } = world;
  const rows = state.collaborators
    .toReversed() // no order is documented; newest first shifts rows under a reader
    .filter((one) => role === null || one.role === role)
    .filter((one) => !email || isFound(accountOf(one, state)?.email ?? "", email, world.position("emailFilter")))
    .filter((one) => tags.length === 0 || tags.some((tag) => one.tags.includes(tag)))
    .filter((one) => !hidesServiceAccounts || !isServiceAccount(one, state))
    .map((one) => shown(one, state));
  const [, by = "", direction] = sort;
  const key = (row: (typeof rows)[number]) => JSON.stringify(row[by] ?? null);
  return paged(by === "" ? rows : rows.toSorted((a, b) => (direction === "desc" ? -1 : 1) * key(a).localeCompare(key(b))), request, world);
}

const isServiceAccount = (collaborator: Collaborator, state: AppliveryState): boolean => /serviceAccount$/i.test(accountOf(collaborator, state)?.role ?? "");

/** Whether the filter looks for the whole address is nowhere said. */
function isFound(email: string, sought: string, how: string): boolean {
  const [has, wanted] = [email.toLowerCase(), sought.toLowerCase()];
  return how === "exact" ? has === wanted : how === "prefix" ? has.startsWith(wanted) : has.includes(wanted);
}

const groups = (_: VendorRequest, { state }: Workspace): Answer => ok({ items: [...new Set(state.collaborators.flatMap(({ tags }) => tags))].toSorted().map((value) => ({ value })) });

const readers = ["admin", "developer"];

export const readRoutes: readonly Route<AppliveryState>[] = [
  ...listRoutes("/v1/organizations/{organizationId}/collaborators", inWorkspace(allowed(readers, list))),
  { method: "GET", path: "/v1/organizations/{organizationId}/collaborators/groups", answer: inWorkspace(allowed(readers, groups)) },
];

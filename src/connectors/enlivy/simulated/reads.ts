/**
 * `GET` of the simulated Enlivy: people with filters and pages, one person, roles, the event trail.
 *
 * @module
 */
import type { Json, JsonObject } from "../../../model/json.ts";
import type { Answer, Route, VendorRequest } from "../../kit/simulator/definition.ts";
import type { Complaints, Organization } from "./answers.ts";
import { invalid, notThere, ok, paged, shown, userOf } from "./answers.ts";
import type { EnlivyState, User } from "./state.ts";
import { changesIn, kept } from "./state.ts";

const most = 50;
const flags = ["can_use_backoffice", "can_be_invoiced", "can_be_invoicing", "can_be_payrolled"] as const;
const orders: Readonly<Record<string, (user: User) => string>> = { created_at: (user) => user.created_at, updated_at: (user) => user.updated_at, name: (user) => user.name };
/** Everything that some document names. */
const known: ReadonlySet<string> = new Set(["page", "limit", "per_page", "include", "include_meta", "q", "q_in", "ids", "order_by", "order", "deleted", "tag_ids", "email", "organization_user_role_id", ...flags]);

interface Page {
  readonly page: number;
  readonly size: number;
  readonly wrong?: Complaints;
}

/** `page` 0 or text is 1. The size goes by `limit` (document, 20), `per_page` (SDK, 30), or both. */
function pageOf({ query }: VendorRequest, world: Organization): Page {
  const by = world.position("pageSize");
  const asked = (by === "only limit" ? undefined : query.get("per_page")) ?? (by === "only per_page" ? undefined : query.get("limit"));
  const size = asked === undefined || asked === null ? (by === "only limit" ? 20 : 30) : whole(asked);
  if (size === undefined || size < 1) return refused("The per page must be at least 1.");
  if (size > most && world.position("overMax") === "422") return refused("The per page may not be greater than 50.");
  return { page: Math.max(1, whole(query.get("page") ?? "1") ?? 1), size: Math.min(size, most) };
}

const refused = (say: string): Page => ({ page: 1, size: 1, wrong: { per_page: say } });

/** @returns `undefined` for a text that is no whole number */
const whole = (text: string): number | undefined => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);

function complaintsOn({ query }: VendorRequest, world: Organization): Complaints {
  const bad: Record<string, string> = {};
  const ids = query.get("ids")?.split(",") ?? [];
  const oneOf = (name: string, values: readonly string[]) => {
    const value = query.get(name);
    if (value !== null && !values.includes(value)) bad[name] = `The selected ${name} is invalid.`;
  };
  if ([...(query.get("q") ?? "xxx")].length < 3) bad["q"] = "The q must be at least 3 characters.";
  if (ids.length > 30) bad["ids"] = "The ids may not have more than 30 items.";
  if (query.has("ids") && query.has("q")) bad["ids"] = "The ids field is prohibited when q is present.";
  oneOf("deleted", ["-1", "0", "1"]);
  oneOf("order_by", Object.keys(orders));
  oneOf("order", ["asc", "desc"]);
  for (const flag of flags) oneOf(flag, ["0", "1", "true", "false"]);
  if (query.has("organization_user_role_id")) oneOf("organization_user_role_id", world.state.roles.map(({ id }) => id));
  if (world.position("unknownFilter") === "422") for (const name of query.keys()) if (!known.has(name)) bad[name] = `The ${name} filter is unknown.`;
  return bad;
}

function matching({ query }: VendorRequest, world: Organization): readonly User[] {
  const { roles } = world.state;
  const [deleted, q, email, role] = [query.get("deleted") ?? "0", query.get("q")?.toLowerCase(), query.get("email"), query.get("organization_user_role_id")];
  const [ids, tags] = [query.get("ids")?.split(","), query.get("tag_ids")?.split(",")];
  return kept(world)
    .filter(({ deleted_at }) => deleted === "-1" || (deleted === "1") === (deleted_at !== null))
    .filter((user) => q === undefined || [user.name, user.email ?? ""].some((text) => text.toLowerCase().includes(q)))
    .filter(({ id }) => ids === undefined || ids.includes(id))
    .filter((user) => email === null || hasEmail(user, email, world.position("emailFilter")))
    .filter((user) => role === null || user.organization_user_role_id === role)
    .filter(({ tag_ids }) => tags === undefined || tags.some((tag) => tag_ids.includes(tag)))
    .filter((user) => flags.every((flag) => !query.has(flag) || ["1", "true"].includes(query.get(flag) ?? "") === roles.find(({ id }) => id === user.organization_user_role_id)?.[flag]));
}

/** Whether the filter wants the whole address, and whether it looks at letter case, is nowhere said. */
function hasEmail(user: User, asked: string, how: string): boolean {
  const folded = (text: string) => (how.endsWith("case-blind") ? text.toLowerCase() : text);
  const [has, sought] = [folded(user.email ?? ""), folded(asked)];
  return how.startsWith("substring") ? has.includes(sought) : has === sought;
}

/** Newest first unless asked otherwise, so whoever is added while somebody reads on shifts every row. */
function ordered(users: readonly User[], { query }: VendorRequest): readonly User[] {
  const by = orders[query.get("order_by") ?? "created_at"] ?? ((user: User) => user.created_at);
  const rising = users.map((user, index) => ({ user, index })).toSorted((a, b) => (by(a.user) < by(b.user) ? -1 : by(a.user) > by(b.user) ? 1 : a.index - b.index)).map(({ user }) => user);
  return query.get("order") === "asc" ? rising : rising.toReversed();
}

function list(request: VendorRequest, world: Organization): Answer {
  const page = pageOf(request, world);
  const complaints = { ...complaintsOn(request, world), ...page.wrong };
  if (Object.keys(complaints).length > 0) return invalid(complaints, world);
  const trash = kept(world).filter(({ deleted_at }) => deleted_at !== null).length;
  const meta: JsonObject = (request.query.get("include_meta") ?? "").includes("navigation") ? { navigation: { active: kept(world).length - trash, trash } } : {};
  return paged(ordered(matching(request, world), request).map((user) => shown(user, request, world)), page, world, meta);
}

function get(request: VendorRequest, world: Organization): Answer {
  const user = userOf(request, world);
  return !user || (user.deleted_at !== null && world.position("getDeleted") === "404") ? notThere(world) : ok({ data: shown(user, request, world) }, world);
}

function roles(request: VendorRequest, world: Organization): Answer {
  const page = pageOf(request, world);
  return page.wrong ? invalid(page.wrong, world) : paged(world.state.roles.map(roleShown), page, world);
}

const roleShown = (role: EnlivyState["roles"][number]): JsonObject => ({ ...(role as unknown as JsonObject), alias: null, description: null, parent_organization_user_role_id: null, deleted_at: null });

function role({ parameters }: VendorRequest, world: Organization): Answer {
  const found = world.state.roles.find(({ id }) => id === parameters["id"]);
  return found ? ok({ data: roleShown(found) }, world) : notThere(world);
}

function trail(request: VendorRequest, world: Organization): Answer {
  const { query } = request;
  const page = pageOf(request, world);
  if (page.wrong) return invalid(page.wrong, world);
  const withChanges = (query.get("include") ?? "").split(",").includes("changes");
  const entries = world.state.trail
    .filter((entry) => ["subject_id", "event_type", "origin"].every((name) => !query.has(name) || query.get(name) === entry[name as "subject_id"]))
    .filter(({ occurred_at }) => occurred_at >= (query.get("occurred_from") ?? "") && occurred_at <= (query.get("occurred_to") ?? "~"))
    .toReversed()
    .map((entry): Json => {
      const { changes: _changes, ...head } = entry;
      return { ...head, actor_organization_user_id: world.state.owner.id, ...(withChanges && { changes: changesIn(entry) }) };
    });
  return paged(entries, page, world);
}

export const readRoutes: readonly Route<EnlivyState>[] = [
  { method: "GET", path: "/organizations/{organization}/users", answer: list },
  { method: "GET", path: "/organizations/{organization}/users/event-trails", answer: trail },
  { method: "GET", path: "/organizations/{organization}/users/{id}", answer: get },
  { method: "GET", path: "/organizations/{organization}/user-roles", answer: roles },
  { method: "GET", path: "/organizations/{organization}/user-roles/{id}", answer: role },
];

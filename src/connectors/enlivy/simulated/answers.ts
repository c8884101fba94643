/**
 * The shapes in which the simulated Enlivy answers: records in `data`, pages in `meta.pagination`, complaints per field.
 *
 * @module
 */
import type { Json, JsonObject } from "../../../model/json.ts";
import { isObject } from "../../../model/json.ts";
import type { Answer, VendorRequest, World } from "../../kit/simulator/definition.ts";
import type { EnlivyState, User } from "./state.ts";
import { kept, organization } from "./state.ts";

export type Organization = World<EnlivyState>;

const traced = (world: Organization, answer: Answer): Answer => ({ ...answer, headers: { "x-request-id": `req-${world.random.hex(12)}` } });

export const refusal = (status: number, message: string, world: Organization): Answer => traced(world, { status, body: { message } });

/** Field → complaints; of several complaints about one field the first is said. */
export type Complaints = Readonly<Record<string, string>>;

export const invalid = (complaints: Complaints, world: Organization): Answer =>
  traced(world, { status: 422, body: { message: "The given data was invalid.", errors: Object.fromEntries(Object.entries(complaints).map(([field, text]) => [field, [text]])) } });

export const ok = (body: JsonObject, world: Organization, status = 200): Answer => traced(world, { status, body });

export const notThere = (world: Organization): Answer => refusal(404, "Not found.", world);

/** One record as it is shown; related data only if it was asked for. */
export function shown(user: User, { query }: Pick<VendorRequest, "query">, { state }: Organization): JsonObject {
  const include = new Set((query.get("include") ?? "").split(",").map((name) => name.trim()));
  const { tag_ids, ...fields } = user;
  const role = state.roles.find(({ id }) => id === user.organization_user_role_id);
  return {
    ...(fields as unknown as JsonObject),
    organization_id: organization,
    is_business_entity: role?.is_business_entity ?? false,
    information: null, avatar_url: null, last_used_at: null,
    ...(include.has("user_role") && role && { user_role: { ...role } as unknown as JsonObject }),
    ...(include.has("tag_ids") && { tag_ids: [...tag_ids] }),
    ...(include.has("organization") && { organization: { id: organization, name: "Acme SRL" } }),
    ...(include.has("deleted_by_user") && { deleted_by_user: null }),
  };
}

/** A page of anything, with its counts. */
export function paged(all: readonly Json[], { page, size }: { readonly page: number; readonly size: number }, world: Organization, meta: JsonObject = {}): Answer {
  const data = all.slice((page - 1) * size, page * size);
  const pagination = { total: all.length, count: data.length, per_page: size, current_page: page, total_pages: Math.max(1, Math.ceil(all.length / size)), links: {} };
  return ok({ data, meta: { ...meta, pagination } }, world);
}

/** A body that is no object counts as an empty one: every field is then missing. */
export const fieldsOf = ({ body }: VendorRequest): JsonObject => (isObject(body) ? body : {});

/** The record of that id, trash included. */
export const userOf = ({ parameters }: VendorRequest, world: Organization): User | undefined => kept(world).find(({ id }) => id === parameters["id"]);

/** What tokens may not do: nothing at all in another organisation, no writes with a reader's. */
export function admitted({ credential, method, path }: VendorRequest, world: Organization): Answer | undefined {
  if (credential === undefined) return refusal(401, "Unauthenticated", world);
  const [, first, id] = path.split("/");
  if (credential === "elsewhere" || (credential === "reader" && method !== "GET")) return refusal(403, "This action is unauthorized.", world);
  return first === "organizations" && id !== organization ? notThere(world) : undefined;
}

/**
 * The shapes in which the simulated Applivery answers.
 *
 * @module
 */
import type { JsonObject } from "../../../model/json.ts";
import { isObject } from "../../../model/json.ts";
import type { Answer, Route, VendorRequest, World } from "../../kit/simulator/definition.ts";
import type { AppliveryState, Collaborator } from "./state.ts";
import { accountOf, settleAccess } from "./state.ts";

export type Workspace = World<AppliveryState>;
export type Answering = Route<AppliveryState>["answer"];

/** Older pages show errors with `status: true` beside `error`. @param code `undefined` where no document gives one */
export const refusal = (status: number, code: number | undefined, message: string, world: Workspace): Answer => ({
  status,
  body: { status: world.position("oldErrors") === "status:true", error: { ...(code === undefined ? {} : { code }), message } },
});

export const notFound = (world: Workspace): Answer => refusal(404, 3001, "Entity not found", world);

/** 5209 is documented for another endpoint only. */
export const invalidInput = (world: Workspace): Answer => refusal(400, world.position("validationCode") === "5209" ? 5209 : 5999, "Invalid input", world);

export const ok = (data: JsonObject): Answer => ({ status: 200, body: { status: true, data } });

/** An answer that carries `act` out. */
export const carriedOut = (answer: Answer, { state }: Workspace, act: () => void): Answer => ({
  ...answer,
  commit: () => {
    act();
    settleAccess(state);
  },
});

/** What a write of a collaborator answers, by the switch `putStatus`. */
export const written = (data: JsonObject, world: Workspace): Answer => (world.position("putStatus") === "204" ? { status: 204, body: undefined } : ok(data));

/** A body that is no object counts as an empty one. */
export const fieldsOf = ({ body }: VendorRequest): JsonObject => (isObject(body) ? body : {});

/** The workspace is named by its id or its slug; any other is not there. */
export const inWorkspace = (answer: Answering): Answering => (request, world) => {
  const { id, slug } = world.state.organization;
  return [id, slug].includes(request.parameters["organizationId"] ?? "") ? answer(request, world) : notFound(world);
};

/** "A Developer cannot manage other users"; the code of that refusal is nowhere said. */
export const allowed = (credentials: readonly string[], answer: Answering): Answering => (request, world) =>
  credentials.includes(request.credential ?? "") ? answer(request, world) : refusal(403, undefined, "Forbidden", world);

export function shown(collaborator: Collaborator, state: AppliveryState): JsonObject {
  const { id, role, tags, createdBy, updatedAt, createdAt } = collaborator;
  const account = accountOf(collaborator, state);
  const user = account && { id: account.id, email: account.email, firstName: account.firstName, lastName: account.lastName, picture: "", role: account.role, ssoUser: account.ssoUser };
  return { id, organization: state.organization.id, role, tags: [...tags], ...(user ? { user } : {}), detected: {}, createdBy, updatedAt, createdAt };
}

/** The page object of every list, or an answer to a page or limit that makes no sense. */
export function paged(rows: readonly JsonObject[], { query }: VendorRequest, world: Workspace): Answer {
  const page = whole(query.get("page"), 1);
  const asked = whole(query.get("limit"), Number(world.position("defaultLimit")));
  if (page === undefined || asked === undefined) return invalidInput(world);
  const limit = world.position("maxLimit") === "none" ? asked : Math.min(asked, 100);
  const totalPages = Math.max(1, Math.ceil(rows.length / limit));
  const hasPrevPage = page > 1;
  const hasNextPage = page < totalPages;
  const items = rows.slice((page - 1) * limit, page * limit);
  return ok({ items, totalDocs: rows.length, limit, hasPrevPage, hasNextPage, page, totalPages, prevPage: hasPrevPage ? page - 1 : null, nextPage: hasNextPage ? page + 1 : null });
}

/** @returns `undefined` for anything but a whole number from 1 */
const whole = (text: string | null, fallback: number): number | undefined => (text === null ? fallback : /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined);

/** A list whose path ends with a slash, and what asking without it leads to. */
export function listRoutes(path: string, answer: Answering): readonly Route<AppliveryState>[] {
  const unslashed: Answering = (request, world) => {
    const position = world.position("trailingSlash");
    if (position === "optional") return answer(request, world);
    if (position === "required") return notFound(world);
    const query = request.query.size === 0 ? "" : `?${request.query.toString()}`;
    return { status: Number(position), body: undefined, headers: { location: `${request.path}/${query}` } };
  };
  return [{ method: "GET", path: `${path}/`, answer }, { method: "GET", path, answer: unslashed }];
}

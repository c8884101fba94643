/**
 * The shapes in which the simulated PeopleLens answers.
 *
 * @module
 */
import type { JsonObject } from "../../../model/json.ts";
import { isObject } from "../../../model/json.ts";
import type { Answer, VendorRequest, World } from "../../kit/simulator/definition.ts";
import type { PeopleLensState, User } from "./state.ts";

export type Tenant = World<PeopleLensState>;

/** An error in the body that the switch `errorBody` asks for. */
export function refusal(status: number, message: string, world: Tenant): Answer {
  switch (world.position("errorBody")) {
    case "{error}":
      return { status, body: { error: message } };
    case "{error:{message,code}}":
      return { status, body: { error: { message, code: `E${status}` } } };
    case "{message}":
      return { status, body: { message } };
    default:
      return { status, body: undefined };
  }
}

export const ok = (body: JsonObject): Answer => ({ status: 200, body });

/** Carries `act` out, unless this vendor only says so. */
export const carriedOut = (world: Tenant, body: JsonObject, act: () => void): Answer => (world.position("liar") === "success" ? ok(body) : { ...ok(body), commit: act });

/** "Admins see full details, others see limited profiles." Which fields those are is nowhere said. */
export function shownInList(user: User, request: VendorRequest): JsonObject {
  const { id, first_name, last_name, email, company_role, is_enabled } = user;
  return request.credential === "admin" ? { id, first_name, last_name, email, company_role, is_enabled } : { id, first_name, last_name };
}

/** One record: the only place where the role is shown. */
export const shownAlone = (user: User, request: VendorRequest): JsonObject =>
  request.credential === "admin" ? { ...shownInList(user, request), user_preferences: [{ role: user.role }] } : shownInList(user, request);

/** A body that is no object counts as an empty one: every field is then missing. */
export const fieldsOf = ({ body }: VendorRequest): JsonObject => (isObject(body) ? body : {});

/** What only an administrator's key may do. */
export const adminsOnly = (answer: (request: VendorRequest, world: Tenant) => Answer) => (request: VendorRequest, world: Tenant): Answer =>
  request.credential === "admin" ? answer(request, world) : refusal(403, "Administrator access required", world);

/** The record of that id; a softly deleted one too, since it can still be read. */
export const userOf = ({ parameters }: VendorRequest, { state }: Tenant): User | undefined => state.users.find(({ id }) => id === parameters["id"]);

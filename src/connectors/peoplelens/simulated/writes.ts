/**
 * `POST`, `PATCH` and `DELETE` of the simulated PeopleLens.
 *
 * @module
 */
import type { JsonObject } from "../../../model/json.ts";
import type { Answer, Route, VendorRequest } from "../../kit/simulator/definition.ts";
import type { Tenant } from "./answers.ts";
import { adminsOnly, carriedOut, fieldsOf, ok, refusal, userOf } from "./answers.ts";
import type { PeopleLensState, User } from "./state.ts";
import { note, shapeOf } from "./state.ts";

function create(request: VendorRequest, world: Tenant): Answer {
  const { email, password, first_name, last_name, role = "User" } = fieldsOf(request);
  const required = { email, first_name, last_name, ...(world.position("passwordRequired") === "true" || password !== undefined ? { password } : {}) };
  const missing = Object.entries(required).find(([, value]) => typeof value !== "string" || value.trim() === "");
  if (missing) return refusal(400, `${missing[0]} is required`, world);
  if (!/^[^@\s]+@[^@\s]+$/.test(String(email))) return refusal(400, "email is not valid", world);
  if (typeof password === "string" && !isStrong(password, world)) return refusal(400, "password does not meet the policy", world);
  if (typeof role !== "string" || !isKnown(role, world)) return refusal(400, "Unknown role", world);
  if (isTaken(String(email), world)) return duplicate(world);
  const full = isFull(world);
  if (full) return full;

  const user: User = {
    id: `usr-${world.random.uuid()}`, email: String(email), first_name: String(first_name), last_name: String(last_name), company_role: null,
    is_enabled: true, role, assignments: [], password: typeof password === "string" ? shapeOf(password) : null, deleted: false,
  };
  return carriedOut(world, { success: true, user: { id: user.id, email: user.email } }, () => {
    world.state.users.push(user);
    note(world, "USER_CREATED", user.id, { role });
  });
}

function isStrong(password: string, world: Tenant): boolean {
  const { length, classes } = shapeOf(password);
  const policy = world.position("passwordPolicy");
  return policy === "none" || (length >= 8 && (policy === "8+" || classes === 4));
}

const isKnown = (role: string, world: Tenant): boolean => world.position("unknownRole") === "stored" || world.state.roles.includes(role);

function isTaken(email: string, world: Tenant): boolean {
  const key = world.position("emailUniqueCase") === "sensitive" ? (text: string) => text : (text: string) => text.toLowerCase();
  return world.state.users.some((user) => key(user.email) === key(email));
}

function duplicate(world: Tenant): Answer {
  switch (world.position("duplicate")) {
    case "409":
      return refusal(409, "A user with this email already exists", world);
    case "400":
      return refusal(400, "A user with this email already exists", world);
    default:
      return ok({ success: false, error: "A user with this email already exists" });
  }
}

function isFull(world: Tenant): Answer | undefined {
  const limit = world.position("seatLimit");
  const taken = world.state.users.filter(({ is_enabled }) => is_enabled).length;
  return limit === "off" || taken < world.state.seats ? undefined : refusal(Number(limit), "Your plan has no seats left", world);
}

const changeable: Readonly<Record<string, "string" | "boolean">> = { first_name: "string", last_name: "string", role: "string", is_enabled: "boolean" };

function update(request: VendorRequest, world: Tenant): Answer {
  const user = userOf(request, world);
  if (!user || user.deleted) return refusal(404, "User not found", world);
  const sent = fieldsOf(request);
  const extra = Object.keys(sent).find((name) => !Object.hasOwn(changeable, name));
  if (extra !== undefined && world.position("patchExtra") === "400") return refusal(400, `${extra} cannot be changed`, world);
  const changes = Object.fromEntries(Object.entries(sent).filter(([name]) => Object.hasOwn(changeable, name))) as Partial<Pick<User, "first_name" | "last_name" | "role" | "is_enabled">>;
  const wrong = Object.entries(changes).find(([name, value]) => typeof value !== changeable[name]);
  if (wrong) return refusal(400, `${wrong[0]} is not valid`, world);
  if (changes.role !== undefined && !isKnown(changes.role, world)) return refusal(400, "Unknown role", world);
  const full = changes.is_enabled === true && !user.is_enabled ? isFull(world) : undefined;
  if (full) return full;
  return carriedOut(world, { success: true }, () => {
    Object.assign(user, changes);
    note(world, "USER_UPDATED", user.id, changes as JsonObject);
  });
}

/** Hard: the record is gone. Soft: it stays readable, switched off, and its address stays taken. */
function remove(request: VendorRequest, world: Tenant): Answer {
  const user = userOf(request, world);
  if (!user || user.deleted) return world.position("deleteTwice") === "success" ? ok({ success: true }) : refusal(404, "User not found", world);
  return carriedOut(world, { success: true }, () => {
    if (world.position("delete") === "hard") world.state.users = world.state.users.filter((other) => other !== user);
    else Object.assign(user, { deleted: true, is_enabled: false, assignments: [] });
    note(world, "USER_DELETED", user.id, {});
  });
}

/** Also what `DELETE /api/v1/users/{id}` does. */
export const removeUser = remove;

export const writeRoutes: readonly Route<PeopleLensState>[] = [
  { method: "POST", path: "/api/users", answer: adminsOnly(create) },
  { method: "PATCH", path: "/api/users/{id}", answer: adminsOnly(update) },
  { method: "DELETE", path: "/api/users/{id}", answer: adminsOnly(remove) },
];

/**
 * Writes of the simulated Enlivy: add, edit, trash, restore, tag.
 *
 * @module
 */
import type { Json } from "../../../model/json.ts";
import type { Answer, Route, VendorRequest } from "../../kit/simulator/definition.ts";
import type { Organization } from "./answers.ts";
import { fieldsOf, invalid, notThere, ok, refusal, shown, userOf } from "./answers.ts";
import { complaintsAbout, isNoticed, noticed, writable } from "./rules.ts";
import type { EnlivyState, User } from "./state.ts";
import { blank, nameOf, trace } from "./state.ts";

type Act = (request: VendorRequest, world: Organization) => Answer;

/** "Safe write retries": honoured, the same key gets the same answer and nothing is done twice. */
const keyed = (act: Act): Act => (request, world) => {
  const key = request.headers["idempotency-key"];
  if (typeof key !== "string" || world.position("idempotency") === "ignored") return act(request, world);
  const asked = JSON.stringify([request.path, request.body ?? null]);
  const { answered } = world.state;
  const before = Object.hasOwn(answered, key) ? answered[key] : undefined;
  if (before && before.request !== asked) return refusal(422, "This idempotency key was used for another request.", world);
  if (before) return { status: before.status, body: before.body };
  const answer = act(request, world);
  const { commit } = answer;
  if (!commit) return answer;
  return {
    ...answer,
    commit: () => {
      commit();
      answered[key] = { request: asked, status: answer.status, body: answer.body ?? null };
    },
  };
};

function create(request: VendorRequest, world: Organization): Answer {
  const sent = noticed(fieldsOf(request), world);
  const complaints = complaintsAbout(sent, undefined, true, world);
  if (Object.keys(complaints).length > 0) return refused(complaints, world);
  const at = new Date(world.now).toISOString();
  const draft = { ...blank, locale: world.state.locales[0] ?? "en", ...sent, id: `org_user_${world.random.hex(20)}`, created_at: at, updated_at: at } as User;
  const user: User = { ...draft, name: nameOf(draft) };
  return {
    ...ok({ data: shown(user, request, world) }, world, Number(world.position("createStatus"))),
    commit: () => {
      world.state.users.push(user);
      trace(world, "created", undefined, user);
    },
  };
}

/** An address that somebody has: by the documents' shape a complaint about the field, perhaps a conflict. */
function refused(complaints: Readonly<Record<string, string>>, world: Organization): Answer {
  const only = Object.keys(complaints).length === 1 && complaints["email"]?.includes("taken");
  return only && world.position("duplicate") === "409" ? refusal(409, "The email has already been taken.", world) : invalid(complaints, world);
}

/** Full replace: what is required must be there, and what is left out is emptied. */
function edited(user: User, request: VendorRequest, world: Organization): User | Answer {
  const sent = noticed(fieldsOf(request), world);
  const replaces = world.position("put") === "full replace";
  const complaints = complaintsAbout(sent, user, replaces, world);
  if (Object.keys(complaints).length > 0) return refused(complaints, world);
  const emptied = replaces ? Object.fromEntries(writable.filter((name) => name !== "locale" && name !== "name" && isNoticed(name, world)).map((name) => [name, (blank as Readonly<Record<string, Json>>)[name] ?? null])) : {};
  const after = { ...user, ...emptied, ...sent, updated_at: new Date(world.now).toISOString() } as User;
  return { ...after, name: nameOf(after) };
}

function edit(request: VendorRequest, world: Organization): Answer {
  const user = userOf(request, world);
  if (!user || user.deleted_at !== null) return notThere(world);
  const after = edited(user, request, world);
  return "status" in after ? after : replaced(user, after, "updated", request, world);
}

/** The documented edit has no id. */
function editCollection(request: VendorRequest, world: Organization): Answer {
  const what = world.position("putCollection");
  if (what === "405") return refusal(405, "The PUT method is not supported for this route.", world);
  if (what === "404") return notThere(world);
  const after = edited(world.state.owner, request, world);
  return "status" in after ? after : { ...ok({ data: shown(after, request, world) }, world), commit: () => void (world.state.owner = after) };
}

/** Soft: the record goes to the trash and is answered with `deleted_at`. */
function remove(request: VendorRequest, world: Organization): Answer {
  const user = userOf(request, world);
  if (!user) return notThere(world);
  if (user.deleted_at !== null) return world.position("deleteTwice") === "404" ? notThere(world) : ok({ data: shown(user, request, world) }, world);
  return replaced(user, { ...user, deleted_at: new Date(world.now).toISOString() }, "deleted", request, world);
}

function restore(request: VendorRequest, world: Organization): Answer {
  const user = userOf(request, world);
  const swept = !user && world.state.users.some(({ id }) => id === request.parameters["id"]);
  if (swept && world.position("restoreSwept") === "422") return invalid({ id: "The user can no longer be restored." }, world);
  if (!user || user.deleted_at === null) return notThere(world);
  return replaced(user, { ...user, deleted_at: null }, "restored", request, world);
}

const tag = (change: (tags: readonly string[], tag: string) => readonly string[]): Act => (request, world) => {
  const user = userOf(request, world);
  const { tag: id = "" } = request.parameters;
  if (!user || user.deleted_at !== null || !world.state.tags.some((known) => known.id === id)) return notThere(world);
  return replaced(user, { ...user, tag_ids: change(user.tag_ids, id) }, "updated", request, world);
};

function replaced(user: User, after: User, event: "updated" | "deleted" | "restored", request: VendorRequest, world: Organization): Answer {
  return {
    ...ok({ data: shown(after, request, world) }, world),
    commit: () => {
      const before = { ...user };
      Object.assign(user, after);
      trace(world, event, before, user);
    },
  };
}

const users = "/organizations/{organization}/users";

export const writeRoutes: readonly Route<EnlivyState>[] = [
  { method: "POST", path: users, answer: keyed(create) },
  { method: "PUT", path: users, answer: editCollection },
  { method: "PUT", path: `${users}/{id}`, answer: edit },
  { method: "DELETE", path: `${users}/{id}`, answer: remove },
  { method: "POST", path: `${users}/restore/{id}`, answer: keyed(restore) },
  { method: "PUT", path: `${users}/{id}/tag/{tag}`, answer: tag((tags, id) => [...tags.filter((one) => one !== id), id]) },
  { method: "DELETE", path: `${users}/{id}/tag/{tag}`, answer: tag((tags, id) => tags.filter((one) => one !== id)) },
];

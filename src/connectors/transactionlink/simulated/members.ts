/**
 * Members of the simulated TransactionLink: `/organizations/users`.
 *
 * @module
 */
import type { Json } from "../../../model/json.ts";
import type { Answer, Route, VendorRequest } from "../../kit/simulator/definition.ts";
import { done, fieldsOf, ok, page, refusal, shownMember } from "./answers.ts";
import { permitted } from "./permissions.ts";
import type { Member, Organisation, Profile, TransactionLinkState } from "./state.ts";
import { inOrder, roleIds, touch } from "./state.ts";

const list = (request: VendorRequest, world: Organisation): Answer =>
  page(inOrder(world.state.users, world).filter(({ status }) => status === "ACTIVE" || world.position("terminatedListed") === "true").map((user) => shownMember(user, world)), request, world);

function get(user: Member, _request: VendorRequest, world: Organisation): Answer {
  return user.status === "TERMINATED" && world.position("terminatedReadable") === "404" ? refusal(404, "User not found", world) : ok(shownMember(user, world));
}

const parts = ["firstName", "lastName", "title"] as const;

/** What a field that was left out means is nowhere said. */
function putProfile(user: Member, request: VendorRequest, world: Organisation): Answer {
  const sent = fieldsOf(request);
  const wrong = parts.find((name) => Object.hasOwn(sent, name) && sent[name] !== null && typeof sent[name] !== "string");
  if (wrong !== undefined) return refusal(400, `${wrong} must be a string`, world);
  const value = (name: keyof Profile) => (Object.hasOwn(sent, name) ? (sent[name] as string | null) : world.position("profileOmitted") === "kept" ? user.profile[name] : null);
  return change(user, world, () => (user.profile = { firstName: value("firstName"), lastName: value("lastName"), title: value("title") }));
}

function putRole(user: Member, request: VendorRequest, world: Organisation): Answer {
  const { roleId } = fieldsOf(request);
  const wrong = wrongRole(roleId, world) ?? (roleId === roleIds.owner ? undefined : lastOwner(user, world));
  return wrong ?? change(user, world, () => (user.roleId = String(roleId)));
}

function terminate(user: Member, _request: VendorRequest, world: Organisation): Answer {
  if (user.status === "TERMINATED") {
    const again = world.position("terminateAgain");
    return again === "200" ? change(user, world, () => undefined) : refusal(Number(again), "User is already terminated", world);
  }
  return lastOwner(user, world) ?? change(user, world, () => (user.status = "TERMINATED"));
}

function reinstate(user: Member, request: VendorRequest, world: Organisation): Answer {
  const { roleId } = fieldsOf(request);
  const wrong = wrongRole(roleId, world);
  if (wrong) return wrong;
  if (user.status === "ACTIVE" && world.position("reinstateActive") === "409") return refusal(409, "User is not terminated", world);
  return change(user, world, () => {
    if (user.status === "TERMINATED" && world.position("membershipsOnReinstate") === "dropped") world.state.memberships = world.state.memberships.filter(({ userId }) => userId !== user.id);
    Object.assign(user, { status: "ACTIVE", roleId: String(roleId) });
  });
}

const resetMfa = (user: Member): Answer => ({ status: 204, body: undefined, commit: () => void (user.mfaResets += 1) });

const change = (user: Member, world: Organisation, act: () => unknown): Answer =>
  done(world, () => {
    act();
    touch(user, world);
  }, () => shownMember(user, world));

/** Missing or malformed: 400; a role that is not there: as the switch has it. */
export function wrongRole(roleId: Json | undefined, world: Organisation): Answer | undefined {
  if (typeof roleId !== "string" || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(roleId)) return refusal(400, "roleId must be a valid UUID", world);
  return world.state.roles.some(({ id }) => id === roleId) ? undefined : refusal(Number(world.position("unknownRole")), "Role not found", world);
}

function lastOwner(user: Member, world: Organisation): Answer | undefined {
  const others = world.state.users.some((other) => other !== user && other.roleId === roleIds.owner && other.status === "ACTIVE");
  return user.roleId !== roleIds.owner || user.status !== "ACTIVE" || others ? undefined : refusal(Number(world.position("lastOwner")), "The organization must keep an owner", world);
}

const ofMember = (answer: (user: Member, request: VendorRequest, world: Organisation) => Answer) => (request: VendorRequest, world: Organisation): Answer => {
  const user = world.state.users.find(({ id }) => id === request.parameters["userId"]);
  return user ? answer(user, request, world) : refusal(404, "User not found", world);
};

const manage = permitted("can_manage_users");
const one = "/organizations/users/{userId}";

export const memberRoutes: readonly Route<TransactionLinkState>[] = [
  { method: "GET", path: "/organizations/users", answer: manage(list) },
  { method: "GET", path: one, answer: manage(ofMember(get)) },
  { method: "PUT", path: `${one}/profile`, answer: manage(ofMember(putProfile)) },
  { method: "PUT", path: `${one}/role`, answer: manage(ofMember(putRole)) },
  { method: "POST", path: `${one}/terminate`, answer: manage(ofMember(terminate)) },
  { method: "POST", path: `${one}/reinstate`, answer: manage(ofMember(reinstate)) },
  { method: "POST", path: `${one}/reset-mfa`, answer: permitted("can_reset_2fa")(ofMember(resetMfa)) },
];

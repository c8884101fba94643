/**
 * Invitations of the simulated TransactionLink: `/organizations/enrollments`.
 *
 * @module
 */
import type { JsonObject } from "../../../model/json.ts";
import type { Answer, Route, VendorRequest } from "../../kit/simulator/definition.ts";
import { done, fieldsOf, ok, page, refusal, shownEnrollment } from "./answers.ts";
import { wrongRole } from "./members.ts";
import { permitted } from "./permissions.ts";
import type { Enrollment, Organisation, TransactionLinkState } from "./state.ts";
import { inOrder, sameAddress, statusOf, touch } from "./state.ts";

/** "filtered by status", says the text, and shows no such parameter. */
function list(request: VendorRequest, world: Organisation): Answer {
  const wanted = world.position("statusFilter") === "present" ? request.query.get("status") : null;
  return page(inOrder(world.state.enrollments, world).filter((one) => wanted === null || statusOf(one, world.now) === wanted).map((one) => shownEnrollment(one, world)), request, world);
}

function invite(request: VendorRequest, world: Organisation): Answer {
  const { email, roleId, ...rest } = fieldsOf(request);
  if (typeof email !== "string" || !/^[^\s@]+@[^\s@]+$/.test(email)) return refusal(400, "email must be a well-formed email address", world);
  const wrong = wrongRole(roleId, world) ?? wrongName(rest, world) ?? taken(email, world);
  if (wrong) return wrong;
  const name = (at: string) => (typeof rest[at] === "string" ? rest[at] : null);
  const made: Enrollment = {
    enrollmentId: world.random.uuid(), email, roleId: String(roleId), status: "PENDING", lastInvitationSentAt: new Date(world.now).toISOString(),
    touched: 0, profile: { firstName: name("firstName"), lastName: name("lastName"), title: name("title") },
  };
  return { ...ok(shownEnrollment(made, world)), commit: () => void world.state.enrollments.push(made) };
}

function wrongName(rest: JsonObject, world: Organisation): Answer | undefined {
  const wrong = ["firstName", "lastName", "title"].find((name) => !["string", "undefined"].includes(typeof rest[name]) && rest[name] !== null);
  return wrong === undefined ? undefined : refusal(400, `${wrong} must be a string`, world);
}

/** Whether somebody with this address may be invited again is nowhere said. */
function taken(email: string, world: Organisation): Answer | undefined {
  const member = world.state.users.find((user) => sameAddress(user.email, email));
  if (member?.status === "ACTIVE") return refusal(Number(world.position("inviteMember")), "User is already a member of the organization", world);
  if (member && world.position("inviteTerminated") === "409") return refusal(409, "User was a member of the organization", world);
  const pending = world.state.enrollments.some((one) => sameAddress(one.email, email) && statusOf(one, world.now) === "PENDING");
  return pending && world.position("invitePending") === "409" ? refusal(409, "User has a pending invitation", world) : undefined;
}

function cancel(enrollment: Enrollment, world: Organisation): Answer {
  if (statusOf(enrollment, world.now) !== "PENDING") return refusal(Number(world.position("cancelNotPending")), "Enrollment is not pending", world);
  return change(enrollment, world, () => (enrollment.status = "CANCELLED"));
}

function resend(enrollment: Enrollment, world: Organisation): Answer {
  if (enrollment.status !== "PENDING") return refusal(Number(world.position("cancelNotPending")), "Enrollment is not pending", world);
  return change(enrollment, world, () => (enrollment.lastInvitationSentAt = new Date(world.now).toISOString()));
}

const change = (enrollment: Enrollment, world: Organisation, act: () => unknown): Answer =>
  done(world, () => {
    act();
    touch(enrollment, world);
  }, () => shownEnrollment(enrollment, world));

const ofEnrollment = (answer: (enrollment: Enrollment, world: Organisation) => Answer) => (request: VendorRequest, world: Organisation): Answer => {
  const enrollment = world.state.enrollments.find(({ enrollmentId }) => enrollmentId === request.parameters["enrollmentId"]);
  return enrollment ? answer(enrollment, world) : refusal(404, "Enrollment not found", world);
};

const manage = permitted("can_manage_users");

export const enrollmentRoutes: readonly Route<TransactionLinkState>[] = [
  { method: "GET", path: "/organizations/enrollments", answer: manage(list) },
  { method: "POST", path: "/organizations/enrollments", answer: manage(invite) },
  { method: "POST", path: "/organizations/enrollments/{enrollmentId}/cancel", answer: manage(ofEnrollment(cancel)) },
  { method: "POST", path: "/organizations/enrollments/{enrollmentId}/resend", answer: manage(ofEnrollment(resend)) },
];

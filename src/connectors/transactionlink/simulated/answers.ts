/**
 * The shapes in which the simulated TransactionLink answers: pages, records, errors.
 *
 * @module
 */
import type { Json, JsonObject } from "../../../model/json.ts";
import { isObject } from "../../../model/json.ts";
import type { Answer, VendorRequest } from "../../kit/simulator/definition.ts";
import type { Enrollment, Member, Organisation } from "./state.ts";
import { statusOf } from "./state.ts";

/** `{ "fingerprint", "errors": [{ "code", "message" }] }`, the documented error. */
export const refusal = (status: number, message: string, world: Organisation): Answer => ({
  status,
  body: { fingerprint: world.random.hex(32), errors: [{ code: codes[status] ?? "ERROR", message }] },
});

const codes: Readonly<Record<number, string>> = { 400: "BAD_REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 409: "CONFLICT", 413: "TOO_LARGE", 429: "TOO_MANY_REQUESTS" };

export const ok = (body: Json): Answer => ({ status: 200, body });

/** What a write answers is nowhere shown: nothing, or the record as it is then. */
export const done = (world: Organisation, commit: () => void, record: () => JsonObject): Answer => {
  if (world.position("writeAnswer") === "empty") return { status: 200, body: undefined, commit };
  let shown: JsonObject | undefined;
  // The record is read when the answer goes out: after the commit, where there was one.
  return { status: 200, get body() { return (shown ??= record()); }, commit };
};

/** A body that is no object counts as an empty one: every field is then missing. */
export const fieldsOf = ({ body }: VendorRequest): JsonObject => (isObject(body) ? body : {});

export function shownMember({ id, email, idpId, roleId, profile, status, createdDateTime }: Member, world: Organisation): JsonObject {
  const where = world.position("statusShown");
  return {
    id, email, idpId, roleId,
    profile: { ...(world.position("profileShown") === "empty" ? {} : profile), ...(where === "in profile" ? { status } : {}) },
    createdDateTime,
    ...(where === "top level" ? { status } : {}),
  };
}

export const shownEnrollment = (enrollment: Enrollment, { now }: Organisation): JsonObject => ({
  enrollmentId: enrollment.enrollmentId, email: enrollment.email, status: statusOf(enrollment, now), lastInvitationSentAt: enrollment.lastInvitationSentAt,
});

/** One page of `rows`: numbered from 0, 20 rows unless `size` says otherwise; beyond the end is empty, not an error. */
export function page(rows: readonly JsonObject[], { query }: VendorRequest, world: Organisation): Answer {
  const number = whole(query.get("page"), 0);
  const asked = whole(query.get("size"), 20);
  if (number === undefined || number < 0) return refusal(400, "Page index must not be less than zero", world);
  if (asked === undefined || asked < 1) return refusal(400, "Page size must not be less than one", world);
  const most = world.position("maxSize");
  if (most === "400" && asked > 100) return refusal(400, "Page size must not be greater than 100", world);
  const size = most === "clamp 100" ? Math.min(asked, 100) : asked;
  return ok({ content: rows.slice(number * size, (number + 1) * size), totalElements: rows.length, totalPages: Math.ceil(rows.length / size), size, number });
}

const whole = (text: string | null, standard: number): number | undefined => (text === null ? standard : /^-?\d{1,9}$/.test(text) ? Number(text) : undefined);

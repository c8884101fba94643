/**
 * Who is in the simulated TransactionLink when a test begins, and what invited people do: they accept, or are about to.
 *
 *     { users: [{ email, role?, status?, … }], enrollments: [{ email, status?, … }], count }
 *     { accept: ["id or address"] }           follows a pending invitation
 *     { acceptInFlight: ["id or address"] }   had followed it before it was cancelled; it arrives now all the same
 *     { touch: ["address"] }                  somebody else writes to the member's row
 *
 * @module
 */
import { Fault } from "../../../model/failure.ts";
import type { Json, JsonObject } from "../../../model/json.ts";
import { isObject } from "../../../model/json.ts";
import type { Enrollment, Member, Organisation } from "./state.ts";
import { accept, roleIds, sameAddress, statusOf, touch } from "./state.ts";

const keys = ["users", "enrollments", "count", "accept", "acceptInFlight", "touch"];

export function seedOrganisation(records: JsonObject, world: Organisation): void {
  const stray = Object.keys(records).find((name) => !keys.includes(name));
  const { users = [], enrollments = [], count = 0, accept: accepted = [], acceptInFlight = [], touch: touched = [] } = records;
  if (stray !== undefined || ![users, enrollments, accepted, acceptInFlight, touched].every(Array.isArray) || typeof count !== "number")
    throw new Fault({ kind: "invalid", ...(stray === undefined ? {} : { field: stray }), detail: `TransactionLink is seeded with ${keys.join(", ")}, or { named }` });
  for (const user of users as readonly Json[]) world.state.users.push(member(user, world));
  for (const one of enrollments as readonly Json[]) world.state.enrollments.push(enrollment(one, world));
  for (let number = 1; number <= count; number += 1) world.state.users.push(member({ email: `person${number}@plain.example`, firstName: "Person", lastName: String(number) }, world));
  for (const wanted of accepted as readonly Json[]) accept(invited(wanted, ["PENDING"], world), world);
  for (const wanted of acceptInFlight as readonly Json[]) accept(invited(wanted, ["PENDING", "CANCELLED"], world), world);
  for (const user of world.state.users) if ((touched as readonly Json[]).includes(user.email)) touch(user, world);
}

function invited(wanted: Json, from: readonly string[], world: Organisation): Enrollment {
  const found = world.state.enrollments.findLast(({ enrollmentId, email }) => enrollmentId === wanted || (typeof wanted === "string" && sameAddress(email, wanted)));
  const status = found && statusOf(found, world.now);
  if (!found || !status || !from.includes(status)) throw new Fault({ kind: "invalid", field: "accept", detail: `There is no invitation that could be accepted (${status ?? "none"})` });
  return found;
}

const memberFits: Readonly<Record<string, (value: Json | undefined) => boolean>> = {
  id: optionalText, email: (value) => typeof value === "string", firstName: nullableText, lastName: nullableText, title: nullableText, role: isRole, roleId: optionalText,
  status: (value) => value === "ACTIVE" || value === "TERMINATED" || value === undefined, workspace: (value) => typeof value === "boolean" || value === undefined,
};

function member(wanted: Json, world: Organisation): Member {
  const { id, email, firstName = "Pat", lastName = "Doe", title = null, role = "member", roleId, status = "ACTIVE", workspace } = checked(wanted, memberFits, "user");
  const known = String(id ?? world.random.uuid());
  if (world.state.users.some((other) => other.id === known)) throw new Fault({ kind: "invalid", field: "id", detail: "A seeded user's id is taken" });
  const [first] = world.state.workspaces;
  if (workspace === true && first) world.state.memberships.push({ workspaceId: first.id, userId: known });
  return {
    id: known, email: String(email), idpId: world.random.uuid(), roleId: String(roleId ?? roleIds[role as keyof typeof roleIds]), status: status as Member["status"], mfaResets: 0, touched: 0,
    profile: { firstName, lastName, title } as Member["profile"], createdDateTime: new Date(world.now).toISOString(),
  };
}

const enrollmentFits: Readonly<Record<string, (value: Json | undefined) => boolean>> = {
  enrollmentId: optionalText, email: (value) => typeof value === "string", firstName: nullableText, lastName: nullableText, title: nullableText, role: isRole,
  status: (value) => ["PENDING", "ACCEPTED", "CANCELLED", undefined].includes(value as string | undefined),
};

function enrollment(wanted: Json, world: Organisation): Enrollment {
  const { enrollmentId, email, firstName = "Pat", lastName = "Doe", title = null, role = "member", status = "PENDING" } = checked(wanted, enrollmentFits, "enrollment");
  return {
    enrollmentId: String(enrollmentId ?? world.random.uuid()), email: String(email), roleId: roleIds[role as keyof typeof roleIds], status: status as Enrollment["status"],
    touched: 0, profile: { firstName, lastName, title } as Enrollment["profile"], lastInvitationSentAt: new Date(world.now).toISOString(),
  };
}

function checked(wanted: Json, fits: typeof memberFits, what: string): JsonObject {
  const record: JsonObject = isObject(wanted) ? wanted : {};
  const wrong = [...Object.keys(record).filter((name) => !Object.hasOwn(fits, name)), ...Object.keys(fits).filter((name) => !fits[name]?.(record[name]))][0];
  if (wrong !== undefined) throw new Fault({ kind: "invalid", field: wrong, detail: `A seeded ${what}'s "${wrong}" is wrong or unknown; possible: ${Object.keys(fits).join(", ")}` });
  return record;
}

function optionalText(value: Json | undefined): boolean {
  return value === undefined || typeof value === "string";
}
function nullableText(value: Json | undefined): boolean {
  return value === null || optionalText(value);
}
function isRole(value: Json | undefined): boolean {
  return value === undefined || (typeof value === "string" && Object.hasOwn(roleIds, value));
}

/** Who must not be mistaken for whom; 45 members, so that pages of 20 have boundaries. */
export const traps = {
  users: [
    { email: "owner@acme.example", firstName: "Olga", lastName: "Owner", role: "owner" },
    { email: "boss@acme.example", firstName: "Bo", lastName: "Ss", role: "admin" },
    { email: "ann@acme.example", firstName: "Ann", lastName: "Lee", title: "Analyst", workspace: true },
    { email: "joann@acme.example", firstName: "Joann", lastName: "Lee" },
    { email: "someone@acme.example", firstName: "nobody@acme.example", lastName: "Doe" },
    { email: "Mixed.Case@Acme.Example", firstName: "Mixed", lastName: "Case" },
    { email: "twin@acme.example", firstName: "Twin", lastName: "Lower" },
    { email: "Twin@acme.example", firstName: "Twin", lastName: "Upper" },
    { email: "left@acme.example", firstName: "Left", lastName: "Long Ago", status: "TERMINATED" },
  ],
  count: 36,
  enrollments: [
    { email: "invited@acme.example", firstName: "In", lastName: "Vited" },
    // An invitation and the account that came of it, differing in case.
    { email: "Boss@Acme.Example", firstName: "Bo", lastName: "Ss", status: "ACCEPTED" },
    { email: "withdrawn@acme.example", firstName: "With", lastName: "Drawn", status: "CANCELLED" },
  ],
} as const satisfies JsonObject;

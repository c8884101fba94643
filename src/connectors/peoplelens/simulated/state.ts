/**
 * The simulated PeopleLens tenant: its records, and the seeds that tests begin with.
 *
 * @module
 */
import { Fault } from "../../../model/failure.ts";
import type { Json, JsonObject } from "../../../model/json.ts";
import { isObject } from "../../../model/json.ts";
import type { World } from "../../kit/simulator/definition.ts";

export interface PeopleLensState {
  users: User[];
  /** Newest last. */
  audit: AuditEntry[];
  /** Roles that exist here. Only `User` is documented. */
  roles: string[];
  /** How many enabled users the plan allows, once the switch `seatLimit` is on. */
  seats: number;
}

export interface User {
  readonly id: string;
  readonly email: string;
  first_name: string;
  last_name: string;
  company_role: string | null;
  is_enabled: boolean;
  role: string;
  /** Records this person is assigned to; a delete unassigns. */
  assignments: string[];
  /** What is known of the password: never the password. `null` = none was given. */
  readonly password: { readonly length: number; readonly classes: number } | null;
  /** Set by a soft delete. */
  deleted: boolean;
}

export interface AuditEntry {
  readonly id: string;
  readonly action: string;
  readonly entity_type: "user";
  readonly entity_id: string;
  readonly user_id: string | null;
  readonly details: JsonObject;
  readonly created_at: string;
}

export const emptyTenant = (): PeopleLensState => ({ users: [], audit: [], roles: ["User", "Admin", "Editor", "Viewer"], seats: 100 });

/** Lower case, upper case, digit, anything else. */
export const shapeOf = (password: string): { readonly length: number; readonly classes: number } => ({
  length: password.length,
  classes: [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((one) => one.test(password)).length,
});

/** An entry of the audit log; the log forgets its oldest. */
export function note(world: World<PeopleLensState>, action: string, entity: string, details: JsonObject): void {
  const { audit } = world.state;
  audit.push({ id: `aud-${world.random.uuid()}`, action, entity_type: "user", entity_id: entity, user_id: null, details, created_at: new Date(world.now).toISOString() });
  if (audit.length > 1_000) audit.shift();
}

/** `{ users: […], seats, roles, count }`; of a user only `email` is needed. `count` adds that many plain people. */
export function seedUsers(records: JsonObject, world: World<PeopleLensState>): void {
  const { users = [], seats, roles, count = 0, ...unknown } = records;
  const stray = Object.keys(unknown)[0];
  if (stray !== undefined || !Array.isArray(users) || typeof count !== "number" || !["number", "undefined"].includes(typeof seats) || !(roles === undefined || isTexts(roles)))
    throw new Fault({ kind: "invalid", ...(stray === undefined ? {} : { field: stray }), detail: "PeopleLens is seeded with { users: [{ email, … }], count, seats, roles }, or { named }" });
  if (typeof seats === "number") world.state.seats = seats;
  if (isTexts(roles)) world.state.roles = [...roles];
  for (const user of users as readonly Json[]) world.state.users.push(seededUser(user, world));
  for (let number = 1; number <= count; number += 1) world.state.users.push(seededUser({ email: `person${number}@plain.example`, first_name: "Person", last_name: String(number) }, world));
}

const isTexts = (value: Json | undefined): value is readonly string[] => Array.isArray(value) && value.every((one: Json) => typeof one === "string");

const plain = { first_name: "Pat", last_name: "Doe", company_role: null, is_enabled: true, role: "User", assignments: [] as readonly string[] };
const fits: Readonly<Record<string, (value: Json | undefined) => boolean>> = {
  id: (value) => value === undefined || typeof value === "string",
  email: (value) => typeof value === "string",
  first_name: (value) => typeof value === "string",
  last_name: (value) => typeof value === "string",
  company_role: (value) => value === null || typeof value === "string",
  is_enabled: (value) => typeof value === "boolean",
  role: (value) => typeof value === "string",
  assignments: isTexts,
};

function seededUser(wanted: Json, world: World<PeopleLensState>): User {
  const user = { ...plain, ...(isObject(wanted) ? wanted : {}) } as JsonObject;
  const wrong = [...Object.keys(user).filter((name) => !Object.hasOwn(fits, name)), ...Object.keys(fits).filter((name) => !fits[name]?.(user[name]))][0];
  if (wrong !== undefined) throw new Fault({ kind: "invalid", field: wrong, detail: `A seeded user's "${wrong}" is wrong or unknown; possible: ${Object.keys(fits).join(", ")}` });
  const id = user["id"] ?? `usr-${world.random.uuid()}`;
  if (world.state.users.some((other) => other.id === id)) throw new Fault({ kind: "invalid", field: "id", detail: "A seeded user's id is taken" });
  return { ...(user as unknown as User), id: String(id), assignments: [...(user["assignments"] as readonly string[])], password: null, deleted: false };
}

/** Who must not be mistaken for whom. */
export const traps = {
  users: [
    { email: "ann@acme.example", first_name: "Ann", last_name: "Lee", assignments: ["candidate-1"] },
    { email: "joann@acme.example", first_name: "Joann", last_name: "Lee" },
    // A name that is somebody else's address: a search for grace finds both.
    { email: "impostor@acme.example", first_name: "grace@acme.example", last_name: "Hopper" },
    { email: "grace@acme.example", first_name: "Grace", last_name: "Hopper" },
    // Only by name: nobody has this address.
    { email: "someone@acme.example", first_name: "nobody@acme.example", last_name: "Doe" },
    { email: "Mixed.Case@Acme.Example", first_name: "Mixed", last_name: "Case" },
    // Two records that differ only in case.
    { email: "twin@acme.example", first_name: "Twin", last_name: "Lower" },
    { email: "Twin@acme.example", first_name: "Twin", last_name: "Upper" },
    { email: "boss@acme.example", first_name: "Bo", last_name: "Ss", role: "Admin", company_role: "Head of Everything" },
    { email: "left@acme.example", first_name: "Left", last_name: "Long Ago", is_enabled: false },
  ],
} as const satisfies JsonObject;

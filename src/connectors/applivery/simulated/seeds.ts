/**
 * What a simulated Applivery workspace is filled with.
 *
 * @module
 */
import { Fault } from "../../../model/failure.ts";
import type { Json, JsonObject } from "../../../model/json.ts";
import { isObject } from "../../../model/json.ts";
import type { World } from "../../kit/simulator/definition.ts";
import type { AppliveryState, PlatformAccount } from "./state.ts";
import { collaboratorRoles, settleAccess } from "./state.ts";

type Check = (value: Json | undefined) => boolean;
const text: Check = (value) => typeof value === "string";
const texts: Check = (value) => Array.isArray(value) && value.every((one: Json) => text(one));
const number: Check = (value) => typeof value === "number" && value >= 0;
const flag: Check = (value) => typeof value === "boolean";
const optional = (check: Check): Check => (value) => value === undefined || check(value);
const list: Check = optional((value) => Array.isArray(value));

const wholeFits: Readonly<Record<string, Check>> = { collaborators: list, outside: optional(texts), permissions: list, oem: optional(flag), seats: optional(number), count: optional(number) };

const personFits: Readonly<Record<string, Check>> = {
  id: optional(text), email: text, firstName: text, lastName: text, role: (value) => collaboratorRoles.includes(String(value)), tags: texts, userRole: text, ssoUser: flag,
};
const plainPerson = { firstName: "Pat", lastName: "Doe", role: "viewer", tags: [], userRole: "user", ssoUser: false };

const permissionFits: Readonly<Record<string, Check>> = { id: optional(text), name: text, segmentId: optional(text), emails: texts, groups: (value) => Array.isArray(value) && value.every((group: Json) => texts(group)), roles: texts, actions: texts };
const plainPermission = { name: "Permission", emails: [], groups: [], roles: [], actions: [] };

/**
 * `{ collaborators, outside, permissions, oem, seats, count }`: of a collaborator only `email` is needed; `outside` are addresses
 * with an account elsewhere on the platform; `count` adds that many plain people.
 */
export function seedWorkspace(records: JsonObject, world: World<AppliveryState>): void {
  refuseWrong(records, wholeFits, "Applivery's seed");
  const { collaborators = [], outside = [], permissions = [], oem, seats, count = 0 } = records;
  const { state, random } = world;
  if (typeof oem === "boolean") state.oem = oem;
  if (typeof seats === "number") state.seats = seats;
  for (const email of outside as readonly string[]) state.accounts.push(account({ email, ...plainPerson }, random.hex(24)));
  for (const wanted of collaborators as readonly Json[]) addCollaborator(wanted, world);
  for (let one = 1; one <= Number(count); one += 1) addCollaborator({ email: `person${one}@plain.example`, firstName: "Person", lastName: String(one) }, world);
  for (const wanted of permissions as readonly Json[]) {
    const { id = random.hex(24), name, segmentId = random.hex(24), emails, groups, roles, actions } = checked(wanted, plainPermission, permissionFits, "A seeded segment permission");
    state.permissions.push(structuredClone({ id, name, segmentId, users: { emails, groups }, roles, actions }) as unknown as AppliveryState["permissions"][number]);
  }
  settleAccess(state);
}

function addCollaborator(wanted: Json, { state, random, now }: World<AppliveryState>): void {
  const person = checked(wanted, plainPerson, personFits, "A seeded collaborator");
  const id = String(person["id"] ?? random.hex(24));
  if (state.collaborators.some((other) => other.id === id)) throw new Fault({ kind: "invalid", field: "id", detail: "A seeded collaborator's id is taken" });
  if (person["role"] === "owner" && state.collaborators.some(({ role }) => role === "owner")) throw new Fault({ kind: "invalid", field: "role", detail: "A workspace has one owner" });
  const made = account(person, random.hex(24));
  const at = new Date(now).toISOString();
  state.accounts.push(made);
  state.collaborators.push({ id, account: made.id, role: String(person["role"]), tags: [...(person["tags"] as readonly string[])], createdBy: made.id, createdAt: at, updatedAt: at });
}

const account = (person: JsonObject, id: string): PlatformAccount => ({
  id, email: String(person["email"]), firstName: String(person["firstName"]), lastName: String(person["lastName"]), role: String(person["userRole"]), ssoUser: person["ssoUser"] === true, left: false, oemSecret: null,
});

function checked(wanted: Json, plain: JsonObject, fits: Readonly<Record<string, Check>>, what: string): JsonObject {
  const whole = { ...plain, ...(isObject(wanted) ? wanted : {}) };
  refuseWrong(whole, fits, what);
  return whole;
}

function refuseWrong(given: JsonObject, fits: Readonly<Record<string, Check>>, what: string): void {
  const wrong = [...Object.keys(given).filter((name) => !Object.hasOwn(fits, name)), ...Object.keys(fits).filter((name) => !fits[name]?.(given[name]))][0];
  if (wrong !== undefined) throw new Fault({ kind: "invalid", field: wrong, detail: `${what}: "${wrong}" is wrong or unknown; possible: ${Object.keys(fits).join(", ")}` });
}

/** Who must not be mistaken for whom, whom nobody may touch, and whom a segment permission lets in. */
export const traps = {
  collaborators: [
    { email: "olga@acme.example", firstName: "Olga", lastName: "Owner", role: "owner" },
    { email: "ann@acme.example", firstName: "Ann", lastName: "Lee", role: "editor", tags: ["emea", "field"] },
    { email: "joann@acme.example", firstName: "Joann", lastName: "Lee", tags: ["field"] },
    { email: "ann@acme.example.evil.example", firstName: "Not", lastName: "Ann" },
    { email: "boss@acme.example", firstName: "Bo", lastName: "Ss", role: "admin" },
    { email: "left@acme.example", firstName: "Left", lastName: "Long Ago", role: "unassigned" },
    { email: "robot@acme.example", firstName: "Build", lastName: "Robot", role: "admin", userRole: "platformServiceAccount" },
  ],
  outside: ["elsewhere@acme.example"],
  permissions: [
    { id: "65c000000000000000000001", name: "Kiosk tablets", emails: ["Ann@acme.example", "joann@acme.example"] },
    { id: "65c000000000000000000002", name: "Field phones", groups: [["field"]] },
    { id: "65c000000000000000000003", name: "Left over", emails: ["left@acme.example"] },
    { id: "65c000000000000000000004", name: "Nobody's", emails: ["stranger@acme.example"], groups: [["emea", "board"]] },
  ],
} as const satisfies JsonObject;

/**
 * Every kind of push that the loop plays: how the person stands before, what is pushed, and how they may stand afterwards.
 *
 * @module
 */
import type { VendorFault } from "../../../src/connectors/kit/simulator/faults.ts";
import { patch } from "../../support/house.ts";
import { type Answer, pause, type World } from "./world.ts";

/** How a person stands: at the vendor, and as we say that the IdP wants it. */
export interface Standing {
  readonly access: "none" | "active" | "inactive";
  readonly givenName?: string;
  readonly role?: string;
}

/** One person on the way through one case. */
export interface Person {
  readonly email: string;
  readonly id: string | undefined;
  readonly group: string | undefined;
}

export interface PushKind {
  readonly name: string;
  readonly denies: boolean;
  /** The vendor refuses it for good: 400 and all as before, or, once it was accepted, failed with an alarm. */
  readonly refused?: true;
  /** Given at the push or not at all. */
  readonly privileged?: true;
  readonly before: Standing;
  readonly after: Standing;
  /** What the push makes of a person whom it finds in `before`. */
  prepare(world: World, email: string): Promise<Person>;
  push(world: World, person: Person): Promise<Answer | undefined>;
  /** The same push once more, where it is not just the push. */
  repeat?(world: World, person: Person): Promise<Answer | undefined>;
  /** Statuses of the same push once more, when the first was carried out; 200, 201 and 204 are always right. */
  readonly again?: readonly number[];
}

const user = (email: string, more: object = {}) => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
  userName: email,
  externalId: `ext-${email}`,
  name: { givenName: "Ada", familyName: "Lovelace" },
  active: true,
  roles: [{ value: "Everyone" }],
  ...more,
});

const active: Standing = { access: "active", givenName: "Ada", role: "User" };
const editor: Standing = { ...active, role: "Editor" };
const inactive: Standing = { access: "inactive" };
const nobody: Standing = { access: "none" };

async function joined(world: World, email: string, more?: object): Promise<Person> {
  await world.vendor.clearFaults();
  const answer = await world.scim("POST", "/Users", user(email, more));
  if (answer?.status !== 201) throw new Error(`${email} did not join: ${JSON.stringify(answer)}`);
  return { email, id: String(answer.body.id), group: undefined };
}

async function done(step: Promise<Answer | undefined>): Promise<Answer> {
  const answer = await step;
  if (!answer || answer.status >= 300) throw new Error(`a preparation failed: ${JSON.stringify(answer)}`);
  return answer;
}

const patching = (change: object) => (world: World, { id }: Person) => world.scim("PATCH", `/Users/${id}`, patch(change));
const off = { op: "replace", path: "active", value: false };
const renamed = { op: "replace", path: "name.givenName", value: "Augusta" };

/** One group for everybody of a world, so that its name stays unique. */
async function grouped(world: World, person: Person, member: boolean): Promise<Person> {
  const found = await done(world.scim("GET", `/Groups?filter=${encodeURIComponent('displayName eq "Editors"')}`));
  const group = String(found.body.Resources?.[0]?.id ?? (await done(world.scim("POST", "/Groups", { displayName: "Editors" }))).body.id);
  if (member) await done(world.scim("PATCH", `/Groups/${group}`, patch({ op: "add", path: "members", value: [{ value: person.id }] })));
  return { ...person, group };
}

const seeded = (world: World, email: string): Promise<Person> => {
  world.vendor.seed({ users: [{ email, first_name: "Ada", last_name: "Lovelace" }] });
  return Promise.resolve({ email, id: undefined, group: undefined });
};

/** The push while the vendor does something of its own with its first call. */
function meeting(fault: (person: Person) => VendorFault, push: PushKind["push"]): PushKind["push"] {
  return async (world, person) => {
    await world.vendor.clearFaults();
    world.vendor.addFault(fault(person));
    return push(world, person);
  };
}

/** The process stands still while the vendor is at the push's call, and its lease runs out meanwhile. */
function pausing(push: PushKind["push"]): PushKind["push"] {
  return async (world, person) => {
    await world.vendor.clearFaults();
    const path = `/api/users/${account(world, person)}`;
    world.vendor.addFault({ kind: "delay", ms: 60, match: { method: "PATCH", path, times: 1 } });
    const answer = push(world, person);
    for (let turn = 0; turn < 100 && !world.vendor.journal().some((call) => call.method === "PATCH" && call.path === path); turn++) await pause(2);
    world.skip(30_000); // the lease has run out, and whoever holds it does not know
    const early = await answer;
    await pause(90); // and now finds out
    return early;
  };
}

const account = (world: World, { email }: Person): string => world.users().find((one) => one.email === email)?.id ?? "";

const lookUp = (world: World, { email }: Person) => world.scim("GET", `/Users?filter=${encodeURIComponent(`userName eq "${email}"`)}`);

export const pushKinds: readonly PushKind[] = [
  { name: "create", denies: false, before: nobody, after: active, prepare: async (_, email) => ({ email, id: undefined, group: undefined }), push: (world, { email }) => world.scim("POST", "/Users", user(email)), again: [409] },
  { name: "profile", denies: false, before: active, after: { ...active, givenName: "Augusta" }, prepare: (world, email) => joined(world, email), push: patching(renamed) },
  { name: "role up", denies: false, before: active, after: editor, prepare: (world, email) => joined(world, email), push: patching({ op: "replace", path: "roles", value: [{ value: "Editors" }] }) },
  { name: "role up, privileged", denies: false, privileged: true, before: active, after: { ...active, role: "Admin" }, prepare: (world, email) => joined(world, email), push: patching({ op: "replace", path: "roles", value: [{ value: "Admins" }] }) },
  { name: "role down", denies: true, before: editor, after: active, prepare: (world, email) => joined(world, email, { roles: [{ value: "Editors" }] }), push: patching({ op: "replace", path: "roles", value: [{ value: "Everyone" }] }) },
  { name: "deactivate", denies: true, before: active, after: inactive, prepare: (world, email) => joined(world, email), push: patching(off) },
  { name: "deactivate and rename", denies: true, before: active, after: inactive, prepare: (world, email) => joined(world, email), push: patching({ op: "replace", value: { active: false, "name.givenName": "Augusta" } }) },
  {
    name: "reactivate", denies: false, before: inactive, after: { ...active, givenName: "Augusta" },
    async prepare(world, email) {
      const person = await joined(world, email);
      await done(patching(off)(world, person));
      return person;
    },
    push: patching({ op: "replace", value: { active: true, "name.givenName": "Augusta" } }),
  },
  { name: "delete", denies: true, before: active, after: nobody, prepare: (world, email) => joined(world, email), push: (world, { id }) => world.scim("DELETE", `/Users/${id}`), again: [404] },
  {
    name: "group add", denies: false, before: active, after: editor,
    prepare: async (world, email) => grouped(world, await joined(world, email, { roles: [] }), false),
    push: (world, { id, group }) => world.scim("PATCH", `/Groups/${group}`, patch({ op: "add", path: "members", value: [{ value: id }] })),
  },
  {
    name: "group remove", denies: true, before: editor, after: active,
    prepare: async (world, email) => grouped(world, await joined(world, email, { roles: [] }), true),
    push: (world, { id, group }) => world.scim("PATCH", `/Groups/${group}`, patch({ op: "remove", path: `members[value eq "${id}"]` })),
  },
  { name: "create of an existing account", denies: false, before: active, after: active, prepare: seeded, push: (world, { email }) => world.scim("POST", "/Users", user(email)), again: [409] },
  { name: "look-up of an existing account", denies: false, before: active, after: active, prepare: seeded, push: lookUp },
  {
    name: "create whose answer is lost", denies: false, before: nobody, after: active, prepare: async (_, email) => ({ email, id: undefined, group: undefined }), again: [409],
    push: meeting(() => ({ kind: "resetAfter", match: { method: "POST", times: 1 } }), (world, { email }) => world.scim("POST", "/Users", user(email))),
  },
  {
    name: "deactivate whose answer is lost", denies: true, before: active, after: inactive, prepare: (world, email) => joined(world, email),
    push: meeting(() => ({ kind: "resetAfter", match: { method: "PATCH", times: 1 } }), patching(off)),
  },
  {
    name: "privileged role whose answer is lost", denies: false, privileged: true, before: active, after: { ...active, role: "Admin" }, prepare: (world, email) => joined(world, email), repeat: patching({ op: "replace", path: "roles", value: [{ value: "Admins" }] }),
    push: meeting(() => ({ kind: "resetAfter", match: { method: "PATCH", times: 1 } }), patching({ op: "replace", path: "roles", value: [{ value: "Admins" }] })),
  },
  {
    name: "create that is refused", denies: false, refused: true, before: nobody, after: nobody, prepare: async (_, email) => ({ email, id: undefined, group: undefined }), again: [400, 409],
    push: meeting(() => ({ kind: "status", status: 402, body: { error: "Seat limit reached" }, match: { method: "POST", times: "always" } }), (world, { email }) => world.scim("POST", "/Users", user(email))),
  },
  {
    name: "profile that is refused", denies: false, refused: true, before: active, after: active, prepare: (world, email) => joined(world, email), again: [400],
    push: meeting(() => ({ kind: "status", status: 422, body: { error: "first_name is not acceptable" }, match: { method: "PATCH", times: "always" } }), patching(renamed)),
  },
  // The one finds out by its own clock, before the call that reads back; the other by the store's, when it notes what was done.
  { name: "deactivate with a pause longer than the lease", denies: true, before: active, after: inactive, prepare: (world, email) => joined(world, email), repeat: patching(off), push: pausing(patching(off)) },
  { name: "profile with a pause longer than the lease", denies: false, before: active, after: { ...active, givenName: "Augusta" }, prepare: (world, email) => joined(world, email), repeat: patching(renamed), push: pausing(patching(renamed)) },
  {
    name: "deactivate while it stops", denies: true, before: active, after: inactive, prepare: (world, email) => joined(world, email),
    repeat: patching(off),
    async push(world, person) {
      const passed = world.trouble.passed;
      const answer = patching(off)(world, person);
      for (let turn = 0; turn < 50 && world.trouble.passed === passed; turn++) await pause(1); // it is inside
      await world.stopAndStart();
      return answer;
    },
  },
  {
    name: "deactivate while it reloads", denies: true, before: active, after: inactive, prepare: (world, email) => joined(world, email),
    async push(world, person) {
      const [answer] = await Promise.all([patching(off)(world, person), Promise.race([world.reload().catch(() => {}), pause(900)])]);
      return answer;
    },
  },
];

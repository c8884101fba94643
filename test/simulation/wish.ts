/**
 * What an IdP wants of a person, step by step, and the push that says so.
 *
 * @module
 */
import type { Random } from "./random.ts";

/** A person as the IdP wants them to be; without access once deleted. */
export interface Desired {
  readonly email: string;
  readonly given: string;
  readonly title: string | undefined;
  readonly active: boolean;
  readonly roles: readonly string[];
  readonly isDeleted: boolean;
}

/** One step of a person's history. `whole` pushes everything (POST or PUT), the others only what they are about. */
export type Wish =
  | { readonly kind: "create" | "whole"; readonly after: Desired }
  | { readonly kind: "title" | "active" | "roles" | "email" | "delete"; readonly after: Desired }
  | { readonly kind: "join" | "leave"; readonly group: string; readonly after: Desired };

export interface Push {
  /** `p1.3` = the third wish for the first person. */
  readonly name: string;
  readonly person: number;
  readonly wish: Wish;
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly type: "User" | "Group";
  /** Our id of the user or the group. */
  readonly id: string | undefined;
  readonly body: unknown;
  /** What it makes of a person, whatever they were. */
  change(before: Desired): Desired;
}

export const roleNames = ["Admins", "Editors", "Staff"] as const;
/** Groups that count like the role of the same name. */
export const groupNames = ["Editors"] as const;

/** @param id ours, once the IdP has been told it */
export function pushOf(person: number, at: number, wish: Wish, id: string | undefined, groups: ReadonlyMap<string, string>): Push {
  const { after } = wish;
  const common = { name: `p${person}.${at}`, person, wish, type: "User" as const, id };
  const patch = (...operations: readonly object[]) => ({ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: operations });
  switch (wish.kind) {
    case "create":
    case "whole":
      return { ...common, method: id === undefined ? "POST" : "PUT", body: bodyOf(person, after), change: () => after };
    case "title":
      return { ...common, method: "PATCH", body: patch({ op: "replace", path: "title", value: after.title }), change: (before) => ({ ...before, title: after.title }) };
    case "active":
      return { ...common, method: "PATCH", body: patch({ op: "replace", path: "active", value: after.active }), change: (before) => ({ ...before, active: after.active }) };
    case "roles":
      return { ...common, method: "PATCH", body: patch({ op: "replace", path: "roles", value: after.roles.map((value) => ({ value })) }), change: (before) => ({ ...before, roles: after.roles }) };
    case "email":
      return { ...common, method: "PATCH", body: patch({ op: "replace", path: "userName", value: after.email }), change: (before) => ({ ...before, email: after.email }) };
    case "delete":
      return { ...common, method: "DELETE", body: undefined, change: (before) => ({ ...before, isDeleted: true }) };
    case "join":
    case "leave": {
      const operation = wish.kind === "join" ? { op: "add", path: "members", value: [{ value: id }] } : { op: "remove", path: `members[value eq "${id}"]` };
      return { ...common, type: "Group", id: groups.get(wish.group), method: "PATCH", body: patch(operation), change: (before) => before };
    }
  }
}

function bodyOf(person: number, { email, given, title, active, roles }: Desired): object {
  return {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    userName: email,
    externalId: `ext-${person}`,
    name: { givenName: given, familyName: "Test" },
    active,
    ...(title !== undefined && { title }),
    roles: roles.map((value) => ({ value })), // left out they would stay as they are
  };
}

export interface Habits {
  /** Every step is a whole one: what a design is compared by that knows no PATCH. */
  readonly wholeOnly: boolean;
  readonly usesGroups: boolean;
  /** People get other addresses. */
  readonly renames: boolean;
  /** The share of people who are deleted at the end. */
  readonly leavers: number;
  /** How often they come back: below 1 the share who do, once. */
  readonly returns: number;
}

/** Three to six steps, the first of them a create. */
export function historyOf(person: number, email: string, random: Random, { wholeOnly, usesGroups, renames, leavers, returns }: Habits): readonly Wish[] {
  const titled = () => `title ${random.between(1, 999)}`;
  const someRoles = (): readonly string[] => (random.chance(0.25) ? [] : [random.pick(roleNames)]);
  let now: Desired = { email, given: `Given${person}`, title: titled(), active: random.chance(0.95), roles: someRoles(), isDeleted: false };
  const wishes: Wish[] = [{ kind: "create", after: now }];
  let isMember = false;
  const length = random.between(3, 6);
  while (wishes.length < length) {
    const drawn = random.next();
    if (renames && random.chance(0.25)) {
      now = { ...now, email: now.email === email ? `new-${email}` : email };
      wishes.push({ kind: "email", after: now });
      continue;
    }
    if (drawn < 0.35) now = { ...now, active: !now.active };
    else if (drawn < 0.6) now = { ...now, title: titled() };
    else if (drawn < 0.8 || !usesGroups) now = { ...now, roles: someRoles() };
    else {
      wishes.push({ kind: isMember ? "leave" : "join", group: groupNames[0], after: now });
      isMember = !isMember;
      continue;
    }
    const kind = drawn < 0.35 ? "active" : drawn < 0.6 ? "title" : "roles";
    // A PATCH that takes all roles away is spelled in many ways; a PUT says it as well.
    const isWhole = wholeOnly || random.chance(0.25) || (kind === "roles" && now.roles.length === 0);
    if (isWhole && random.chance(0.3)) now = { ...now, title: titled() };
    wishes.push({ kind: isWhole ? "whole" : kind, after: now });
  }
  if (!random.chance(leavers)) return wishes;
  for (let left = returns; ; left--) {
    wishes.push({ kind: "delete", after: { ...now, isDeleted: true } });
    if (!random.chance(left)) return wishes;
    now = { ...now, title: titled(), active: true, roles: someRoles() };
    wishes.push({ kind: "create", after: now });
    if (left <= 1 && random.chance(0.7)) return wishes;
  }
}

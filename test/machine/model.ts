/**
 * The model: what the IdP has been told is true, person by person and group by group, and the pushes that lead there in every
 * dialect (idps.md 7). A push knows the world after it; whether it counts is the answer's business.
 *
 * @module
 */
export interface Person {
  /** Ours, once a create was accepted; `undefined` = nobody. */
  readonly id?: string | undefined;
  readonly given: string;
  readonly family: string;
  readonly active: boolean;
  /** As values, sorted. */
  readonly roles: readonly string[];
}

export interface Group {
  readonly id?: string | undefined;
  readonly name: string;
  /** Who, by their place in the world. */
  readonly members: readonly number[];
}

export interface World {
  readonly people: readonly Person[];
  readonly groups: readonly Group[];
}

/** `root` has a privileged account at the vendor already, `lou` an ordinary one that may be adopted. */
export const names = ["ada", "bo", "cy", "lou", "root"] as const;
export const emailOf = (who: number): string => `${names[who]}@acme.example`;
export const groupNames = ["Admins", "Editors of all kinds", "Team"] as const;
/** What roles.map knows the second group by. */
export const groupKeys = [undefined, "g-editors", undefined] as const;

const nobody: Person = { given: "", family: "", active: false, roles: [] };
const noGroup: Group = { id: undefined, name: "", members: [] };
export const emptyWorld: World = { people: names.map(() => nobody), groups: groupNames.map(() => noGroup) };

export interface Push {
  readonly say: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly person?: number;
  readonly group?: number;
  /** It takes access away: its intent stays whatever the vendor says. */
  readonly denial: boolean;
  readonly after: (world: World) => World;
}

const withPerson = (world: World, who: number, change: Partial<Person>): World => ({ ...world, people: world.people.map((one, at) => (at === who ? { ...one, ...change } : one)) });
const withGroup = (world: World, which: number, change: Partial<Group>): World => ({ ...world, groups: world.groups.map((one, at) => (at === which ? { ...one, ...change } : one)) });

const envelope = (operations: readonly object[], bare = false) => ({ ...(!bare && { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"] }), Operations: operations });
const core = "urn:ietf:params:scim:schemas:core:2.0:User";

/** F5, F6, F22, F29, and what else has been seen in the wild. */
export const activeSpellings: readonly ((active: boolean) => object)[] = [
  (active) => envelope([{ op: "Replace", path: "active", value: active ? "True" : "False" }]),
  (active) => envelope([{ op: "replace", path: "active", value: active }]),
  (active) => envelope([{ op: "replace", value: { active } }]),
  (active) => envelope([{ op: "add", value: { active } }]),
  (active) => envelope([{ op: "REPLACE", path: "Active", value: String(active) }], true),
  (active) => envelope([{ op: "replace", path: `${core}:active`, value: active }]),
  (active) => envelope([{ op: "replace", path: null, value: { active: active ? "True" : "False" } }]),
  (active) => envelope([{ op: "Add", path: "active", value: active }]),
  (active) => envelope([{ op: "replace", path: "active", value: !active }, { op: "replace", value: { ACTIVE: active } }]),
];

/** F13 and its kin: from now on exactly these. */
export const roleSpellings: readonly ((values: readonly string[]) => object)[] = [
  (values) => envelope([{ op: "replace", path: "roles", value: values.map((value) => ({ primary: false, type: "WindowsAzureActiveDirectoryRole", display: value, value })) }]),
  (values) => envelope([{ op: "replace", value: { roles: values.map((value) => ({ value })) } }]),
  (values) => envelope([{ op: "remove", path: "roles" }, { op: "Add", path: "roles", value: values.map((value) => ({ value: JSON.stringify({ id: "06b0", value, displayName: value }) })) }]),
  (values) => envelope([{ op: "Replace", path: `${core}:roles`, value: values.map((value) => ({ value })) }], true),
];

/** F7, F8, F16. */
export const profileSpellings: readonly ((given: string, family: string) => object)[] = [
  (given, family) => envelope([{ op: "Replace", path: "name.givenName", value: given }, { op: "Replace", path: "name.familyName", value: family }]),
  (given, family) => envelope([{ op: "replace", value: { "name.givenName": given, "name.familyName": family } }]),
  (given, family) => envelope([{ op: "add", value: { name: { givenName: given, familyName: family } } }]),
  (given, family) => envelope([{ op: "replace", path: "name", value: { givenName: given, familyName: family } }], true),
];

const member = (id: string | undefined) => ({ value: id ?? "" });
/** F10, F11, F25. */
export const joinSpellings: readonly ((ids: readonly string[]) => object)[] = [
  (ids) => envelope([{ op: "Add", path: "members", value: ids.map((value) => ({ $ref: null, value })) }]),
  (ids) => envelope([{ op: "add", value: { members: ids.map(member) } }]),
  (ids) => envelope(ids.map((id) => ({ op: "add", path: "members", value: [member(id)] }))),
];
export const leaveSpellings: readonly ((ids: readonly string[]) => object)[] = [
  (ids) => envelope([{ op: "Remove", path: "members", value: ids.map((value) => ({ $ref: null, value })) }]),
  (ids) => envelope(ids.map((id) => ({ op: "remove", path: `members[value eq "${id}"]` }))),
];
export const replaceSpellings: readonly ((ids: readonly string[]) => object)[] = [
  (ids) => envelope([{ op: "replace", path: "members", value: ids.map(member) }]),
  (ids) => envelope([{ op: "replace", value: { members: ids.map(member) } }]),
];

const at = <T>(list: readonly T[], place: number): T => list[place % list.length] as T;
const isLeaver = (world: World, who: number, active: boolean): boolean => !active && world.people[who]?.active === true;

export function create(who: number, given: string, roles: readonly string[], active: boolean): Push {
  const body = { schemas: [core], userName: emailOf(who), externalId: `ext-${who}`, name: { givenName: given, familyName: "Lovelace" }, active, ...(roles.length > 0 && { roles: roles.map((value) => ({ value })) }) };
  return { say: `create ${names[who]}`, method: "POST", path: "/Users", body, person: who, denial: false, after: (world) => withPerson(world, who, { id: "new", given, family: "Lovelace", active, roles: [...roles].toSorted() }) };
}

export const setActive = (world: World, who: number, active: boolean, spelling: number): Push => ({
  say: `${active ? "enable" : "disable"} ${names[who]}`, method: "PATCH", path: `/Users/${world.people[who]?.id}`, body: at(activeSpellings, spelling)(active), person: who,
  denial: isLeaver(world, who, active), after: (before) => withPerson(before, who, { active }),
});

export const setRoles = (world: World, who: number, roles: readonly string[], spelling: number): Push => ({
  say: `roles of ${names[who]}: ${roles.join()}`, method: "PATCH", path: `/Users/${world.people[who]?.id}`, body: at(roleSpellings, spelling)(roles), person: who,
  denial: false, after: (before) => withPerson(before, who, { roles: [...roles].toSorted() }),
});

export const setProfile = (world: World, who: number, given: string, family: string, spelling: number): Push => ({
  say: `rename ${names[who]} to ${given} ${family}`, method: "PATCH", path: `/Users/${world.people[who]?.id}`, body: at(profileSpellings, spelling)(given, family), person: who,
  denial: false, after: (before) => withPerson(before, who, { given, family }),
});

/** What it leaves out (`roles`, perhaps `active`) stays: absence is never a value. */
export const replace = (world: World, who: number, given: string, active: boolean | undefined): Push => ({
  say: `put ${names[who]}${active === undefined ? "" : active ? " on" : " off"}`, method: "PUT", path: `/Users/${world.people[who]?.id}`,
  body: { schemas: [core], userName: emailOf(who), externalId: `ext-${who}`, name: { givenName: given, familyName: "Byron" }, ...(active !== undefined && { active }) },
  person: who, denial: active !== undefined && isLeaver(world, who, active), after: (before) => withPerson(before, who, { given, family: "Byron", ...(active !== undefined && { active }) }),
});

export const remove = (world: World, who: number): Push => ({
  say: `delete ${names[who]}`, method: "DELETE", path: `/Users/${world.people[who]?.id}`, person: who, denial: true,
  after: (before) => ({ people: before.people.map((one, place) => (place === who ? nobody : one)), groups: before.groups.map((group) => ({ ...group, members: group.members.filter((one) => one !== who) })) }),
});

const ids = (world: World, members: readonly number[]) => members.flatMap((one) => world.people[one]?.id ?? []);
const known = (world: World, members: readonly number[]) => members.filter((one) => world.people[one]?.id !== undefined);

export const createGroup = (which: number): Push => ({
  say: `create the group ${groupNames[which]}`, method: "POST", path: "/Groups", body: { displayName: groupNames[which], ...(groupKeys[which] && { externalId: groupKeys[which] }) }, group: which,
  denial: false, after: (world) => withGroup(world, which, { id: "new", name: groupNames[which] ?? "", members: [] }),
});

export const changeMembers = (world: World, which: number, how: "join" | "leave" | "replace" | "put", people: readonly number[], spelling: number): Push => {
  const those = known(world, people);
  const group = world.groups[which];
  const body = how === "put" ? { displayName: group?.name, ...(groupKeys[which] && { externalId: groupKeys[which] }), members: ids(world, those).map(member) } : at({ join: joinSpellings, leave: leaveSpellings, replace: replaceSpellings }[how], spelling)(ids(world, those));
  const members = (had: readonly number[]) => (how === "join" ? [...new Set([...had, ...those])] : how === "leave" ? had.filter((one) => !those.includes(one)) : those);
  return {
    say: `${how} ${those.map((one) => names[one]).join()} in ${group?.name}`, method: how === "put" ? "PUT" : "PATCH", path: `/Groups/${group?.id}`, body, group: which,
    denial: false, after: (before) => withGroup(before, which, { ...(how === "put" && { name: group?.name ?? "" }), members: members(before.groups[which]?.members ?? []).toSorted((a, b) => a - b) }),
  };
};

export const renameGroup = (world: World, which: number, name: string): Push => ({
  say: `rename ${world.groups[which]?.name} to ${name}`, method: "PATCH", path: `/Groups/${world.groups[which]?.id}`, body: envelope([{ op: "replace", value: { id: world.groups[which]?.id, displayName: name } }]), group: which,
  denial: false, after: (before) => withGroup(before, which, { name }),
});

export const removeGroup = (world: World, which: number): Push => ({
  say: `delete the group ${world.groups[which]?.name}`, method: "DELETE", path: `/Groups/${world.groups[which]?.id}`, group: which, denial: false, after: (before) => withGroup(before, which, noGroup),
});

/** The vendor's role that the map leads to: the first entry that one of the person's values equals. */
export function wantedRole(world: World, who: number): string {
  const of = world.groups.flatMap((group, which) => (group.members.includes(who) ? [group.name, ...(groupKeys[which] ? [groupKeys[which]] : [])] : []));
  const mine = new Set<string>([...(world.people[who]?.roles ?? []), ...of]);
  return mine.has("Admins") ? "Admin" : mine.has("g-editors") ? "Editor" : "User";
}

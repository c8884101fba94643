/**
 * What must hold after every command, and what must hold at rest. Each throws with the invariant's number.
 *
 * @module
 */
import type { Held, StoredResource } from "../../src/model/resource.ts";
import { type ResourceId, resourceId } from "../../src/model/ids.ts";
import { isObject } from "../../src/model/json.ts";
import { type Group, groupNames, names, emailOf, type Person, wantedRole, type World } from "./model.ts";
import { acme, type Rig } from "./rig.ts";
import { bystanders } from "./watch-calls.ts";

/** What the machine knows beside the model. */
export interface Knowledge {
  world: World;
  /** Ids that were ever given out. */
  readonly used: Set<string>;
  /** Acknowledged denials: resource → whose, and the account it was linked to then. */
  readonly denied: Map<string, { readonly who: number; readonly account: string | undefined }>;
  /** Resources whose account somebody at the vendor has changed behind our back: what is there is theirs. */
  readonly tampered: Set<string>;
  /** Addresses for which somebody at the vendor made an account. */
  readonly madeThere: Set<number>;
  /** The vendor has acknowledged what it did not do; a name is not read back, so names may differ from then on. */
  lied: boolean;
  /** What happened, for whoever must understand a failure. */
  readonly told: string[];
}

export class Breach extends Error {}
const demand = (holds: boolean, says: string): void => {
  if (!holds) throw new Breach(says);
};

const everything = { filter: undefined, sort: undefined, offset: 0, limit: 1_000, groups: false, members: true };

/** What the IdP can see, in the model's terms. */
export async function seen({ house }: Rig): Promise<World> {
  const { resources: users } = await house.store.list(acme, "User", everything);
  const { resources: groups } = await house.store.list(acme, "Group", everything);
  const people = names.map((_, who): Person => {
    const [user] = users.filter(({ attributes }) => String(attributes["userName"]).toLowerCase() === emailOf(who));
    return user ? personOf(user) : { given: "", family: "", active: false, roles: [] };
  });
  demand(users.length === people.filter(({ id }) => id !== undefined).length, "I1: two resources for one person, or one for nobody");
  const places = new Map(people.map(({ id }, who) => [id, who]));
  return { people, groups: groupNames.map((_, which) => groupOf(groups.find(({ attributes }) => isGroup(attributes, which)), places)) };
}

/** Admins are never renamed, so the third one is whoever is left. */
const isGroup = (attributes: StoredResource["attributes"], which: number): boolean => (which === 1 ? attributes["externalId"] === "g-editors" : attributes["externalId"] === undefined && (attributes["displayName"] === "Admins" ? 0 : 2) === which);

function personOf({ id, attributes }: StoredResource): Person {
  const name = isObject(attributes["name"]) ? attributes["name"] : {};
  const roles = Array.isArray(attributes["roles"]) ? attributes["roles"].flatMap((role) => (isObject(role) ? [String(role["value"])] : [])) : [];
  return { id, given: String(name["givenName"] ?? ""), family: String(name["familyName"] ?? ""), active: attributes["active"] !== false, roles: roles.toSorted() };
}

const groupOf = (group: StoredResource | undefined, places: ReadonlyMap<string | undefined, number>): Group =>
  group ? { id: group.id, name: String(group.attributes["displayName"]), members: group.members.flatMap(({ value }) => places.get(value) ?? []).toSorted((a, b) => a - b) } : { name: "", members: [] };

const users = ({ vendor }: Rig) => vendor.state().users.filter(({ deleted }) => !deleted);
const held = ({ house }: Rig, id: string): Promise<Held | undefined> => house.store.hold(acme, resourceId(id));

/** Cheap, after every command. */
export async function always(rig: Rig, { denied, madeThere, used, world }: Knowledge): Promise<void> {
  demand(rig.breaches.length === 0, rig.breaches.join("; "));
  // Without a link we can only have made an account, never have found one that was there.
  const isOurs = (email: string) => !bystanders.some((one) => one.email === email) && ![...madeThere].some((person) => emailOf(person) === email);
  for (const [id, { who, account }] of denied) {
    const now = await held(rig, id); // before the vendor is looked at: it is settled only once the vendor was
    const isOwed = now?.due !== undefined && now.due.dueAtMs !== undefined;
    if (isOwed) continue;
    const open = users(rig).filter((user) => user.is_enabled && (account === undefined ? user.email === emailOf(who) && isOurs(user.email) : user.id === account));
    const takenOver = new Set(await Promise.all(world.people.map(async (person) => person.active && person.id !== undefined ? (await held(rig, person.id))?.link?.account : undefined)));
    for (const user of open) {
      // Somebody of this address who was there before is owed the same: their own denial is at it.
      const holder = await rig.house.store.linkedTo(acme, user.id as never);
      if (holder !== undefined && holder !== id && (await held(rig, holder))?.due?.dueAtMs !== undefined) takenOver.add(user.id as never);
    }
    demand(open.every((user) => takenOver.has(user.id as never)), `I2: ${names[who]} was denied, is enabled at the vendor, and nobody is at it`);
  }
  for (const name of names) demand(users(rig).filter(({ email }) => email === `${name}@acme.example`).length <= 1, `I1: ${name} has two accounts`);
  const live = [...world.people, ...world.groups].flatMap(({ id }) => id ?? []);
  demand(live.every((id) => used.has(id)), "I15: an id that nobody gave out");
  for (const stranger of bystanders) demand(users(rig).some((user) => user.id === stranger.id && user.is_enabled === (stranger.is_enabled ?? true) && user.role === (stranger.role ?? "User") && user.first_name === stranger.first_name), `I5: ${stranger.email} is not what it was`);
}

const creates = (rig: Rig, who: number) => rig.vendor.journal().filter(({ method, path, body }) => method === "POST" && path === "/api/users" && isObject(body) && body["email"] === emailOf(who));

/** Nothing is due any more and the vendor is well. */
export async function atRest(rig: Rig, knowledge: Knowledge): Promise<void> {
  const { world, tampered, denied, madeThere } = knowledge;
  demand((await rig.house.store.firstBrokenRow(acme)) === undefined, "I11: the journal's chain is broken");
  for (const [who, person] of world.people.entries()) {
    const accounts = users(rig).filter(({ email }) => email === emailOf(who));
    if (!madeThere.has(who) && names[who] !== "root") demand(creates(rig, who).every(({ status }) => status !== 409), `I1: a create of ${names[who]} ran into the account that an earlier one had made`);
    if (person.id === undefined) continue;
    const { link, due } = (await held(rig, person.id)) ?? {};
    if (tampered.has(person.id)) continue;
    const [account] = accounts;
    if (person.active && due?.failure === undefined && link?.applied.access !== "gone") {
      demand(account !== undefined && account.id === link?.account && account.is_enabled, `I3: ${names[who]} is active and has no access (link ${JSON.stringify(link)})`);
      demand(`${account?.first_name} ${account?.last_name}` === `${person.given} ${person.family}` || knowledge.lied || link?.origin === "adopted", `I3: ${names[who]} is called ${account?.first_name} ${account?.last_name}, not ${person.given} ${person.family}`);
      const wanted = wantedRole(world, who);
      const allowed = [wanted, ...(link?.origin === "adopted" || wanted === "Admin" ? ["User"] : [])]; // I4 keeps the adopted one's own; a privileged one never comes back by itself
      demand(allowed.includes(account?.role ?? ""), `I3: ${names[who]} has the role ${account?.role}, not ${wanted}: ${JSON.stringify(link)}\n${(await rig.house.store.journal(acme, { resource: resourceId(person.id), limit: 1_000 })).map(({ seq, kind, data }) => `${seq} ${kind} ${JSON.stringify(data)}`).join("\n")}`);
    }
    if (!person.active) demand(!account?.is_enabled || account.id !== link?.account, `I2: ${names[who]} is off and has access`);
  }
  for (const [id, { who }] of denied) {
    const now = await held(rig, id);
    demand(now?.due === undefined || now.link === undefined, `I2: the denial of ${names[who]} never ended`);
  }
}

/** The resource's account, for what is done at the vendor by hand. */
export const accountOf = async (rig: Rig, id: string): Promise<string | undefined> => (await held(rig, id as ResourceId))?.link?.account;

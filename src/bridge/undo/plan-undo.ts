/**
 * What has to be written so that people and groups are again as they were before a range of pushes. Reads the store, writes nothing.
 *
 * Only what the range changed and nobody has changed since; a privileged role is never given back by it; whoever was created in the
 * range stays. Everything that is left out is said.
 *
 * @module
 */
import { newResourceId } from "../../runtime/new-id.ts";
import type { ConnectionId, ResourceId } from "../../model/ids.ts";
import type { Json } from "../../model/json.ts";
import { isObject, sameJson } from "../../model/json.ts";
import type { Policy } from "../../model/policy.ts";
import type { Attributes, Member } from "../../model/resource.ts";
import { isPrivileged } from "../../plan/plan-roles.ts";
import type { Store } from "../../store/store.ts";
import type { Touched } from "./touched.ts";

export type UndoStep =
  | { readonly kind: "restore"; readonly type: "User" | "Group"; readonly id: ResourceId; readonly label: string; readonly version: number; readonly before: Attributes; readonly after: Attributes; readonly changes: readonly string[] }
  /** A new resource with a new id, in the place of one that was deleted (I15). */
  | { readonly kind: "recreate"; readonly type: "User" | "Group"; readonly id: ResourceId; readonly restores: ResourceId; readonly label: string; readonly after: Attributes }
  | { readonly kind: "members"; readonly id: ResourceId; readonly label: string; readonly add: readonly Member[]; readonly remove: readonly string[] };

export interface LeftOut {
  readonly id: ResourceId;
  readonly label: string;
  readonly why: string;
}

export interface UndoPlan {
  /** In the order in which they are written: people before groups, so that members are there. */
  readonly steps: readonly UndoStep[];
  readonly left: readonly LeftOut[];
}

interface At {
  readonly store: Store;
  readonly connection: ConnectionId;
  readonly policy: Policy;
  /** Restore also what somebody has changed since. */
  readonly force: boolean;
}

export async function planUndo(touched: readonly Touched[], at: At): Promise<UndoPlan> {
  const left: LeftOut[] = [];
  const people = await Promise.all(inTurn(touched.filter(({ type }) => type === "User"), (one) => person(one, at, left)));
  const users = people.flat();
  const successors = new Map(users.flatMap((step) => (step.kind === "recreate" ? [[step.restores as string, step] as const] : [])));
  const groups: UndoStep[] = [];
  const moves = new Map<ResourceId, { readonly add: Member[]; readonly remove: string[]; readonly label: string }>();
  for (const one of touched) if (one.type === "Group") groups.push(...(await group(one, successors, at, left, moves)));
  for (const one of touched) if (one.type === "User" && successors.has(one.id)) await returnTo(one, successors.get(one.id)?.id as ResourceId, at, left, moves);
  const members = [...moves].flatMap(([id, { add, remove, label }]): UndoStep[] => (add.length + remove.length > 0 ? [{ kind: "members", id, label, add, remove }] : []));
  return { steps: [...users, ...groups, ...members], left };
}

/** One after the other: a range may hold thousands. */
function inTurn<T, R>(all: readonly T[], step: (one: T) => Promise<R>): readonly Promise<R>[] {
  let last: Promise<unknown> = Promise.resolve();
  return all.map((one) => {
    const mine = last.then(() => step(one));
    last = mine.catch(() => undefined);
    return mine;
  });
}

async function person(one: Touched, at: At, left: LeftOut[]): Promise<readonly UndoStep[]> {
  const held = await at.store.hold(at.connection, one.id);
  const was = Object.fromEntries([...one.attributes].flatMap(([name, { before }]) => (before === undefined ? [] : [[name, before]]))) as Attributes;
  const label = textOf(held?.attributes?.["userName"] ?? was["userName"]) ?? one.id;
  const leave = (why: string): readonly UndoStep[] => (left.push({ id: one.id, label, why }), []);
  if (one.created) return one.deleted || !held?.attributes ? [] : leave("was created in this range, and stays: deactivate in the IdP whoever should not be there");
  if (one.deleted) {
    if (held) return leave("the deletion is still being carried out at the vendor; undo it when that has ended");
    const after = withoutPrivileged(was, {}, at.policy, (value) => leave(privilegedSays(value)));
    const name = textOf(after["userName"]);
    if (name === undefined) return leave("the journal does not hold what was deleted");
    return [{ kind: "recreate", type: "User", id: newResourceId(), restores: one.id, label, after }];
  }
  if (!held?.attributes) return leave("was deleted after this range");
  const link = held.link;
  if (sameJson(one.attributes.get("active")?.before, true) && held.attributes["active"] === false && link && isPrivileged(link.applied.role, at.policy.roles)) leave(privilegedSays(String(link.applied.role)));
  return restore({ one, current: held.attributes, version: held.version, label }, at, left);
}

function restore({ one, current, version, label }: { readonly one: Touched; readonly current: Attributes; readonly version: number; readonly label: string }, at: At, left: LeftOut[]): readonly UndoStep[] {
  const wanted: Record<string, Json> = { ...current };
  const changes: string[] = [];
  for (const [name, { before, after }] of one.attributes) {
    const now = current[name];
    if (sameJson(now, before)) continue;
    if (!sameJson(now, after) && !at.force) {
      left.push({ id: one.id, label, why: `${name} has been changed since (--force restores it all the same)` });
      continue;
    }
    if (before === undefined) delete wanted[name];
    else wanted[name] = before;
    changes.push(name);
  }
  const after = one.type === "User" ? withoutPrivileged(wanted, current, at.policy, (value) => left.push({ id: one.id, label, why: privilegedSays(value) })) : wanted;
  return sameJson(after, current) ? [] : [{ kind: "restore", type: one.type, id: one.id, label, version, before: current, after, changes }];
}

/** @param into who changes in which group, whose attributes may be untouched */
async function group(one: Touched, successors: ReadonlyMap<string, UndoStep>, at: At, left: LeftOut[], into: Map<ResourceId, { readonly add: Member[]; readonly remove: string[]; readonly label: string }>): Promise<readonly UndoStep[]> {
  const stored = await at.store.read(at.connection, "Group", one.id, { groups: false, members: true });
  const was = Object.fromEntries([...one.attributes].flatMap(([name, { before }]) => (before === undefined ? [] : [[name, before]]))) as Attributes;
  const label = textOf(stored?.attributes["displayName"] ?? was["displayName"]) ?? one.id;
  const leave = (why: string): readonly UndoStep[] => (left.push({ id: one.id, label, why }), []);
  if (one.created) return one.deleted || !stored ? [] : leave("was created in this range, and stays");
  if (!stored && !one.deleted) return leave("was deleted after this range");
  const steps = stored ? restore({ one, current: stored.attributes, version: stored.version, label }, at, left) : textOf(was["displayName"]) === undefined ? leave("the journal does not hold what was deleted") : [{ kind: "recreate", type: "Group", id: newResourceId(), restores: one.id, label, after: was } as const];
  const id = stored ? one.id : steps[0]?.id;
  if (id === undefined) return steps;

  const members = new Set(stored?.members.map(({ value }) => value));
  const add: Member[] = [];
  const remove: string[] = [];
  for (const [value, { was: belongs, is, rest }] of one.members) {
    const now = successors.get(value)?.id ?? value;
    const there = members.has(now);
    if (there === belongs) continue;
    if (there !== is && now === value && !at.force) left.push({ id: one.id, label, why: `the membership of ${value} has been changed since (--force restores it all the same)` });
    else if (belongs) add.push({ value: now, rest: now === value ? rest : withoutRef(rest) });
    else remove.push(now);
  }
  const isHigh = privilegedGroup(stored?.attributes ?? was, at.policy);
  if (isHigh && add.length > 0) leave(`${add.length} member(s) are not put back: the group leads to a privileged role, and a person must decide`);
  into.set(id, { add: isHigh ? [] : add, remove, label });
  return steps;
}

/** Somebody who was deleted is a member again, under the new id, of the groups that they were in. */
async function returnTo({ id: old, groups }: Touched, id: ResourceId, at: At, left: LeftOut[], into: Map<ResourceId, { readonly add: Member[]; readonly remove: string[]; readonly label: string }>): Promise<void> {
  for (const groupId of groups) {
    const stored = await at.store.read(at.connection, "Group", groupId, { groups: false, members: false });
    if (!stored) {
      left.push({ id: old, label: old, why: `the group ${groupId} is not there any more` });
      continue;
    }
    const label = textOf(stored.attributes["displayName"]) ?? groupId;
    if (privilegedGroup(stored.attributes, at.policy)) {
      left.push({ id: old, label: old, why: `is not put back into "${label}", which leads to a privileged role; a person must decide` });
      continue;
    }
    const move = into.get(groupId) ?? { add: [], remove: [], label };
    if (!move.add.some(({ value }) => value === id)) move.add.push({ value: id, rest: {} });
    into.set(groupId, move);
  }
}

const withoutRef = (rest: Member["rest"]): Member["rest"] => Object.fromEntries(Object.entries(rest).filter(([name]) => name !== "$ref"));

const privilegedSays = (value: string): string => `the privileged role ${value} is not given back; a person must do it`;

const privilegedGroup = (attributes: Attributes, { roles }: Policy): boolean => roles.map.some(({ idp, privileged }) => privileged && (idp === attributes["displayName"] || idp === attributes["externalId"]));

/** Values that lead to a privileged role stay out unless they are there now. */
const withoutPrivileged = (wanted: Attributes, current: Attributes, { roles }: Policy, say: (value: string) => void): Attributes =>
  (roles.serveAsEntitlements ? ["roles", "entitlements"] : ["roles"]).reduce((attributes, name) => withoutPrivilegedIn(name, attributes, current, roles, say), wanted);

function withoutPrivilegedIn(name: string, wanted: Attributes, current: Attributes, roles: Policy["roles"], say: (value: string) => void): Attributes {
  const given = wanted[name];
  if (!Array.isArray(given)) return wanted;
  const high = new Set(roles.map.filter(({ privileged }) => privileged).map(({ idp }) => idp));
  const has = new Set(valuesOf(current[name]));
  const kept = (given as readonly Json[]).filter((role) => {
    const value = isObject(role) ? textOf(role["value"]) : undefined;
    const isOut = value !== undefined && high.has(value) && !has.has(value);
    if (isOut) say(value);
    return !isOut;
  });
  const { [name]: _given, ...rest } = wanted;
  return kept.length === 0 ? rest : { ...rest, [name]: kept };
}

const valuesOf = (roles: Json | undefined): readonly string[] => (Array.isArray(roles) ? (roles as readonly Json[]).flatMap((role) => (isObject(role) && typeof role["value"] === "string" ? [role["value"]] : [])) : []);

const textOf = (value: Json | undefined): string | undefined => (typeof value === "string" ? value : undefined);

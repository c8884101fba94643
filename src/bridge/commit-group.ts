/**
 * A group's push in one transaction, with the question that the rails put to everybody who leaves.
 *
 * @module
 */
import type { KeptGroup } from "../model/hold.ts";
import type { ResourceId } from "../model/ids.ts";
import type { Json } from "../model/json.ts";
import { sameJson } from "../model/json.ts";
import type { Attributes, GroupRef, Held, JournalEntry, MemberChange, StoredResource } from "../model/resource.ts";
import { protectsAnybody } from "../rails/protected.ts";
import { railsOf } from "../rails/rails-of.ts";
import { takingOf } from "../rails/taking.ts";
import { keysOf } from "../scim/search-form.ts";
import type { GroupRail } from "../store/rail-contract.ts";
import type { GroupCommit, GroupCommitted } from "../store/store.ts";
import { affects } from "./affected.ts";
import { differences } from "./differences.ts";
import type { Push } from "./push.ts";
import type { Rooms } from "./rooms.ts";

export interface GroupChange {
  readonly id: ResourceId;
  readonly current: StoredResource | undefined;
  /** `undefined` = unchanged. */
  readonly attributes: Attributes | "deleted" | undefined;
  readonly members: readonly MemberChange[];
  readonly ignored: readonly string[];
}

export const changed = (attributes: Attributes, current: StoredResource): Attributes | undefined => (sameJson(attributes, current.attributes) ? undefined : attributes);

export async function commitGroup(push: Push, change: GroupChange, rooms: Rooms): Promise<GroupCommitted> {
  const { id, current, attributes, members } = change;
  const { store, connection, groups } = rooms;
  const affected = affects(current, attributes, rooms);
  const rail = railOf(push, change, affected, rooms);
  if (current && attributes === undefined && members.length === 0 && !push.released) {
    return { kind: "committed", version: current.version, createdMs: current.createdMs, modifiedMs: current.modifiedMs, changed: false, joined: [], left: [], memberCount: 0, affected: [] };
  }
  return store.commitGroup({
    connection,
    id,
    readAt: current?.version,
    attributes,
    keys: attributes === undefined || attributes === "deleted" ? undefined : keysOf(groups, attributes, { emailKey: undefined }),
    members,
    affects: affected,
    ...(rail && { rail }),
    journal: [journalled(push, change)],
  });
}

/**
 * Losing a group leads to a loss only where a role can be lost by it: into nothing (`fallback: deactivate`), or from somebody whom a
 * rail protects. Elsewhere nobody need be looked at. A group that is new takes nothing from anybody.
 */
function railOf(push: Push, { id, current, attributes, members }: GroupChange, affected: GroupCommit["affects"], { site }: Rooms): GroupRail | undefined {
  const { policy, vendor } = site;
  const { released } = push;
  const rails = railsOf(policy);
  const canLead = policy.roles.fallback === "deactivate" || protectsAnybody(policy) || rails.privileged.length > 0;
  if (!current || (!released && !(canLead && affected !== "nobody"))) return undefined;
  const former = refOf(current);
  const kept: KeptGroup = { type: "Group", method: push.method, deleted: attributes === "deleted", ...(typeof attributes === "object" && { attributes }), members };
  return {
    rails,
    kept,
    correlation: push.exchange.correlation,
    judge(person: Held) {
      const { attributes: its, groups } = person;
      const before = [...groups.filter(({ value }) => value !== id), former];
      return takingOf({ attributes: its, groups: before, policy }, { attributes: its, groups, policy }, person, vendor);
    },
    ...(released && { release: released }),
  };
}

/** The group as its members saw it before the push. */
function refOf({ id, attributes }: StoredResource): GroupRef {
  const { displayName, externalId } = attributes;
  return { value: id, display: typeof displayName === "string" ? displayName : "", ...(typeof externalId === "string" && { externalId }) };
}

function journalled(push: Push, { id, current, attributes, members, ignored }: GroupChange): JournalEntry {
  const data: Record<string, Json> = {
    method: push.method,
    type: "Group",
    ...(push.released && { approved: push.released.hold }),
    ...(attributes && differences(current?.attributes, attributes === "deleted" ? undefined : attributes)),
    ...(members.length > 0 && { members: members.map(summary) }),
    ...(push.quirks.length > 0 && { quirks: [...push.quirks] }),
    ...(ignored.length > 0 && { ignored: ignored.slice(0, 50) }),
  };
  return { kind: "push", resource: id, correlation: push.exchange.correlation, data };
}

/** Who was named, up to a hundred; who came and who left stands, complete, in rows that the commit adds. */
function summary(change: MemberChange): Json {
  const values = change.kind === "clear" ? [] : change.kind === "remove" ? change.values : change.members.map(({ value }) => value);
  return { kind: change.kind, count: values.length, values: values.slice(0, 100) };
}

/**
 * The way of a write on a group. Members are rows: a PATCH changes rows and never reads the rest of the group.
 *
 * @module
 */
import { Fault, invalid } from "../model/failure.ts";
import type { ResourceId } from "../model/ids.ts";
import { resourceId } from "../model/ids.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { sameJson } from "../model/json.ts";
import type { Attributes, JournalEntry, MemberChange, StoredResource } from "../model/resource.ts";
import { newResourceId } from "../runtime/new-id.ts";
import { readCreate, readReplace } from "../scim/body.ts";
import { faceOfFailure, missing, Refusal } from "../scim/errors.ts";
import { patchGroup } from "../scim/patch-group.ts";
import { readProjection, show, wants } from "../scim/project.ts";
import { keysOf } from "../scim/search-form.ts";
import type { GroupCommitted } from "../store/store.ts";
import type { Outcome } from "../delivery/outcome.ts";
import { affects, convergeFew } from "./affected.ts";
import { differences } from "./differences.ts";
import { frozen, observedRefusal } from "./halted.ts";
import { matchVersion } from "./precondition.ts";
import type { Push } from "./push.ts";
import type { Rooms } from "./rooms.ts";

/** A PATCH of a larger group is answered 204: nobody reads 50,000 members back (DESIGN 3). */
const shownMembers = 1_000;
const maxTurns = 8;

interface GroupChange {
  readonly id: ResourceId;
  readonly current: StoredResource | undefined;
  /** `undefined` = unchanged. */
  readonly attributes: Attributes | "deleted" | undefined;
  readonly members: readonly MemberChange[];
  readonly ignored: readonly string[];
}

export async function writeGroup(push: Push, rooms: Rooms): Promise<JsonObject | undefined> {
  const projection = readProjection(rooms.groups, push.query);
  for (let turn = 0; turn < maxTurns; turn++) {
    const change = await decide(push, rooms);
    const committed = await commit(push, change, rooms);
    if (committed.kind === "moved") continue;
    if (committed.kind === "missing") throw missing("Group");
    if (committed.kind === "frozen") throw frozen(committed.mode);
    if (committed.kind === "taken") throw new Fault({ kind: "conflict", holder: committed.holder.id, detail: "A group of this name exists on this connection." });
    const refusal = committed.observed ? await observedRefusal(committed.affected, rooms) : refusalOf(await convergeFew(push, committed.affected, rooms), rooms);
    if (refusal) throw refusal;
    if (push.method === "DELETE") return undefined;
    const withMembers = wants(projection, "members");
    if (push.method === "PATCH" && withMembers && committed.memberCount > shownMembers) return undefined;
    const stored = await rooms.store.read(rooms.connection, "Group", change.id, { groups: false, members: withMembers });
    if (!stored) throw missing("Group");
    return show(rooms.groups, stored, push.exchange.base, projection);
  }
  throw invalid("invalidValue", "This group is being changed by too many requests at once. Try again.");
}

async function decide(push: Push, rooms: Rooms): Promise<GroupChange> {
  const { groups, site, store, connection } = rooms;
  const { strict, limits } = site.policy;
  if (push.id === undefined) {
    const id = newResourceId();
    const { attributes, members, ignored } = readCreate(groups, push.body, { strict, selfId: id });
    return { id, current: undefined, attributes, members: members?.length ? [{ kind: "add", members }] : [], ignored };
  }
  const id = resourceId(push.id);
  const current = await store.read(connection, "Group", id, { groups: false, members: false });
  if (!current) throw missing("Group");
  matchVersion(push.exchange.ifMatch, current.version);
  switch (push.method) {
    case "DELETE":
      return { id, current, attributes: "deleted", members: [], ignored: [] };
    case "PUT": {
      const { attributes, members, ignored } = readReplace(groups, push.body, current.attributes, { strict, selfId: id });
      return { id, current, attributes: changed(attributes, current), members: members ? [{ kind: "replace", members }] : [], ignored };
    }
    default: {
      const { attributes, members, ignored } = patchGroup(groups, current.attributes, push.body, { strict, maxOperations: limits.operations, selfId: id });
      return { id, current, attributes: attributes && changed(attributes, current), members, ignored };
    }
  }
}

const changed = (attributes: Attributes, current: StoredResource): Attributes | undefined => (sameJson(attributes, current.attributes) ? undefined : attributes);

async function commit(push: Push, { id, current, attributes, members, ignored }: GroupChange, rooms: Rooms): Promise<GroupCommitted> {
  const { store, connection, groups } = rooms;
  if (current && attributes === undefined && members.length === 0) {
    return { kind: "committed", version: current.version, createdMs: current.createdMs, modifiedMs: current.modifiedMs, changed: false, joined: [], left: [], memberCount: 0, affected: [] };
  }
  return store.commitGroup({
    connection,
    id,
    readAt: current?.version,
    attributes,
    keys: attributes === undefined || attributes === "deleted" ? undefined : keysOf(groups, attributes, { emailKey: undefined }),
    members,
    affects: affects(current, attributes, rooms),
    journal: [journalled(push, { id, current, attributes, members, ignored })],
  });
}

/** The membership is kept whatever comes of it; what a vendor refused for a member is told like a refusal for that person. */
function refusalOf(outcomes: readonly Outcome[], { site }: Rooms): Refusal | undefined {
  const { title } = site.vendor;
  const owned = outcomes.find((outcome) => outcome.kind === "owned");
  if (owned) return new Refusal({ status: 502, detail: `The membership is kept, but ${title} did not take a member's access away: ${owned.failure.detail} Drawbridge keeps trying and has raised an alarm.` });
  const partial = outcomes.find((outcome) => outcome.kind === "partial");
  if (partial) return new Refusal({ status: 501, detail: `The membership is kept, but ${title} allows only a part of what it means. Left for a person: ${partial.left}` });
  const failed = outcomes.find((outcome) => outcome.kind === "failed");
  return failed && new Refusal({ ...faceOfFailure(failed.failure), detail: `The membership is kept, but a member's role could not be changed: ${failed.failure.detail}` });
}

function journalled(push: Push, { id, current, attributes, members, ignored }: GroupChange): JournalEntry {
  const data: Record<string, Json> = {
    method: push.method,
    type: "Group",
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

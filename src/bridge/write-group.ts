/**
 * The way of a write on a group. Members are rows: a PATCH changes rows and never reads the rest of the group.
 *
 * @module
 */
import { Fault, invalid } from "../model/failure.ts";
import { resourceId } from "../model/ids.ts";
import type { JsonObject } from "../model/json.ts";
import { newResourceId } from "../runtime/new-id.ts";
import { readCreate, readReplace } from "../scim/body.ts";
import { faceOfFailure, missing, Refusal } from "../scim/errors.ts";
import { readLargeAhead } from "../scim/members.ts";
import { patchGroup } from "../scim/patch-group.ts";
import { readProjection, show, wants } from "../scim/project.ts";
import type { Outcome } from "../delivery/outcome.ts";
import { convergeFew } from "./affected.ts";
import { changed, commitGroup, type GroupChange } from "./commit-group.ts";
import { frozen, observedRefusal } from "./halted.ts";
import { heldBack } from "./held-back.ts";
import { matchVersion } from "./precondition.ts";
import type { Push } from "./push.ts";
import type { Rooms } from "./rooms.ts";

/** A PATCH of a larger group is answered 204: nobody reads 50,000 members back (DESIGN 3). */
const shownMembers = 1_000;
const maxTurns = 8;

export async function writeGroup(push: Push, rooms: Rooms): Promise<JsonObject | undefined> {
  const projection = readProjection(rooms.groups, push.query);
  for (let turn = 0; turn < maxTurns; turn++) {
    const change = await decide(push, rooms);
    const committed = await commitGroup(push, change, rooms);
    if (committed.kind === "moved") continue;
    if (committed.kind === "held") throw heldBack(committed, rooms);
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
  await readLargeAhead(groups, push.body, strict);
  if (push.id === undefined) {
    const id = newResourceId();
    const { attributes, members, ignored } = readCreate(groups, push.body, { strict, selfId: id });
    return { id, current: undefined, attributes, members: members?.length ? [{ kind: "add", members }] : [], ignored };
  }
  const id = resourceId(push.id);
  const current = await store.read(connection, "Group", id, { groups: false, members: false });
  if (!current) throw missing("Group");
  matchVersion(push.exchange, current.version);
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

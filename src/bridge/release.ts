/**
 * Carries out what a person has approved, without the IdP: the same way of a write, from what was kept of the push. Nobody waits for
 * the vendor here; the work is due in the lane `deny`, within the vendor's budget.
 *
 * Level-triggered like everything else: the push is decided anew on what is true now, and the row that waits is closed in the same
 * transaction, so a second process, or a second start, finds nothing left to do.
 *
 * @module
 */
import type { HeldPush, RailName, Waiting } from "../model/hold.ts";
import type { HoldId } from "../model/ids.ts";
import { failureOf } from "../model/failure.ts";
import { Refusal } from "../scim/errors.ts";
import { changed, commitGroup } from "./commit-group.ts";
import { commitUser } from "./commit-user.ts";
import { decideUser } from "./decide-user.ts";
import type { Push } from "./push.ts";
import type { Rooms } from "./rooms.ts";

export type ApprovedPush = HeldPush & { readonly hold: HoldId; readonly rail: RailName };

/** How often a push is decided anew because somebody else was faster. */
const maxTurns = 8;

/** @throws whatever the store throws; then it is tried again later */
export async function release(approved: ApprovedPush, rooms: Rooms): Promise<void> {
  if ((await rooms.store.mode(rooms.connection)).frozen) return; // nothing is decided there; it waits for the thaw
  const note = await carriedOut(approved, rooms);
  if (note !== undefined) await rooms.store.endWaiting(rooms.connection, approved.resource, approved, { as: "carriedOut", note, correlation: approved.correlation });
  rooms.nudge();
}

/** @returns why nothing had to be written; `undefined` = the row is closed already, or somebody else is at it */
async function carriedOut(approved: ApprovedPush, rooms: Rooms): Promise<string | undefined> {
  switch (approved.kept.type) {
    case "User":
      return user(approved, rooms);
    case "Group":
      return group(approved, rooms);
    case "Work":
      await rooms.store.resumeWork(rooms.connection, approved.resource, approved);
      return undefined;
    case "Policy":
      return undefined; // taken over by whoever reads the configuration
  }
}

async function user(approved: ApprovedPush, rooms: Rooms): Promise<string | undefined> {
  for (let turn = 0; turn < maxTurns; turn++) {
    const held = await rooms.store.hold(rooms.connection, approved.resource);
    if (!held?.attributes) return "the user is not there any more";
    if (held.waiting?.seq !== approved.seq) return undefined;
    try {
      const decided = await decideUser(pushOf(approved, rooms), rooms);
      if (decided.kind !== "change") return "nothing was left to do";
      const committed = await commitUser(pushOf(approved, rooms), decided, rooms);
      if (committed.kind === "moved") continue;
      if (committed.kind === "taken") return await without(approved, rooms, "the name that goes with it is taken by now");
      return undefined;
    } catch (thrown) {
      const because = refusal(thrown);
      if (because === undefined) throw thrown;
      return without(approved, rooms, because);
    }
  }
  return undefined;
}

/** Nothing holds up a denial: what else the push said is left out where it cannot be done any more. */
async function without(approved: ApprovedPush, rooms: Rooms, because: string): Promise<string | undefined> {
  const { kept } = approved;
  if (kept.type !== "User" || kept.after["active"] !== false || Object.keys(kept.after).length === 1) return abandoned(approved, rooms, because);
  return user({ ...approved, kept: { ...kept, before: { active: kept.before["active"] ?? true }, after: { active: false } } }, rooms);
}

function abandoned({ hold, resource }: ApprovedPush, { log, connection }: Rooms, because: string): string {
  log.alarm(`an approved push could not be carried out: ${because}`, { connection, resource, detail: hold });
  return `could not be carried out: ${because}`;
}

async function group(approved: ApprovedPush, rooms: Rooms): Promise<string | undefined> {
  const { kept, resource: id } = approved;
  if (kept.type !== "Group") return undefined;
  for (let turn = 0; turn < maxTurns; turn++) {
    const current = await rooms.store.read(rooms.connection, "Group", id, { groups: false, members: false });
    if (!current) return "the group is not there any more";
    const attributes = kept.deleted ? ("deleted" as const) : kept.attributes && changed(kept.attributes, current);
    try {
      const committed = await commitGroup(pushOf(approved, rooms), { id, current, attributes, members: kept.members, ignored: [] }, rooms);
      if (committed.kind === "taken") return abandoned(approved, rooms, "another group has the name by now");
      if (committed.kind === "moved" && (await stillWaits(approved, rooms))) continue;
      return undefined;
    } catch (thrown) {
      const because = refusal(thrown);
      if (because === undefined) throw thrown;
      return abandoned(approved, rooms, because);
    }
  }
  return undefined;
}

const stillWaits = async ({ resource, seq }: ApprovedPush, { store, connection }: Rooms): Promise<boolean> => (await store.hold(connection, resource))?.waiting?.seq === seq;

/** What was thrown on purpose; anything else may pass with time. */
function refusal(thrown: unknown): string | undefined {
  // 503 is for now: the connection is frozen, somebody else is at the person.
  if (thrown instanceof Refusal) return thrown.face.status === 503 ? undefined : thrown.face.detail;
  const { kind, detail } = failureOf(thrown);
  return kind === "internal" ? undefined : detail;
}

function pushOf(approved: ApprovedPush, { clock }: Rooms): Push {
  const { kept, resource, correlation, hold, rail, seq } = approved;
  const released: Waiting = { seq, hold, rail, detail: "", approved: true, kept };
  const method = kept.type === "User" || kept.type === "Group" ? kept.method : "PATCH";
  return {
    method,
    type: kept.type === "Group" ? "Group" : "User",
    id: resource,
    body: undefined,
    quirks: [],
    exchange: { correlation, base: "", ifMatch: undefined, ifNoneMatch: undefined, answered: Promise.resolve(false) },
    query: {},
    arrivedMs: clock.now(),
    released,
  };
}

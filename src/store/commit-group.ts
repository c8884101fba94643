/**
 * A group's push in one transaction: attributes where they change, members by row deltas, the journal's rows.
 *
 * @module
 */
import { sameJson } from "../model/json.ts";
import { columnsOf } from "./columns.ts";
import { hidden, purged } from "./deletion.ts";
import type { Engine } from "./engine.ts";
import type { Stop } from "../rails/brake.ts";
import { ended, stopped } from "./held.ts";
import { outdated, repeats, saysAll, together, waitingGroup } from "./held-groups.ts";
import { unlessTaken } from "./holders.ts";
import { journalled } from "./journal.ts";
import { membershipEntries } from "./member-entries.ts";
import type { ResourceId } from "../model/ids.ts";
import { changeMembers, type Membership, sizeOf } from "./members.ts";
import { membersOf, replanned } from "./replan.ts";
import { attributesOf } from "./rows.ts";
import type { GroupCommit, GroupCommitted } from "./store.ts";
import { lostNow } from "./losses.ts";
import { everybodyIn, weighMany } from "./weigh.ts";
import type { Row, Writing } from "./writing.ts";
import { undo, writing } from "./writing.ts";

export async function commitGroup(engine: Engine, push: GroupCommit): Promise<GroupCommitted> {
  const rows = await rowsOf(engine, push);
  const answer = await unlessTaken(engine, push.connection, "Group", push.id, push.keys, () => writing<GroupCommitted | Bitten>(engine, push.connection, push.id, (begun) => committed(begun, push), rows));
  if (answer.kind === "taken") return { ...answer, attribute: "displayName" };
  return answer.kind === "bitten" ? held(engine, push, answer) : answer;
}

/** Members that are named, and those that are there where the push is about all of them. */
async function rowsOf({ db }: Engine, { connection, id, attributes, affects, members }: GroupCommit): Promise<number> {
  const named = members.reduce((sum, change) => sum + sizeOf(change), 0);
  const isAboutAll = attributes === "deleted" || affects === "everybody" || members.some(saysAll);
  const there = isAboutAll ? await db.selectFrom("resources").select("member_count").where("connection", "=", connection).where("id", "=", id).executeTakeFirst() : undefined;
  return named + (there?.member_count ?? 0);
}

async function committed(begun: Writing, push: GroupCommit): Promise<GroupCommitted> {
  const { row, waiting, mode } = begun;
  if (mode.frozen && push.by !== "operator") return undo<GroupCommitted>({ kind: "frozen", mode });
  // Somebody else has carried the approved push out, or a newer one has taken its place.
  if (push.rail?.release && push.rail.release.seq !== waiting?.seq) return undo<GroupCommitted>({ kind: "moved" });
  if (push.rail && waiting && !push.rail.release && !waiting.approved && (await repeats(begun, push.rail.kept, waiting.seq))) return undo<GroupCommitted | Bitten>({ kind: "bitten", stop: undefined, people: [] });
  const isNew = push.readAt === undefined && typeof push.attributes === "object";
  if (isNew) return row ? undo<GroupCommitted>({ kind: "moved" }) : changed(begun, push, await created(begun, push));
  if (!row || row.deleted || row.type !== "Group") return undo<GroupCommitted>({ kind: "missing" });
  if (push.attributes !== undefined && push.readAt !== undefined && push.readAt !== row.version) return undo<GroupCommitted>({ kind: "moved" });
  return push.attributes === "deleted" ? deleted(begun, push, row) : changed(begun, push, row);
}

async function created({ tx, nowMs }: Writing, { connection, id, attributes, keys }: GroupCommit): Promise<Row> {
  if (typeof attributes !== "object" || !keys) throw new Error("a new group needs attributes and keys");
  const values = { ...columnsOf("Group", attributes, keys), connection, id, type: "Group" as const, version: 0, body_digest: null, created_ms: nowMs, modified_ms: nowMs, deleted_ms: null };
  const { seq } = await tx.insertInto("resources").values(values).returning("seq").executeTakeFirstOrThrow();
  return { seq, id, type: "Group", version: 0, desired: "", emptied: false, memberCount: 0, createdMs: nowMs, modifiedMs: nowMs, deleted: false, addresses: [] };
}

async function changed(begun: Writing, push: GroupCommit, row: Row): Promise<GroupCommitted> {
  const { tx, nowMs } = begun;
  const isNew = row.version === 0;
  const attributes = typeof push.attributes === "object" && (isNew || !sameJson(attributesOf(row.desired), push.attributes)) ? push.attributes : undefined;
  const members = await changeMembers(begun, { seq: row.seq, count: row.memberCount, emptied: row.emptied }, push.members);
  const differs = attributes !== undefined || members.changed;
  const version = differs ? row.version + 1 : row.version;
  const modifiedMs = differs ? nowMs : row.modifiedMs;
  if (attributes && !push.keys) throw new Error("changed attributes need keys");
  if (differs || members.emptied !== row.emptied) {
    const columns = { version, modified_ms: modifiedMs, member_count: members.count, emptied: members.emptied ? 1 : 0 };
    await tx.updateTable("resources").set({ ...columns, ...(attributes && push.keys && !isNew && columnsOf("Group", attributes, push.keys)) }).where("seq", "=", row.seq).execute();
  }
  await railed(begun, push, push.affects === "everybody" ? [...members.left, ...(await membersOf(begun, row.seq))] : members.left);
  await journalled(begun, [...push.journal, ...(await membershipEntries(push, members))]);
  const affected = await affectedBy(begun, push, row.seq, members);
  return { kind: "committed", version, createdMs: row.createdMs, modifiedMs, changed: differs, joined: members.joined, left: members.left, memberCount: members.count, affected, ...seen(begun) };
}

async function deleted(begun: Writing, push: GroupCommit, row: Row): Promise<GroupCommitted> {
  const { left, leftRest } = await changeMembers(begun, { seq: row.seq, count: row.memberCount, emptied: row.emptied }, [{ kind: "clear" }]);
  await railed(begun, push, left);
  const affected = push.affects === "nobody" ? [] : await replanned(begun, left, "deny", push.journal[0]?.correlation);
  await hidden(begun, row);
  await journalled(begun, [...push.journal, ...(await membershipEntries(push, { joined: [], left, leftRest }))]);
  // No vendor is told of groups, so nobody needs the row any more.
  await purged(begun, row);
  return { kind: "committed", version: row.version + 1, createdMs: row.createdMs, modifiedMs: begun.nowMs, changed: true, joined: [], left, memberCount: 0, affected, ...seen(begun) };
}

const seen = ({ mode }: Writing) => mode.observes && ({ observed: true } as const);

/** A rail bites: everything is undone, and the hold is written instead. `stop` is absent where the same push waits already. */
interface Bitten {
  readonly kind: "bitten";
  readonly stop: Stop | undefined;
  readonly people: readonly ResourceId[];
}

/** After the members have changed and before anybody is due: only then it is known who leaves, and what they have left. */
async function railed(begun: Writing, { affects, rail, attributes, members }: GroupCommit, losing: readonly string[]): Promise<void> {
  if (!rail) return;
  const { release } = rail;
  if (affects !== "nobody" && losing.length > 0) {
    const { toll, stop } = await weighMany(begun, losing, rail.judge, rail.rails, release?.rail ?? (begun.mode.observes ? "brake" : undefined));
    if (stop) undo<Bitten>({ kind: "bitten", stop, people: everybodyIn(toll) });
    if (!begun.mode.observes) await lostNow(begun, toll, release?.hold);
  }
  if (release) await ended(begun, release.seq, "carriedOut");
  else if (begun.waiting) await outdated(begun, begun.waiting.seq, { deleted: attributes === "deleted", attributes: typeof attributes === "object", members });
}

/** The undone transaction's place: another one, that writes the hold and nothing else. */
const held = (engine: Engine, push: GroupCommit, { stop, people }: Bitten): Promise<GroupCommitted> =>
  writing<GroupCommitted>(engine, push.connection, push.id, async (begun) => {
    const { rail, id } = push;
    if (!rail) throw new Error("nothing bites without a rail");
    const known = begun.waiting && (await waitingGroup(begun, begun.waiting.seq));
    if (!stop && !known) return undo<GroupCommitted>({ kind: "moved" });
    const joined = known && !begun.waiting?.approved && (stop === undefined || known.rail === stop.rail) ? known : undefined;
    const its = stop ?? joined;
    if (!its) return undo<GroupCommitted>({ kind: "moved" });
    return stopped(begun, { rail: its.rail, detail: its.detail }, { resource: id, correlation: rail.correlation, kept: joined ? together(joined.kept, rail.kept) : rail.kept, people: joined ? [...new Set([...joined.people, ...people])] : people });
  }, people.length);

/** Who left may lose something, who came may gain; where the name itself counts anew, nobody can tell before it is planned. */
async function affectedBy(begun: Writing, { affects, journal: [asked] }: GroupCommit, group: number, { joined, left }: Pick<Membership, "joined" | "left">): Promise<readonly ResourceId[]> {
  if (affects === "nobody") return [];
  const losing = await replanned(begun, affects === "everybody" ? [...left, ...(await membersOf(begun, group))] : left, "deny", asked?.correlation);
  const gaining = affects === "everybody" ? [] : await replanned(begun, joined, "grant", asked?.correlation);
  return [...losing, ...gaining];
}

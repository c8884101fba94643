/**
 * Members of groups: one row each, changed by deltas, never loaded for the sake of one more.
 *
 * @module
 */
import { setImmediate as turn } from "node:timers/promises";
import { sql } from "kysely";
import { fold } from "../model/fold.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { isObject } from "../model/json.ts";
import type { Member, MemberChange } from "../model/resource.ts";
import { checkedJson, indexKey } from "./storable.ts";
import { inPages, inStretches, lookedAtOnce, turnAfter, writtenAtOnce } from "./stretches.ts";
import type { Writing } from "./writing.ts";

export interface Membership {
  readonly joined: readonly string[];
  readonly left: readonly string[];
  /** What else had been written into the elements of those who left, where there was anything. */
  readonly leftRest: ReadonlyMap<string, JsonObject>;
  /** Some row was inserted, deleted or written anew. */
  readonly changed: boolean;
  readonly emptied: boolean;
  readonly count: number;
}

/** Applies the changes in order. @param group its `seq`, and what stood there before */
export async function changeMembers(writing: Writing, group: { readonly seq: number; readonly count: number; readonly emptied: boolean }, changes: readonly MemberChange[]): Promise<Membership> {
  const moves = new Moves();
  let { emptied } = group;
  let rewritten = false;
  let work = 0;
  for (const change of neighboursAsOne(changes)) {
    // Each of a thousand changes fits into one stretch; all of them together do not.
    work += aStatement + sizeOf(change);
    if (work > writtenAtOnce) {
      await turn();
      work = 0;
    }
    switch (change.kind) {
      case "add": {
        await insert(writing, group.seq, change.members, moves);
        break;
      }
      case "remove": {
        const gone = await remove(writing, group.seq, change.values, moves);
        // Whether anybody is left is seen at the end; nobody means that this removal, or one after it, emptied the group.
        if (gone > 0) emptied = true;
        break;
      }
      case "replace": {
        const difference = await differences(await stored(writing, group.seq), change.members);
        await remove(writing, group.seq, difference.gone, moves);
        await rewrite(writing, group.seq, difference.other);
        await insert(writing, group.seq, difference.added, moves);
        rewritten ||= difference.other.length > 0;
        emptied = true;
        break;
      }
      case "clear": {
        await removeAll(writing, group.seq, moves);
        emptied = false;
        break;
      }
    }
  }
  const count = group.count + moves.growth;
  await turnAfter(moves.size);
  return { joined: moves.joined(), left: moves.left(), leftRest: moves.rest, changed: moves.any || rewritten, emptied: emptied && count === 0, count };
}

/** Neighbours that add, or remove, as one change: a thousand operations then cost no more statements than one that says the same. */
function neighboursAsOne(changes: readonly MemberChange[]): readonly MemberChange[] {
  const all: MemberChange[] = [];
  let members: Member[] = [];
  let values: string[] = [];
  for (const change of changes) {
    const before = all.at(-1)?.kind;
    if (change.kind === "add") {
      if (before !== "add") all.push({ kind: "add", members: (members = []) });
      for (const member of change.members) members.push(member);
    } else if (change.kind === "remove") {
      if (before !== "remove") all.push({ kind: "remove", values: (values = []) });
      for (const value of change.values) values.push(value);
    } else all.push(change);
  }
  return all;
}

/** What a statement costs beside its rows, in rows. */
const aStatement = 20;

export const sizeOf = (change: MemberChange): number => (change.kind === "remove" ? change.values.length : change.kind === "clear" ? 0 : change.members.length);

/** Who came and went, all changes together: who did both did neither. */
class Moves {
  readonly #net = new Map<string, 1 | -1>();
  growth = 0;
  any = false;
  readonly rest = new Map<string, JsonObject>();

  get size(): number {
    return this.#net.size;
  }

  join = (values: readonly string[]): void => this.#move(values, 1);
  leave = (values: readonly string[]): void => this.#move(values, -1);
  joined = (): readonly string[] => this.#moved(1);
  left = (): readonly string[] => this.#moved(-1);

  #move(values: readonly string[], way: 1 | -1): void {
    this.growth += way * values.length;
    this.any ||= values.length > 0;
    for (const value of values) if (this.#net.get(value) === -way) this.#net.delete(value);
      else this.#net.set(value, way);
  }

  #moved(way: 1 | -1): readonly string[] {
    const values: string[] = [];
    for (const [value, its] of this.#net) if (its === way) values.push(value);
    return values;
  }
}

interface MemberRow {
  readonly seq: number;
  readonly key: string;
  readonly long_value: string | null;
  readonly rest: string | null;
}

const columns = ["seq", "key", "long_value", "rest"] as const;
const valueOf = (row: Pick<MemberRow, "key" | "long_value">): string => row.long_value ?? row.key;
const byArrival = (a: MemberRow, b: MemberRow): number => a.seq - b.seq;

async function insert({ engine, tx, connection }: Writing, group: number, members: readonly Member[], moves: Moves): Promise<void> {
  await inStretches(members, async (stretch) => {
    const rows = [...firstOfEach(stretch).values()].map(rowOf);
    const { rows: inserted } = await sql<{ readonly key: string }>`
      insert into members (connection, grp, key, long_value, rest, folded)
      select ${connection}, ${group}, one.k, one.long_value, one.rest, one.folded from ${engine.json.eachMember(rows)} as one where 1 = 1 order by one.n
      on conflict (grp, key) do nothing returning key`.execute(tx);
    const fresh = new Set(inserted.map(({ key }) => key));
    moves.join(rows.flatMap(([key, longValue]) => (fresh.has(key) ? [longValue ?? key] : [])));
    return [];
  });
}

function rowOf({ value, rest }: Member): readonly [key: string, longValue: string | null, rest: string | null, folded: string | null] {
  const key = indexKey(value);
  const text = restText(rest);
  const folded = text === null ? null : checkedJson(foldedJson(rest));
  return [key, key === value ? null : value, text, folded === text ? null : folded];
}

/** @returns how many of them there were */
async function remove({ engine, tx }: Writing, group: number, values: readonly string[], moves: Moves): Promise<number> {
  let count = 0;
  await inStretches(values, async (stretch) => {
    const { rows } = await sql<{ readonly key: string; readonly rest: string | null }>`
      delete from members where grp = ${group} and key ${engine.json.among(stretch.map(indexKey))} returning key, rest`.execute(tx);
    const gone = new Map(rows.map(({ key, rest }) => [key, rest]));
    const left = [...new Set(stretch)].filter((value) => gone.has(indexKey(value)));
    for (const value of left) keepRest(moves.rest, value, gone.get(indexKey(value)) ?? null);
    moves.leave(left);
    count += left.length;
    return [];
  });
  return count;
}

function keepRest(rests: Map<string, JsonObject>, value: string, rest: string | null): void {
  if (rest !== null) rests.set(value, JSON.parse(rest) as JsonObject);
}

/** Everybody goes. */
async function removeAll({ tx }: Writing, group: number, moves: Moves): Promise<void> {
  const all = await inPages<MemberRow>(async () => {
    const last = await tx.selectFrom("members").select("key").where("grp", "=", group).orderBy("key").limit(1).offset(writtenAtOnce - 1).executeTakeFirst();
    const deletion = tx.deleteFrom("members").where("grp", "=", group).returning(columns);
    const gone = await (last ? deletion.where("key", "<=", last.key) : deletion).execute();
    for (const row of gone) keepRest(moves.rest, valueOf(row), row.rest);
    return gone;
  }, writtenAtOnce);
  await inStretches(all.toSorted(byArrival), (stretch) => {
    moves.leave(stretch.map(valueOf));
    return [];
  }, lookedAtOnce);
}

/** The same members, with another `display` or the like. All of them are there, so each is a conflict, which the index finds. */
async function rewrite({ engine, tx, connection }: Writing, group: number, members: readonly Member[]): Promise<void> {
  await inStretches(members, async (stretch) => {
    await sql`
      insert into members (connection, grp, key, long_value, rest, folded)
      select ${connection}, ${group}, one.k, one.long_value, one.rest, one.folded from ${engine.json.eachMember(stretch.map(rowOf))} as one where 1 = 1
      on conflict (grp, key) do update set rest = excluded.rest, folded = excluded.folded`.execute(tx);
    return [];
  });
}

const stored = ({ tx }: Writing, group: number): Promise<readonly MemberRow[]> =>
  inPages<MemberRow>((last) => {
    const page = tx.selectFrom("members").select(columns).where("grp", "=", group).orderBy("key").limit(lookedAtOnce);
    return (last ? page.where("key", ">", last.key) : page).execute();
  }, lookedAtOnce);

async function differences(before: readonly MemberRow[], members: readonly Member[]) {
  const wanted = new Map<string, Member>();
  await inStretches(members, (stretch) => {
    for (const member of stretch) if (!wanted.has(member.value)) wanted.set(member.value, member);
    return [];
  }, lookedAtOnce);
  const had = new Map<string, string | null>();
  const gone = await inStretches(before, (stretch) => {
    for (const row of stretch) had.set(valueOf(row), row.rest);
    return stretch.filter((row) => !wanted.has(valueOf(row)));
  }, lookedAtOnce);
  const added: Member[] = [];
  const other = await inStretches([...wanted.values()], (stretch) =>
    stretch.filter((member) => {
      const was = had.get(member.value);
      if (was === undefined) added.push(member);
      return was !== undefined && was !== restText(member.rest);
    }), lookedAtOnce);
  return { gone: gone.toSorted(byArrival).map(valueOf), added, other };
}

function firstOfEach(members: readonly Member[]): ReadonlyMap<string, Member> {
  const first = new Map<string, Member>();
  for (const member of members) if (!first.has(member.value)) first.set(member.value, member);
  return first;
}

const restText = (rest: JsonObject): string | null => (Object.keys(rest).length === 0 ? null : checkedJson(rest));

function foldedJson(value: Json): Json {
  if (typeof value === "string") return fold(value);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, foldedJson(part)]));
}

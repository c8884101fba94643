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
import type { Writing } from "./writing.ts";

/** So many rows are written at a stretch; then other work of the process gets its turn. */
const rowsPerStatement = 2_000;

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
  for (const change of changes) {
    switch (change.kind) {
      case "add": {
        moves.join(await insert(writing, group.seq, change.members));
        break;
      }
      case "remove": {
        const gone = await remove(writing, group.seq, change.values, moves.rest);
        moves.leave(gone);
        // Whether anybody is left is seen at the end; nobody means that this removal, or one after it, emptied the group.
        if (gone.length > 0) emptied = true;
        break;
      }
      case "replace": {
        const difference = differences(await stored(writing, group.seq), change.members);
        moves.leave(await remove(writing, group.seq, difference.gone, moves.rest));
        await rewrite(writing, group.seq, difference.other);
        moves.join(await insert(writing, group.seq, difference.added));
        rewritten ||= difference.other.length > 0;
        emptied = true;
        break;
      }
      case "clear": {
        const gone = await writing.tx.deleteFrom("members").where("grp", "=", group.seq).returning(["seq", "key", "long_value", "rest"]).execute();
        for (const row of gone) keepRest(moves.rest, valueOf(row), row.rest);
        moves.leave(gone.toSorted((a, b) => a.seq - b.seq).map(valueOf));
        emptied = false;
        break;
      }
    }
  }
  const count = group.count + moves.growth;
  return { joined: moves.joined(), left: moves.left(), leftRest: moves.rest, changed: moves.any || rewritten, emptied: emptied && count === 0, count };
}

/** Who came and went, all changes together: who did both did neither. */
class Moves {
  readonly #net = new Map<string, 1 | -1>();
  growth = 0;
  any = false;
  readonly rest = new Map<string, JsonObject>();

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

  #moved = (way: 1 | -1): readonly string[] => [...this.#net].flatMap(([value, its]) => (its === way ? [value] : []));
}

const valueOf = (row: { readonly key: string; readonly long_value: string | null }): string => row.long_value ?? row.key;

async function insert({ engine, tx, connection }: Writing, group: number, members: readonly Member[]): Promise<readonly string[]> {
  const rows = [...firstOfEach(members).values()].map(({ value, rest }) => {
    const key = indexKey(value);
    const text = restText(rest);
    const folded = text === null ? null : checkedJson(foldedJson(rest));
    return [key, key === value ? null : value, text, folded === text ? null : folded] as const;
  });
  return inStretches(rows, async (stretch) => {
    const { rows: inserted } = await sql<{ readonly key: string }>`
      insert into members (connection, grp, key, long_value, rest, folded)
      select ${connection}, ${group}, one.k, one.long_value, one.rest, one.folded from ${engine.json.eachMember(stretch)} as one where 1 = 1 order by one.n
      on conflict (grp, key) do nothing returning key`.execute(tx);
    const fresh = new Set(inserted.map(({ key }) => key));
    return stretch.flatMap(([key, longValue]) => (fresh.has(key) ? [longValue ?? key] : []));
  });
}

async function remove({ engine, tx }: Writing, group: number, values: readonly string[], rests: Map<string, JsonObject>): Promise<readonly string[]> {
  return inStretches([...new Set(values)], async (stretch) => {
    const { rows } = await sql<{ readonly key: string; readonly rest: string | null }>`
      delete from members where grp = ${group} and key in ${engine.json.eachText(stretch.map(indexKey))} returning key, rest`.execute(tx);
    const gone = new Map(rows.map(({ key, rest }) => [key, rest]));
    const left = stretch.filter((value) => gone.has(indexKey(value)));
    for (const value of left) keepRest(rests, value, gone.get(indexKey(value)) ?? null);
    return left;
  });
}

function keepRest(rests: Map<string, JsonObject>, value: string, rest: string | null): void {
  if (rest !== null) rests.set(value, JSON.parse(rest) as JsonObject);
}

/** The same members, with another `display` or the like. */
async function rewrite({ tx }: Writing, group: number, members: readonly Member[]): Promise<void> {
  for (const { value, rest } of members) {
    const text = restText(rest);
    const folded = text === null ? null : checkedJson(foldedJson(rest));
    await tx.updateTable("members").set({ rest: text, folded: folded === text ? null : folded }).where("grp", "=", group).where("key", "=", indexKey(value)).execute();
  }
}

const stored = ({ tx }: Writing, group: number) => tx.selectFrom("members").select(["key", "long_value", "rest"]).where("grp", "=", group).orderBy("seq").execute();

function differences(before: readonly { readonly key: string; readonly long_value: string | null; readonly rest: string | null }[], members: readonly Member[]) {
  const wanted = firstOfEach(members);
  const had = new Map(before.map((row) => [valueOf(row), row.rest]));
  return {
    gone: [...had.keys()].filter((value) => !wanted.has(value)),
    added: [...wanted.values()].filter(({ value }) => !had.has(value)),
    other: [...wanted.values()].filter(({ value, rest }) => had.has(value) && had.get(value) !== restText(rest)),
  };
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

async function inStretches<T>(all: readonly T[], write: (stretch: readonly T[]) => Promise<readonly string[]>): Promise<readonly string[]> {
  if (all.length <= rowsPerStatement) return all.length === 0 ? [] : write(all);
  const values: string[] = [];
  for (let at = 0; at < all.length; at += rowsPerStatement) {
    values.push(...(await write(all.slice(at, at + rowsPerStatement))));
    await turn();
  }
  return values;
}

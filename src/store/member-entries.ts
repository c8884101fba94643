/**
 * Who came and who left by a group's push, as journal rows beside the push's own: complete, and each of a bounded size.
 *
 * The push's row tells what the IdP wrote; these tell what it changed, which is what an undo needs.
 *
 * @module
 */
import type { Json, JsonObject } from "../model/json.ts";
import type { JournalEntry } from "../model/resource.ts";
import type { Membership } from "./members.ts";
import type { GroupCommit } from "./store.ts";
import { inStretches, lookedAtOnce, turnAfter } from "./stretches.ts";

/** About 40 KB a row where the values are our ids. */
const valuesPerRow = 1_000;
/** Clients may write much into an element: a row then holds fewer of them. */
const charactersPerRow = 256 * 1024;

/** `left` and `joined` hold values; `rests` what else stood in the elements of those who left, by value. */
export async function membershipEntries(push: GroupCommit, { joined, left, leftRest }: Pick<Membership, "joined" | "left" | "leftRest">): Promise<readonly JournalEntry[]> {
  const pushed = push.journal.find(({ kind }) => kind === "push");
  if (!pushed) return [];
  const gone = await inStretches(left, (values) => rowsOf(values, leftRest).map((row) => ({ left: row, ...restsOf(row, leftRest) })), lookedAtOnce);
  await turnAfter(left.length);
  const rows = [...gone, ...rowsOf(joined, none).map((row) => ({ joined: row }))];
  await turnAfter(joined.length);
  return rows.map((data): JournalEntry => ({ kind: "push", resource: push.id, correlation: pushed.correlation, data: { membership: data as unknown as Json } }));
}

const none: ReadonlyMap<string, JsonObject> = new Map();

function restsOf(values: readonly string[], rests: ReadonlyMap<string, JsonObject>): { readonly rests?: JsonObject } {
  const found = values.flatMap((value): readonly (readonly [string, JsonObject])[] => {
    const rest = rests.get(value);
    return rest ? [[value, rest]] : [];
  });
  return found.length === 0 ? {} : { rests: Object.fromEntries(found) };
}

function rowsOf(values: readonly string[], rests: ReadonlyMap<string, JsonObject>): readonly (readonly string[])[] {
  const all: string[][] = [];
  let characters = Infinity;
  for (const value of values) {
    const rest = rests.get(value);
    const size = value.length + (rest ? value.length + JSON.stringify(rest).length : 0);
    const last = all.at(-1);
    if (!last || last.length >= valuesPerRow || characters + size > charactersPerRow) {
      all.push([value]);
      characters = size;
    } else {
      last.push(value);
      characters += size;
    }
  }
  return all;
}

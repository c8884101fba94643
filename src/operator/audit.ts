/**
 * The journal: proven, taken elsewhere, and read from its end.
 *
 * @module
 */
import { z } from "zod";
import type { ConnectionId } from "../model/ids.ts";
import { operatorsJournal } from "../model/operator.ts";
import type { Verdict } from "../store/chain.ts";
import { act, connectionIn, type World } from "./act.ts";
import { connectionField, journalEntry, onlyConnection, paging } from "./fields.ts";
import { cursorOf, positionIn } from "./pages.ts";
import { entryOf } from "./timeline.ts";

const broken = z.strictObject({ row: z.int().describe("From this row on nothing is proven."), why: z.string(), mark: z.string() });
const verdict = z.strictObject({
  id: z.string().describe("The connection."),
  whole: z.boolean(),
  brokenRow: z.int().nullable(),
  rows: z.int(),
  first: z.int().nullable(),
  last: z.strictObject({ seq: z.int(), hash: z.string() }).nullable().describe("Write the hash down elsewhere: with it a later reader can tell that no tail was cut off."),
  breaks: z.array(broken),
  accepted: z.array(broken),
  prunedThrough: z.int().nullable(),
});

export const verifyJournals = act({
  name: "audit.verify",
  says: "Reads journals from end to end and names the first row of each that is not what was written.",
  needs: "operator",
  route: { method: "GET", path: "/audit/verdicts" },
  command: "audit verify",
  input: z.strictObject({ connection: onlyConnection }),
  output: z.strictObject({ items: z.array(verdict) }),
  async run({ connection }, _, world) {
    const items: z.output<typeof verdict>[] = [];
    for (const id of connection === undefined ? await all(world) : [journalIn(world, connection)]) items.push(shownVerdict(id, await world.store.verifyJournal(id)));
    return { items };
  },
});

/** The operators' own journal is there once something stands in it. */
const all = async (world: World): Promise<readonly ConnectionId[]> => [...world.connections, ...((await world.store.journalHead(operatorsJournal)).seq > 0 ? [operatorsJournal] : [])];

/** A connection's, or the operators' own. */
const journalIn = (world: World, name: string): ConnectionId => (name === operatorsJournal ? operatorsJournal : connectionIn(world, name));

export function shownVerdict(id: string, { rows, first, last, breaks, accepted, prunedThrough }: Verdict): z.output<typeof verdict> {
  return { id, whole: breaks.length === 0, brokenRow: breaks[0]?.row ?? null, rows, first: first ?? null, last: last ? { ...last } : null, breaks: breaks.map((one) => ({ ...one })), accepted: accepted.map((one) => ({ ...one })), prunedThrough: prunedThrough ?? null };
}

const exported = z.strictObject({
  connection: z.string(), seq: z.int(), at_ms: z.int(), resource: z.string().nullable(), correlation: z.string(), kind: z.string(), data: z.string(), prev_hash: z.string(), hash: z.string(),
});

export const exportJournal = act({
  name: "audit.export",
  says: "Rows of a journal exactly as they are stored, with their hashes, in order: written down as one JSON object a line they are an export that can be verified alone. Holds names and addresses.",
  needs: "operator",
  route: { method: "GET", path: "/connections/{connection}/audit/rows" },
  command: "audit export",
  input: z.strictObject({ connection: connectionField, from: z.int().min(1).default(1), to: z.int().min(1).optional(), limit: z.int().min(1).max(1_000).default(1_000) }),
  output: z.strictObject({ items: z.array(exported), next: z.int().nullable().describe("`from` of the next page; null = this is the last.") }),
  async run({ from, to = Number.MAX_SAFE_INTEGER, limit, ...input }, _, world) {
    const rows = await world.store.chainRows(journalIn(world, input.connection), from - 1, limit);
    const items = rows.filter(({ seq }) => seq <= to).map((row) => ({ ...row }));
    const last = rows.at(-1);
    return { items, next: rows.length === limit && last !== undefined && last.seq < to ? last.seq + 1 : null };
  },
});

/** How many rows one page may look at for what has no index. */
const reach = 50_000;

export const listJournal = act({
  name: "audit.list",
  says: "What happened on a connection, the newest first.",
  needs: "viewer",
  route: { method: "GET", path: "/connections/{connection}/journal" },
  command: "audit list",
  input: z.strictObject({
    connection: connectionField,
    kind: z.array(journalEntry.shape.kind).min(1).optional(),
    correlation: z.string().max(100).optional(),
    resource: z.string().max(100).optional(),
    ...paging,
  }),
  output: z.strictObject({ items: z.array(journalEntry), next: z.string().nullable().describe("A page may hold fewer rows than were asked for, or none: what is sought may stand further back.") }),
  async run({ kind, correlation, resource, limit, cursor, ...input }, _, world) {
    const connection = journalIn(world, input.connection);
    const [before] = positionIn(cursor, [0]) ?? [(await world.store.journalHead(connection)).seq + 1];
    const rows = await world.store.newest(connection, { beforeSeq: before, ...(kind && { kinds: kind }), ...(correlation !== undefined && { correlation }), ...(resource !== undefined && { resource: resource as never }), among: reach, limit });
    const end = rows.length === limit ? (rows.at(-1)?.seq ?? 1) : resource === undefined ? before - reach : 1;
    return { items: rows.map(entryOf), next: end > 1 ? cursorOf([end]) : null };
  },
});

/**
 * The journal: append-only, and each row's hash covers the row before it, so nobody changes or removes a row in the middle unseen.
 *
 * @module
 */
import { setImmediate as turn } from "node:timers/promises";
import type { ExpressionBuilder } from "kysely";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { Plan } from "../model/operation.ts";
import type { JournalEntry } from "../model/resource.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { Engine } from "./engine.ts";
import { hashOf, openChain } from "./chain.ts";
import type { ChainRow, Verdict } from "./chain.ts";
import { noticed } from "./notices.ts";
import { compiledOnce } from "./prepared.ts";
import type { Database, JournalTable } from "./schema.ts";
import { checkedJson } from "./storable.ts";
import { inStretches } from "./stretches.ts";
import type { JournalRow, JournalStore } from "./store.ts";
import { undo, writing } from "./writing.ts";
import type { Writing } from "./writing.ts";

/** Those that tell of a large group's members hold 40 KB each. */
const chainedAtOnce = 20;

const lookedAtInOneGo = 1_000;

const columns = ["connection", "seq", "at_ms", "resource", "correlation", "kind", "data", "prev_hash", "hash"] as const satisfies readonly (keyof JournalTable)[];

/** A push and its intent, or an outcome: nearly all there ever is at a time. */
const few = [1, 2, 3].map((count) => compiledOnce((engine) => engine.db.insertInto("journal").values(Array.from({ length: count }, () => Object.fromEntries(columns.map((column) => [column, ""])) as unknown as JournalTable))));

/** Chains entries onto the journal, inside the transaction whose deeds they tell of. At most once per transaction. */
export async function journalled(writing: Writing, entries: readonly JournalEntry[]): Promise<void> {
  const { engine, tx, connection, nowMs } = writing;
  let { seq, hash } = writing.head;
  const chained = (entry: JournalEntry): JournalTable => {
    const row = { connection, seq: ++seq, at_ms: nowMs, resource: entry.resource ?? null, correlation: entry.correlation, kind: entry.kind, data: checkedJson(entry.data), prev_hash: hash };
    hash = hashOf(row);
    return { ...row, hash };
  };
  const rows = await inStretches(entries, (stretch) => stretch.map(chained), chainedAtOnce);
  if (rows.length > 0) writing.chained = { seq, hash };
  const inserted = few[rows.length - 1]?.(engine);
  if (inserted) await tx.executeQuery({ ...inserted, parameters: rows.flatMap((row) => columns.map((column) => row[column])) });
  else await inStretches(rows, async (stretch) => (await tx.insertInto("journal").values([...stretch]).execute(), []), chainedAtOnce);
  await noticed(writing, entries);
}

export const journalStore = (engine: Engine): JournalStore => ({
  verifyJournal: (connection) => verified(engine, connection),
  firstBrokenRow: async (connection) => (await verified(engine, connection)).breaks[0]?.row,

  append: (connection, entries) => (entries.length === 0 ? Promise.resolve() : writing(engine, connection, undefined, (begun) => journalled(begun, entries))),

  async journal(connection, { resource, afterSeq, limit, kinds, sinceMs, untilMs, correlations }) {
    let query = engine.db.selectFrom("journal").selectAll().where("connection", "=", connection).where("seq", ">", afterSeq ?? 0).orderBy("seq").limit(limit);
    if (resource !== undefined) query = query.where("resource", "=", resource);
    if (kinds !== undefined) query = query.where("kind", "in", kinds);
    if (sinceMs !== undefined) query = query.where("at_ms", ">=", sinceMs);
    if (untilMs !== undefined) query = query.where("at_ms", "<=", untilMs);
    if (correlations !== undefined) query = query.where("correlation", "in", correlations);
    return (await query.execute()).map(journalRow);
  },

  async journalHead(connection) {
    const row = await engine.db.selectFrom("journal").select(["seq", "hash"]).where("connection", "=", connection).orderBy("seq", "desc").limit(1).executeTakeFirst();
    return row ?? { seq: 0, hash: "" };
  },

  chainRows: (connection, afterSeq, limit) => chainAfter(engine, connection, afterSeq, limit),

  async openIntent(connection, resource) {
    const rows = await engine.db.selectFrom("journal").select(["kind", "data"]).where("connection", "=", connection).where("resource", "=", resource).where(telling).orderBy("seq", "desc").limit(longestPlan).execute();
    // What an operator has ordered is accounted for where it was ordered.
    const ours = rows.map(({ kind, data }) => ({ kind, ...(JSON.parse(data) as Told) })).filter(({ operator }) => operator === undefined);
    const at = ours.findIndex(({ kind }) => kind === "intent");
    const told = new Set(ours.slice(0, Math.max(at, 0)).flatMap(({ operation, unneeded = [] }) => [operation, ...unneeded]));
    return (ours[at]?.operations ?? []).filter(({ kind }) => !told.has(kind));
  },

  async heldCorrelations(connection, hold) {
    const rows = await engine.db.selectFrom("held").select("correlation").distinct().where("connection", "=", connection).where("hold", "=", hold).limit(1_000).execute();
    return rows.map(({ correlation }) => correlation);
  },

  acceptBreak: (connection, { row, mark, why }, { by, reason }) =>
    writing(engine, connection, undefined, (begun) => journalled(begun, [noted({ acceptedBreak: { row, mark, why }, by, reason })])),

  prune: (connection, { rows, digest, by }) =>
    writing(engine, connection, undefined, async (begun) => {
      const [first, last] = [rows[0], rows.at(-1)];
      if (!first || !last || last.seq >= begun.head.seq) return undo(0);
      const stored = await begun.tx.selectFrom("journal").selectAll().where("connection", "=", connection).where("seq", "<=", last.seq).orderBy("seq").execute();
      if (stored.length !== rows.length || stored.some((row, at) => !sameRow(row, rows[at]))) return undo(0);
      await begun.tx.deleteFrom("journal").where("connection", "=", connection).where("seq", "<=", last.seq).execute();
      await journalled(begun, [noted({ pruned: { from: first.seq, through: last.seq, hash: last.hash }, exported: digest, by })]);
      return rows.length;
    }),
});

async function verified(engine: Engine, connection: ConnectionId): Promise<Verdict> {
  const chain = openChain({ part: false });
  for (let after = 0; ; ) {
    const page = await chainAfter(engine, connection, after, lookedAtInOneGo);
    for (const row of page) chain.show(row);
    after = page.at(-1)?.seq ?? after;
    if (page.length < lookedAtInOneGo) return chain.verdict();
    await turn(); // a long chain must not keep requests waiting
  }
}

/** More operations than any plan has. */
const longestPlan = 20;

/** What a row says of an intent: what was meant, what became of it, that it was not needed any more. */
interface Told {
  readonly operations?: Plan;
  readonly operation?: string;
  readonly unneeded?: readonly string[];
  readonly operator?: string;
}

/** Of the decisions, which may be many, only those about intents. */
const telling = (row: ExpressionBuilder<Database, "journal">) => row.or([row("kind", "in", ["intent", "outcome"]), row.and([row("kind", "=", "decision"), row("data", "like", '{"unneeded"%')])]);

const noted = (data: JsonObject): JournalEntry => ({ kind: "decision", resource: undefined, correlation: newCorrelationId(), data });

const sameRow = (one: ChainRow, other: ChainRow | undefined): boolean => columns.every((column) => one[column] === other?.[column]);

const chainAfter = ({ db }: Engine, connection: ConnectionId, seq: number, limit: number): Promise<readonly ChainRow[]> => db.selectFrom("journal").selectAll().where("connection", "=", connection).where("seq", ">", seq).orderBy("seq").limit(limit).execute();

export const journalRow = ({ seq, at_ms, resource, correlation, kind, data, hash }: JournalTable): JournalRow => ({
  seq,
  atMs: at_ms,
  resource: (resource ?? undefined) as ResourceId | undefined,
  correlation,
  kind: kind as JournalEntry["kind"],
  data: JSON.parse(data) as Json,
  hash,
});

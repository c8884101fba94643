/**
 * The journal: append-only, and each row's hash covers the row before it, so nobody changes or removes a row in the middle unseen.
 *
 * @module
 */
import { hash as digest } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import type { Json } from "../model/json.ts";
import type { JournalEntry } from "../model/resource.ts";
import type { Engine } from "./engine.ts";
import { noticed } from "./notices.ts";
import { compiledOnce } from "./prepared.ts";
import type { JournalTable } from "./schema.ts";
import { checkedJson } from "./storable.ts";
import type { JournalRow, JournalStore } from "./store.ts";
import { writing } from "./writing.ts";
import type { Writing } from "./writing.ts";

/** Nine parameters a row, and SQLite takes 32,766 a statement. */
const rowsPerStatement = 1_000;

const columns = ["connection", "seq", "at_ms", "resource", "correlation", "kind", "data", "prev_hash", "hash"] as const satisfies readonly (keyof JournalTable)[];

/** A push and its intent, or an outcome: nearly all there ever is at a time. */
const few = [1, 2, 3].map((count) => compiledOnce((engine) => engine.db.insertInto("journal").values(Array.from({ length: count }, () => Object.fromEntries(columns.map((column) => [column, ""])) as unknown as JournalTable))));

/** Chains entries onto the journal, inside the transaction whose deeds they tell of. At most once per transaction. */
export async function journalled(writing: Writing, entries: readonly JournalEntry[]): Promise<void> {
  const { engine, tx, connection, nowMs } = writing;
  let { seq, hash } = writing.head;
  const rows = entries.map((entry): JournalTable => {
    const row = { connection, seq: ++seq, at_ms: nowMs, resource: entry.resource ?? null, correlation: entry.correlation, kind: entry.kind, data: checkedJson(entry.data), prev_hash: hash };
    hash = hashOf(row);
    return { ...row, hash };
  });
  const inserted = few[rows.length - 1]?.(engine);
  if (inserted) await tx.executeQuery({ ...inserted, parameters: rows.flatMap((row) => columns.map((column) => row[column])) });
  else for (let at = 0; at < rows.length; at += rowsPerStatement) await tx.insertInto("journal").values(rows.slice(at, at + rowsPerStatement)).execute();
  await noticed(writing, entries);
}

/** SHA-256, hex, of the row as a JSON list with the hash before it in front. */
const hashOf = ({ prev_hash, connection, seq, at_ms, resource, correlation, kind, data }: Omit<JournalTable, "hash">): string =>
  digest("sha256", JSON.stringify([prev_hash, connection, seq, at_ms, resource, correlation, kind, data]));

export const journalStore = (engine: Engine): JournalStore => ({
  append: (connection, entries) => (entries.length === 0 ? Promise.resolve() : writing(engine, connection, undefined, (begun) => journalled(begun, entries))),

  async journal(connection, { resource, afterSeq, limit }) {
    let query = engine.db.selectFrom("journal").selectAll().where("connection", "=", connection).where("seq", ">", afterSeq ?? 0).orderBy("seq").limit(limit);
    if (resource !== undefined) query = query.where("resource", "=", resource);
    return (await query.execute()).map(journalRow);
  },

  async firstBrokenRow(connection) {
    let before = { seq: 0, hash: "" };
    for (;;) {
      const page = await chainAfter(engine, connection, before.seq);
      for (const row of page) {
        if (row.seq !== before.seq + 1 || row.prev_hash !== before.hash || row.hash !== hashOf(row)) return row.seq;
        before = row;
      }
      if (page.length < rowsPerStatement) return undefined;
      await turn(); // a long chain must not keep requests waiting
    }
  },
});

const chainAfter = ({ db }: Engine, connection: ConnectionId, seq: number) => db.selectFrom("journal").selectAll().where("connection", "=", connection).where("seq", ">", seq).orderBy("seq").limit(rowsPerStatement).execute();

const journalRow = ({ seq, at_ms, resource, correlation, kind, data, hash }: JournalTable): JournalRow => ({
  seq,
  atMs: at_ms,
  resource: (resource ?? undefined) as ResourceId | undefined,
  correlation,
  kind: kind as JournalEntry["kind"],
  data: JSON.parse(data) as Json,
  hash,
});

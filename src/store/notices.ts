/**
 * Notices: alarms on their way to the webhook, as rows. One is written in the transaction of the journal row that it tells of, claimed by
 * compare-and-set, and kept for a while after its end.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { RawBuilder } from "kysely";
import { noticeWords, repeating } from "../model/alarm.ts";
import type { Severity } from "../model/alarm.ts";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import type { JournalEntry } from "../model/resource.ts";
import type { Engine } from "./engine.ts";
import type { NoticeTable } from "./schema.ts";
import type { Notice, NoticeStore } from "./watching.ts";
import type { Writing } from "./writing.ts";

/** Stores whose alarms somebody wants to hear of. Configuration, not state: set at start and at every reload. */
const kept = new WeakSet<Engine>();

/** What the same failure of the same person leads to at most once in. */
const repeatAfterMs = 600_000;

/** Writes the notices of those entries that are alarms. */
export async function noticed({ engine, tx, connection, nowMs }: Writing, entries: readonly JournalEntry[]): Promise<void> {
  if (!kept.has(engine)) return;
  for (const entry of entries) {
    const words = noticeWords(entry);
    if (!words) continue;
    const { kind, severity, text } = words;
    const resource = entry.resource ?? null;
    const row = sql`${randomUUID()}, ${connection}, ${kind}, ${severity}, ${resource}, ${entry.correlation}, ${text}, ${number(nowMs)}, 0, ${number(nowMs)}`;
    const said = sql`select 1 from notices where connection = ${connection} and resource = ${resource} and kind = ${kind} and at_ms > ${nowMs - repeatAfterMs}`;
    const unlessSaid = resource !== null && repeating.has(kind) ? sql`where not exists (${said})` : sql``;
    await sql`insert into notices (id, connection, kind, severity, resource, correlation, text, at_ms, attempts, due_ms) select ${row} ${unlessSaid}`.execute(tx);
  }
}

/** PostgreSQL takes a parameter in a `select` list for text. */
const number = (value: number): RawBuilder<number> => sql`cast(${value} as bigint)`;

export const noticeStore = (engine: Engine): NoticeStore => ({
  keepNotices: (keep) => void (keep ? kept.add(engine) : kept.delete(engine)),

  async nextNoticeMs() {
    const row = await engine.db.selectFrom("notices").select(({ fn }) => fn.min<number | null>("due_ms").as("next")).where("ended_ms", "is", null).executeTakeFirst();
    return row?.next ?? undefined;
  },

  async takeNotices(limit, forMs) {
    const { rows } = await sql<NoticeTable>`
      with picked as materialized (select seq from notices where ended_ms is null and due_ms <= ${engine.now()}
        order by case severity when 'page' then 0 else 1 end, due_ms, seq limit ${limit} ${engine.skipLocked})
      update notices set attempts = attempts + 1, due_ms = ${engine.now()} + ${number(forMs)}
      where seq in (select seq from picked) and ended_ms is null and due_ms <= ${engine.now()}
      returning *`.execute(engine.db);
    return rows.map(noticeOf);
  },

  async endNotice({ id, attempts }, how) {
    const { numUpdatedRows } = await mine(engine, id, attempts).set({ ended_ms: engine.now(), ended: how }).executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  },

  async putOffNotice({ id, attempts }, forMs) {
    const { numUpdatedRows } = await mine(engine, id, attempts).set({ due_ms: sql<number>`${engine.now()} + ${number(Math.round(forMs))}` }).executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  },

  async dropNotices(most) {
    const kept = sql`(select seq from notices where ended_ms is null order by case severity when 'page' then 0 else 1 end, seq desc limit ${most})`;
    const { numAffectedRows } = await sql`update notices set ended_ms = ${engine.now()}, ended = 'dropped' where ended_ms is null and seq not in ${kept}`.execute(engine.db);
    return Number(numAffectedRows ?? 0n);
  },

  async forgetNotices(olderThanMs) {
    await engine.db.deleteFrom("notices").where("ended_ms", "is not", null).where("ended_ms", "<", sql<number>`${engine.now()} - ${number(olderThanMs)}`).execute();
  },

  async unsentNotices() {
    const row = await engine.db.selectFrom("notices").select(({ fn }) => fn.countAll<number>().as("count")).where("ended_ms", "is", null).executeTakeFirstOrThrow();
    return Number(row.count);
  },
});

/** Nobody else has claimed it since. */
const mine = ({ db }: Engine, id: string, attempts: number) => db.updateTable("notices").where("id", "=", id).where("attempts", "=", attempts).where("ended_ms", "is", null);

const noticeOf = ({ id, connection, kind, severity, resource, correlation, text, at_ms, attempts }: Omit<NoticeTable, "seq">): Notice => ({
  id,
  connection: connection as ConnectionId,
  kind,
  severity: severity as Severity,
  resource: (resource ?? undefined) as ResourceId | undefined,
  correlation,
  text,
  atMs: at_ms,
  attempts,
});

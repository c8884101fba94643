/**
 * What the watch over late work reads and marks, and the counts of a scrape. Every mark is a compare-and-set with its journal rows in one
 * transaction, so among any number of servers exactly one tells of a thing, also after a restart.
 *
 * @module
 */
import { sql } from "kysely";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import { urgency } from "../model/operation.ts";
import type { Lane } from "../model/operation.ts";
import { rankOf } from "./due.ts";
import type { Engine } from "./engine.ts";
import { journalled } from "./journal.ts";
import { prepared } from "./prepared.ts";
import type { Incident, LateDenial, WatchStore } from "./watching.ts";
import { undo, writing } from "./writing.ts";

/** Nobody needs to know more exactly, and counting on would cost more than the answer is worth. */
const countTo = 10_000;

/** Somebody is at it or will be; what only a person can finish has no time and is a task. */
const unfinished = sql<boolean>`denial_since_ms is not null and due_at is not null`;

export const watchStore = (engine: Engine): WatchStore => ({
  async lateDenials({ alarmAfterMs, pageAfterMs, limit }) {
    const { rows } = await late(engine, engine.db, { alarmAfterMs, pageAfterMs, limit });
    return rows.map(({ connection, resource, since, paged }) => ({ connection, resource, sinceMs: since, level: paged === 1 ? "page" : "alarm" }));
  },

  markLate: (connection, denials, tell) =>
    writing(engine, connection, undefined, async (begun) => {
      const marked: LateDenial[] = [];
      for (const denial of denials) {
        const { resource, sinceMs, level } = denial;
        const told = level === "page" ? sql`paged_ms = denial_since_ms, alarmed_ms = denial_since_ms` : sql`alarmed_ms = denial_since_ms`;
        const { numAffectedRows } = await sql`update due set ${told} where connection = ${connection} and resource = ${resource}
          and denial_since_ms = ${sinceMs} and due_at is not null and ${sql.ref(level === "page" ? "paged_ms" : "alarmed_ms")} <> denial_since_ms`.execute(begun.tx);
        if ((numAffectedRows ?? 0n) > 0n) marked.push(denial);
      }
      if (marked.length === 0) return undo<readonly LateDenial[]>([]);
      await begun.tx.insertInto("incidents").values({ connection, kind: "denials", opened_ms: begun.nowMs, told_ms: begun.nowMs }).onConflict((one) => one.doNothing()).execute();
      await journalled(begun, tell(marked));
      return marked;
    }),

  async denialsOlderThan(connection, ageMs) {
    const old = sql`select denial_since_ms from due where connection = ${connection} and ${unfinished} and denial_since_ms <= ${engine.now()} - ${bigint(ageMs)} order by denial_since_ms limit ${countTo}`;
    const { rows } = await sql<{ readonly count: number; readonly oldest: number | null }>`select count(*) as count, min(denial_since_ms) as oldest from (${old}) as old`.execute(engine.db);
    return { count: Number(rows[0]?.count ?? 0), oldestMs: rows[0]?.oldest ?? undefined };
  },

  async oldestDenials(connections) {
    const found = new Map<ConnectionId, number>();
    for (const connection of connections) {
      const since = (await oldest(engine, engine.db, { connection })).rows[0]?.since;
      if (since !== null && since !== undefined) found.set(connection, since);
    }
    return found;
  },

  async tasksOlderThan(ageMs) {
    const rows = await engine.db
      .selectFrom("tasks")
      .select(({ fn }) => ["connection", fn.countAll<number>().as("count")])
      .where("done_ms", "is", null).where("opened_ms", "<=", sql<number>`${engine.now()} - ${bigint(ageMs)}`)
      .groupBy("connection").execute();
    return new Map(rows.map(({ connection, count }) => [connection as ConnectionId, Number(count)]));
  },

  async incidents() {
    const rows = await engine.db.selectFrom("incidents").selectAll().orderBy("connection").orderBy("kind").execute();
    return rows.map(({ connection, kind, opened_ms, told_ms }) => ({ connection: connection as ConnectionId, kind: kind as Incident["kind"], openedMs: opened_ms, toldMs: told_ms }));
  },

  openIncident: (connection, kind, journal) =>
    writing(engine, connection, undefined, async (begun) => {
      const { numInsertedOrUpdatedRows } = await begun.tx.insertInto("incidents").values({ connection, kind, opened_ms: begun.nowMs, told_ms: begun.nowMs }).onConflict((one) => one.doNothing()).executeTakeFirstOrThrow();
      if ((numInsertedOrUpdatedRows ?? 0n) === 0n) return undo(false);
      await journalled(begun, journal);
      return true;
    }),

  toldIncident: ({ connection, kind, toldMs }, journal) =>
    writing(engine, connection, undefined, async (begun) => {
      const { numUpdatedRows } = await begun.tx.updateTable("incidents").set({ told_ms: begun.nowMs }).where("connection", "=", connection).where("kind", "=", kind).where("told_ms", "=", toldMs).executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) return undo(false);
      await journalled(begun, journal);
      return true;
    }),

  closeIncident: ({ connection, kind }, unlessOlderThanMs, journal) =>
    writing(engine, connection, undefined, async (begun) => {
      const { tx, nowMs } = begun;
      if (unlessOlderThanMs !== undefined) {
        const since = (await oldest(engine, tx, { connection })).rows[0]?.since;
        if (since !== null && since !== undefined && since <= nowMs - unlessOlderThanMs) return undo(false);
      }
      const { numDeletedRows } = await tx.deleteFrom("incidents").where("connection", "=", connection).where("kind", "=", kind).executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) return undo(false);
      await journalled(begun, journal);
      return true;
    }),

  async openHolds() {
    const row = await engine.db.selectFrom("holds").select(({ fn }) => fn.countAll<number>().as("count")).where("decided_ms", "is", null).executeTakeFirstOrThrow();
    return Number(row.count);
  },

  async reading(connection) {
    const row = (await counts(engine, engine.db, { connection })).rows[0];
    const due = Object.fromEntries(urgency.map((lane) => [lane, Number(row?.[lane] ?? 0)])) as Record<Lane, number>;
    return { due, failed: Number(row?.failed ?? 0), oldestDenialMs: row?.oldest ?? undefined, openHolds: Number(row?.holds ?? 0), heldPushes: Number(row?.held ?? 0), openTasks: Number(row?.tasks ?? 0), journalRows: Number(row?.journal ?? 0) };
  },
});

const bigint = (value: number) => sql<number>`cast(${value} as bigint)`;

interface LateRow {
  readonly connection: ConnectionId;
  readonly resource: ResourceId;
  readonly since: number;
  readonly paged: number;
}

/** By the index of denials that nobody was paged about; what lies between the two thresholds is all that is looked at in vain. */
const late = prepared<{ readonly alarmAfterMs: number; readonly pageAfterMs: number; readonly limit: number }, LateRow>((engine, { alarmAfterMs, pageAfterMs, limit }) => {
  const before = (ms: number) => sql<number>`${engine.now()} - cast(${ms} as bigint)`;
  return sql<LateRow>`select connection, resource, denial_since_ms as since, case when denial_since_ms <= ${before(pageAfterMs)} then 1 else 0 end as paged
    from due where ${unfinished} and paged_ms <> denial_since_ms and denial_since_ms <= ${before(alarmAfterMs)}
    and (alarmed_ms <> denial_since_ms or denial_since_ms <= ${before(pageAfterMs)})
    order by denial_since_ms limit ${limit}`;
});

const oldest = prepared<{ readonly connection: ConnectionId }, { readonly since: number | null }>(
  (_, { connection }) => sql<{ readonly since: number | null }>`select min(denial_since_ms) as since from due where connection = ${connection} and ${unfinished}`,
);

type CountRow = { readonly [K in Lane | "failed" | "holds" | "held" | "tasks" | "journal"]: number | null } & { readonly oldest: number | null };

/** One statement of small index scans. The journal's rows are numbered without gaps, so its last number is how many were ever written. */
const counts = prepared<{ readonly connection: ConnectionId }, CountRow>((_, { connection }) => {
  const capped = (rows: ReturnType<typeof sql>) => sql`(select count(*) from (${rows} limit ${sql.lit(countTo)}) as capped)`;
  const lane = (name: Lane) => sql`${capped(sql`select 1 from due where connection = ${connection} and lane = ${sql.lit(rankOf(name))} and due_at is not null`)} as ${sql.id(name)}`;
  return sql<CountRow>`select ${sql.join(urgency.map(lane))},
    ${capped(sql`select 1 from due where connection = ${connection} and lane in (${sql.join(urgency.map((_, rank) => sql.lit(rank)))}) and due_at is null`)} as failed,
    (select min(denial_since_ms) from due where connection = ${connection} and ${unfinished}) as oldest,
    ${capped(sql`select 1 from holds where connection = ${connection} and decided_ms is null`)} as holds,
    ${capped(sql`select 1 from held where connection = ${connection} and done_ms is null and decision is null`)} as held,
    ${capped(sql`select 1 from tasks where connection = ${connection} and done_ms is null`)} as tasks,
    (select max(seq) from journal where connection = ${connection}) as journal`;
});

/**
 * Due rows as people see them, and the two things that a person may do to one: look, and have it tried again.
 *
 * @module
 */
import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import type { Lane } from "../model/operation.ts";
import type { ResourceType } from "../model/resource.ts";
import type { DueColumns } from "./due.ts";
import { dueOf, rankOf } from "./due.ts";
import type { Engine } from "./engine.ts";
import { journalled, journalRow } from "./journal.ts";
import type { Work, WorkState, WorkStore, WorkWanted } from "./operator-contract.ts";
import type { Writing } from "./writing.ts";
import { undo, writing } from "./writing.ts";

type WorkRow = DueColumns & {
  readonly connection: ConnectionId;
  readonly resource: ResourceId;
  readonly type: ResourceType;
  readonly label: string;
  readonly seq: number;
  readonly state: WorkState;
};

export const workStore = (engine: Engine): WorkStore => ({
  async work({ limit, ...wanted }) {
    const { rows } = await shown(engine, whichOf(engine, wanted), limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return { rows: page.map(workOf), next: rows.length > limit && last ? { sinceMs: last.since_ms, seq: last.seq } : undefined };
  },

  async workOf(connection, resource) {
    const [row] = (await shown(engine, sql`d.connection = ${connection} and d.resource = ${resource}`, 1)).rows;
    return row && workOf(row);
  },

  retry: (connection, resource, journal) =>
    writing(engine, connection, resource, async (begun) => {
      const { rows } = await sql<{ readonly state: WorkState }>`select ${stateOf(engine)} as state from due d where d.connection = ${connection} and d.resource = ${resource}`.execute(begun.tx);
      const state = rows[0]?.state ?? "done";
      if (state === "running" || state === "held" || state === "done") return undo(state);
      await again(begun, [resource]);
      await journalled(begun, journal);
      return "retried" as const;
    }),

  retryFailed: (connection, { lane, limit }, journal) =>
    writing(engine, connection, undefined, async (begun) => {
      const which = sql`d.connection = ${connection} and d.lane is not null and d.due_at is null and ${stateOf(engine)} = 'failed'${inLane(lane)}`;
      const { rows } = await sql<{ readonly resource: ResourceId }>`select d.resource from due d join resources r on r.connection = d.connection and r.id = d.resource where ${which} order by d.since_ms, r.seq limit ${limit}`.execute(begun.tx);
      if (rows.length === 0) return undo<readonly ResourceId[]>([]);
      const resources = rows.map(({ resource }) => resource);
      await again(begun, resources);
      await journalled(begun, resources.map(journal));
      return resources;
    }),

  async newest(connection, { beforeSeq, kinds, resource, correlation, among, limit }) {
    const before = beforeSeq ?? Number.MAX_SAFE_INTEGER;
    let query = engine.db.selectFrom("journal").selectAll().where("connection", "=", connection).where("seq", "<", before).orderBy("seq", "desc").limit(limit);
    if (resource !== undefined) query = query.where("resource", "=", resource);
    else query = query.where("seq", ">=", sql<number>`cast(coalesce((select max(seq) from journal where connection = ${connection} and seq < ${before}), 0) - ${among} as bigint)`);
    if (kinds !== undefined) query = query.where("kind", "in", kinds);
    if (correlation !== undefined) query = query.where("correlation", "=", correlation);
    return (await query.execute()).map(journalRow);
  },

  async outage(connection) {
    const row = await engine.db.selectFrom("outages").select(["down_ms", "probe_ms"]).where("connection", "=", connection).executeTakeFirst();
    return row && { sinceMs: row.down_ms, probeMs: row.probe_ms };
  },
});

/** Of the row `d`. A lease that ran out is nobody's. */
const stateOf = ({ json, now }: Pick<Engine, "json" | "now">): RawBuilder<WorkState> => sql<WorkState>`(case
    when d.lane is null then 'done'
    when d.lease_until > ${now()} then 'running'
    when d.due_at is null then case when d.failure is not null and ${json.asText(json.parsed(sql`d.failure`), ["kind"])} = 'held' then 'held' else 'failed' end
    when d.due_at > ${now()} then 'waiting'
    else 'due' end)`;

const inLane = (lane: Lane | undefined): RawBuilder<unknown> => (lane === undefined ? sql`` : sql` and d.lane = ${sql.lit(rankOf(lane))}`);

function whichOf(engine: Engine, { connections, states, lane, olderThanMs, after }: Omit<WorkWanted, "limit">): RawBuilder<unknown> {
  if (connections.length === 0 || states?.length === 0) return sql`1 = 0`;
  const isOpen = sql` and d.lane is not null`;
  const inState = states === undefined ? isOpen : sql` and ${stateOf(engine)} in (${sql.join(states)})${states.includes("done") ? sql`` : isOpen}`;
  const old = olderThanMs === undefined ? sql`` : sql` and d.since_ms <= ${engine.now()} - ${sql.lit(olderThanMs)}`;
  const behind = after === undefined ? sql`` : sql` and (d.since_ms > ${after.sinceMs} or (d.since_ms = ${after.sinceMs} and r.seq > ${after.seq}))`;
  return sql`d.connection in (${sql.join(connections)})${inState}${inLane(lane)}${old}${behind}`;
}

const shown = (engine: Engine, which: RawBuilder<unknown>, limit: number) =>
  sql<WorkRow>`select d.connection, d.resource, r.type, r.label, r.seq, d.lane, d.due_at, d.attempts, d.since_ms, d.grant_since_ms, d.warned_ms, d.failure, ${stateOf(engine)} as state
    from due d join resources r on r.connection = d.connection and r.id = d.resource where ${which} order by d.since_ms, r.seq limit ${limit}`.execute(engine.db);

/** What was granted and not given in time is granted anew by whoever says so; whoever held the lease last is still told apart. */
async function again({ tx, connection, nowMs }: Writing, resources: readonly ResourceId[]): Promise<void> {
  const grant = sql<number | null>`case when grant_since_ms is null then null else cast(${nowMs} as bigint) end`;
  await tx.updateTable("due").set({ due_at: nowMs, attempts: 0, failure: null, warned_ms: null, grant_since_ms: grant }).where("connection", "=", connection).where("resource", "in", resources).execute();
}

const workOf = ({ connection, resource, type, label, state, ...due }: WorkRow): Work => ({ connection, resource, type, label, state, due: dueOf(due), sinceMs: due.since_ms });

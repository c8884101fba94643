/**
 * Runs of reconciliation as rows: when the next one is due, and who has it. There is one that is not over for each connection, so no two
 * replicas ever run one connection's at once.
 *
 * @module
 */
import { sql, type Selectable } from "kysely";
import type { Reconciliation, RunCounts, RunFailure } from "../model/drift.ts";
import type { ConnectionId, ReconciliationId } from "../model/ids.ts";
import type { RepairPolicy } from "../model/policy.ts";
import { newReconciliationId } from "../runtime/new-id.ts";
import type { Engine } from "./engine.ts";
import { journalled } from "./journal.ts";
import type { ReconcileStore, RunLease } from "./reconcile-contract.ts";
import type { ReconciliationTable } from "./reconcile-rows.ts";
import { checkedJson } from "./storable.ts";
import { undo, writing } from "./writing.ts";

type RunStore = Pick<ReconcileStore, "planReconciliation" | "askForReconciliation" | "dueReconciliations" | "takeReconciliation" | "renewReconciliation" | "putBackReconciliation" | "endReconciliation" | "reconciliations" | "reconciliation" | "lastCounts">;

/** So many rows of runs that are over are kept for each connection. */
const kept = 200;
const open = ["planned", "running", "telling"] as const;

const ms = (value: number) => sql<number>`cast(${value} as bigint)`;

export const runStore = (engine: Engine): RunStore => ({
  async planReconciliation(connection, everyMs) {
    const due = everyMs === undefined ? sql<number | null>`null` : sql<number | null>`${engine.now()} + ${ms(everyMs)}`;
    await engine.transact(async (tx) => {
      await sql`insert into reconciliations (id, connection, state, due_ms) select ${newReconciliationId()}, ${connection}, 'planned', ${due}
        where not exists (select 1 from reconciliations where connection = ${connection} and state in (${sql.join(open)}))
        on conflict do nothing`.execute(tx);
      // One that somebody has asked for keeps its time; a shorter interval counts from now on.
      await sql`update reconciliations set due_ms = case when ${due} is null then null when due_ms is null or due_ms > ${due} then ${due} else due_ms end
        where connection = ${connection} and state = 'planned' and asked_by is null`.execute(tx);
    });
  },

  askForReconciliation: (connection, { by, policy, mostMissing }) =>
    engine.transact(async (tx) => {
      await sql`insert into reconciliations (id, connection, state) values (${newReconciliationId()}, ${connection}, 'planned') on conflict do nothing`.execute(tx);
      const asked = await tx
        .updateTable("reconciliations")
        .set({ due_ms: engine.now(), asked_by: by, policy: policy ?? null, most_missing: mostMissing ?? null })
        .where("connection", "=", connection).where("state", "=", "planned")
        .returningAll().executeTakeFirst();
      const row = asked ?? (await tx.selectFrom("reconciliations").selectAll().where("connection", "=", connection).where("state", "in", open).executeTakeFirstOrThrow());
      return { run: runOf(row), isNew: asked !== undefined };
    }),

  async dueReconciliations() {
    const rows = await engine.db
      .selectFrom("reconciliations").select("connection")
      .where("state", "in", open)
      .where((row) => row.or([row.and([row("state", "=", "planned"), row("due_ms", "<=", engine.now())]), row.and([row("state", "<>", "planned"), row("lease_until", "<=", engine.now())])]))
      .orderBy("due_ms").execute();
    return rows.map(({ connection }) => connection as ConnectionId);
  },

  async takeReconciliation(connection, owner, forMs) {
    const { rows } = await engine.transact((tx) =>
      sql<Selectable<ReconciliationTable>>`update reconciliations set
          state = case when state = 'telling' then 'telling' else 'running' end, owner = ${owner}, epoch = epoch + 1, lease_until = ${engine.now()} + ${ms(forMs)},
          started_ms = case when state = 'planned' then ${engine.now()} else started_ms end,
          start_seq = case when state = 'telling' then start_seq else coalesce((select max(seq) from journal where connection = ${connection}), 0) end
        where connection = ${connection} and ((state = 'planned' and due_ms <= ${engine.now()}) or (state in ('running', 'telling') and lease_until <= ${engine.now()}))
        returning *`.execute(tx),
    );
    const [row] = rows;
    if (!row) return undefined;
    const { id, policy, askedBy, mostMissing, counts } = runOf(row);
    return { connection, run: row.seq, id, owner, epoch: row.epoch, state: row.state === "telling" ? "telling" : "running", startSeq: row.start_seq ?? 0, policy, askedBy, mostMissing, counts };
  },

  async renewReconciliation(lease, forMs) {
    const { numUpdatedRows } = await underLease(engine.db, lease).set({ lease_until: sql<number>`${engine.now()} + ${ms(forMs)}` }).executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  },

  putBackReconciliation: (lease, inMs, journal) =>
    writing(engine, lease.connection, undefined, async (begun) => {
      // What was found is found: a run that was telling of it goes on with that.
      const state = sql<string>`case when state = 'telling' then 'telling' else 'planned' end`;
      const { numUpdatedRows } = await underLease(begun.tx, lease).set({ state, due_ms: begun.nowMs + inMs, owner: null, lease_until: begun.nowMs + inMs }).executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) return undo(false);
      await journalled(begun, journal);
      return true;
    }),

  endReconciliation: (lease, { counts, failure, journal, nextInMs }) =>
    writing(engine, lease.connection, undefined, async (begun) => {
      const { tx, connection, nowMs } = begun;
      const former = await tx.selectFrom("reconciliations").select("failures").where("connection", "=", connection).where("state", "in", ["complete", "failed"]).orderBy("seq", "desc").limit(1).executeTakeFirst();
      const failures = failure ? (former?.failures ?? 0) + 1 : 0;
      const ended = { state: failure ? "failed" : "complete", ended_ms: nowMs, owner: null, lease_until: null, counts: counts ? checkedJson(counts) : null, failure: failure ? checkedJson(failure) : null, failures };
      const { numUpdatedRows } = await underLease(tx, lease).set(ended).executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) return undo(false);
      const next = nextInMs(failures);
      await tx.insertInto("reconciliations").values({ id: newReconciliationId(), connection, state: "planned", due_ms: next === undefined ? null : nowMs + next, asked_by: null, policy: null, most_missing: null, started_ms: null, ended_ms: null, start_seq: null, owner: null, lease_until: null, counts: null, failure: null }).execute();
      // The last complete one is whose findings are shown, however many have failed since.
      await sql`delete from reconciliations where connection = ${connection} and state in ('complete', 'failed')
        and seq < (select seq from reconciliations where connection = ${connection} order by seq desc limit 1 offset ${kept})
        and seq <> (select max(seq) from reconciliations where connection = ${connection} and state = 'complete')`.execute(tx);
      await journalled(begun, journal(failures));
      return true;
    }),

  async reconciliations(connection, limit) {
    let query = engine.db.selectFrom("reconciliations").selectAll().orderBy("seq", "desc").limit(limit);
    if (connection !== undefined) query = query.where("connection", "=", connection);
    return (await query.execute()).map(runOf);
  },

  async reconciliation(id) {
    const row = await engine.db.selectFrom("reconciliations").selectAll().where("id", "=", id).executeTakeFirst();
    return row && runOf(row);
  },

  async lastCounts(connection) {
    const row = await engine.db.selectFrom("reconciliations").select("counts").where("connection", "=", connection).where("state", "=", "complete").orderBy("seq", "desc").limit(1).executeTakeFirst();
    return row?.counts ? (JSON.parse(row.counts) as RunCounts) : undefined;
  },
});

export const underLease = (db: Engine["db"], { run, owner, epoch }: RunLease) => db.updateTable("reconciliations").where("seq", "=", run).where("owner", "=", owner).where("epoch", "=", epoch);

/** Whether the run is still theirs; nobody takes it over before the transaction ends. */
export async function isTheirs(tx: Engine["db"], lease: RunLease): Promise<boolean> {
  const { numUpdatedRows } = await underLease(tx, lease).set({ epoch: lease.epoch }).executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

export const runOf = (row: Selectable<ReconciliationTable>): Reconciliation => ({
  id: row.id as ReconciliationId,
  connection: row.connection as ConnectionId,
  state: row.state as Reconciliation["state"],
  askedBy: row.asked_by ?? undefined,
  policy: (row.policy ?? undefined) as RepairPolicy | undefined,
  mostMissing: row.most_missing ?? undefined,
  dueMs: row.due_ms ?? undefined,
  startedMs: row.started_ms ?? undefined,
  endedMs: row.ended_ms ?? undefined,
  counts: row.counts === null ? undefined : (JSON.parse(row.counts) as RunCounts),
  failure: row.failure === null ? undefined : (JSON.parse(row.failure) as RunFailure),
  failures: row.failures,
});

/**
 * Findings: drafted while a run goes on, the connection's from the moment the run is published, and gone with the next one.
 *
 * @module
 */
import { sql, type RawBuilder } from "kysely";
import { type Drift, driftRules, type DriftKind, type Finding, situations, type Situation } from "../model/drift.ts";
import type { AccountId, ConnectionId, FindingId, ReconciliationId, ResourceId } from "../model/ids.ts";
import { rankOf } from "./due.ts";
import type { Engine } from "./engine.ts";
import { journalled } from "./journal.ts";
import type { ReconcileStore } from "./reconcile-contract.ts";
import { isTheirs, underLease } from "./reconcile-runs.ts";
import { checkedJson } from "./storable.ts";
import { undo, writing } from "./writing.ts";

type FindingStore = Pick<ReconcileStore, "draft" | "publish" | "untold" | "told" | "former" | "forgetFormer" | "findingKinds" | "repairable" | "findings" | "finding" | "driftReading">;

/** Nobody needs to know more exactly, and counting on would cost more than the answer is worth. */
const countTo = 10_000;

export const findingStore = (engine: Engine): FindingStore => ({
  draft: (lease, drifts) =>
    engine.transact(async (tx) => {
      if (!(await isTheirs(tx, lease))) return false;
      const before = sql`(select max(seq) from reconciliations where connection = ${lease.connection} and state = 'complete')`;
      for (const { id, kind, resource, account, ...data } of drifts) {
        const known = sql`(select * from findings where connection = ${lease.connection} and run = ${before} and id = ${id})`;
        await sql`insert into findings (connection, run, id, kind, situation, resource, account, data, since_ms, found_ms, alarmed_ms)
          select ${lease.connection}, ${whole(lease.run)}, ${id}, ${kind}, ${driftRules[kind].situation}, ${resource ?? null}, ${account ?? null}, ${checkedJson(data)},
            coalesce(k.since_ms, ${engine.now()}), ${engine.now()}, k.alarmed_ms
          from (select 1 as one) as one left join ${known} as k on 1 = 1
          on conflict do nothing`.execute(tx);
      }
      return true;
    }),

  publish: (lease, counts) =>
    engine.transact(async (tx) => {
      const { numUpdatedRows } = await underLease(tx, lease).set({ state: "telling", counts: checkedJson(counts) }).executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    }),

  async untold({ connection, run }, limit) {
    const rows = await selected(engine, sql`f.connection = ${connection} and f.run = ${run} and f.told = 0 order by f.seq limit ${limit}`);
    return rows.map((row) => ({ ...findingOf(row), isNew: row.since_ms === row.found_ms, alarmedMs: row.alarmed_ms ?? undefined }));
  },

  told: (lease, ids, alarmed, journal) =>
    writing(engine, lease.connection, undefined, async (begun) => {
      const { tx, nowMs } = begun;
      if (!(await isTheirs(tx, lease))) return undo(false);
      const these = (which: readonly FindingId[]) => sql<boolean>`connection = ${lease.connection} and run = ${lease.run} and id ${engine.json.among(which)}`;
      if (ids.length > 0) await tx.updateTable("findings").set({ told: 1 }).where(these(ids)).execute();
      if (alarmed.length > 0) await tx.updateTable("findings").set({ alarmed_ms: nowMs }).where(these(alarmed)).execute();
      await journalled(begun, journal);
      return true;
    }),

  async former({ connection, run }, limit) {
    const rows = await selected(engine, sql`f.connection = ${connection} and f.run < ${run} order by f.seq limit ${limit}`);
    const { rows: again } = await sql<{ readonly id: string }>`select id from findings where connection = ${connection} and run = ${run} and id ${engine.json.among(rows.map(({ id }) => id))}`.execute(engine.db);
    const here = new Set(again.map(({ id }) => id));
    return rows.map((row) => ({ ...findingOf(row), seq: row.seq, isOver: !here.has(row.id) }));
  },

  forgetFormer: (lease, seqs, journal) =>
    writing(engine, lease.connection, undefined, async (begun) => {
      if (!(await isTheirs(begun.tx, lease))) return undo(false);
      if (seqs.length > 0) await begun.tx.deleteFrom("findings").where("connection", "=", lease.connection).where("run", "<", lease.run).where("seq", "in", seqs).execute();
      await journalled(begun, journal);
      return true;
    }),

  async findingKinds({ connection, run }) {
    const rows = await engine.db.selectFrom("findings").select(({ fn }) => ["kind", fn.countAll<number>().as("count")]).where("connection", "=", connection).where("run", "=", run).groupBy("kind").execute();
    return Object.fromEntries(rows.map(({ kind, count }) => [kind, Number(count)]));
  },

  async repairable({ connection, run }, afterSeq, limit) {
    const rows = await selected(engine, sql`f.connection = ${connection} and f.run = ${run} and f.seq > ${whole(afterSeq)} and f.resource is not null and f.ordered_ms is null order by f.seq limit ${limit}`);
    return rows.map((row) => ({ ...findingOf(row), seq: row.seq }));
  },

  async findings(connection, { situations: wanted, resource, offset = 0, limit }) {
    const ranks = sql.join(situations.map((situation, rank) => sql`when ${sql.lit(situation)} then ${sql.lit(rank)}`), sql` `);
    const narrowed = [...(wanted === undefined ? [] : [sql`and f.situation ${engine.json.among(wanted)}`]), ...(resource === undefined ? [] : [sql`and f.resource = ${resource}`])];
    const rows = await selected(engine, sql`f.connection = ${connection} and f.run = ${current(connection)} ${sql.join(narrowed, sql` `)} order by case f.situation ${ranks} else 99 end, f.seq limit ${limit} offset ${offset}`);
    return rows.map(findingOf);
  },

  async finding(connection, id) {
    const [row] = await selected(engine, sql`f.connection = ${connection} and f.run = ${current(connection)} and f.id = ${id}`);
    return row && findingOf(row);
  },

  async driftReading(connection) {
    const { rows } = await sql<{ readonly situation: Situation; readonly count: number }>`
      select situation, count(*) as count from (${sql.join(situations.map((situation) => sql`select * from (select situation from findings where connection = ${connection} and run = ${current(connection)} and situation = ${situation} limit ${sql.lit(countTo)}) as ${sql.id(situation)}`), sql` union all `)}) as found
      group by situation`.execute(engine.db);
    const over = engine.db.selectFrom("reconciliations").select(["failures", "ended_ms"]).where("connection", "=", connection).orderBy("seq", "desc").limit(1);
    const [last, complete] = [await over.where("state", "in", ["complete", "failed"]).executeTakeFirst(), await over.where("state", "=", "complete").executeTakeFirst()];
    const counted = new Map(rows.map(({ situation, count }) => [situation, Number(count)]));
    return {
      findings: Object.fromEntries(situations.map((situation) => [situation, counted.get(situation) ?? 0])) as Record<Situation, number>,
      completeMs: complete?.ended_ms ?? undefined,
      failures: last?.failures ?? 0,
    };
  },
});

const whole = (value: number) => sql<number>`cast(${value} as bigint)`;

/** The run whose findings are the connection's: one that is being told of counts already. */
const current = (connection: ConnectionId) => sql`(select max(seq) from reconciliations where connection = ${connection} and state in ('telling', 'complete'))`;

interface Row {
  readonly seq: number;
  readonly connection: ConnectionId;
  readonly run_id: ReconciliationId;
  readonly id: FindingId;
  readonly kind: DriftKind;
  readonly resource: ResourceId | null;
  readonly account: AccountId | null;
  readonly data: string;
  readonly since_ms: number;
  readonly found_ms: number;
  readonly alarmed_ms: number | null;
  readonly ordered_ms: number | null;
  readonly lane: number | null;
  readonly due_at: number | null;
  readonly failure: string | null;
  readonly verify_at: number | null;
}

async function selected({ db }: Engine, which: RawBuilder<unknown>): Promise<readonly Row[]> {
  const { rows } = await sql<Row>`select f.seq, f.connection, r.id as run_id, f.id, f.kind, f.resource, f.account, f.data, f.since_ms, f.found_ms, f.alarmed_ms, f.ordered_ms, d.lane, d.due_at, d.failure, l.verify_at
    from findings f join reconciliations r on r.seq = f.run
    left join due d on d.connection = f.connection and d.resource = f.resource
    left join links l on l.connection = f.connection and l.resource = f.resource
    where ${which}`.execute(db);
  return rows;
}

function findingOf(row: Row): Finding {
  const drift = JSON.parse(row.data) as Omit<Drift, "id" | "kind" | "resource" | "account">;
  const { situation, severity } = driftRules[row.kind];
  return {
    connection: row.connection, run: row.run_id, id: row.id, kind: row.kind, situation, severity, resource: row.resource ?? undefined, account: row.account ?? undefined,
    name: drift.name, email: drift.email, attribute: drift.attribute, from: drift.from, to: drift.to, detail: drift.detail, repair: drift.repair,
    sinceMs: row.since_ms, foundMs: row.found_ms, state: stateOf(row),
  };
}

/** Read off the worker's own row, so that nobody has to tell the finding how its repair went. */
function stateOf({ ordered_ms, lane, due_at, failure, verify_at }: Row): Finding["state"] {
  if (ordered_ms === null) return "open";
  // What is only looked at again now and then is done.
  if (lane === null || (lane === rankOf("reconcile") && failure === null && verify_at === null)) return "repaired";
  if (due_at !== null) return "repairing";
  return failure !== null && (JSON.parse(failure) as { readonly kind: string }).kind === "held" ? "held" : "failed";
}


/**
 * Token buckets that several processes draw from, one row each, filled by the database's clock.
 *
 * A draw reads the row, reckons, and writes it back only if nobody else has meanwhile: no lock is held, and no token is counted twice.
 *
 * @module
 */
import { sql } from "kysely";
import type { ConnectionId } from "../model/ids.ts";
import type { Engine } from "./engine.ts";
import type { BudgetStore, Draw, Drawn } from "./vendor-contract.ts";

/** The row that says until when lesser calls rest, in `filled_ms`. */
const restPool = "rest";
/** How often a draw is reckoned anew because somebody else was faster; then it counts as empty for a moment. */
const attempts = 20;
const contendedMs = 20;

export const budgetStore = (engine: Engine): BudgetStore => ({
  async draw(connection, pool, wanted) {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const drawn = await drawOnce(engine, connection, pool, wanted);
      if (drawn) return drawn;
    }
    return { tokens: 0, waitMs: contendedMs, restMs: 0 };
  },

  async rest(connection, forMs) {
    const until = sql<number>`cast(${engine.now()} + ${forMs} as bigint)`;
    await sql`insert into budgets (connection, pool, millitokens, filled_ms) values (${connection}, ${restPool}, 0, ${until})
      on conflict (connection, pool) do update set filled_ms = case when budgets.filled_ms > excluded.filled_ms then budgets.filled_ms else excluded.filled_ms end`.execute(engine.db);
  },
});

interface Bucket {
  readonly now_ms: number;
  readonly millitokens: number | null;
  readonly filled_ms: number | null;
  readonly rest_until: number | null;
}

/** @returns `undefined` when somebody else drew between the look and the write */
async function drawOnce({ db, now }: Engine, connection: ConnectionId, pool: string, wanted: Draw): Promise<Drawn | undefined> {
  const { rows } = await sql<Bucket>`select ${now()} as now_ms, b.millitokens, b.filled_ms, r.filled_ms as rest_until from (select 1 as one) as one
    left join budgets b on b.connection = ${connection} and b.pool = ${pool}
    left join budgets r on r.connection = ${connection} and r.pool = ${restPool}`.execute(db);
  const [found] = rows;
  if (!found) return undefined;
  const { now_ms, millitokens, filled_ms } = found;
  const restMs = Math.max(0, (found.rest_until ?? 0) - now_ms);
  const full = { millitokens: Math.floor(wanted.burst * 1_000), filledMs: now_ms };
  if (millitokens === null || filled_ms === null) {
    await db.insertInto("budgets").values({ connection, pool, millitokens: full.millitokens, filled_ms: now_ms }).onConflict((both) => both.columns(["connection", "pool"]).doNothing()).execute();
    return undefined;
  }
  const level = filled({ millitokens, filledMs: filled_ms }, now_ms, wanted.perSecond, full.millitokens);
  const tokens = Math.max(0, Math.min(wanted.most, Math.floor(level.millitokens / 1_000 - wanted.leave)));
  if (tokens === 0) return { tokens, waitMs: Math.max(1, Math.ceil(((wanted.leave + 1) * 1_000 - level.millitokens) / wanted.perSecond)), restMs };
  const { numUpdatedRows } = await db
    .updateTable("budgets")
    .set({ millitokens: level.millitokens - tokens * 1_000, filled_ms: level.filledMs })
    .where("connection", "=", connection).where("pool", "=", pool).where("millitokens", "=", millitokens).where("filled_ms", "=", filled_ms)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n ? { tokens, waitMs: 0, restMs } : undefined;
}

/** What has flowed in since: `perSecond` tokens a second are as many thousandths a ms. Whole thousandths only; the rest of the time is kept for the next draw. */
function filled(before: { readonly millitokens: number; readonly filledMs: number }, nowMs: number, perSecond: number, most: number) {
  const added = Math.floor(Math.max(0, nowMs - before.filledMs) * perSecond);
  if (before.millitokens + added >= most) return { millitokens: most, filledMs: Math.max(nowMs, before.filledMs) };
  return { millitokens: before.millitokens + added, filledMs: before.filledMs + Math.ceil(added / perSecond) };
}

/**
 * Holds as people see them, and what people and the house do about them.
 *
 * @module
 */
import type { Selectable } from "kysely";
import { sql } from "kysely";
import { alarmEntry } from "../model/alarm.ts";
import { type Hold, type HeldPush, type KeptPush, type RailName, takesNothing } from "../model/hold.ts";
import type { ConnectionId, CorrelationId, HoldId, ResourceId } from "../model/ids.ts";
import type { JournalEntry } from "../model/resource.ts";
import { holdAlarm } from "../rails/words.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import { parked, resumed } from "./due.ts";
import type { Engine } from "./engine.ts";
import { decided } from "./decide.ts";
import { ended, stopped } from "./held.ts";
import { journalled } from "./journal.ts";
import { lostNow, wasCounted } from "./losses.ts";
import type { HeldTable, HoldTable } from "./schema.ts";
import type { HoldStore, StoppedByRail } from "./rail-contract.ts";
import { tollOf, weigh } from "./weigh.ts";
import { undo, writing } from "./writing.ts";

export const holdStore = (engine: Engine): HoldStore => ({
  async holds(connection, { open }) {
    let query = holdsQuery(engine);
    if (connection !== undefined) query = query.where("holds.connection", "=", connection);
    if (open) query = query.where("decided_ms", "is", null);
    return (await query.execute()).map(holdOf);
  },

  async holdNamed(id) {
    const row = await holdsQuery(engine).where("holds.id", "=", id).executeTakeFirst();
    return row && holdOf(row);
  },

  async heldPushes(hold) {
    return (await heldQuery(engine).where("held.hold", "=", hold).execute()).map(pushOf);
  },

  decideHold: (decision) => writing(engine, decision.connection, undefined, (begun) => decided(begun, decision)),

  async approved(limit) {
    const rows = await heldQuery(engine).innerJoin("holds", "holds.id", "held.hold").select(["held.connection", "held.hold", "holds.rail"]).where("decision", "=", sql.lit("approved")).where("done_ms", "is", null).limit(limit).execute();
    return rows.map((row) => ({ ...pushOf(row), connection: row.connection as ConnectionId, hold: row.hold as HoldId, rail: row.rail as RailName }));
  },

  endWaiting: (connection, resource, { seq }, { as, note, correlation }) =>
    writing(engine, connection, resource, async (begun) => {
      const over = await ended(begun, seq, as);
      if (!over) return undo(false);
      await journalled(begun, [noted(resource, correlation, over.hold, note)]);
      return true;
    }),

  async holdsToWarnOf(everyMs) {
    const before = sql<number>`${engine.now()} - ${sql.lit(everyMs)}`;
    // One of several processes gets the row: the others find it warned of already.
    const rows = await engine.db.updateTable("holds").set({ warned_ms: engine.now() }).where("decided_ms", "is", null).where("warned_ms", "<=", before).returning(["id"]).execute();
    const warned: (Hold & { readonly connection: ConnectionId })[] = [];
    for (const { id } of rows) {
      const row = await holdsQuery(engine).where("holds.id", "=", id).executeTakeFirst();
      if (!row) continue;
      const hold = holdOf(row);
      warned.push(hold);
      await writing(engine, hold.connection, undefined, (begun) => journalled(begun, [alarmEntry({ connection: hold.connection, kind: "hold.open", severity: "alarm", resource: undefined, correlation: newCorrelationId(), text: `${holdAlarm(hold.id, hold.rail, hold.detail)} ${hold.waiting} waiting.` })]));
    }
    return warned;
  },

  async forgetLosses(olderMs) {
    await sql`delete from losses where at_ms < ${engine.now()} - ${sql.lit(olderMs)}
      and not exists (select 1 from due d where d.connection = losses.connection and d.resource = losses.resource and d.denial_since_ms is not null)`.execute(engine.db);
  },

  wasCounted: (connection, resource, windowMs) => wasCounted(engine, engine.db, connection, resource, windowMs),

  countLoss: (lease, rails, taking, correlation) =>
    writing(engine, lease.connection, lease.resource, async (begun) => {
      if (await wasCounted(engine, begun.tx, lease.connection, lease.resource, rails.brake.windowMs)) return { kind: "counted" as const };
      const { resource } = lease;
      const known = begun.waiting && (await begun.tx.selectFrom("held").innerJoin("holds", "holds.id", "held.hold").select(["holds.id", "rail", "detail"]).where("held.seq", "=", begun.waiting.seq).executeTakeFirst());
      if (known && !begun.waiting?.approved) {
        const answer = { kind: "held" as const, hold: known.id as HoldId, rail: known.rail as RailName, detail: known.detail, opened: false };
        return (await parked(begun, lease, heldFailure(answer))) ? answer : undo({ kind: "leaseLost" as const });
      }
      const toll = tollOf([[resource, taking]]);
      const stop = await weigh(begun, toll, rails, undefined);
      if (!stop) {
        await lostNow(begun, toll, undefined);
        return { kind: "counted" as const };
      }
      const answer = await stopped(begun, stop, { resource, correlation, kept: { type: "Work" }, people: [resource] });
      return (await parked(begun, lease, heldFailure(answer))) ? answer : undo({ kind: "leaseLost" as const });
    }),

  resumeWork: (connection, resource, { seq, hold }) =>
    writing(engine, connection, resource, async (begun) => {
      const over = await ended(begun, seq, "carriedOut");
      if (!over) return undo(false);
      await lostNow(begun, tollOf([[resource, { ...takesNothing, access: true }]]), hold);
      await resumed(begun, resource);
      await journalled(begun, [noted(resource, newCorrelationId(), hold, "approved work goes on")]);
      return true;
    }),
});

const heldFailure = ({ hold, detail }: StoppedByRail) => ({ kind: "held" as const, hold, detail: `Held (${hold}): ${detail}` });

const noted = (resource: ResourceId, correlation: CorrelationId, hold: HoldId, note: string): JournalEntry => ({ kind: "hold", resource, correlation, data: { hold, notes: [note] } });

const count = (what: string) => sql<number>`(select count(*) from held where held.hold = holds.id and ${sql.raw(what)})`;

const holdsQuery = ({ db }: Engine) =>
  db.selectFrom("holds").selectAll("holds").select([count("decision is null").as("waiting"), count("decision = 'approved'").as("approved"), count("decision = 'rejected'").as("rejected"), sql<number>`coalesce((select max(held.seq) from held where held.hold = holds.id), 0)`.as("last_push")]).orderBy("holds.seq");

const heldQuery = ({ db }: Engine) =>
  db
    .selectFrom("held")
    .leftJoin("resources as r", (on) => on.onRef("r.connection", "=", "held.connection").onRef("r.id", "=", "held.resource"))
    .select(["held.seq", "held.resource", "held.at_ms", "held.correlation", "held.push", "held.people", "held.decision", "held.done_ms", "r.label"])
    .orderBy("held.seq");

const holdOf = (row: Selectable<HoldTable> & { readonly waiting: number; readonly approved: number; readonly rejected: number; readonly last_push: number }): Hold & { readonly connection: ConnectionId } => ({
  id: row.id as HoldId,
  connection: row.connection as ConnectionId,
  rail: row.rail as RailName,
  detail: row.detail,
  openedMs: row.opened_ms,
  decidedMs: row.decided_ms ?? undefined,
  decidedBy: row.decided_by ?? undefined,
  waiting: row.waiting,
  approved: row.approved,
  rejected: row.rejected,
  lastPush: row.last_push,
});

const pushOf = (row: Pick<Selectable<HeldTable>, "seq" | "resource" | "at_ms" | "correlation" | "push" | "people" | "decision" | "done_ms"> & { readonly label: string | null }): HeldPush => ({
  seq: row.seq,
  resource: row.resource as ResourceId,
  name: row.label ?? undefined,
  atMs: row.at_ms,
  correlation: row.correlation as CorrelationId,
  kept: JSON.parse(row.push) as KeptPush,
  people: JSON.parse(row.people) as ResourceId[],
  decision: (row.decision ?? undefined) as HeldPush["decision"],
  doneMs: row.done_ms ?? undefined,
});

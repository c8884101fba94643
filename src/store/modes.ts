/**
 * Modes: one row per connection that does not simply deliver, read inside the transactions and before the vendor calls that they decide.
 *
 * The column holds what a freeze lies upon as well, so that a connection that observed still observes after it. A connection whose
 * plan was promoted keeps a row, so that its configuration does not send it back.
 *
 * @module
 */
import { sql } from "kysely";
import type { AlarmKind } from "../model/alarm.ts";
import { type ConnectionId, holdId, type ResourceId } from "../model/ids.ts";
import { ourselves } from "../model/mode.ts";
import type { JsonObject } from "../model/json.ts";
import type { JournalEntry } from "../model/resource.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import { rankOf } from "./due.ts";
import type { Engine } from "./engine.ts";
import { journalled } from "./journal.ts";
import { lostNow } from "./losses.ts";
import { isFrozen, isObserving, modeOf } from "./mode-row.ts";
import { prepared } from "./prepared.ts";
import type { ModeStore } from "./store.ts";
import { writing } from "./writing.ts";
import type { Writing } from "./writing.ts";

/** What `modes.mode` may hold. `deliver`: observed once, and was promoted. */
type Written = "deliver" | "observe" | "frozen" | "frozen-observe" | "frozen-deliver";

const frozenOver: { readonly [K in Written | "nothing"]: Written } = { nothing: "frozen", deliver: "frozen-deliver", observe: "frozen-observe", frozen: "frozen", "frozen-observe": "frozen-observe", "frozen-deliver": "frozen-deliver" };

interface Asked {
  readonly mode: string | null;
  readonly reason: string | null;
  readonly decided_by: string | null;
  readonly since_ms: number | null;
  readonly denial_since_ms: number | null;
}

const asking = prepared<{ readonly connection: ConnectionId; readonly resource: ResourceId | null }, Asked>(
  (_, { connection, resource }) => sql<Asked>`
    select m.mode, m.reason, m.decided_by, m.since_ms, d.denial_since_ms from (select 1 as one) as one
    left join modes m on m.connection = ${connection}
    left join due d on d.connection = ${connection} and d.resource = ${resource}`,
);

export const modeStore = (engine: Engine): ModeStore => ({
  async mode(connection, resource) {
    const [row] = (await asking(engine, engine.db, { connection, resource: resource ?? null })).rows;
    return { ...modeOf(connection, row), owned: row !== undefined && row.denial_since_ms !== null };
  },

  async modes() {
    const rows = await engine.db.selectFrom("modes").selectAll().where("mode", "<>", "deliver").orderBy("connection").execute();
    return rows.map(({ connection, ...row }) => modeOf(connection as ConnectionId, row));
  },

  freeze: (connection, { by, reason }) =>
    writing(engine, connection, undefined, async (begun) => {
      const before = await written(begun);
      if (isFrozen(before)) return false;
      await decided(begun, frozenOver[before ?? "nothing"], by, reason);
      await journalled(begun, [noted("alarm", { mode: "frozen", alarm: "connection.frozen" satisfies AlarmKind, severity: by === ourselves ? "page" : "alarm", text: `the connection was frozen by ${by}: ${reason}`, by, reason })]);
      return true;
    }),

  unfreeze: (connection, { by, reason }) =>
    writing(engine, connection, undefined, async (begun) => {
      const before = await written(begun);
      if (!isFrozen(before)) return false;
      if (before === "frozen") await begun.tx.deleteFrom("modes").where("connection", "=", connection).execute();
      else await decided(begun, before === "frozen-observe" ? "observe" : "deliver", by, reason);
      await journalled(begun, [noted("decision", { mode: before === "frozen-observe" ? "observe" : "deliver", by, reason, notes: [`the freeze was lifted by ${by}`] })]);
      return true;
    }),

  observe: (connection, { by, reason, again }) =>
    writing(engine, connection, undefined, async (begun) => {
      const before = await written(begun);
      if (isObserving(before)) return "observing";
      if (isFrozen(before)) return "frozen";
      if (before === "deliver" && !again) return "promoted";
      await decided(begun, "observe", by, reason);
      await journalled(begun, [noted("decision", { mode: "observe", by, reason, notes: [`from now on nothing is written at the vendor (${by})`] })]);
      return "begun";
    }),

  promote: (connection, { by, hash, pushesUntilSeq, people }) =>
    writing(engine, connection, undefined, async (begun) => {
      const { tx, nowMs } = begun;
      const before = await written(begun);
      if (before !== "observe") return before === "frozen-observe" ? "frozen" : "not observing";
      const later = await tx.selectFrom("journal").select("seq").where("connection", "=", connection).where("seq", ">", pushesUntilSeq).where("kind", "in", ["push", "decision"]).limit(1).executeTakeFirst();
      if (later) return "moved";
      await decided(begun, "deliver", by, `the plan ${hash} was promoted`);
      const open = tx.updateTable("due").where("connection", "=", connection).where("lane", "is not", null).where("due_at", "is not", null);
      await open.set({ due_at: nowMs, grant_since_ms: nowMs }).execute(); // whoever promotes grants it now
      // Looked at and approved: the brake has its answer.
      await lostNow(begun, { access: people, records: [] }, promotion);
      // From here on they are acknowledged, so their age counts.
      await open.set({ denial_since_ms: nowMs }).where("lane", "=", rankOf("deny")).where("denial_since_ms", "is", null).execute();
      await journalled(begun, [noted("decision", { mode: "deliver", promoted: hash, by, notes: [`the plan was promoted by ${by}`] }), ...stretches(people).map((some) => noted("decision", { promoted: hash, approved: some }))]);
      return "promoted";
    }),
});

/** Stands where the hold would stand whose approval let somebody's loss pass. */
const promotion = holdId("promoted");

async function written({ tx, connection }: Writing): Promise<Written | undefined> {
  const row = await tx.selectFrom("modes").select("mode").where("connection", "=", connection).executeTakeFirst();
  return row?.mode as Written | undefined;
}

async function decided({ tx, connection, nowMs }: Writing, mode: Written, by: string, reason: string): Promise<void> {
  const values = { mode, reason, decided_by: by, since_ms: nowMs };
  await tx.insertInto("modes").values({ connection, ...values }).onConflict((one) => one.column("connection").doUpdateSet(values)).execute();
}

const noted = (kind: JournalEntry["kind"], data: JsonObject): JournalEntry => ({ kind, resource: undefined, correlation: newCorrelationId(), data });

const mostPeopleInARow = 1_000;
const stretches = (people: readonly ResourceId[]): readonly (readonly ResourceId[])[] =>
  Array.from({ length: Math.ceil(people.length / mostPeopleInARow) }, (_, at) => people.slice(at * mostPeopleInARow, (at + 1) * mostPeopleInARow));

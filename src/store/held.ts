/**
 * Stopped pushes: the hold that is opened or joined, the row that waits in it, and how that row ends.
 *
 * @module
 */
import { alarmEntry } from "../model/alarm.ts";
import type { KeptPush } from "../model/hold.ts";
import type { CorrelationId, HoldId, ResourceId } from "../model/ids.ts";
import type { Json } from "../model/json.ts";
import type { JournalEntry } from "../model/resource.ts";
import type { Stop } from "../rails/brake.ts";
import { holdAlarm } from "../rails/words.ts";
import { newHoldId } from "../runtime/new-id.ts";
import { journalled } from "./journal.ts";
import { checkedJson } from "./storable.ts";
import type { StoppedByRail } from "./rail-contract.ts";
import type { Writing } from "./writing.ts";

export interface Stopped {
  /** The resource that the push is about; of a configuration the word itself. */
  readonly resource: ResourceId;
  readonly correlation: CorrelationId;
  readonly kept: KeptPush;
  readonly people: readonly ResourceId[];
}

/**
 * Puts a push into a hold in place of everything that it wanted. Who waits already stays in the same hold: a newer push replaces the
 * older one, and the same one again changes nothing.
 */
export async function stopped(begun: Writing, stop: Stop, push: Stopped): Promise<StoppedByRail> {
  const { tx, connection, nowMs, waiting } = begun;
  const known = waiting && (await tx.selectFrom("held").innerJoin("holds", "holds.id", "held.hold").select(["holds.id", "holds.rail", "holds.detail", "held.push"]).where("held.seq", "=", waiting.seq).executeTakeFirst());
  const text = checkedJson(push.kept);
  if (known && known.rail === stop.rail && waiting && !waiting.approved) {
    if (known.push !== text) {
      await tx.updateTable("held").set({ decision: "replaced", done_ms: nowMs }).where("seq", "=", waiting.seq).execute();
      await kept(begun, known.id, push, text);
      await journalled(begun, [entryOf(push, known.id, stop, "a newer push takes the place of the one that waited")]);
    }
    return { kind: "held", hold: known.id as HoldId, rail: stop.rail, detail: known.detail, opened: false };
  }
  // Approved, and now another rail bites: the person moves to that rail's hold.
  if (waiting) await tx.updateTable("held").set({ decision: "replaced", done_ms: nowMs }).where("seq", "=", waiting.seq).execute();
  const open = await tx.selectFrom("holds").select(["id", "detail"]).where("connection", "=", connection).where("rail", "=", stop.rail).where("decided_ms", "is", null).executeTakeFirst();
  const hold = open?.id ?? newHoldId();
  if (!open) await tx.insertInto("holds").values({ id: hold, connection, rail: stop.rail, detail: stop.detail, opened_ms: nowMs, warned_ms: nowMs, decided_ms: null, decided_by: null }).execute();
  await kept(begun, hold, push, text);
  const alarm = alarmEntry({ connection, kind: "hold.open", severity: "alarm", resource: undefined, correlation: push.correlation, text: holdAlarm(hold, stop.rail, stop.detail) });
  await journalled(begun, [entryOf(push, hold, stop, open ? "held" : "held, and a hold opened"), ...(open ? [] : [alarm])]);
  return { kind: "held", hold: hold as HoldId, rail: stop.rail, detail: open?.detail ?? stop.detail, opened: !open };
}

async function kept({ tx, connection, nowMs }: Writing, hold: string, { resource, correlation, people }: Stopped, push: string): Promise<void> {
  await tx.insertInto("held").values({ hold, connection, resource, at_ms: nowMs, correlation, push, people: checkedJson(people), decision: null, done_ms: null }).execute();
}

const entryOf = ({ resource, correlation, kept: its, people }: Stopped, hold: string, { rail, detail }: Stop, note: string): JournalEntry => ({
  kind: "hold",
  resource: its.type === "Policy" ? undefined : resource,
  correlation,
  data: { hold, rail, detail, notes: [note], people: people.slice(0, 100), push: summaryOf(its) },
});

/** Short: the row of `held` has the rest. */
export function summaryOf(kept: KeptPush): Json {
  switch (kept.type) {
    case "User":
      return { method: kept.method, ...(kept.deleted ? { deleted: true } : { before: kept.before, after: kept.after }) };
    case "Group":
      return { method: kept.method, ...(kept.deleted && { deleted: true }), ...(kept.attributes && { after: kept.attributes }), members: kept.members.map((change) => ({ kind: change.kind, count: change.kind === "clear" ? 0 : change.kind === "remove" ? change.values.length : change.members.length })) };
    case "Work":
      return "the worker's own";
    case "Policy":
      return kept.policy;
  }
}

/** The waiting row has come to its end; a hold in which nobody waits any more closes by itself. */
export async function ended({ tx, connection, nowMs }: Writing, seq: number, as: "carriedOut" | "replaced"): Promise<{ readonly hold: HoldId } | undefined> {
  const change = as === "replaced" ? { decision: "replaced", done_ms: nowMs } : { done_ms: nowMs };
  const row = await tx.updateTable("held").set(change).where("seq", "=", seq).where("connection", "=", connection).where("done_ms", "is", null).returning("hold").executeTakeFirst();
  if (!row) return undefined;
  await closedIfEmpty({ tx, nowMs }, row.hold);
  return { hold: row.hold as HoldId };
}

export async function closedIfEmpty({ tx, nowMs }: Pick<Writing, "tx" | "nowMs">, hold: string, by = "nobody: no push waits in it any more"): Promise<boolean> {
  const left = await tx.selectFrom("held").select("seq").where("hold", "=", hold).where("decision", "is", null).limit(1).executeTakeFirst();
  if (left) return false;
  await tx.updateTable("holds").set({ decided_ms: nowMs, decided_by: by }).where("id", "=", hold).where("decided_ms", "is", null).execute();
  return true;
}

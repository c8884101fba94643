/**
 * What came of a plan, as plain data: call by call, counted, with what the rails would stop and what would be left to people.
 *
 * @module
 */
import type { ConnectionId } from "../../model/ids.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { isObject } from "../../model/json.ts";
import type { JournalRow, Store } from "../../store/store.ts";
import type { Played } from "./play.ts";

export interface PlannedCall {
  /** Counts from 1. */
  readonly id: number;
  /** Of the push that it follows from. */
  readonly push: number;
  readonly method: string;
  /** At the vendor; ids that the vendor would only give are written `{new: address}`. */
  readonly path: string;
  /** Secrets are masked; `null` = none. */
  readonly body: JsonObject | null;
  /** What it is for: `find`, `create`, `setRole`, … */
  readonly for: string;
  /** Whom it is about, by address. */
  readonly person: string | null;
}

export interface PlannedPush {
  readonly id: number;
  readonly method: string;
  readonly path: string;
  /** userName or displayName. */
  readonly name: string | null;
  readonly status: number;
  /** What the IdP would be told, where it is an error. */
  readonly detail: string | null;
  readonly calls: number;
}

export interface Plan {
  readonly connection: ConnectionId;
  readonly pushes: readonly PlannedPush[];
  readonly calls: readonly PlannedCall[];
  readonly counts: {
    /** By status. */
    readonly pushes: Readonly<Record<string, number>>;
    /** What would be done at the vendor, by kind. */
    readonly operations: Readonly<Record<string, number>>;
    /** What would be tried and not succeed. */
    readonly failures: Readonly<Record<string, number>>;
    readonly calls: { readonly reads: number; readonly writes: number };
  };
  readonly rails: readonly { readonly id: string; readonly rail: string; readonly detail: string; readonly pushes: number }[];
  readonly tasks: readonly { readonly title: string; readonly steps: string }[];
  /** Whose work is not over when the plan ends: waits for data, or would be tried again. */
  readonly open: readonly { readonly person: string | null; readonly why: string }[];
  readonly notes: readonly string[];
}

export interface Ended {
  readonly store: Store;
  readonly connection: ConnectionId;
  realPath(path: string): string;
  /** Accounts that only this plan has made: id → address. */
  readonly made: ReadonlyMap<string, string>;
  /** Tasks and holds that were open before came along with the copy. */
  readonly beganMs: number;
  readonly observes: boolean;
}

export async function planOf(played: readonly Played[], { store, connection, realPath, made, beganMs, observes }: Ended): Promise<Plan> {
  const shown = (text: string): string => [...made].reduce((whole, [id, address]) => whole.replaceAll(id, `{new: ${address}}`), text);
  const masked = (body: JsonObject | undefined): JsonObject | null => (body === undefined ? null : (JSON.parse(shown(JSON.stringify(body))) as JsonObject));
  const calls: PlannedCall[] = [];
  for (const [at, push] of played.entries()) {
    for (const { method, email, exchange } of push.calls) calls.push({ id: calls.length + 1, push: at + 1, method: exchange.method, path: shown(realPath(exchange.path)), body: masked(exchange.body), for: method, person: email ?? null });
  }
  const rows = await rowsOf(store, connection);
  const outcomes = outcomesIn(rows);
  const holds = await store.holds(connection, { open: true });
  // What waited before came along with the copy, and is no part of the plan.
  const heldIn = await Promise.all(holds.map(async ({ id }) => (await store.heldPushes(id)).filter(({ atMs }) => atMs >= beganMs).length));
  const touched = new Set(rows.map(({ resource }) => resource));
  const open = (await store.openWork(connection, 10_000)).filter(({ resource }) => touched.has(resource));
  return {
    connection,
    pushes: played.map((push, at) => ({ id: at + 1, method: push.method, path: shown(push.path), name: push.name ?? null, status: push.status, detail: push.detail === undefined ? null : shown(push.detail), calls: push.calls.length })),
    calls,
    counts: {
      pushes: counted(played.map(({ status }) => String(status))),
      operations: counted(outcomes.filter(({ result }) => result === "done").map(({ operation }) => operation)),
      failures: counted(outcomes.filter(({ result }) => result !== "done").map(({ operation, result }) => `${operation}: ${result}`)),
      calls: { reads: calls.filter(({ method }) => method === "GET").length, writes: calls.filter(({ method }) => method !== "GET").length },
    },
    rails: holds.map(({ id, rail, detail }, at) => ({ id, rail, detail, pushes: heldIn[at] ?? 0 })).filter(({ pushes }) => pushes > 0),
    tasks: (await store.tasks(connection, { open: true })).filter(({ openedMs }) => openedMs >= beganMs).map(({ title, steps }) => ({ title, steps: shown(steps) })),
    open: open.filter(({ due }) => due.failure !== undefined).map(({ userName, due }) => ({ person: userName ?? null, why: due.failure?.detail ?? "" })),
    notes: observes ? ["delivery.mode is observe: until somebody promotes the plan, none of these calls is made."] : [],
  };
}

function outcomesIn(rows: readonly JournalRow[]): readonly { readonly operation: string; readonly result: string }[] {
  return rows.flatMap(({ kind, data }) => {
    const { operation, result, calls } = kind === "outcome" && isObject(data) ? data : {};
    if (typeof operation !== "string" || typeof result !== "string") return [];
    // Whoever was there already was linked, and nobody was made.
    const isFound = operation === "create" && result === "done" && Array.isArray(calls) && (calls as readonly Json[]).every((call) => isObject(call) && call["method"] === "GET");
    return [{ operation: isFound ? "adopt" : operation, result }];
  });
}

/** The copy's journal holds what this plan has led to, and nothing else. */
async function rowsOf(store: Store, connection: ConnectionId): Promise<readonly JournalRow[]> {
  const rows: JournalRow[] = [];
  for (let afterSeq = 0; ; ) {
    const page = await store.journal(connection, { afterSeq, limit: 1_000 });
    rows.push(...page);
    afterSeq = page.at(-1)?.seq ?? afterSeq;
    if (page.length < 1_000) return rows;
  }
}

function counted(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

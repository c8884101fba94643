/**
 * The watch over denials that are not done: an alarm after the first threshold, a page after the second, a reminder every quarter of an
 * hour for as long as any is late, and an all clear at the end.
 *
 *     denial accepted ── denialAfter ── pageAfter ── every 15 min ── … ── none is late
 *                        alarm, each    page, each   reminder, one       all clear, one
 *                        person once    person once  per connection      per connection
 *
 * A denial that a hold keeps is not accepted and not watched; one that only a person can finish is a task, counted apart. What was told
 * stands in rows, so of several servers one tells it, and a restart repeats nothing.
 *
 * @module
 */
import type { Alarm } from "../model/alarm.ts";
import { alarmEntry } from "../model/alarm.ts";
import type { ConnectionId, CorrelationId } from "../model/ids.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import { regularly } from "../runtime/regularly.ts";
import type { Store } from "../store/store.ts";
import type { Incident, LateDenial } from "../store/watching.ts";
import { said } from "./alarm.ts";

export interface Thresholds {
  readonly denialAfterMs: number;
  readonly pageAfterMs: number;
}

export interface Watch {
  /** Resolves when the look that is under way has ended. */
  stop(): Promise<void>;
}

const lookEveryMs = 1_000;
const tasksEveryMs = 60_000;
export const remindEveryMs = 900_000;
/** A task that nobody has closed for so long is in the reminders. */
export const oldTaskMs = 86_400_000;
/** Read at a time; the rest follows at once. */
const atATime = 200;
/** Beyond so many of one connection at one moment, one notice tells how many: a hundred pages wake nobody better than one. */
export const mostApart = 10;

/** @param thresholds asked for anew at each look, so that a reload counts */
export function watchLate({ store, clock, log }: { readonly store: Store; readonly clock: Clock; readonly log: Log }, thresholds: () => Thresholds): Watch {
  const stopping = new AbortController();
  let tasksAtMs = -Infinity;
  async function look(): Promise<void> {
    await lookOnce(store, log, thresholds());
    if (clock.now() - tasksAtMs < tasksEveryMs) return;
    tasksAtMs = clock.now();
    await lookAtTasks(store, log);
  }

  const ended = regularly({ clock, everyMs: lookEveryMs, signal: stopping.signal, atOnce: true }, look, (thrown) => log.error("the watch over late denials could not look", { error: String(thrown) }));
  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

/** One look, in database time: what has become late, then what must be said again or is over. */
export async function lookOnce(store: Store, log: Log, { denialAfterMs, pageAfterMs }: Thresholds): Promise<void> {
  for (;;) {
    const late = await store.lateDenials({ alarmAfterMs: denialAfterMs, pageAfterMs, limit: atATime });
    let told = 0;
    for (const [connection, of] of Map.groupBy(late, (one) => one.connection)) {
      for (const level of ["page", "alarm"] as const) told += await tellLate(store, log, connection, level, of.filter((one) => one.level === level));
    }
    if (late.length < atATime || told === 0) break; // none: another server is at them
  }
  const open = (await store.incidents()).filter(({ kind }) => kind === "denials");
  if (open.length === 0) return;
  const nowMs = await store.now();
  for (const incident of open) await goOn(store, log, incident, denialAfterMs, nowMs);
}

async function tellLate(store: Store, log: Log, connection: ConnectionId, level: LateDenial["level"], late: readonly LateDenial[]): Promise<number> {
  if (late.length === 0) return 0;
  const nowMs = await store.now();
  const correlation = newCorrelationId();
  let alarms: readonly Alarm[] = [];
  const marked = await store.markLate(connection, late, (ours) => {
    alarms = lateAlarms(connection, level, ours, correlation, nowMs);
    return alarms.map(alarmEntry);
  });
  if (marked.length > 0) for (const alarm of alarms) said(log, alarm);
  return marked.length;
}

/** One for each person; of many at one moment one for all, and the persons' own are for their timelines. */
function lateAlarms(connection: ConnectionId, severity: LateDenial["level"], marked: readonly LateDenial[], correlation: CorrelationId, nowMs: number): readonly Alarm[] {
  const many = marked.length > mostApart;
  const each = marked.map(({ resource, sinceMs }): Alarm => ({ connection, kind: "denial.late", severity, resource, correlation, text: `a denial has not been carried out for ${ago(nowMs - sinceMs)}; it is being retried`, ...(many && { quiet: true }) }));
  if (!many) return each;
  const oldestMs = Math.min(...marked.map(({ sinceMs }) => sinceMs));
  return [...each, { connection, kind: "denial.late", severity, resource: undefined, correlation, text: `${marked.length} denials have not been carried out, the oldest for ${ago(nowMs - oldestMs)}; they are being retried` }];
}

async function goOn(store: Store, log: Log, incident: Incident, denialAfterMs: number, nowMs: number): Promise<void> {
  const { connection, openedMs, toldMs } = incident;
  const about = { connection, resource: undefined, correlation: newCorrelationId() };
  const { count, oldestMs } = await store.denialsOlderThan(connection, denialAfterMs);
  if (oldestMs === undefined) {
    const tasks = (await store.reading(connection)).openTasks;
    const clear: Alarm = { ...about, kind: "denial.clear", severity: "clear", text: `no denial is late any more, after ${ago(nowMs - openedMs)}${tasks > 0 ? `; ${counted(tasks, "task is", "tasks are")} open` : ""}` };
    if (await store.closeIncident(incident, denialAfterMs, [alarmEntry(clear)])) said(log, clear);
    return;
  }
  if (nowMs - toldMs < remindEveryMs) return;
  const tasks = (await store.tasksOlderThan(oldTaskMs)).get(connection) ?? 0;
  const reminder: Alarm = { ...about, kind: "denial.reminder", severity: "alarm", text: `${counted(count, "denial has", "denials have")} still not been carried out, the oldest for ${ago(nowMs - oldestMs)}${oldTasks(tasks)}` };
  if (await store.toldIncident(incident, [alarmEntry(reminder)])) said(log, reminder);
}

const oldTasks = (count: number): string => (count === 0 ? "" : `; ${counted(count, "task has", "tasks have")} been open for more than a day`);

/** Once a day, as long as there are old tasks: a person's access may hang on one. */
export async function lookAtTasks(store: Store, log: Log): Promise<void> {
  const old = await store.tasksOlderThan(oldTaskMs);
  const open = new Map((await store.incidents()).filter(({ kind }) => kind === "tasks").map((incident) => [incident.connection, incident]));
  const nowMs = await store.now();
  for (const [connection, count] of old) {
    const incident = open.get(connection);
    if (incident && nowMs - incident.toldMs < oldTaskMs) continue;
    const alarm: Alarm = { connection, kind: "tasks.open", severity: "alarm", resource: undefined, correlation: newCorrelationId(), text: `${counted(count, "task has", "tasks have")} been open for more than a day; \`drawbridge tasks list\` shows the steps` };
    const told = incident ? await store.toldIncident(incident, [alarmEntry(alarm)]) : await store.openIncident(connection, "tasks", [alarmEntry(alarm)]);
    if (told) said(log, alarm);
  }
  for (const [connection, incident] of open) if (!old.has(connection)) await store.closeIncident(incident, undefined, []);
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** `75 s`, `12 min`, `30 h`. */
export function ago(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3_600)} h`;
}

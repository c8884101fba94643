/**
 * Every alarm of the house goes through here: a line in the log, and a row for the journal. The store makes the notice for the webhook of
 * that row, in the transaction in which it is committed, so an alarm is told of exactly if what it tells of has happened.
 *
 * @module
 */
import { type Alarm, alarmEntry, withoutPersons } from "../model/alarm.ts";
import type { JournalEntry } from "../model/resource.ts";
import type { Log } from "../runtime/log.ts";

/** Writes the line and gives the row, which the caller commits together with what it tells of. */
export function raised(log: Log, alarm: Alarm): JournalEntry {
  said(log, alarm);
  return alarmEntry(alarm);
}

/** The line alone, for an alarm whose row is committed already. */
export function said(log: Log, { connection, kind, severity, resource, correlation, text, quiet }: Alarm): void {
  if (quiet) return;
  const fields = { connection, kind, severity, correlation, ...(resource && { resource }) };
  const words = withoutPersons(text);
  if (severity === "clear" || severity === "notice") log.warn(words, fields);
  else log.alarm(words, fields);
}

/**
 * Alarms: what a person must look at, as one kind of journal row, and what of it may leave the house.
 *
 * The row is the alarm: whoever commits one has raised it, and the store makes the notice for the webhook of it in the same
 * transaction. A notice tells ids and our own words; a vendor's words and people's addresses stay in the journal.
 *
 * @module
 */
import type { ConnectionId, CorrelationId, ResourceId } from "./ids.ts";
import { isObject } from "./json.ts";
import type { JournalEntry } from "./resource.ts";

/** Ours; what other rooms raise without one is `other`. */
export type AlarmKind =
  /** A denial is unfinished for too long: `alarm` after the first threshold, `page` after the second. */
  | "denial.late"
  /** Denials are still unfinished; how many, and how old the oldest is. */
  | "denial.reminder"
  /** No denial is late any more. */
  | "denial.clear"
  | "denial.partial"
  /** Given up until a push or a person. */
  | "delivery.failed"
  /** Kept and retried, although only a person can mend it. */
  | "delivery.stuck"
  /** Frozen by a person (`alarm`) or because something was found that must never be (`page`). */
  | "connection.frozen"
  /** A rail holds pushes, and nobody has decided about them yet. */
  | "hold.open"
  /** Tasks that nobody has closed for a day. */
  | "tasks.open"
  /** Access that was taken away was found to be there again. */
  | "drift.access"
  /** A privileged role, or one that nobody here knows, was found to have been given behind our back. */
  | "drift.role"
  /** The vendor could not be compared with what is wanted, several times in a row. */
  | "reconcile.failed"
  | "other";

/** `page`: wake somebody · `alarm`: today · `notice`: to know · `clear`: an earlier one is over. */
export type Severity = "page" | "alarm" | "notice" | "clear";

export interface Alarm {
  readonly connection: ConnectionId;
  readonly kind: AlarmKind;
  readonly severity: Severity;
  /** `undefined` = the connection as a whole. */
  readonly resource: ResourceId | undefined;
  readonly correlation: CorrelationId;
  readonly text: string;
  /** In the journal only: another alarm of the same moment speaks for it. */
  readonly quiet?: boolean;
}

/** What the webhook is told of an alarm. */
export interface NoticeWords {
  readonly kind: string;
  readonly severity: Severity;
  readonly text: string;
}

/** Kinds that a retry raises again and again: the webhook hears of them once in a while. */
export const repeating: ReadonlySet<string> = new Set<AlarmKind>(["delivery.failed", "delivery.stuck", "denial.partial", "other"]);

export const alarmEntry = ({ kind, severity, resource, correlation, text, quiet }: Alarm): JournalEntry => ({ kind: "alarm", resource, correlation, data: { text, alarm: kind, severity, ...(quiet && { quiet }) } });

const severities: ReadonlySet<unknown> = new Set<Severity>(["page", "alarm", "notice", "clear"]);

/** @returns `undefined` for a row that is no alarm, or one that another speaks for */
export function noticeWords({ kind: row, data }: JournalEntry): NoticeWords | undefined {
  if (row !== "alarm" || !isObject(data) || data["quiet"] === true) return undefined;
  const { text, alarm, severity } = data;
  return {
    kind: typeof alarm === "string" && /^[a-z.-]{1,40}$/.test(alarm) ? alarm : "other",
    severity: severities.has(severity) ? (severity as Severity) : "alarm",
    text: withoutPersons(typeof text === "string" ? text : "An alarm was raised; the journal tells of what."),
  };
}

const longest = 300;

/**
 * One line without a vendor's own words (`kit/judge.ts` puts them into `(it says: "…")`), without addresses and without anything that
 * looks like a credential.
 */
export function withoutPersons(text: string): string {
  const ours = text.replace(/ ?\(it says: ".*"\)/gs, "");
  const plain = ours
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/\b(Bearer|Basic|SSWS)\s+\S+/gi, "$1 [secret]")
    .replace(/[^\s<>()"'“”,;:]+@[^\s<>()"'“”,;:]+/g, "[address]")
    .trim();
  return plain.length <= longest ? plain : `${plain.slice(0, longest - 1)}…`;
}

/**
 * The log: winston, one JSON line per step, redacted by construction.
 *
 * Fields are an allow-list of plain values; text is cleaned of control characters and capped, so nothing that a client or a
 * vendor wrote can forge a line or carry a secret along. Nobody waits for whoever reads it (`log-sink.ts`).
 *
 * @module
 */
import { createLogger, format, transports } from "winston";
import { openSink } from "./log-sink.ts";

export interface LogFields {
  readonly connection?: string;
  readonly resource?: string;
  readonly correlation?: string;
  readonly step?: string;
  readonly method?: string;
  /** Of a resource: User, Group or other. */
  readonly type?: string;
  readonly path?: string;
  readonly status?: number;
  readonly ms?: number;
  readonly lane?: string;
  readonly operation?: string;
  readonly failure?: string;
  readonly detail?: string;
  readonly count?: number;
  readonly attempt?: number;
  readonly token?: string;
  readonly dialect?: string;
  readonly error?: string;
  /** Of an alarm. */
  readonly kind?: string;
  readonly severity?: string;
}

export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Something a person must look at: also an `alarm: true` in the line. */
  alarm(message: string, fields?: LogFields): void;
}

const allowed = new Set<keyof LogFields>(["connection", "resource", "correlation", "step", "method", "type", "path", "status", "ms", "lane", "operation", "failure", "detail", "count", "attempt", "token", "dialect", "error", "kind", "severity"]);

// oxlint-disable-next-line no-control-regex
const clean = (text: string): string => text.replace(/[\x00-\x1f\x7f\u2028\u2029]+/g, " ").replace(/\b(Bearer|Basic|SSWS)\s+\S+/gi, "$1 [secret]").slice(0, 500);

function cleaned(fields: LogFields | undefined): Record<string, string | number> {
  const kept: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(fields ?? {})) {
    if (!allowed.has(name as keyof LogFields)) continue;
    if (typeof value === "number") kept[name] = value;
    else if (typeof value === "string") kept[name] = clean(value);
  }
  return kept;
}

/** @param level `silent` prints nothing (tests) */
export function openLog(level: "info" | "warn" | "error" | "silent" = "info"): Log {
  const logger = createLogger({
    level: level === "silent" ? "error" : level,
    silent: level === "silent",
    format: format.combine(format.timestamp(), format.json()),
    transports: [new transports.Stream({ stream: openSink(2, (count) => `${JSON.stringify({ level: "warn", message: "log lines are missing: nobody has read them in time", count, timestamp: new Date().toISOString() })}\n`) })],
  });
  return {
    info: (message, fields) => void logger.info(message, cleaned(fields)),
    warn: (message, fields) => void logger.warn(message, cleaned(fields)),
    error: (message, fields) => void logger.error(message, cleaned(fields)),
    alarm: (message, fields) => void logger.error(message, { ...cleaned(fields), alarm: true }),
  };
}

export const silentLog: Log = { info() {}, warn() {}, error() {}, alarm() {} };

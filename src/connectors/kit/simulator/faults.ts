/**
 * Faults: what can go wrong between a client and a vendor, asked for request by request (reliability.md, section 5).
 *
 * @module
 */
import { Fault } from "../../../model/failure.ts";
import { isObject } from "../../../model/json.ts";

export type VendorFault = VendorFaultKind & {
  readonly match?: FaultMatch;
  /** Whether the request is carried out all the same. Default: see `carriedOut`. */
  readonly committed?: boolean;
};

/** Which requests a fault is played on. What is left out matches everything. */
export interface FaultMatch {
  readonly method?: string;
  /** An exact path without query or, if it holds any of `^$*+?()[]{}|\`, a regular expression over path and query. */
  readonly path?: string;
  /** The first matching request to be hit, counted from 1. Default: 1. */
  readonly nth?: number;
  /** How many from there on. Default: 1, but `"always"` for `staleRead`. */
  readonly times?: number | "always";
}

export type VendorFaultKind =
  /** Answers with this status; `body` is text (HTML) or JSON. */
  | { readonly kind: "status"; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  /** Carried out at once, answered `ms` later. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Never answered; the connection stays open. */
  | { readonly kind: "timeout" }
  /** The connection is dropped, and nothing was carried out. */
  | { readonly kind: "resetBefore" }
  /** Carried out, then the connection is dropped. */
  | { readonly kind: "resetAfter" }
  /** The connection is dropped, and the request is carried out `ms` later in the vendor's time. */
  | { readonly kind: "lateCommit"; readonly ms: number }
  /** Half of the body; then the connection breaks, or (`clean`) the answer ends as if that had been all. */
  | { readonly kind: "truncate"; readonly clean?: boolean }
  /** 200 with a login page, or with `body`. */
  | { readonly kind: "garbage200"; readonly body?: unknown }
  | { readonly kind: "emptyBody200" }
  /** The body drips: `bytes` (default 1) every `ms`. */
  | { readonly kind: "slowBody"; readonly ms: number; readonly bytes?: number }
  /** 429; `after` = seconds, `"date"` (an HTTP date 30 s ahead), `"absent"`, or the header's text. */
  | { readonly kind: "retryAfter"; readonly after: number | string; readonly as?: "vendor" | "proxy" }
  /** Reads show the state of `ms` ago, but nothing older than the moment the fault was set. Lists and single records lag apart by `match.path`. */
  | { readonly kind: "staleRead"; readonly ms: number }
  /** 302 to `to`. */
  | { readonly kind: "redirect"; readonly to: string }
  /** The right answer behind `bytes` (default 64 MiB) of white space. */
  | { readonly kind: "hugeBody"; readonly bytes?: number }
  /** The plug is pulled at this request: dropped, and connections are refused for `ms`, or until faults are cleared. */
  | { readonly kind: "down"; readonly ms?: number };

/** Whether a fault lets the vendor carry the request out, unless it says `committed` itself. */
export const carriedOut: { readonly [Kind in VendorFaultKind["kind"]]: boolean } = {
  status: false, delay: true, timeout: false, resetBefore: false, resetAfter: true, lateCommit: false, truncate: true, garbage200: true,
  emptyBody200: true, slowBody: true, retryAfter: false, staleRead: true, redirect: false, hugeBody: true, down: false,
};

type Check = (value: unknown) => boolean;
const number: Check = (value) => typeof value === "number" && value >= 0;
const text: Check = (value) => typeof value === "string";
const texts: Check = (value) => isObject(value) && Object.values(value).every(text);
const flag: Check = (value) => typeof value === "boolean";
const optional = (check: Check): Check => (value) => value === undefined || check(value);
const anything: Check = () => true;

const fields: { readonly [Kind in VendorFaultKind["kind"]]: Readonly<Record<string, Check>> } = {
  status: { status: (value) => Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599, headers: optional(texts), body: anything },
  delay: { ms: number }, timeout: {}, resetBefore: {}, resetAfter: {}, lateCommit: { ms: number }, truncate: { clean: optional(flag) },
  garbage200: { body: anything }, emptyBody200: {}, slowBody: { ms: number, bytes: optional(number) },
  retryAfter: { after: (value) => typeof value === "number" || text(value), as: optional((value) => value === "vendor" || value === "proxy") },
  staleRead: { ms: number }, redirect: { to: text }, hugeBody: { bytes: optional(number) }, down: { ms: optional(number) },
};
const matchFields: Readonly<Record<string, Check>> = {
  method: optional(text),
  path: optional((value) => text(value) && isPattern(String(value))),
  nth: optional((value) => Number.isInteger(value) && Number(value) >= 1),
  times: optional((value) => value === "always" || (Number.isInteger(value) && Number(value) >= 1)),
};

/** Reads a fault from JSON. @throws Fault `invalid`, which names what is possible */
export function parseFault(wanted: unknown): VendorFault {
  const kind = isObject(wanted) && typeof wanted["kind"] === "string" ? wanted["kind"] : "";
  if (!isObject(wanted) || !Object.hasOwn(fields, kind)) throw new Fault({ kind: "invalid", field: "kind", detail: `A fault needs a "kind"; possible: ${Object.keys(fields).join(", ")}` });
  const { kind: _kind, match = {}, committed, ...own } = wanted;
  if (!optional(flag)(committed)) throw new Fault({ kind: "invalid", field: "committed", detail: '"committed" is true or false' });
  refuseWrong(own, fields[kind as VendorFaultKind["kind"]], `the fault "${kind}"`);
  if (!isObject(match)) throw new Fault({ kind: "invalid", field: "match", detail: `"match" is an object of ${Object.keys(matchFields).join(", ")}` });
  refuseWrong(match, matchFields, '"match"');
  return wanted as unknown as VendorFault;
}

function refuseWrong(given: Readonly<Record<string, unknown>>, table: Readonly<Record<string, Check>>, where: string): void {
  const wrong = [...Object.keys(given).filter((name) => !Object.hasOwn(table, name)), ...Object.keys(table).filter((name) => !table[name]?.(given[name]))][0];
  if (wrong !== undefined) throw new Fault({ kind: "invalid", field: wrong, detail: `"${wrong}" is unknown, missing or wrong in ${where}; possible: ${Object.keys(table).join(", ") || "nothing more"}` });
}

function isPattern(path: string): boolean {
  try {
    return Boolean(new RegExp(path));
  } catch {
    return false;
  }
}

export interface FaultList {
  add(fault: VendorFault): void;
  clear(): void;
  /** The fault to play on this request: the first that is due. Every fault that matches counts the request. */
  take(method: string, path: string): VendorFault | undefined;
  all(): readonly VendorFault[];
}

export function openFaults(): FaultList {
  let faults: { readonly fault: VendorFault; readonly matches: (method: string, path: string) => boolean; seen: number }[] = [];
  return {
    add: (fault) => void faults.push({ fault, matches: matcher(fault.match ?? {}), seen: 0 }),
    clear: () => void (faults = []),
    all: () => faults.map(({ fault }) => fault),
    take: (method, path) => {
      const matching = faults.filter(({ matches }) => matches(method, path));
      for (const one of matching) one.seen += 1;
      return matching.find(isDue)?.fault;
    },
  };
}

function matcher({ method, path }: FaultMatch): (method: string, path: string) => boolean {
  const pattern = path !== undefined && /[\^$*+?()[\]{}|\\]/.test(path) ? new RegExp(path) : undefined;
  const pathFits = (asked: string) => path === undefined || (pattern ? pattern.test(asked) : asked.split("?", 1)[0] === path);
  return (askedMethod, askedPath) => (method === undefined || method.toUpperCase() === askedMethod) && pathFits(askedPath);
}

function isDue({ fault, seen }: { readonly fault: VendorFault; readonly seen: number }): boolean {
  const { nth = 1, times = fault.kind === "staleRead" ? "always" : 1 } = fault.match ?? {};
  return seen >= nth && (times === "always" || seen < nth + times);
}

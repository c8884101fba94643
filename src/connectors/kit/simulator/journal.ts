/**
 * What a simulated vendor was asked: every request in order, without credential and password.
 *
 * @module
 */
import type { Json, JsonObject } from "../../../model/json.ts";
import { isObject } from "../../../model/json.ts";

export interface Entry {
  /** 1, 2, 3, … since the last reset. */
  readonly number: number;
  /** ISO 8601, the vendor's time. */
  readonly at: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The name of the credential (`admin`), `"unknown"` or `"none"`; never the credential. */
  readonly credential: string;
  readonly contentType: string | null;
  /** Secret fields read `"[secret]"`; `null` when there was none or it was no JSON. */
  readonly body: Json;
  /** `null` while, or because, nothing was answered. */
  status: number | null;
  /** Whether the state was changed by it (with `lateCommit`, from then on). */
  committed: boolean;
  /** The fault that was played on it. */
  readonly fault: string | null;
}

export interface Journal {
  open(entry: Omit<Entry, "number" | "status" | "committed">): Entry;
  /** Oldest first; a copy. */
  entries(): readonly Readonly<Entry>[];
  clear(): void;
}

/** Enough for any test; a sandbox that runs for weeks forgets its oldest requests instead of growing. */
const kept = 100_000;

export function openJournal(secretFields: readonly string[]): Journal {
  let entries: Entry[] = [];
  let number = 0;
  return {
    open: (entry) => {
      const opened: Entry = { ...entry, number: ++number, body: masked(entry.body, secretFields), status: null, committed: false };
      entries.push(opened);
      if (entries.length > kept * 1.1) entries = entries.slice(-kept);
      return opened;
    },
    entries: () => entries.map((entry) => ({ ...entry })),
    clear: () => {
      entries = [];
      number = 0;
    },
  };
}

function masked(body: Json, secretFields: readonly string[]): Json {
  if (Array.isArray(body)) return body.map((element: Json) => masked(element, secretFields));
  if (!isObject(body)) return body;
  const shown = Object.entries(body).map(([name, value]) => [name, secretFields.includes(name) ? "[secret]" : masked(value, secretFields)]);
  return Object.fromEntries(shown) as JsonObject;
}

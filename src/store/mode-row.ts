/**
 * What a row of `modes` says, and what it lets the worker take.
 *
 * @module
 */
import { sql } from "kysely";
import type { ConnectionId } from "../model/ids.ts";
import type { Mode } from "../model/mode.ts";
import type { ModeTable } from "./schema.ts";

export const isFrozen = (written: string | null | undefined): boolean => written?.startsWith("frozen") ?? false;
export const isObserving = (written: string | null | undefined): boolean => written?.endsWith("observe") ?? false;
/** What `modes.mode` holds while a connection observes. */
export const observingModes = ["observe", "frozen-observe"] as const;
const observing = sql`(select connection from modes where mode in (${sql.join(observingModes.map((mode) => sql.lit(mode)))}))`;
export const observes = sql`connection in ${observing}`;

/** Denials that somebody was promised: written so that the index that holds nothing else is read, and not the lane with all that is parked in it. */
export const ownedDenials = sql`denial_since_ms >= 0 and (lane + 0) = 0`;

/** As a row, or the absence of one, says it. */
export const modeOf = (connection: ConnectionId, row: { readonly [K in keyof Omit<ModeTable, "connection">]: ModeTable[K] | null } | undefined): Mode => ({
  connection,
  frozen: isFrozen(row?.mode),
  observes: isObserving(row?.mode),
  reason: row?.reason ?? "",
  by: row?.decided_by ?? "",
  sinceMs: row?.since_ms ?? 0,
});

/** For `takeDue`: leaves out what a mode lets nobody deliver (the table of `model/mode.ts`). @param rank of the lane */
export const deliverable = (rank: number) =>
  rank === 0
    ? sql`and (denial_since_ms is not null or connection not in ${observing})`
    : sql`and connection not in (select connection from modes where mode <> 'deliver')`;

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
    ? sql`and (denial_since_ms is not null or connection not in (select connection from modes where mode in ('observe', 'frozen-observe')))`
    : sql`and connection not in (select connection from modes where mode <> 'deliver')`;

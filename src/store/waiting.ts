/**
 * A push that waits in a hold, as it comes out of the tables.
 *
 * @module
 */
import type { KeptPush, RailName, Waiting } from "../model/hold.ts";
import type { HoldId } from "../model/ids.ts";

export interface WaitingColumns {
  readonly seq: number;
  readonly hold: string | null;
  readonly push: string | null;
  readonly decision: string | null;
  readonly rail: string | null;
  readonly detail: string | null;
}

export const waitingOf = ({ seq, hold, push, decision, rail, detail }: WaitingColumns): Waiting => ({
  seq,
  hold: hold as HoldId,
  rail: rail as RailName,
  detail: detail ?? "",
  approved: decision === "approved",
  kept: JSON.parse(push ?? "null") as KeptPush,
});

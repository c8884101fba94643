/**
 * The gate of the loop: every point met every mode.
 *
 * @module
 */
import { type FaultPoint, faultPoints } from "../../../src/runtime/fault.ts";
import type { Report } from "./loop.ts";
import { type Mode, modes } from "./trouble.ts";

/** Points that no push of this loop's vendor reaches; `opening.test.ts` has those of the start. */
const elsewhere: readonly FaultPoint[] = ["migrate.step", "call.setTags.before", "call.setTags.sent", "call.setTags.answered"];

export interface Cell {
  readonly point: FaultPoint;
  readonly mode: Mode;
}

export function unmet(reports: readonly Report[]): readonly Cell[] {
  const met = new Set(reports.flatMap(({ mode, hits }) => hits.map((point) => `${point} × ${mode}`)));
  const due = faultPoints.filter((point) => !elsewhere.includes(point)).flatMap((point) => modes.map((mode) => ({ point, mode })));
  return due.filter(({ point, mode }) => !met.has(`${point} × ${mode}`));
}

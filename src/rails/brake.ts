/**
 * The brake: how many people may lose access within a window, and how many of the vendor's records may go for good. Pure arithmetic
 * over what the store has counted.
 *
 *     held when  lost + new > max(count, floor(share × base)),   base = people active now + those who lost access in the window
 *
 *     people       50    100    200    5,000
 *     held        11th   11th   21st   501st      (count 10, share 0.1)
 *
 * A person counts once per window, whatever the number of pushes, and coming back gives no credit.
 *
 * @module
 */
import type { RailName } from "../model/hold.ts";
import type { Brake, Measure } from "../model/policy.ts";

/** What the store counts for one push. Losses that an approval let pass are not in it. */
export interface Counts {
  /** Distinct people who lost access within the window. */
  readonly lost: number;
  /** People of this push who are not among them. */
  readonly fresh: number;
  /** The same of the vendor's records. */
  readonly records: number;
  readonly freshRecords: number;
  /** People with access now, and those who lost theirs within the window. Counted only where `lost + fresh` exceeds a `count`. */
  readonly base: number;
}

/** A rail that bites, and the sentence about it. */
export interface Stop {
  readonly rail: RailName;
  readonly detail: string;
}

/** The number that must not be exceeded. A hair is added before rounding down, so that 0.29 of 100 is 29. */
export const limitOf = ({ count, share }: Measure, base: number): number => Math.max(count, Math.floor(share * base + 1e-9));

/** @returns `undefined` = within the limits */
export function brakeOn({ lost, fresh, records, freshRecords, base }: Counts, brake: Brake): Stop | undefined {
  const window = windowText(brake.windowMs);
  if (fresh > 0 && lost + fresh > limitOf(brake, base)) {
    return { rail: "brake", detail: `${people(lost + fresh)} would have lost access within ${window}, and the limit is ${limitOf(brake, base)} (rails.massDeprovision).` };
  }
  if (freshRecords > 0 && records + freshRecords > limitOf(brake.deletes, base)) {
    return { rail: "deletions", detail: `${people(records + freshRecords)} would have been deleted at the vendor for good within ${window}, and the limit is ${limitOf(brake.deletes, base)} (rails.massDeprovision.deletes).` };
  }
  return undefined;
}

const people = (count: number): string => (count === 1 ? "1 person" : `${count} people`);

function windowText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}

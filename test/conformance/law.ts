/**
 * A law: one sentence that holds for every connector, in every position where it applies.
 *
 * @module
 */
import type { Stage } from "./stage.ts";
import type { Facts } from "./subject.ts";

export interface Law {
  readonly name: string;
  /** Where it applies; everywhere if left out. */
  readonly when?: (facts: Facts) => boolean;
  readonly holds: (stage: Stage) => Promise<void>;
}

/** Where writes do what they say. */
export const truthful = ({ lies }: Facts): boolean => !lies;

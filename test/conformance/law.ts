/**
 * A law: one sentence that holds for every connector, in every position where it applies.
 *
 * @module
 */
import type { Capability } from "../../src/model/capability.ts";
import type { Stage } from "./stage.ts";
import type { Facts } from "./subject.ts";

export interface Law {
  readonly name: string;
  /** Where it applies; everywhere if left out. */
  readonly when?: (facts: Facts) => boolean;
  /** What must be possible there. */
  readonly needs?: readonly Capability[];
  readonly holds: (stage: Stage) => Promise<void>;
}

export const applies = ({ when, needs = [] }: Law, facts: Facts): boolean => (when?.(facts) ?? true) && needs.every((capability) => facts.can.has(capability));

/** Where a read can tell that somebody was switched off. */
export const readable = ({ hides }: Facts): boolean => hides === undefined || !hides.status || hides.inactive;

/** Where writes do what they say. */
export const truthful = ({ lies }: Facts): boolean => !lies;

/**
 * Every target, and how often each is played beside the others.
 *
 * @module
 */
import type { Ground } from "../ground.ts";
import type { Target } from "../target.ts";
import { addressTarget } from "./address.ts";
import { bodyTarget } from "./body.ts";
import { bulkTarget } from "./bulk.ts";
import { filterTarget } from "./filter.ts";
import { jsonTarget } from "./json.ts";
import { patchTarget } from "./patch.ts";
import { pathTarget } from "./path.ts";

export interface Weighted {
  readonly target: Target;
  /** Of every hundred shares, so many. */
  readonly weight: number;
}

export const allTargets = (ground: Ground): readonly Weighted[] =>
  [
    { target: filterTarget(ground), weight: 40 },
    { target: patchTarget, weight: 40 },
    { target: pathTarget, weight: 6 },
    { target: bodyTarget, weight: 6 },
    { target: jsonTarget, weight: 4 },
    { target: addressTarget, weight: 3 },
    { target: bulkTarget, weight: 1 },
  ] as unknown as readonly Weighted[];

/**
 * A run cut into shares: each a target, a seed and so many inputs, the same for the same run.
 *
 * @module
 */
import type { Weighted } from "./targets/all.ts";
import type { Target } from "./target.ts";

export interface Run {
  readonly seed: number;
  readonly inputs: number;
}

export interface Share {
  readonly number: number;
  readonly target: Target;
  readonly seed: number;
  readonly inputs: number;
}

export const inputsOfShare = 5_000;

/** Targets come in turn, by their weights; the last share is what is left. */
export function* sharesOf({ seed, inputs }: Run, targets: readonly Weighted[]): Generator<Share> {
  const turns = turnsOf(targets);
  for (let number = 0; number * inputsOfShare < inputs; number++) {
    const target = turns[number % turns.length];
    if (!target) return;
    yield { number, target, seed: mixed(seed, number), inputs: Math.min(inputsOfShare, inputs - number * inputsOfShare) };
  }
}

/** Every target as often as its weight says, spread evenly. */
function turnsOf(targets: readonly Weighted[]): readonly Target[] {
  return targets
    .flatMap(({ target, weight }) => Array.from({ length: weight }, (_, n) => ({ target, at: (n + 0.5) / weight })))
    .toSorted((a, b) => a.at - b.at)
    .map(({ target }) => target);
}

/** A 32-bit seed for each share, so that neighbours have nothing in common. */
function mixed(seed: number, number: number): number {
  let state = Math.imul(seed, 0x9e3779b1) + Math.imul(number + 1, 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
  return (state ^ (state >>> 15)) | 0;
}

/**
 * Kept cases: what once failed, played each by itself.
 *
 * @module
 */
import type { Code } from "./code.ts";
import { playOne } from "./play.ts";
import type { Weighted } from "./targets/all.ts";

export interface Case {
  readonly target: string;
  readonly input: unknown;
  /** What it did when it was found. */
  readonly what?: string;
}

export interface PlayedCase extends Case {
  /** `undefined` = nothing is wrong any more. */
  readonly wrong: string | undefined;
  readonly ms: number;
}

export function playCases(cases: readonly Case[], targets: readonly Weighted[], code: Code, watchdogMs?: number): readonly PlayedCase[] {
  return cases.map((one) => {
    const found = targets.find(({ target }) => target.name === one.target);
    if (!found) throw new Error(`there is no target ${one.target}`);
    return { ...one, ...playOne(found.target, code, one.input, watchdogMs) };
  });
}

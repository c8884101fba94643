/**
 * What a compliance suite is to us: something that plays against one fresh connection and comes back with named checks.
 *
 * @module
 */
import type { JsonObject } from "../../src/model/json.ts";
import type { Stage } from "./stage.ts";

export interface Check {
  /** The same on every run, so that a waiver can name it: no ids, times or random names. */
  readonly name: string;
  readonly result: "passed" | "failed" | "skipped";
  /** What the suite says of a failure. */
  readonly says?: string;
}

export type Outcome =
  | { readonly kind: "ran"; /** Of the suite. */ readonly version: string; readonly checks: readonly Check[] }
  /** Never counted as passed. */
  | { readonly kind: "not run"; readonly reason: string };

export interface Suite {
  /** As given on the command line, in waivers and in docs/compliance.md. */
  readonly id: string;
  /** For people, with where it comes from. */
  readonly title: string;
  /** Merged over the fresh connection's section. */
  readonly connection?: JsonObject;
  /** Whether the directory holds a person and a group before the suite begins. */
  readonly isPeopled?: boolean;
  run(stage: Stage): Promise<Outcome>;
}

/** Thrown where a suite cannot be had here: no Python, not in the registry, no folder given. */
export class NotRun extends Error {}

/**
 * What the likenesses of all vendors share: what each is made from, and what it gives.
 *
 * @module
 */
import { randomInt } from "node:crypto";
import type { Role } from "../../connectors/connector.ts";
import type { RunningSimulator } from "../../connectors/kit/simulator/running.ts";
import type { Manifest } from "../../connectors/manifest-schema.ts";
import type { Settings } from "../../connectors/manifest-settings.ts";
import type { Account } from "../../model/person.ts";

/** What a vendor's likeness is made from. */
export interface Model {
  readonly manifest: Manifest;
  readonly settings: Settings;
  /** Every role that the tenant shows or the configuration names. */
  readonly roles: readonly Role[];
}

/** One vendor's part: how it is started, and how its people get in. */
export interface Started {
  readonly vendor: RunningSimulator;
  /** Settings by which the likeness is reached where the real ones would not do. */
  readonly settings?: Readonly<Record<string, string>>;
  /** An account of the real tenant, for `vendor.seed`. */
  record(account: Account): object;
}

/** Where the ids of a likeness begin: nowhere where a simulated vendor's own do, should one play the real vendor. */
export const elsewhere = (): number => 1_000 + randomInt(2 ** 31);

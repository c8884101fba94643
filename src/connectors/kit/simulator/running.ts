/**
 * A running simulated vendor, as tests in the same process and the control port see it, and what it is started with.
 *
 * @module
 */
import type { JsonObject } from "../../../model/json.ts";
import type { Clock } from "../../../runtime/clock.ts";
import type { VendorFault } from "./faults.ts";
import type { Entry } from "./journal.ts";
import type { RateLimit } from "./limit.ts";
import type { SwitchSetting } from "./switches.ts";

export interface SimulatorOptions {
  /** 0 or left out: any free port. */
  readonly port?: number;
  readonly controlPort?: number;
  /** Where the switches stand at the start and after a reset. */
  readonly switches?: SwitchSetting;
  /** Keeps the state over a restart. What the file holds wins over `seed`. */
  readonly stateFile?: string;
  readonly clock?: Clock;
  /** A named set of records, or records, to begin with. Default: nobody. */
  readonly seed?: string | JsonObject;
  /** Other credentials than the definition's, by name. */
  readonly apiKeys?: Readonly<Record<string, string>>;
  /** Where the seeded random starts. Default: 1. */
  readonly random?: number;
}

export interface RunningSimulator<State = unknown> {
  readonly vendor: string;
  readonly url: string;
  readonly controlUrl: string;
  /** The credential that may do everything. */
  readonly apiKey: string;
  /** All credentials by name. */
  readonly apiKeys: Readonly<Record<string, string>>;
  /** A copy. */
  state(): State;
  /** Every request since the start or the last reset; copies. */
  journal(): readonly Readonly<Entry>[];
  options(): { readonly switches: Readonly<Record<string, string>>; readonly limit: RateLimit | "off"; readonly possible: Readonly<Record<string, readonly string[]>> };
  /** Switches by name, and `limit` (`limit.ts`). All or nothing. @throws Fault `invalid` */
  setSwitches(wanted: Readonly<Record<string, unknown>>): Promise<void>;
  /** Adds records: those of a named seed, or given ones. @throws Fault `invalid` */
  seed(records: string | JsonObject): void;
  /** @throws Fault `invalid` */
  addFault(...faults: readonly VendorFault[]): void;
  faults(): readonly VendorFault[];
  /** Forgets all faults; a plug that a fault pulled is put back. */
  clearFaults(): Promise<void>;
  /** Moves the vendor's clock on by `ms`. */
  advance(ms: number): void;
  /** ms since 1970. */
  now(): number;
  /** Everything as at the start, with the start's seed. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

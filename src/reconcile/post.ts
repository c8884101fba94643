/**
 * A connection as the night watch sees it. Who wires the house lends it; this room neither delivers nor knows how a vendor's budget is kept.
 *
 * @module
 */
import type { Call, Connector } from "../connectors/connector.ts";
import type { ConnectionId } from "../model/ids.ts";
import type { Policy } from "../model/policy.ts";
import type { Vendor } from "../plan/vendor.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { RunTaken } from "../store/reconcile-contract.ts";
import type { Store } from "../store/store.ts";

export interface Post {
  readonly connection: ConnectionId;
  readonly connector: Connector;
  readonly vendor: Vendor;
  readonly policy: Policy;
  /** A look at the vendor, in the last lane of its budget. Ended by whoever asked for it. @param sinceMs as `Call.sinceMs`; default: now */
  look(signal: AbortSignal, sinceMs?: number): Look;
}

export interface Look extends Call {
  end(): void;
}

/** One run under way. */
export interface Round {
  readonly post: Post;
  readonly run: RunTaken;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the run is to end here: somebody else has it, or the process is about to stop. */
  readonly signal: AbortSignal;
  /** By this process's clock. */
  readonly startedMs: number;
  readonly tally: Tally;
}

/** What is counted on the way. */
export interface Tally {
  listed: number;
  readonly fenced: Map<string, number>;
  linked: number;
  equal: number;
  moving: number;
  readonly unseen: { role: number; access: number };
  looks: number;
  repairs: number;
  readonly parts: Set<string>;
  readonly remarks: Set<string>;
}

export const newTally = (parts: readonly string[]): Tally => ({ listed: 0, fenced: new Map(), linked: 0, equal: 0, moving: 0, unseen: { role: 0, access: 0 }, looks: 0, repairs: 0, parts: new Set(parts), remarks: new Set() });

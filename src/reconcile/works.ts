/**
 * What runs of any connection need of the house.
 *
 * @module
 */
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Store } from "../store/store.ts";

export interface Works {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** This process, as it signs its leases. */
  readonly owner: string;
}

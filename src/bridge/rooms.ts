/**
 * What the bridge works with: one connection's place in the house, and the house.
 *
 * @module
 */
import type { Asked, Job } from "../delivery/run.ts";
import type { Outcome } from "../delivery/outcome.ts";
import type { Site } from "../delivery/site.ts";
import type { ConnectionId } from "../model/ids.ts";
import type { Mode } from "../model/mode.ts";
import type { Cursors } from "../scim/cursor.ts";
import type { SchemaTable } from "../scim/schema-table.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Store } from "../store/store.ts";
import type { Answered } from "./answered.ts";

export interface Rooms {
  readonly connection: ConnectionId;
  readonly site: Site;
  readonly users: SchemaTable;
  readonly groups: SchemaTable;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly answered: Answered;
  readonly cursors: Cursors;
  /** This process, as it signs its leases. */
  readonly owner: string;
  converge(job: Job): Promise<Outcome>;
  /** The vendor does not answer at the moment. */
  isDown(): boolean;
  /** As it was up to a second ago, where it does not simply deliver; what must be exact is asked of the store. */
  mode(): Mode | undefined;
  /** Tells the worker that something may be due. */
  nudge(): void;
}

export type { Asked };

/**
 * Everything delivery needs to work for one connection, and for the house as a whole.
 *
 * @module
 */
import type { Connector, Exchanged } from "../connectors/connector.ts";
import { capabilitiesOf } from "../connectors/connector.ts";
import type { ConnectionId } from "../model/ids.ts";
import type { Policy } from "../model/policy.ts";
import type { Vendor } from "../plan/vendor.ts";
import type { Clock } from "../runtime/clock.ts";
import type { FaultAt } from "../runtime/fault.ts";
import type { Log } from "../runtime/log.ts";
import type { Store } from "../store/store.ts";
import type { Budget } from "./budget.ts";
import type { Outages } from "./outage.ts";
import type { RecentLooks } from "./recent-looks.ts";

/** One connection, ready to deliver to. */
export interface Site {
  readonly connection: ConnectionId;
  readonly connector: Connector;
  readonly vendor: Vendor;
  readonly policy: Policy;
  readonly budget: Budget;
  readonly recent: RecentLooks;
  /** Told of every exchange with the vendor, for the metrics: `operation` is an operation's kind, or `look`. */
  readonly exchanged?: (operation: string, exchange: Exchanged) => void;
}

export interface Works {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly outages: Outages;
  /** This process, as it signs its leases. */
  readonly owner: string;
  random(): number;
  /** For tests. */
  readonly fault?: FaultAt | undefined;
  site(connection: ConnectionId): Site | undefined;
}

export function openSite(connection: ConnectionId, connector: Connector, policy: Policy, budget: Budget, recent: RecentLooks, exchanged?: Site["exchanged"]): Site {
  const { traits } = connector;
  const vendor: Vendor = {
    title: traits.title,
    can: capabilitiesOf(connector),
    emailChange: traits.emailChange,
    parts: traits.parts,
    defaultRole: traits.defaultRole,
    steps: (capability, person) => traits.steps(capability, person),
    missing: (capability) => traits.missing(capability),
  };
  return { connection, connector, vendor, policy, budget, recent, ...(exchanged && { exchanged }) };
}

/** Longer than everything that one turn may take at the vendor; who finds it expired assumes that a call is still under way. */
export const leaseMs = ({ delivery }: Policy): number => delivery.deadlineMs + 4 * delivery.vendorTimeoutMs + 5_000;

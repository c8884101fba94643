/**
 * Everything delivery needs to work for one connection, and for the house as a whole.
 *
 * @module
 */
import type { Connector, Exchanged } from "../connectors/connector.ts";
import { capabilitiesOf } from "../connectors/connector.ts";
import type { ConnectionId, CorrelationId, ResourceId } from "../model/ids.ts";
import type { Lane } from "../model/operation.ts";
import type { Policy } from "../model/policy.ts";
import type { Vendor } from "../plan/vendor.ts";
import type { Clock } from "../runtime/clock.ts";
import type { FaultAt } from "../runtime/fault.ts";
import type { Log } from "../runtime/log.ts";
import type { Store } from "../store/store.ts";
import type { Budget } from "./budget.ts";
import type { Outages } from "./outage.ts";
import type { Outcome } from "./outcome.ts";
import type { RecentLooks } from "./recent-looks.ts";

/** One connection, ready to deliver to. */
export interface Site {
  readonly connection: ConnectionId;
  readonly connector: Connector;
  readonly vendor: Vendor;
  readonly policy: Policy;
  readonly budget: Budget;
  readonly recent: RecentLooks;
  /** Told of every exchange with the vendor, for whoever watches: `operation` is an operation's kind, or `look`. */
  readonly exchanged?: ((operation: string, exchange: Exchanged, by: CalledBy) => void) | undefined;
  /** Told of every exchange with the vendor, for the breaker. */
  heard(exchanged: Exchanged, isProbe: boolean, about: ResourceId | undefined): void;
  /** Aborts when the house cannot wait for calls any longer. */
  readonly cut: AbortSignal;
}

/** On whose behalf a vendor was called. */
export interface CalledBy {
  readonly correlation: CorrelationId;
  readonly resource: ResourceId | undefined;
  /** Of the lease; `undefined` = outside every run. */
  readonly epoch: number | undefined;
}

/** One run of converge that is over. Times are ms since 1970. */
export interface Converged {
  readonly connection: ConnectionId;
  readonly resource: ResourceId;
  readonly correlation: CorrelationId;
  readonly epoch: number;
  readonly lane: Lane | undefined;
  readonly by: "request" | "worker";
  readonly outcome: Outcome;
  readonly startedMs: number;
  readonly endedMs: number;
}

export interface Works {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly outages: Outages;
  /** This process, as it signs its leases. */
  readonly owner: string;
  random(): number;
  /** Told of every run, for whoever watches. Must not throw and must not wait. */
  readonly converged?: ((run: Converged) => void) | undefined;
  /** For tests. */
  readonly fault?: FaultAt | undefined;
  site(connection: ConnectionId): Site | undefined;
}

export function openSite(connection: ConnectionId, connector: Connector, policy: Policy, budget: Budget, recent: RecentLooks, { exchanged, heard = () => {}, cut = never }: Partial<Pick<Site, "exchanged" | "heard" | "cut">> = {}): Site {
  const { traits } = connector;
  const vendor: Vendor = {
    title: traits.title,
    can: capabilitiesOf(connector),
    emailChange: traits.emailChange,
    parts: traits.parts,
    defaultRole: traits.defaultRole,
    ...(traits.deletesForGood !== undefined && { deletesForGood: traits.deletesForGood }),
    steps: (capability, person) => traits.steps(capability, person),
    missing: (capability) => traits.missing(capability),
  };
  return { connection, connector, vendor, policy, budget, recent, exchanged, heard, cut };
}

const never = new AbortController().signal;

/** Longer than everything that one turn may take at the vendor; who finds it expired assumes that a call is still under way. */
export const leaseMs = ({ delivery }: Policy): number => delivery.deadlineMs + 4 * delivery.vendorTimeoutMs + 5_000;

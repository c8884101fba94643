/**
 * What a connector is opened with: the connection's share of the configuration.
 *
 * @module
 */
import type { Clock } from "../runtime/clock.ts";
import type { Evidence } from "../model/capability.ts";

export interface ConnectorSetup {
  /** A built-in name (`peoplelens`), or the path of a `manifest.yaml`. */
  readonly connector: string;
  /** As configured; text that came from the environment or a file is a `Secret` already. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly endpoints: Evidence;
  readonly denyEndpoints: Evidence;
  /** Strategies in order; `undefined` = the manifest's default. */
  readonly onDeactivate: readonly string[] | undefined;
  readonly onDelete: readonly string[] | undefined;
  /** The vendor roles of `roles.map` and the fallback: together with the default role the fence, unless a setting draws another. */
  readonly managedRoles?: readonly string[];
  /** Hosts and networks beyond public https addresses that may be called. */
  readonly egressAllow: readonly string[];
  readonly timeoutMs: number;
  /** Default: the system's. */
  readonly clock?: Clock;
}

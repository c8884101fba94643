/**
 * Which vendors are down, per connection. A connection is down after five failures in a row to get any answer; then nobody
 * calls it but the probe, whatever the backlog, until one probe succeeds.
 *
 * @module
 */
import type { ConnectionId } from "../model/ids.ts";

export const failuresUntilDown = 5;
/** At most 12 probes a minute. */
export const probeEveryMs = 5_000;

export interface Outages {
  isDown(connection: ConnectionId): boolean;
  /** The vendor gave no answer (unreachable, uncertain). True when that made it count as down. */
  failed(connection: ConnectionId): boolean;
  /** The vendor answered, whatever it said. True when it had counted as down. */
  answered(connection: ConnectionId): boolean;
  down(): readonly ConnectionId[];
}

export function watchOutages(): Outages {
  const inARow = new Map<ConnectionId, number>();
  const isDown = (connection: ConnectionId) => (inARow.get(connection) ?? 0) >= failuresUntilDown;
  return {
    isDown,
    failed(connection) {
      const before = isDown(connection);
      inARow.set(connection, (inARow.get(connection) ?? 0) + 1);
      return !before && isDown(connection);
    },
    answered(connection) {
      const before = isDown(connection);
      inARow.delete(connection);
      return before;
    },
    down: () => [...inARow.keys()].filter(isDown),
  };
}

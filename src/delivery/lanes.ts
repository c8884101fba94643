/**
 * Who is next: denials before grants before profiles before reconciliation, and inside a lane the connection that has the least
 * under way, then the one that was served longest ago. Pure.
 *
 * No connection has more than its places, lesser lanes never have all of them, and neither do they have all of the house.
 *
 * @module
 */
import type { ConnectionId } from "../model/ids.ts";
import { type Lane, urgency } from "../model/operation.ts";
import type { Ask, Head } from "../store/store.ts";
import type { Places } from "./budget.ts";

/** One connection, as it stands. */
export interface Load {
  readonly connection: ConnectionId;
  readonly places: Places;
  readonly busy: Busy;
  /** The vendor does not answer: nothing goes out but the probe. */
  readonly isDown: boolean;
  /** It has answered the probe, and nothing else yet. */
  readonly isTrying: boolean;
  /** It wants to be left alone: lesser work waits, denials go one by one. */
  readonly isResting: boolean;
  /** Counts up; 0 = never. */
  readonly servedAt: number;
  readonly forMs: number;
}

export interface Busy {
  readonly deny: number;
  readonly lesser: number;
}

/** Resources under way at once in one process, whatever they wait for: what bounds the rows in memory. */
export const room: Places = { all: 256, lesser: 192 };

/** @param heads those that are due now */
export function nextTurns(heads: readonly Head[], loads: readonly Load[], most: Places = room): readonly Ask[] {
  const asked = new Map<ConnectionId, Busy>(loads.map(({ connection, busy }) => [connection, busy]));
  const busyOf = (connection: ConnectionId): Busy => asked.get(connection) ?? { deny: 0, lesser: 0 };
  const total = () => [...asked.values()].reduce((sum, { deny, lesser }) => ({ deny: sum.deny + deny, lesser: sum.lesser + lesser }), { deny: 0, lesser: 0 });

  function hasPlace(load: Load, lane: Lane): boolean {
    const { deny, lesser } = busyOf(load.connection);
    const all = total();
    if (load.isDown || all.deny + all.lesser >= most.all || deny + lesser >= (load.isTrying ? 1 : load.places.all)) return false;
    if (lane === "deny") return !load.isResting || deny === 0;
    return !load.isResting && lesser < load.places.lesser && all.lesser < most.lesser;
  }

  const asks: Ask[] = [];
  for (const lane of urgency) {
    const due = new Set(heads.filter((head) => head.lane === lane).map(({ connection }) => connection));
    const limits = new Map<Load, number>();
    for (let load = neediest(); load; load = neediest()) {
      const { deny, lesser } = busyOf(load.connection);
      asked.set(load.connection, lane === "deny" ? { deny: deny + 1, lesser } : { deny, lesser: lesser + 1 });
      limits.set(load, (limits.get(load) ?? 0) + 1);
    }
    for (const [{ connection, forMs }, limit] of limits) asks.push({ connection, lane, limit, forMs });

    function neediest(): Load | undefined {
      const mayHave = loads.filter((load) => due.has(load.connection) && hasPlace(load, lane));
      const weight = ({ connection }: Load) => busyOf(connection).deny + busyOf(connection).lesser;
      return mayHave.reduce<Load | undefined>((best, load) => (!best || weight(load) < weight(best) || (weight(load) === weight(best) && load.servedAt < best.servedAt) ? load : best), undefined);
    }
  }
  return asks;
}

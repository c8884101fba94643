/**
 * Which vendors are down, per connection.
 *
 * Down is who gave no answer five times in a row, or to two calls in five of the last fifty. Then nobody calls it but the probe,
 * twelve times a minute, whatever the backlog, until one probe is answered. What follows goes out one at a time, until a write
 * has been answered; a failure before that, and it is down again. One person alone, for whom every call fails, brings it down once.
 *
 * The rows of `outages` say the same to every process; the worker carries news both ways.
 *
 * @module
 */
import type { Exchanged } from "../connectors/connector.ts";
import type { ConnectionId, ResourceId } from "../model/ids.ts";

export const failuresUntilDown = 5;
/** At most 12 probes a minute. */
export const probeEveryMs = 5_000;
const lookedBackAt = 50;
const enoughSeen = 20;
const shareUntilDown = 0.4;

export interface Outages {
  isDown(connection: ConnectionId): boolean;
  /** It answers again, and nothing but the probe has shown it yet. */
  isTrying(connection: ConnectionId): boolean;
  /** The vendor gave no answer (`silent`), or one that means nothing (`garbled`). True when that made it count as down. */
  failed(connection: ConnectionId, how?: "silent" | "garbled", about?: ResourceId): boolean;
  /** The vendor answered, whatever it said. True when it had counted as down. That it answers reads does not show that it carries out writes. */
  answered(connection: ConnectionId, what?: "read" | "write", about?: ResourceId): boolean;
  down(): readonly ConnectionId[];
  /** What was found out here and stands in no row yet. */
  unsaved(): readonly { readonly connection: ConnectionId; readonly isDown: boolean }[];
  saved(connection: ConnectionId, isDown: boolean): void;
  /** What the rows say. @returns who is up again by somebody else's word */
  told(down: readonly ConnectionId[]): readonly ConnectionId[];
}

interface Seen {
  inARow: number;
  /** True = no answer. */
  last: readonly boolean[];
  isDown: boolean;
  isTrying: boolean;
  /** The one person whom all failures in a row were about. */
  suspect: ResourceId | undefined;
  /** Was the only reason for an outage that a probe has ended. What else fails about them says nothing of the vendor. */
  culprit: ResourceId | undefined;
}

const fresh: Seen = { inARow: 0, last: [], isDown: false, isTrying: false, suspect: undefined, culprit: undefined };

export function watchOutages(): Outages {
  const watched = new Map<ConnectionId, Seen>();
  const news = new Map<ConnectionId, boolean>();
  const seenOf = (connection: ConnectionId): Seen => {
    const known = watched.get(connection) ?? { ...fresh };
    watched.set(connection, known);
    return known;
  };
  const isDown = (connection: ConnectionId) => watched.get(connection)?.isDown ?? false;
  const down = () => [...watched].filter(([, seen]) => seen.isDown).map(([connection]) => connection);
  const up = (seen: Seen) => Object.assign(seen, { ...fresh, isTrying: true, culprit: seen.suspect });

  return {
    isDown,
    down,
    isTrying: (connection) => watched.get(connection)?.isTrying ?? false,
    failed(connection, how = "silent", about) {
      const seen = seenOf(connection);
      if (about !== undefined && about === seen.culprit) return false;
      seen.culprit = undefined;
      seen.suspect = seen.inARow === 0 || seen.suspect === about ? about : undefined;
      seen.inARow = how === "silent" ? seen.inARow + 1 : 0;
      seen.last = [...seen.last, true].slice(-lookedBackAt);
      const bad = seen.last.filter(Boolean).length;
      const isBad = seen.isTrying || seen.inARow >= failuresUntilDown || (seen.last.length >= enoughSeen && bad >= shareUntilDown * seen.last.length);
      if (seen.isDown || !isBad) return false;
      Object.assign(seen, { isDown: true, isTrying: false });
      news.set(connection, true);
      return true;
    },
    answered(connection, what = "write", about) {
      const seen = seenOf(connection);
      if (what === "write" && about !== undefined && about === seen.culprit) seen.culprit = undefined;
      if (!seen.isDown) {
        seen.inARow = 0;
        seen.last = [...seen.last, false].slice(-lookedBackAt);
        seen.isTrying &&= what === "read";
        return false;
      }
      up(seen);
      news.set(connection, false);
      return true;
    },
    unsaved: () => [...news].map(([connection, isDownNow]) => ({ connection, isDown: isDownNow })),
    saved(connection, isDownNow) {
      if (news.get(connection) === isDownNow) news.delete(connection);
    },
    told(rows) {
      for (const connection of rows) if (!news.has(connection)) Object.assign(seenOf(connection), { isDown: true, isTrying: false });
      const over = down().filter((connection) => !rows.includes(connection) && !news.has(connection));
      for (const connection of over) up(seenOf(connection));
      return over;
    },
  };
}

/** Listens to every exchange with a vendor. What is still on its way while the vendor counts as down proves nothing; the probe does. */
export function listen(connection: ConnectionId, outages: Outages): (exchanged: Exchanged, isProbe: boolean, about: ResourceId | undefined) => void {
  return ({ failure, method }, isProbe, about) => {
    if (failure === "unreachable" || failure === "uncertain") outages.failed(connection, "silent", about);
    else if (outages.isDown(connection) && !isProbe) return;
    else if (failure === "protocol" && !isProbe) outages.failed(connection, "garbled", about);
    else outages.answered(connection, method === "GET" ? "read" : "write", about);
  };
}

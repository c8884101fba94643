/**
 * Which connections are frozen or only observe, as it was up to a second ago: for whatever need not be exact.
 *
 * What must be exact asks the row: the commit of a push, and every vendor call.
 *
 * @module
 */
import type { ConnectionId } from "../model/ids.ts";
import type { Mode } from "../model/mode.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { regularly } from "../runtime/regularly.ts";
import type { Store } from "../store/store.ts";

export interface Modes {
  /** `undefined` = it simply delivers. */
  of(connection: ConnectionId): Mode | undefined;
  stop(): void;
}

const lookEveryMs = 1_000;

/** @param changed told when some connection works otherwise than a look before */
export function watchModes(store: Store, clock: Clock, log: Log, changed: () => void): Modes {
  const stopping = new AbortController();
  let known = new Map<ConnectionId, Mode>();

  async function look(): Promise<void> {
    const next = new Map((await store.modes()).map((mode) => [mode.connection, mode]));
    const differing = [...new Set([...known.keys(), ...next.keys()])].filter((connection) => wordOf(known.get(connection)) !== wordOf(next.get(connection)));
    known = next;
    for (const connection of differing) log.warn(`the connection ${wordOf(next.get(connection))}`, { connection, detail: next.get(connection)?.reason ?? "" });
    if (differing.length > 0) changed();
  }

  void regularly({ clock, everyMs: lookEveryMs, signal: stopping.signal, atOnce: true }, look, (thrown) => log.warn("the modes could not be read", { error: String(thrown) }));

  return { of: (connection) => known.get(connection), stop: () => stopping.abort() };
}

const wordOf = (mode: Mode | undefined): string => (mode === undefined ? "delivers" : mode.frozen ? "is frozen" : "observes");

/**
 * The watch over holds: carries out what people have approved, within a second, and tells somebody every quarter of an hour about
 * holds that nobody has decided.
 *
 * Times are the database's, and of several processes one gets each warning.
 *
 * @module
 */
import type { ConnectionId } from "../model/ids.ts";
import { holdAlarm } from "../rails/words.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { regularly } from "../runtime/regularly.ts";
import type { Store } from "../store/store.ts";
import { release } from "./release.ts";
import type { Rooms } from "./rooms.ts";

export interface HoldWatch {
  /** One round, at once. */
  look(): Promise<void>;
  /** Resolves when what is under way has ended. */
  stop(): Promise<void>;
}

const lookEveryMs = 1_000;
export const warnEveryMs = 900_000;
const forgetEveryMs = 3_600_000;
/** Longer than the longest window, which is a week. */
const rememberMs = 30 * 86_400_000;
const atOnce = 200;
/** What could not be carried out for a reason that may pass is left alone for so long. */
const pauseMs = 30_000;

export interface HoldWorld {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  rooms(connection: ConnectionId): Rooms | undefined;
  /** A changed role policy has been approved. */
  policyApproved(connection: ConnectionId): Promise<void>;
}

export function watchHolds({ store, clock, log, rooms, policyApproved }: HoldWorld): HoldWatch {
  const stopping = new AbortController();
  const restUntil = new Map<number, number>();
  let forgetAt = 0;

  async function releaseApproved(): Promise<void> {
    for (const approved of await store.approved(atOnce)) {
      const { connection, seq } = approved;
      if (stopping.signal.aborted) return;
      if ((restUntil.get(seq) ?? 0) > clock.now()) continue;
      restUntil.delete(seq);
      try {
        const its = rooms(connection);
        if (approved.kept.type === "Policy") {
          restUntil.set(seq, clock.now() + pauseMs); // a configuration is not read every second for a connection that it no longer has
          await policyApproved(connection);
        } else if (its) await release(approved, its);
      } catch (thrown) {
        restUntil.set(seq, clock.now() + pauseMs);
        log.error("an approved push could not be carried out yet", { connection, resource: approved.resource, error: String(thrown) });
      }
    }
  }

  async function warn(): Promise<void> {
    for (const { connection, id, rail, detail, waiting } of await store.holdsToWarnOf(warnEveryMs)) log.alarm(holdAlarm(id, rail, detail), { connection, count: waiting });
  }

  async function look(): Promise<void> {
    await releaseApproved();
    await warn();
    if (clock.now() < forgetAt) return;
    forgetAt = clock.now() + forgetEveryMs;
    await store.forgetLosses(rememberMs);
  }

  const loop = regularly({ clock, everyMs: lookEveryMs, signal: stopping.signal }, look, (thrown) => log.error("could not look after the holds", { error: String(thrown) }));
  return {
    look,
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}

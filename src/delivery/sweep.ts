/**
 * Grants whose time runs out while their vendor is down: nobody comes to them otherwise before it is back.
 *
 * @module
 */
import type { ConnectionId } from "../model/ids.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import { lapses } from "./lapse.ts";
import type { Outcome } from "./outcome.ts";
import type { Job } from "./run.ts";
import type { Site, Works } from "./site.ts";
import { leaseMs } from "./site.ts";

const everyMs = 30_000;
const page = 100;

/** Every row is looked at once when a minute is over, once after an hour and once after a day; what has not run out then stays as it is. */
export async function startSweeping(works: Works, sites: () => readonly Site[], converge: (job: Job) => Promise<Outcome>, stopping: AbortSignal): Promise<void> {
  const { store, clock, outages, log, owner } = works;
  const sweptUntil = new Map<string, number>();

  async function sweep({ connection, policy }: Site, afterMs: number): Promise<void> {
    const key = `${afterMs} ${connection}`;
    const untilMs = (await store.now()) - afterMs - 1;
    for (;;) {
      const rows = await store.grantsSince(connection, sweptUntil.get(key) ?? 0, untilMs, page);
      for (const { resource } of rows) {
        if (stopping.aborted || !outages.isDown(connection)) return;
        const askedMs = clock.now();
        const turn = await store.take(connection, resource, owner, leaseMs(policy));
        if (turn) await converge({ ...turn, askedMs, correlation: newCorrelationId() });
      }
      sweptUntil.set(key, rows.at(-1)?.sinceMs ?? untilMs);
      if (rows.length < page) return;
    }
  }

  while (!stopping.aborted) {
    await clock.sleep(everyMs, stopping);
    for (const site of sites()) {
      if (stopping.aborted || !outages.isDown(site.connection)) continue;
      for (const afterMs of Object.values(lapses)) await sweep(site, afterMs).catch((thrown: unknown) => warn(site.connection, thrown));
    }
  }

  function warn(connection: ConnectionId, thrown: unknown): void {
    log.error("late grants could not be looked through", { connection, error: String(thrown) });
  }
}

/**
 * The fault points around transactions, in one place: an engine whose every transaction passes them.
 *
 * @module
 */
import type { FaultAt } from "../runtime/fault.ts";
import type { Engine } from "./engine.ts";

export const withFaults = (engine: Engine, fault: FaultAt): Engine => ({
  ...engine,
  async transact(work, rows) {
    const done = await engine.transact(async (tx) => {
      const kept = await work(tx);
      await fault("commit.before");
      return kept;
    }, rows);
    await fault("commit.after");
    return done;
  },
});

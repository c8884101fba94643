/**
 * Throw-away people, with whom a set-up is tried out: what they lose is no loss. Begun and ended by whoever has the database in their
 * hands; no push can ask for it.
 *
 * @module
 */
import { journalled } from "./journal.ts";
import type { Engine } from "./engine.ts";
import { lostNow } from "./losses.ts";
import type { TrialStore } from "./record-contract.ts";
import { undo, writing } from "./writing.ts";

/** Nobody who has been here for longer is a throw-away person. */
const youngMs = 3_600_000;
/** Stands where an approval's hold would: such losses do not count. */
const uncounted = "trial";

export const trialStore = (engine: Engine): TrialStore => ({
  beginTrial: (connection, resource, { by, correlation }) =>
    writing(engine, connection, resource, async (begun) => {
      const { row, nowMs } = begun;
      if (!row || row.type !== "User" || row.createdMs < nowMs - youngMs) return undo(false);
      // Counted once before, the person counts no second time when they are denied: no rail stops that, and `endTrial` takes this row out.
      await lostNow(begun, { access: [resource], records: [resource] }, undefined);
      await journalled(begun, [{ kind: "decision", resource, correlation, data: { trial: "begun", by, notes: ["a throw-away person: what is taken from them does not count for the brake"] } }]);
      return true;
    }),

  async endTrial(connection, resource, { by, correlation }) {
    await writing(engine, connection, resource, async (begun) => {
      await begun.tx.updateTable("losses").set({ hold: uncounted }).where("connection", "=", connection).where("resource", "=", resource).where("hold", "is", null).execute();
      await journalled(begun, [{ kind: "decision", resource, correlation, data: { trial: "ended", by } }]);
    });
  },
});

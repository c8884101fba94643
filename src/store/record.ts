/**
 * Results written under a lease: what a vendor call has changed, or that a push is taken back because the vendor refused it.
 *
 * @module
 */
import { addressed, columnsOf } from "./columns.ts";
import { purged } from "./deletion.ts";
import { recorded, takenBack } from "./due.ts";
import type { Engine } from "./engine.ts";
import { journalled } from "./journal.ts";
import { linked, unlinked } from "./links.ts";
import type { Lease } from "../model/resource.ts";
import type { Recorded, RollBack } from "./store.ts";
import { undo, writing } from "./writing.ts";

export const record = (engine: Engine, lease: Lease, change: Recorded): Promise<boolean> =>
  writing(engine, lease.connection, lease.resource, async (begun) => {
    if (!(await recorded(begun, lease, change.due))) return undo(false);
    if (change.link === "none") await unlinked(begun, lease.resource);
    else if (change.link) await linked(begun, lease.resource, change.link, change.found);
    await journalled(begun, change.journal);
    const { row } = begun;
    if (row?.deleted && change.due.kind === "done" && change.due.version === row.version) await purged(begun, row);
    return true;
  });

export async function rollBack(engine: Engine, { lease, version, former, journal, later }: RollBack): Promise<boolean> {
  try {
    return await writing(engine, lease.connection, lease.resource, async (begun) => {
      const { row, tx } = begun;
      if (row?.version !== version || !(await recorded(begun, lease, { kind: "keep" }))) return undo(false);
      await journalled(begun, journal);
      if (!former) {
        await purged(begun, row);
        return true;
      }
      const columns = { ...columnsOf(row.type, former.attributes, former.keys), version: former.version, modified_ms: former.modifiedMs, deleted_ms: null };
      await tx.updateTable("resources").set(columns).where("seq", "=", row.seq).execute();
      await addressed(begun, row.seq, row.addresses, former.keys.emails);
      await takenBack(begun, lease.resource, version, later);
      return true;
    });
  } catch (thrown) {
    // The name that would return has been given to somebody else meanwhile.
    if (engine.isTaken(thrown)) return false;
    throw thrown;
  }
}

/**
 * Vendors that are down, for every process on this database, and the right to probe them.
 *
 * @module
 */
import { sql } from "kysely";
import type { ConnectionId } from "../model/ids.ts";
import type { Engine } from "./engine.ts";
import type { OutageStore } from "./vendor-contract.ts";

export const outageStore = (engine: Engine): OutageStore => ({
  async outages() {
    const rows = await engine.db.selectFrom("outages").select("connection").execute();
    return rows.map(({ connection }) => connection as ConnectionId);
  },

  async markDown(connection, probeAfterMs) {
    await sql`insert into outages (connection, down_ms, probe_ms) values (${connection}, ${engine.now()}, cast(${engine.now()} + ${probeAfterMs} as bigint))
      on conflict (connection) do nothing`.execute(engine.db);
  },

  async markUp(connection) {
    await engine.db.deleteFrom("outages").where("connection", "=", connection).execute();
  },

  async takeProbe(connection, everyMs) {
    const { numUpdatedRows } = await engine.db
      .updateTable("outages")
      .set({ probe_ms: sql<number>`cast(${engine.now()} + ${everyMs} as bigint)` })
      .where("connection", "=", connection)
      .where("probe_ms", "<=", engine.now())
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  },
});

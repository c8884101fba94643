/**
 * Single resources: reading one, and who holds what.
 *
 * @module
 */
import { sql } from "kysely";
import { commit } from "./commit.ts";
import { commitGroup } from "./commit-group.ts";
import type { Engine } from "./engine.ts";
import { holderOf, twinOf } from "./holders.ts";
import { linkReads } from "./links.ts";
import { list } from "./list.ts";
import { prepared } from "./prepared.ts";
import { rollBack } from "./record.ts";
import type { ResourceRow } from "./rows.ts";
import { inEachShape, resourceColumns, storedResources } from "./rows.ts";
import type { ResourceStore } from "./store.ts";

/** The commonest question of all. */
const reading = inEachShape((want) =>
  prepared<Readonly<Record<"connection" | "id" | "type", string>>, ResourceRow>(
    (engine, { connection, id, type }) => sql`select ${resourceColumns(engine, want)} from resources r where r.connection = ${connection} and r.id = ${id} and r.type = ${type} and r.deleted_ms is null`,
  ),
);

export function resourceStore(engine: Engine): ResourceStore {
  const { db } = engine;

  return {
    async read(connection, type, id, { groups, members }) {
      // Only a group can be large.
      const from = type === "Group" && members ? engine.reads(connection) : db;
      const row = (await reading.get(`${groups} ${members}`)?.(engine, from, { connection, id, type }))?.rows[0];
      return row && (await storedResources([row]))[0];
    },

    list: (connection, type, wanted) => list(engine, connection, type, wanted),
    commit: (push) => commit(engine, push),
    commitGroup: (push) => commitGroup(engine, push),
    rollBack: (undo) => rollBack(engine, undo),

    async markAnswered(connection, resources) {
      if (resources.length === 0) return;
      await sql`update resources set answered = 1 where connection = ${connection} and id ${engine.json.among(resources)} and answered = 0`.execute(db);
    },

    holder: (connection, type, by) => holderOf(engine, connection, type, by),
    twin: (connection, bodyDigest) => twinOf(engine, connection, bodyDigest),
    ...linkReads(engine),
  };
}

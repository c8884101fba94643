/**
 * Single resources: reading one, and who holds what.
 *
 * @module
 */
import { sql } from "kysely";
import { commit } from "./commit.ts";
import { commitGroup } from "./commit-group.ts";
import type { Engine } from "./engine.ts";
import { holderOf } from "./holders.ts";
import { linkReads } from "./links.ts";
import { list } from "./list.ts";
import { rollBack } from "./record.ts";
import type { ResourceRow, Want } from "./rows.ts";
import { resourceColumns, storedResource } from "./rows.ts";
import type { ResourceStore } from "./store.ts";

export function resourceStore(engine: Engine): ResourceStore {
  const { db } = engine;

  // The commonest question of all: compiled once per shape, then only given its parameters.
  const reading = (want: Want) => sql<ResourceRow>`select ${resourceColumns(engine, want)} from resources r where r.connection = ${""} and r.id = ${""} and r.type = ${""} and r.deleted_ms is null`.compile(db);
  const shapes = new Map([true, false].flatMap((groups) => [true, false].map((members) => [`${groups} ${members}`, reading({ groups, members })])));

  return {
    async read(connection, type, id, { groups, members }) {
      const shape = shapes.get(`${groups} ${members}`);
      if (!shape) return undefined;
      const [row] = (await db.executeQuery<ResourceRow>({ ...shape, parameters: [connection, id, type] })).rows;
      return row && storedResource(row);
    },

    list: (connection, type, wanted) => list(engine, connection, type, wanted),
    commit: (push) => commit(engine, push),
    commitGroup: (push) => commitGroup(engine, push),
    rollBack: (undo) => rollBack(engine, undo),

    async markAnswered(connection, resources) {
      if (resources.length === 0) return;
      await sql`update resources set answered = 1 where connection = ${connection} and id in ${engine.json.eachText(resources)} and answered = 0`.execute(db);
    },

    holder: (connection, type, by) => holderOf(engine, connection, type, by),
    ...linkReads(engine),
  };
}

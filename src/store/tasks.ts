/**
 * Tasks: what only a person can do at the vendor, until that person says that it is done.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import type { Selectable } from "kysely";
import type { AccountId, ConnectionId, ResourceId } from "../model/ids.ts";
import type { Task } from "../model/resource.ts";
import type { Engine } from "./engine.ts";
import { journalled } from "./journal.ts";
import type { TaskTable } from "./schema.ts";
import type { TaskStore } from "./store.ts";
import { undo, writing } from "./writing.ts";

export const taskStore = (engine: Engine): TaskStore => ({
  openTask: ({ connection, resource, account, title, steps }) =>
    writing(engine, connection, undefined, async ({ tx, nowMs }) => {
      const open = tx.selectFrom("tasks").selectAll().where("connection", "=", connection).where("title", "=", title).where("done_ms", "is", null);
      const known = await open.where("resource", resource === undefined ? "is" : "=", resource ?? null).executeTakeFirst();
      if (known) {
        // A later push may want something else of the same kind: old steps would lead astray.
        if (known.steps !== steps) await tx.updateTable("tasks").set({ steps }).where("seq", "=", known.seq).execute();
        return taskOf({ ...known, steps });
      }
      const task = { id: randomUUID(), connection, resource: resource ?? null, account: account ?? null, title, steps, opened_ms: nowMs, done_ms: null };
      await tx.insertInto("tasks").values(task).execute();
      return taskOf(task);
    }),

  async tasks(connection, { open }) {
    let query = engine.db.selectFrom("tasks").selectAll().orderBy("seq");
    if (connection !== undefined) query = query.where("connection", "=", connection);
    if (open) query = query.where("done_ms", "is", null);
    return (await query.execute()).map(taskOf);
  },

  async task(id) {
    const row = await engine.db.selectFrom("tasks").selectAll().where("id", "=", id).executeTakeFirst();
    return row && taskOf(row);
  },

  async closeTask(id, { steps, journal = [] } = {}) {
    const task = await engine.db.selectFrom("tasks").select("connection").where("id", "=", id).executeTakeFirst();
    if (!task) return false;
    return writing(engine, task.connection as ConnectionId, undefined, async (begun) => {
      let open = begun.tx.updateTable("tasks").set({ done_ms: begun.nowMs }).where("id", "=", id).where("done_ms", "is", null);
      if (steps !== undefined) open = open.where("steps", "=", steps);
      const { numUpdatedRows } = await open.executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) return undo(false);
      await journalled(begun, journal);
      return true;
    });
  },
});

const taskOf = ({ id, connection, resource, account, title, steps, opened_ms, done_ms }: Omit<Selectable<TaskTable>, "seq">): Task => ({
  id,
  connection: connection as ConnectionId,
  resource: (resource ?? undefined) as ResourceId | undefined,
  account: (account ?? undefined) as AccountId | undefined,
  title,
  steps,
  openedMs: opened_ms,
  doneMs: done_ms ?? undefined,
});

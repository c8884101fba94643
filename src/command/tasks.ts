/**
 * `drawbridge tasks list|done`: what only a person can do at a vendor. Closing one is the proof that it was done: the IdP's next
 * push of the same thing is then answered as a success.
 *
 * @module
 */
import { connectionId } from "../model/ids.ts";
import { print, type Where, withStore } from "./with-store.ts";

export async function listTasks(options: Where & { readonly connection?: string; readonly all?: boolean }): Promise<void> {
  await withStore(options, async (store) => {
    const connection = options.connection === undefined ? undefined : connectionId(options.connection);
    const tasks = [...(await store.tasks(connection, { open: true })), ...(options.all ? (await store.tasks(connection, { open: false })).filter(({ doneMs }) => doneMs !== undefined) : [])];
    const shown = tasks.map(({ id, connection: its, resource, account, title, steps, openedMs, doneMs }) => ({ id, connection: its, title, steps, resource: resource ?? null, account: account ?? null, opened: new Date(openedMs).toISOString(), done: doneMs === undefined ? null : new Date(doneMs).toISOString() }));
    const words = shown.map(({ id, connection: its, title, steps, opened, done }) => `${id}  ${its}  ${done ? `done ${done}` : `open since ${opened}`}\n  ${title}\n  ${steps}`);
    print(options, shown, words.join("\n\n") || "No tasks.");
  });
}

export async function closeTask(id: string, options: Where): Promise<void> {
  await withStore(options, async (store) => {
    if (!(await store.closeTask(id))) throw new Error(`There is no open task "${id}".`);
    print(options, { id, done: true }, `Task ${id} is closed. The IdP's next push of it is answered as done.`);
  });
}

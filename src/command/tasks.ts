/**
 * `drawbridge tasks list|done`: what only a person can do at a vendor. Closing one is the proof that it was done: the IdP's next
 * push of the same thing is then answered as a success.
 *
 * @module
 */
import { ago } from "../delivery/watch.ts";
import { connectionId } from "../model/ids.ts";
import { print, type Where, withStore } from "./with-store.ts";

export async function listTasks(options: Where & { readonly connection?: string; readonly all?: boolean }): Promise<void> {
  await withStore(options, async (store) => {
    const connection = options.connection === undefined ? undefined : connectionId(options.connection);
    const tasks = [...(await store.tasks(connection, { open: true })), ...(options.all ? (await store.tasks(connection, { open: false })).filter(({ doneMs }) => doneMs !== undefined) : [])];
    const nowMs = await store.now();
    const shown = tasks.map(({ id, connection: its, resource, account, title, steps, openedMs, doneMs }) => ({ id, connection: its, title, steps, resource: resource ?? null, account: account ?? null, opened: new Date(openedMs).toISOString(), ageSeconds: Math.max(0, Math.floor(((doneMs ?? nowMs) - openedMs) / 1000)), done: doneMs === undefined ? null : new Date(doneMs).toISOString() }));
    const words = shown.map(({ id, connection: its, title, steps, account, opened, ageSeconds, done }) => {
      const state = done ? `done ${done}` : `open for ${ago(ageSeconds * 1000)}, since ${opened}`;
      return [`${id}  ${its}  ${state}`, title, ...(account ? [`account at the vendor: ${account}`] : []), steps, ...(done ? [] : [`then: drawbridge tasks done ${id}`])].join("\n  ");
    });
    print(options, shown, words.join("\n\n") || "No tasks.");
  });
}

export async function closeTask(id: string, options: Where): Promise<void> {
  await withStore(options, async (store) => {
    if (!(await store.closeTask(id))) throw new Error(`There is no open task "${id}".`);
    print(options, { id, done: true }, `Task ${id} is closed. The IdP's next push of it is answered as done.`);
  });
}

/**
 * `drawbridge tasks list|show|done`: what only a person can do at a vendor. Closing one is the proof that it was done: the IdP's next
 * push of the same thing is then answered as a success.
 *
 * @module
 */
import type { z } from "zod";
import { ago } from "../delivery/watch.ts";
import { closeTask as close, listTasks as list, showTask as show } from "../operator/tasks.ts";
import { everyPage, withActs } from "./with-acts.ts";
import { print, type Where } from "./with-store.ts";

export async function listTasks(options: Where & { readonly connection?: string; readonly all?: boolean }): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const { items } = await everyPage((cursor) => ask(list, { connection: options.connection, all: options.all, cursor, limit: 500 }));
    print(options, items, items.map(wordsOf).join("\n\n") || "No tasks.");
  });
}

export async function showTask(id: string, options: Where): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const task = await ask(show, { id });
    print(options, task, wordsOf(task));
  });
}

export async function closeTask(id: string, options: Where & { readonly by?: string }): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const closed = await ask(close, { id });
    print(options, closed, closed.new ? `Task ${id} is closed. The IdP's next push of it is answered as done.` : `Task ${id} was closed already.`);
  });
}

function wordsOf({ id, connection, title, steps, account, opened, ageSeconds, done }: z.output<typeof show.output>): string {
  const state = done === null ? `open for ${ago(ageSeconds * 1_000)}, since ${opened}` : `done ${done}`;
  return [`${id}  ${connection}  ${state}`, title, ...(account === null ? [] : [`account at the vendor: ${account}`]), steps, ...(done === null ? [`then: drawbridge tasks done ${id}`] : [])].join("\n  ");
}

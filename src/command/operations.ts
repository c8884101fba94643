/**
 * `drawbridge operations list|show` and `drawbridge retry`: what is still to be done at the vendors, and having it tried again. A running
 * server takes up what is retried within a second.
 *
 * @module
 */
import { ago } from "../delivery/watch.ts";
import { connectionIn } from "../operator/act.ts";
import { listOperations, retryAll, retryOperation, showOperation } from "../operator/operations.ts";
import { rowOf } from "../operator/timeline.ts";
import { confirmed, UsageError } from "./confirm.ts";
import { table } from "./table.ts";
import { harmless, wordsOf } from "./timeline-words.ts";
import { everyPage, withActs } from "./with-acts.ts";
import { print, type Where } from "./with-store.ts";

interface Filter extends Where {
  readonly connection?: string;
  readonly state?: string;
  readonly lane?: string;
  readonly olderThan?: string;
  readonly all?: boolean;
  readonly limit?: string;
}

export async function listWork({ limit = "1000", ...options }: Filter): Promise<void> {
  if (!/^[1-9]\d{0,6}$/.test(limit)) throw new UsageError("--limit must be a number, 1 or more.");
  await withActs(options, async ({ ask }) => {
    const { connection, state, lane, olderThan, all } = options;
    const { items, isAll } = await everyPage((cursor) => ask(listOperations, { connection, state, lane, olderThan, all, cursor, limit: Math.min(500, Number(limit)) }), Number(limit));
    const rows = items.map((one) => [one.id, one.connection, one.name, one.state, one.lane, one.operations.join(", "), ago(one.ageSeconds * 1_000), one.attempts, one.dueAt, one.failure && `${one.failure.kind}: ${one.failure.detail}`]);
    const words = rows.length === 0 ? "Nothing is open." : table(["ID", "CONNECTION", "NAME", "STATE", "LANE", "WOULD", "AGE", "FAILED", "NEXT", "WHY"], rows);
    print(options, items, isAll ? words : `${words}\nand more: --limit`);
  });
}

export async function showWork(id: string, options: Where & { readonly connection: string }): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const its = await ask(showOperation, { connection: options.connection, id });
    const head = [
      `${its.name}  (id ${its.id})`,
      `  state      ${its.state}${its.lane === null ? "" : `, lane ${its.lane}`}${its.state === "done" ? "" : `, open for ${ago(its.ageSeconds * 1_000)}`}, since ${its.since}`,
      ...(its.dueAt === null ? [] : [`  next       ${its.dueAt}`]),
      ...(its.failure === null ? [] : [`  failure    ${its.failure.kind}: ${its.failure.detail}`, `  attempts   ${its.attempts} failed in a row`]),
      `  plan       ${its.operations.join(", ") || "nothing to do"}`,
      `  account    ${its.account ?? "none that is linked"}`,
    ];
    print(options, its, [...head.map(harmless), "", ...its.entries.map((entry) => wordsOf(rowOf(entry), its.id))].join("\n"));
  });
}

export async function retry(id: string | undefined, options: Where & { readonly connection: string; readonly all?: boolean; readonly lane?: string; readonly yes?: boolean; readonly by?: string }): Promise<void> {
  const { connection, lane, all = false } = options;
  if ((id === undefined) !== all) throw new UsageError("Say what is to be tried again: an operation's id or a person, or --all for everything of the connection that was given up.");
  await withActs(options, async ({ ask, world }) => {
    if (id !== undefined) {
      const its = await ask(retryOperation, { connection, id });
      return print(options, its, its.retried ? `${its.name} is tried again: ${its.operations.join(", ") || "nothing is left to do"}. A running server takes it up within a second.` : its.state === "running" ? `Somebody is at ${its.name} already.` : `Nothing is left to do for ${its.name}.`);
    }
    const { failed } = await world.store.reading(connectionIn(world, connection));
    await confirmed(`Try everything of ${connection} again that was given up${lane === undefined ? ` (${failed})` : ` in the lane ${lane}`}?`, options);
    const { retried, correlation } = await ask(retryAll, { connection, lane });
    print(options, { connection, retried, correlation }, `${retried} tried again, journalled as ${correlation}.`);
  });
}

/**
 * Many transactions, one commit: for an engine with a single writer, whose price is the wait for the disk.
 *
 * Transactions that are ready at the same time run one after the other inside one real transaction, each in a savepoint of its
 * own; none is acknowledged before the one commit is on the disk. One that fails takes back only itself. If the commit fails,
 * all of them have failed.
 *
 * @module
 */
import { CompiledQuery } from "kysely";
import type { Kysely, Transaction } from "kysely";
import type { Database } from "./schema.ts";

/** @param rows how many it will write, roughly; an engine may carry out many of them elsewhere */
export type Transact = <T>(work: (tx: Transaction<Database>) => Promise<T>, rows?: number) => Promise<T>;

interface Waiting {
  readonly work: (tx: Transaction<Database>) => Promise<unknown>;
  settle(ended: Ended): void;
}

type Ended = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly thrown: unknown };

/** Bounds how long a reader may have to wait for the connection. */
const mostAtOnce = 64;

export function batching(db: Kysely<Database>): Transact {
  const waiting: Waiting[] = [];
  let running = false;

  /** Whoever is on the way should come along: a turn of the event loop that brings somebody costs less than a commit of their own. */
  async function gathered(): Promise<void> {
    for (let before = 0; waiting.length > before && waiting.length < mostAtOnce; ) {
      before = waiting.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      await gathered();
      const batch = waiting.splice(0, mostAtOnce);
      const ended = await together(db, batch).catch((thrown: unknown) => batch.map((): Ended => ({ ok: false, thrown })));
      batch.forEach(({ settle }, at) => settle(ended[at]!));
    }
    running = false;
  }

  return <T>(work: (tx: Transaction<Database>) => Promise<T>) =>
    new Promise<T>((resolve, reject) => {
      waiting.push({ work, settle: (ended) => (ended.ok ? resolve(ended.value as T) : reject(ended.thrown as Error)) });
      if (running) return;
      running = true;
      void drain();
    });
}

async function together(db: Kysely<Database>, batch: readonly Waiting[]): Promise<readonly Ended[]> {
  const tx = await db.startTransaction().execute();
  try {
    const ended: Ended[] = [];
    for (const { work } of batch) ended.push(batch.length === 1 ? { ok: true, value: await work(tx) } : await inSavepoint(tx, work));
    await tx.commit().execute();
    return ended;
  } catch (thrown) {
    // A full disk has rolled back by itself; then there is nothing left to take back.
    await tx.rollback().execute().catch(() => undefined);
    throw thrown;
  }
}

const [savepoint, release, rollBack] = ["savepoint one", "release one", "rollback to one"].map((text) => CompiledQuery.raw(text)) as [CompiledQuery, CompiledQuery, CompiledQuery];

async function inSavepoint(tx: Transaction<Database>, work: Waiting["work"]): Promise<Ended> {
  await tx.executeQuery(savepoint);
  try {
    const value = await work(tx);
    await tx.executeQuery(release);
    return { ok: true, value };
  } catch (thrown) {
    await tx.executeQuery(rollBack);
    await tx.executeQuery(release);
    return { ok: false, thrown };
  }
}

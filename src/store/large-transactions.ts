/**
 * Large transactions on SQLite, without keeping the event loop.
 *
 * A statement and a commit take place in the thread that asks: a commit adds up what was written, waits for the disk, and once the log has 1,000 pages copies
 * them into the file. For a group of 100,000 members that is tens of megabytes and several hundred milliseconds. So a transaction that is said to be large is
 * carried out by another thread; who only reads goes on meanwhile and sees what was there before it.
 *
 * @module
 */
import type SqliteFile from "better-sqlite3";
import type { Transact } from "./batch.ts";
import { kyselyAsking, type Turns } from "./sqlite-connection.ts";
import { openThread } from "./sqlite-thread.ts";

/** A transaction that writes so many rows is a large one. */
export const manyRows = 5_000;

/** SQLite's own default. Small transactions copy a little each time, so the log cannot grow for ever. */
const usualPages = 1_000;

export interface LargeTransactions {
  readonly transact: Transact;
  close(): Promise<void>;
}

/** @param turns whoever writes to the file takes one */
export function largeTransactions(database: SqliteFile.Database, file: string, timeoutMs: number, turns: Turns): LargeTransactions {
  const thread = openThread({ file, timeoutMs, may: "write" });
  const db = kyselyAsking((query) => thread.ask("the file", query), turns);
  let copying = 0;

  /** Else the next small transaction would do it, in the thread that asks. */
  async function copied(): Promise<void> {
    try {
      await thread.checkpoint();
    } catch {
      // then the next small transaction does it after all
    } finally {
      copying -= 1;
      if (copying === 0 && database.open) database.pragma(`wal_autocheckpoint = ${usualPages}`);
    }
  }

  return {
    async transact(work) {
      copying += 1;
      database.pragma("wal_autocheckpoint = 0");
      try {
        return await db.transaction().execute(work);
      } finally {
        void copied();
      }
    },
    close: () => thread.close(),
  };
}

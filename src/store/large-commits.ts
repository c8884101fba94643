/**
 * Commits of large transactions on SQLite, without keeping the event loop for the disk.
 *
 * A commit writes to the log, waits for the disk, and once the log has 1,000 pages copies them into the file: all in the thread that
 * asks. After a group of 100,000 members those are tens of megabytes and several hundred milliseconds. So for a large one the disk
 * takes what is in the log already before the commit, and the copying is done by another thread after it.
 *
 * @module
 */
import { open } from "node:fs/promises";
import type SqliteFile from "better-sqlite3";
import type { Commit } from "./sqlite-connection.ts";

/** SQLite's own default. Small transactions copy a little each time, so the log can not grow for ever. */
const usualPages = 1_000;

/** @param checkpoint copies the log into the file, beside the event loop */
export function largeCommits(database: SqliteFile.Database, file: string, checkpoint: () => Promise<void>): Commit {
  let copying = 0;
  return async (commit) => {
    await flushed(`${file}-wal`);
    copying += 1;
    database.pragma("wal_autocheckpoint = 0");
    try {
      await commit();
    } finally {
      void checkpoint()
        .catch(() => undefined) // then the next small transaction does it
        .finally(() => {
          copying -= 1;
          if (copying === 0 && database.open) database.pragma(`wal_autocheckpoint = ${usualPages}`);
        });
    }
  };
}

/** What the disk has taken needs not be waited for in the commit. It waits again for all of it, so nothing hangs on this. */
async function flushed(log: string): Promise<void> {
  const handle = await open(log, "r").catch(() => undefined);
  await handle?.datasync().catch(() => undefined);
  await handle?.close();
}

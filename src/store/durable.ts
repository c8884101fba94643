/**
 * How every connection that writes to an SQLite file is set.
 *
 * @module
 */
import type SqliteFile from "better-sqlite3";

/** A commit is on the disk before it is acknowledged, and what refers to nothing is refused. */
export function durable(database: SqliteFile.Database): void {
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.pragma("foreign_keys = ON");
  database.pragma("temp_store = MEMORY"); // what a savepoint would take back; in a file it was more writes than the log itself
}

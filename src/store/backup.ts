/**
 * A copy of the embedded database, taken while the server runs.
 *
 * Copying the file itself would miss what stands in the write-ahead log, or catch half of it.
 *
 * @module
 */
import { closeSync, fsyncSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import SqliteFile from "better-sqlite3";

export interface Backup {
  readonly bytes: number;
  /** Where each connection's journal ends in the copy: what an auditor compares an export with. */
  readonly journals: readonly { readonly connection: string; readonly seq: number; readonly hash: string }[];
}

/**
 * One moment of the database, checked, on the disk when this returns. Writers go on meanwhile. Keeps the event loop for as long as it
 * takes, so it is for a process of its own.
 *
 * @param to a new file, for the owner's eyes only
 * @throws Error when `to` exists, or when the copy is not sound; then there is none
 */
export function backUp(from: string, to: string): Backup {
  statSync(from); // SQLite would make an empty database where there is none
  closeSync(openSync(to, "wx", 0o600));
  try {
    const source = new SqliteFile(from, { readonly: true });
    try {
      source.prepare("vacuum into ?").run(to);
    } finally {
      source.close();
    }
    const journals = examined(to);
    for (const place of [to, dirname(to)]) toDisk(place);
    return { bytes: statSync(to).size, journals };
  } catch (thrown) {
    rmSync(to, { force: true });
    throw thrown;
  }
}

function examined(copy: string): Backup["journals"] {
  const database = new SqliteFile(copy, { readonly: true });
  try {
    const verdict = database.pragma("integrity_check", { simple: true });
    if (verdict !== "ok") throw new Error(`The database is damaged, and so is its copy: ${String(verdict)}`);
    return database
      .prepare<[], Backup["journals"][number]>("select connection, seq, hash from journal j where seq = (select max(seq) from journal where connection = j.connection) order by connection")
      .all();
  } finally {
    database.close();
  }
}

function toDisk(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

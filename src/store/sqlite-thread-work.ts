/**
 * What a thread of `sqlite-thread.ts` does: it has the file open for itself and carries out one statement after the other; nobody else waits for it.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import SqliteFile from "better-sqlite3";
import { durable } from "./durable.ts";
import type { Answer, Question, Result, ThreadsFile } from "./sqlite-thread.ts";

const { file, timeoutMs, may } = workerData as ThreadsFile;
const database = may === "read" ? new SqliteFile(file, { readonly: true, timeout: timeoutMs }) : new SqliteFile(file, { timeout: timeoutMs, fileMustExist: true });
if (may === "write") {
  durable(database);
  database.pragma("wal_autocheckpoint = 0"); // whoever has the answer to its commit need not wait for that
}

parentPort?.on("message", (question: Question) => parentPort?.postMessage(answerTo(question)));

function answerTo(question: Question): Answer {
  try {
    return question === "checkpoint" ? { rows: checkpointed() } : resultOf(question);
  } catch (thrown) {
    const { message, code } = thrown as { readonly message?: string; readonly code?: string };
    return { failed: { message: message ?? String(thrown), code } };
  }
}

function resultOf({ text, parameters }: Exclude<Question, "checkpoint">): Result {
  // A thread before this one may have ended in the middle of a transaction, and it was taken back: its next statement belongs to nothing.
  if (may === "write" && !database.inTransaction && !/^begin\b/.test(text)) throw new SqliteFile.SqliteError("no transaction is open in this thread", "SQLITE_IOERR");
  const statement = database.prepare<unknown[]>(text);
  if (statement.reader) return { rows: statement.all(...parameters) };
  const { changes, lastInsertRowid } = statement.run(...parameters);
  return { rows: [], insertId: BigInt(lastInsertRowid), numAffectedRows: BigInt(changes) };
}

/** Passive: nobody waits for it. */
const checkpointed = (): readonly unknown[] => database.pragma("wal_checkpoint(PASSIVE)") as readonly unknown[];

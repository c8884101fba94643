/**
 * The thread that answers what no index answers: it has the file open for reading, carries out one statement after the other, and nobody
 * else waits for it. Started by `reading-thread.ts`.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import SqliteFile from "better-sqlite3";
import type { Answer, Question } from "./reading-thread.ts";

const { file, timeoutMs } = workerData as { readonly file: string; readonly timeoutMs: number };
const database = new SqliteFile(file, { readonly: true, timeout: timeoutMs });

parentPort?.on("message", (question: Question) => parentPort?.postMessage(answerTo(question)));

function answerTo(question: Question): Answer {
  try {
    if (question === "checkpoint") return { rows: checkpointed() };
    return { rows: database.prepare<unknown[]>(question.text).all(...question.parameters) };
  } catch (thrown) {
    const { message, code } = thrown as { readonly message?: string; readonly code?: string };
    return { failed: { message: message ?? String(thrown), code } };
  }
}

/** Passive: nobody waits for it. Whoever only reads may not. */
function checkpointed(): readonly unknown[] {
  const writing = new SqliteFile(file, { timeout: timeoutMs, fileMustExist: true });
  try {
    writing.pragma("synchronous = FULL");
    return writing.pragma("wal_checkpoint(PASSIVE)") as readonly unknown[];
  } finally {
    writing.close();
  }
}

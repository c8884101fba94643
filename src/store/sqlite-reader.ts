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

parentPort?.on("message", ({ text, parameters }: Question) => parentPort?.postMessage(answerTo(text, parameters)));

function answerTo(text: string, parameters: readonly unknown[]): Answer {
  try {
    return { rows: database.prepare<unknown[]>(text).all(...parameters) };
  } catch (thrown) {
    const { message, code } = thrown as { readonly message?: string; readonly code?: string };
    return { failed: { message: message ?? String(thrown), code } };
  }
}

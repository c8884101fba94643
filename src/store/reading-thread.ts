/**
 * Reads that no index answers (`title co "x"`, an order by family name, a count of everybody), carried out beside the event loop.
 *
 * SQLite answers in the thread that asks, and a question that looks at 100,000 resources takes it a few hundred milliseconds, in which
 * no push would be answered (docs/adr/0018). So these go to a thread with a connection of its own. What was acknowledged is in the file, so it sees all
 * that the asking thread has seen. Connections take turns: whoever asks much waits for himself.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import SqliteFile from "better-sqlite3";
import type { CompiledQuery, QueryResult } from "kysely";
import type { ConnectionId } from "../model/ids.ts";

export type Question = { readonly text: string; readonly parameters: readonly unknown[] } | "checkpoint";

export type Answer = { readonly rows: readonly unknown[] } | { readonly failed: { readonly message: string; readonly code: string | undefined } };

export interface ReadingThread {
  ask<R>(connection: ConnectionId, query: CompiledQuery): Promise<QueryResult<R>>;
  /** Copies what is in the log into the file, as far as nobody reads the older state. */
  checkpoint(): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly question: Question;
  answer(rows: readonly unknown[]): void;
  fail(thrown: Error): void;
}

/** Starts at the first question. @param timeoutMs how long it waits where another process keeps the file to itself */
export function openReadingThread(file: string, timeoutMs: number): ReadingThread {
  /** Who waits, by connection; the connection whose turn is next stands first. */
  const waiting = new Map<ConnectionId | "the file", Waiting[]>();
  let worker: Worker | undefined;
  let asked: Waiting | undefined;
  let closed = false;

  function started(): Worker {
    const fresh = new Worker(new URL("./sqlite-reader.ts", import.meta.url), { workerData: { file, timeoutMs } });
    fresh.on("message", (answer: Answer) => {
      const its = asked;
      asked = undefined;
      if ("rows" in answer) its?.answer(answer.rows);
      else its?.fail(sqliteError(answer.failed));
      next();
    });
    fresh.on("error", (thrown) => ended(fresh, String(thrown)));
    fresh.on("exit", () => ended(fresh, "the thread has ended"));
    return fresh;
  }

  /** The next question starts another one; this one's is lost, and nothing with it. */
  function ended(which: Worker, why: string): void {
    if (worker !== which) return;
    worker = undefined;
    const its = asked;
    asked = undefined;
    its?.fail(sqliteError({ message: `The reading thread has ended: ${why}`, code: "SQLITE_IOERR" }));
    if (!closed) next();
  }

  function next(): void {
    const [first] = waiting;
    if (asked || !first) return worker?.unref(); // an idle thread keeps no process alive
    const [connection, line] = first;
    asked = line.shift();
    waiting.delete(connection);
    if (line.length > 0) waiting.set(connection, line);
    worker ??= started();
    worker.ref();
    worker.postMessage(asked?.question);
  }

  const put = <R>(of: ConnectionId | "the file", question: Question): Promise<QueryResult<R>> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(new TypeError("The database connection is not open"));
      const line = waiting.get(of) ?? [];
      line.push({ question, answer: (rows) => resolve({ rows: rows as R[] }), fail: reject });
      waiting.set(of, line);
      next();
    });

  return {
    ask: <R>(connection: ConnectionId, { sql: text, parameters }: CompiledQuery) => put<R>(connection, { text, parameters }),
    checkpoint: async () => void (await put("the file", "checkpoint")),
    async close() {
      closed = true;
      const left = [...waiting.values()].flat();
      waiting.clear();
      await worker?.terminate();
      for (const { fail } of left) fail(new TypeError("The database connection is not open"));
    },
  };
}

const sqliteError = ({ message, code }: { readonly message: string; readonly code: string | undefined }): Error => (code === undefined ? new Error(message) : new SqliteFile.SqliteError(message, code));

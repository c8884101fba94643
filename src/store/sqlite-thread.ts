/**
 * Statements that take long, carried out beside the event loop: SQLite answers in the thread that asks, and no push would be answered meanwhile
 * (docs/adr/0018). So they go to a thread with a connection of its own to the same file.
 *
 * One thread only reads (`title co "x"`, an order by family name, a count of everybody): what was acknowledged is in the file, so it sees all that the asking
 * thread has seen, and connections take turns, so whoever asks much waits for himself. Another writes large transactions (`large-transactions.ts`).
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import SqliteFile from "better-sqlite3";
import type { CompiledQuery, QueryResult } from "kysely";
import type { ConnectionId } from "../model/ids.ts";

export interface ThreadsFile {
  readonly file: string;
  /** How long it waits where another process keeps the file to itself. */
  readonly timeoutMs: number;
  readonly may: "read" | "write";
}

export type Question = { readonly text: string; readonly parameters: readonly unknown[] } | "checkpoint";

export interface Result {
  readonly rows: readonly unknown[];
  readonly insertId?: bigint;
  readonly numAffectedRows?: bigint;
}

export type Answer = Result | { readonly failed: { readonly message: string; readonly code: string | undefined } };

/** Whoever takes turns with others. */
type Asker = ConnectionId | "the file";

export interface SqliteThread {
  ask<R>(asker: Asker, query: CompiledQuery): Promise<QueryResult<R>>;
  /** Copies what is in the log into the file, as far as nobody reads the older state. */
  checkpoint(): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly question: Question;
  answer(result: Result): void;
  fail(thrown: Error): void;
}

/** Starts at the first question. */
export function openThread(of: ThreadsFile): SqliteThread {
  /** Who waits; the one whose turn is next stands first. */
  const waiting = new Map<Asker, Waiting[]>();
  let worker: Worker | undefined;
  let asked: Waiting | undefined;
  let closed = false;

  function started(): Worker {
    const fresh = new Worker(new URL("./sqlite-thread-work.ts", import.meta.url), { workerData: of });
    fresh.on("message", (answer: Answer) => {
      const its = asked;
      asked = undefined;
      if ("rows" in answer) its?.answer(answer);
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
    its?.fail(sqliteError({ message: `The thread beside the event loop has ended: ${why}`, code: "SQLITE_IOERR" }));
    if (!closed) next();
  }

  function next(): void {
    const [first] = waiting;
    if (asked || !first) return worker?.unref(); // an idle thread keeps no process alive
    const [asker, line] = first;
    asked = line.shift();
    waiting.delete(asker);
    if (line.length > 0) waiting.set(asker, line);
    worker ??= started();
    worker.ref();
    worker.postMessage(asked?.question);
  }

  const put = <R>(asker: Asker, question: Question): Promise<QueryResult<R>> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(new TypeError("The database connection is not open"));
      const line = waiting.get(asker) ?? [];
      line.push({ question, answer: (result) => resolve(result as QueryResult<R>), fail: reject });
      waiting.set(asker, line);
      next();
    });

  return {
    ask: <R>(asker: Asker, { sql: text, parameters }: CompiledQuery) => put<R>(asker, { text, parameters }),
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

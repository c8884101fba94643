/**
 * SQLite: one file, WAL, every commit on the disk before it is acknowledged.
 *
 * @module
 */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import SqliteFile from "better-sqlite3";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { ConnectionId } from "../model/ids.ts";
import type { Clock } from "../runtime/clock.ts";
import { batching } from "./batch.ts";
import { durable } from "./durable.ts";
import type { Engine, JsonValue, JsonWords } from "./engine.ts";
import { largeTransactions, manyRows } from "./large-transactions.ts";
import type { Database } from "./schema.ts";
import { busyTimeoutMs, isBusy, kyselyAsking, kyselyOn, Late, Turns } from "./sqlite-connection.ts";
import { openThread } from "./sqlite-thread.ts";
import { checkedJson } from "./storable.ts";

/**
 * @param path a file (its directory is made), or `:memory:`
 * @param exclusive holds a lock beside the file that the kernel lets go with the process; others may still open without it
 * @throws Error when `exclusive` and another process holds that lock
 */
export function openSqlite({ path, clock, exclusive }: { readonly path: string; readonly clock: Clock; readonly exclusive: boolean }): Engine {
  const inMemory = path === ":memory:";
  const file = inMemory ? path : resolve(path);
  if (!inMemory) makePrivate(file);
  const release = exclusive && !inMemory ? holdLock(file) : () => {};

  const database = new SqliteFile(file, { timeout: busyTimeoutMs });
  durable(database);
  database.pragma("busy_timeout = 0"); // from here on it is `sqlite-connection.ts` that waits

  const turns = new Turns();
  const db = kyselyOn(database, turns);
  const small = batching(db);
  // What is in memory is in this thread alone.
  const thread = inMemory ? undefined : openThread({ file, timeoutMs: busyTimeoutMs, may: "read" });
  const large = inMemory ? undefined : largeTransactions(database, file, busyTimeoutMs, turns);
  const readers = new Map<ConnectionId, Kysely<Database>>();
  const reads = (connection: ConnectionId): Kysely<Database> => {
    if (!thread) return db;
    const known = readers.get(connection) ?? kyselyAsking((query) => thread.ask(connection, query));
    readers.set(connection, known);
    return known;
  };
  const now = new Late(() => clock.now());
  return {
    name: "sqlite",
    db,
    reads,
    transact: (work, rows = 0) => (large && rows >= manyRows ? large.transact(work) : small(work)),
    words: { text: "text", integer: "integer", identity: "integer primary key autoincrement", json: "text" },
    // `begin immediate` has shut out every other writer of the file already.
    async lock() {},
    now: () => sql<number>`${now}`,
    skipLocked: sql``,
    isTaken: (thrown) => thrown instanceof SqliteFile.SqliteError && (thrown.code === "SQLITE_CONSTRAINT_UNIQUE" || thrown.code === "SQLITE_CONSTRAINT_PRIMARYKEY"),
    isAway: (thrown) => (thrown instanceof SqliteFile.SqliteError ? away.test(thrown.code) : thrown instanceof TypeError && thrown.message === "The database connection is not open"),
    json,
    async close() {
      await thread?.close();
      await large?.close();
      await db.destroy();
      release();
    },
  };
}

/** Everything that is about the file and the machine; what is left is about the statement. */
const away = /^SQLITE_(FULL|IOERR|BUSY|LOCKED|CANTOPEN|READONLY|CORRUPT|NOTADB|NOMEM|PERM|PROTOCOL|INTERRUPT|NOLFS)/;

/** People's names are in there: for the owner's eyes only. */
function makePrivate(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (existsSync(file)) return;
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
}

function holdLock(file: string): () => void {
  makePrivate(`${file}.lock`);
  const lock = new SqliteFile(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec("begin exclusive");
  } catch (thrown) {
    lock.close();
    if (isBusy(thrown)) throw new Error(`Another Drawbridge is running on ${file}`, { cause: thrown });
    throw thrown;
  }
  return () => lock.close();
}

/** `$."name"."familyName"`. Names come from the schema; a quote in one could not be written in a path. */
function jsonPath(path: readonly string[]): string {
  for (const name of path) if (/["\\]/.test(name)) throw new Error("An attribute name may hold neither quotes nor backslashes");
  return "$" + path.map((name) => `."${name}"`).join("");
}

const typed = (value: JsonValue, path: readonly string[], types: readonly string[]) =>
  sql`case when json_type(${value}, ${jsonPath(path)}) in (${sql.join(types)}) then json_extract(${value}, ${jsonPath(path)}) end`;

/** `json_each` gives texts and truth values unquoted; those are taken from the document once more, as JSON. */
const element: JsonValue = sql`(case element.type when 'object' then element.value else element.json -> element.fullkey end)`;

const json: JsonWords = {
  parsed: (text) => text,
  at: (value, path) => (path.length === 0 ? value : sql`(${value} -> ${jsonPath(path)})`),
  asText: (value, path) => sql<string | null>`(${typed(value, path, ["text"])})`,
  asNumber: (value, path) => sql<number | null>`(${typed(value, path, ["integer", "real"])})`,
  asTruth: (value, path) => sql<number | null>`(${typed(value, path, ["true", "false"])})`,
  isPresent: (value, path) =>
    sql<boolean>`(coalesce(json_type(${value}, ${jsonPath(path)}), 'null') <> 'null' and (${value} -> ${jsonPath(path)}) not in ('""', '[]', '{}'))`,
  someElement: (value, path, condition) =>
    sql<boolean>`(json_type(${value}, ${jsonPath(path)}) = 'array' and exists (select 1 from json_each(${value}, ${jsonPath(path)}) as element where ${condition(element)}))`,
  first: (value, path) => sql`(${value} -> ${jsonPath(path)} -> '$[0]')`,
  number: (value) => sql<number>`${value}`,
  position: (text, part) => sql<number>`instr(${text}, ${part})`,
  startsWith: (text, part) => sql<boolean>`(substr(${text}, 1, ${[...part].length}) = ${part})`,
  endsWith: (text, part) => sql<boolean>`(length(${text}) >= ${[...part].length} and substr(${text}, length(${text}) - ${[...part].length} + 1) = ${part})`,
  eachText: (list) => sql`(select value from json_each(${checkedJson(list)}))`,
  among: (list) => sql`in (select value from json_each(${checkedJson(list)}))`,
  eachMember: (rows) =>
    sql`(select value ->> 0 as k, value ->> 1 as long_value, value ->> 2 as rest, value ->> 3 as folded, key as n from json_each(${checkedJson(rows)}))`,
  pairs: (rows) => sql<string>`(select json_group_array(json_array(a, b) order by n) from ${rows} as pair)`,
};

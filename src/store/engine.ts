/**
 * What differs between the engines, and all of it: two files implement this, the rest of the room is one code path.
 *
 * @module
 */
import type { Kysely, RawBuilder, Transaction } from "kysely";
import type { ConnectionId } from "../model/ids.ts";
import type { Transact } from "./batch.ts";
import type { Database } from "./schema.ts";

export interface Engine {
  readonly name: "sqlite" | "postgres";
  readonly db: Kysely<Database>;
  /** For questions that no index answers: where `db` would keep the whole process waiting, this one does not. Reads only. */
  readonly reads: (connection: ConnectionId) => Kysely<Database>;
  readonly words: ColumnWords;
  /** Runs `work` in a transaction and answers once it is on the disk. */
  readonly transact: Transact;
  /** Keeps other writers of this connection out until the transaction ends; also what makes the journal one chain. */
  lock(tx: Transaction<Database>, connection: ConnectionId | "migrations"): Promise<void>;
  /** Database time in ms, as an expression. */
  now(): RawBuilder<number>;
  /** Behind a `select` that picks rows for an update: leave out rows that another transaction is about to change. */
  readonly skipLocked: RawBuilder<unknown>;
  /** Whether a statement failed because a unique index refused it. */
  isTaken(thrown: unknown): boolean;
  /** Whether it failed because the database is out of reach or out of order (gone, full, broken, too busy), not because of what was asked. */
  isAway(thrown: unknown): boolean;
  readonly json: JsonWords;
  /** Told when the database turns out to have lost what this process had committed to it (`tail.ts`). */
  readonly lost?: ((connection: ConnectionId, reason: string) => Promise<void>) | undefined;
  close(): Promise<void>;
}

/** Column types for the migrations. Text is ordered and compared by bytes on both engines. */
export interface ColumnWords {
  readonly text: string;
  readonly integer: string;
  readonly identity: string;
  readonly json: string;
}

/** A JSON value inside the database: a column of the engine's JSON form, or an expression that yields one. */
export type JsonValue = RawBuilder<unknown>;

/**
 * JSON in SQL. Paths and values are always bound, never pasted into the text.
 *
 * The `as…` forms are null where the value is absent or of another type, so a comparison with them is never true by accident.
 */
export interface JsonWords {
  /** A text column that holds JSON. */
  parsed(text: RawBuilder<unknown>): JsonValue;
  /** The value at a path of property names. */
  at(value: JsonValue, path: readonly string[]): JsonValue;
  asText(value: JsonValue, path: readonly string[]): RawBuilder<string | null>;
  asNumber(value: JsonValue, path: readonly string[]): RawBuilder<number | null>;
  /** 1, 0 or null. */
  asTruth(value: JsonValue, path: readonly string[]): RawBuilder<number | null>;
  /** Whether there is anything at the path: not absent, not null, not an empty text, list or object. */
  isPresent(value: JsonValue, path: readonly string[]): RawBuilder<boolean>;
  /** `exists` over the elements of the list at a path; `condition` is given one element. */
  someElement(value: JsonValue, path: readonly string[], condition: (element: JsonValue) => RawBuilder<boolean>): RawBuilder<boolean>;
  /** The first element of the list at a path. */
  first(value: JsonValue, path: readonly string[]): JsonValue;
  /** A bound number that is compared as a number. */
  number(value: number): RawBuilder<number>;
  /** Position of one text in another, from 1; 0 = not in it. */
  position(text: RawBuilder<string | null>, part: string): RawBuilder<number>;
  startsWith(text: RawBuilder<string | null>, part: string): RawBuilder<boolean>;
  endsWith(text: RawBuilder<string | null>, part: string): RawBuilder<boolean>;
  /** One row with a column `value` per element of a bound list of texts. */
  eachText(list: readonly string[]): RawBuilder<unknown>;
  /**
   * Behind a value: whether it is one of a bound list of texts. Asked of an index whatever the database believes of its tables: of a group of 170,000 that nobody has counted yet
   * PostgreSQL believes that it has one member, and would compare each of them with each of the list.
   */
  among(list: readonly string[]): RawBuilder<unknown>;
  /** One row with columns `k`, `long_value`, `rest`, `folded` and `n` (place in the list) per element of a bound list of rows. */
  eachMember(rows: readonly (readonly [key: string, longValue: string | null, rest: string | null, folded: string | null])[]): RawBuilder<unknown>;
  /** A JSON list of `[value, display]` or the like: `rows` is a sub-select with columns `a`, `b`, `n`, ordered by `n`. */
  pairs(rows: RawBuilder<unknown>): RawBuilder<string>;
}

/**
 * kysely on the one connection to an SQLite file.
 *
 * SQLite answers at once, in this very thread. So a statement that comes in while no transaction is open, or within one, is carried
 * out on the spot; only transactions, and what comes in while somebody else's is open, wait for their turn. kysely's own way there,
 * made for databases that are far away, costs more than most answers.
 *
 * @module
 */
import SqliteFile from "better-sqlite3";
import { setTimeout as pause } from "node:timers/promises";
import { CompiledQuery, DefaultConnectionProvider, DefaultQueryExecutor, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { ConnectionProvider, DatabaseConnection, Dialect, Driver, QueryResult } from "kysely";
import type { Database } from "./schema.ts";
import { checkedParameters } from "./storable.ts";

export const busyTimeoutMs = 5_000;
const busyPauseMs = 4;
const preparedStatements = 500;

/** A parameter whose value is made when the statement is carried out, not when it is written. */
export class Late {
  readonly value: () => unknown;
  constructor(value: () => unknown) {
    this.value = value;
  }
}

/** Who may write to the file: one after the other, in the order in which they came. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** @returns how to give the turn back */
  async take(): Promise<() => void> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    return resolve;
  }
}

export function kyselyOn(database: SqliteFile.Database, turns: Turns): Kysely<Database> {
  const run = statements(database);
  const driver = new OneAtATime(database, run, turns);
  const compiler = new PlannedOnce();
  const adapter = new SqliteAdapter();
  const dialect: Dialect = { createDriver: () => driver, createQueryCompiler: () => compiler, createAdapter: () => adapter, createIntrospector: (db) => new SqliteIntrospector(db) };
  const executor = new Direct(run, () => !database.inTransaction, new DefaultConnectionProvider(driver), compiler, adapter);
  return new Kysely<Database>({ config: { dialect }, dialect, driver, executor });
}

/**
 * kysely for statements that `ask` carries out elsewhere.
 *
 * @param turns for transactions; without them it only reads
 */
export function kyselyAsking(ask: <R>(query: CompiledQuery) => Promise<QueryResult<R>>, turns?: Turns): Kysely<Database> {
  const connection: DatabaseConnection = {
    executeQuery: (query) => ask(withValues(query)),
    async *streamQuery<R>(query: CompiledQuery) {
      yield await ask<R>(withValues(query));
    },
  };
  let leave = () => {};
  const says = (text: string) => async (): Promise<void> => {
    if (!turns) throw new Error("a thread that only reads has no transactions");
    await ask(CompiledQuery.raw(text));
  };
  const driver: Driver = {
    init: async () => {},
    async acquireConnection() {
      if (turns) leave = await turns.take();
      return connection;
    },
    releaseConnection: async () => leave(),
    beginTransaction: says("begin immediate"), commitTransaction: says("commit"), rollbackTransaction: says("rollback"),
    destroy: async () => {},
  };
  const compiler = new PlannedOnce();
  const adapter = new SqliteAdapter();
  const dialect: Dialect = { createDriver: () => driver, createQueryCompiler: () => compiler, createAdapter: () => adapter, createIntrospector: (db) => new SqliteIntrospector(db) };
  return new Kysely<Database>({ dialect });
}

/** With every value as it is now, and none that no text can be. */
const withValues = (query: CompiledQuery): CompiledQuery => ({ ...query, parameters: checkedParameters(query.parameters.map((value) => (value instanceof Late ? value.value() : value))) });

type Run = <R>(query: CompiledQuery) => QueryResult<R>;

/** Carries statements out; each text is prepared once. */
function statements(database: SqliteFile.Database): Run {
  const prepared = new Map<string, SqliteFile.Statement<unknown[]>>();
  const prepare = (text: string): SqliteFile.Statement<unknown[]> => {
    const known = prepared.get(text);
    if (known) return known;
    const statement = database.prepare<unknown[]>(text);
    if (prepared.size >= preparedStatements) prepared.delete(prepared.keys().next().value!);
    prepared.set(text, statement);
    return statement;
  };
  return <R>({ sql, parameters }: CompiledQuery): QueryResult<R> => {
    const statement = prepare(sql);
    const values = checkedParameters(parameters.some((value) => value instanceof Late) ? parameters.map((value) => (value instanceof Late ? value.value() : value)) : parameters);
    if (statement.reader) return { rows: statement.all(values) as R[] };
    const { changes, lastInsertRowid } = statement.run(values);
    return { insertId: BigInt(lastInsertRowid), numAffectedRows: BigInt(changes), rows: [] };
  };
}

export const isBusy = (thrown: unknown): boolean => thrown instanceof SqliteFile.SqliteError && thrown.code.startsWith("SQLITE_BUSY");

class Direct extends DefaultQueryExecutor {
  readonly #run: Run;
  readonly #mayRun: () => boolean;
  readonly #whole: readonly [SqliteQueryCompiler, SqliteAdapter];

  constructor(run: Run, mayRun: () => boolean, provider: ConnectionProvider, ...whole: readonly [SqliteQueryCompiler, SqliteAdapter]) {
    super(...whole, provider);
    this.#run = run;
    this.#mayRun = mayRun;
    this.#whole = whole;
  }

  override async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#mayRun()) {
      try {
        return this.#run<R>(query);
      } catch (thrown) {
        if (!isBusy(thrown)) throw thrown; // another process is writing: the way through the turns knows how to wait for it
      }
    }
    return super.executeQuery<R>(query);
  }

  /** Within a transaction: whoever brings the connection along has the turn. */
  override withConnectionProvider(provider: ConnectionProvider): DefaultQueryExecutor {
    return new Direct(this.#run, () => true, provider, ...this.#whole);
  }
}

/**
 * One transaction at a time. It takes the write lock at its start, because one that read first and wrote later would be refused when
 * somebody else wrote in between.
 *
 * Waits for another process's write without keeping the event loop, as SQLite's own waiting would. Only the first statement of a
 * transaction, and one that stands alone, can find the file busy; it has done nothing then and may be repeated.
 */
class OneAtATime implements Driver {
  readonly #database: SqliteFile.Database;
  readonly #turns: Turns;
  readonly #connection: DatabaseConnection;
  #leave: () => void = () => {};

  constructor(database: SqliteFile.Database, run: Run, turns: Turns) {
    this.#database = database;
    this.#turns = turns;
    const executeQuery = async <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
      for (const untilMs = performance.now() + busyTimeoutMs; ; ) {
        try {
          return run<R>(query);
        } catch (thrown) {
          if (!isBusy(thrown) || performance.now() > untilMs) throw thrown;
        }
        await pause(busyPauseMs * (1 + Math.random()));
      }
    };
    this.#connection = {
      executeQuery,
      async *streamQuery<R>(query: CompiledQuery) {
        yield await executeQuery<R>(query);
      },
    };
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    this.#leave = await this.#turns.take();
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#leave();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("rollback"));
  }

  async destroy(): Promise<void> {
    this.#database.close();
  }
}

/**
 * Writes parameters as `+?`, which is the same value to the statement but not to the planner: behind `=` and `limit`, SQLite 3.54 looks at
 * what is bound to a bare `?`, and therefore parses and plans the statement anew for every value, prepared or not.
 */
class PlannedOnce extends SqliteQueryCompiler {
  protected override getCurrentParameterPlaceholder(): string {
    return "+?";
  }
}

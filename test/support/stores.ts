/**
 * Both engines for suites that must hold on each: `describe.each(engines)`.
 *
 * @module
 */
import type { Clock } from "../../src/runtime/clock.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { join } from "node:path";
import SqliteFile from "better-sqlite3";
import pg from "pg";
import { freshDatabase, temporaryFolder } from "./postgres.ts";

export interface TestEngine {
  readonly name: "sqlite" | "postgres";
  /** An empty store of its own. The clock is database time on SQLite; PostgreSQL has its own. */
  open(clock?: Clock): Promise<Store>;
  /** A database that several stores may open, and that a test may look into or tamper with. */
  place(): Promise<TestPlace>;
}

export interface TestPlace {
  readonly url: string;
  /** Statements past the store. */
  query(text: string, parameters?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  remove(): Promise<void>;
}

export const engines: readonly TestEngine[] = [
  { name: "sqlite", open: (clock = systemClock) => openStore({ url: "file::memory:", clock }), place: sqlitePlace },
  {
    name: "postgres",
    place: postgresPlace,
    async open(clock = systemClock) {
      const { url, drop } = await freshDatabase();
      const store = await openStore({ url, clock });
      return {
        ...store,
        async close() {
          await store.close();
          await drop();
        },
      };
    },
  },
];

async function sqlitePlace(): Promise<TestPlace> {
  const folder = temporaryFolder();
  const file = join(folder.path, "store.db");
  return {
    url: `file:${file}`,
    async query(text, parameters = []) {
      const database = new SqliteFile(file);
      try {
        const statement = database.prepare(text);
        return statement.reader ? (statement.all(...parameters) as Record<string, unknown>[]) : (statement.run(...parameters), []);
      } finally {
        database.close();
      }
    },
    remove: async () => folder.remove(),
  };
}

async function postgresPlace(): Promise<TestPlace> {
  const { url, drop } = await freshDatabase();
  return {
    url,
    async query(text, parameters = []) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query(text, [...parameters])).rows as Record<string, unknown>[];
      } finally {
        await client.end();
      }
    },
    remove: drop,
  };
}

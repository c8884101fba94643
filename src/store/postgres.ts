/**
 * PostgreSQL: for replicas. Writers of one connection take turns by an advisory lock that ends with their transaction; leases run on
 * the database's clock, which all replicas share.
 *
 * @module
 */
import { Kysely, PostgresDialect, sql } from "kysely";
import type { PostgresPool, PostgresPoolClient } from "kysely";
import pg from "pg";
import type { Engine, JsonValue, JsonWords } from "./engine.ts";
import type { Database } from "./schema.ts";
import { checkedJson, checkedParameters } from "./storable.ts";

const connections = 10;
const connectTimeoutMs = 5_000;
const statementTimeoutMs = 30_000;
/** For a connection that is silently gone: the database cannot end a statement of which it does not know. */
const answerTimeoutMs = statementTimeoutMs + 5_000;

/** @param url `postgres://user:password@host:port/database` */
export function openPostgres({ url }: { readonly url: string }): Engine {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: answerTimeoutMs,
    keepAlive: true,
    // A transaction of ours never waits for anything but the database; one that idles belongs to a process that is in trouble.
    idle_in_transaction_session_timeout: statementTimeoutMs,
    application_name: "drawbridge",
    types: { getTypeParser },
  });
  // An idle connection that breaks is replaced at its next use; without a listener it would end the process.
  pool.on("error", () => {});
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: thin(pool) }) });
  return {
    name: "postgres",
    db,
    reads: () => db,
    transact: (work) => db.transaction().execute(work),
    words: { text: `text collate "C"`, integer: "bigint", identity: "bigint generated always as identity primary key", json: "jsonb" },
    async lock(tx, connection) {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`drawbridge:${connection}`}, 0))`.execute(tx);
    },
    now: () => sql<number>`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`,
    skipLocked: sql`for update skip locked`,
    isTaken: (thrown) => thrown instanceof pg.DatabaseError && thrown.code === "23505",
    isAway: (thrown) => (thrown instanceof pg.DatabaseError ? away.test(thrown.code ?? "") : lost.has(thrown as object)),
    json,
    close: () => db.destroy(),
  };
}

/** SQLSTATE classes: connection, transaction ended by the server, read-only, serialization, resources, an operator, the system, a bug of the server. */
const away = /^(08|25P0|25006|40|53|57|58|F0|XX)/;
/** What the driver itself threw: the connection broke, or there was none in time. */
const lost = new WeakSet<object>();

/** Passes on a step of the driver's, and remembers what it threw beside the database's own refusals. */
async function driven<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (thrown) {
    if (thrown instanceof Error && !(thrown instanceof pg.DatabaseError)) lost.add(thrown);
    throw thrown;
  }
}

/** Milliseconds and counts are numbers here as on SQLite; JSON stays text, so that both engines are read by the same code. */
function getTypeParser(oid: number): (text: string) => unknown {
  if (oid === pg.types.builtins.INT8) return Number;
  if (oid === pg.types.builtins.JSON || oid === pg.types.builtins.JSONB) return (text) => text;
  return pg.types.getTypeParser(oid) as (text: string) => unknown;
}

/** What kysely is given: the pool with a guard before every statement, and no connection a second time that has broken once. */
function thin(pool: pg.Pool): PostgresPool {
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await driven(pool.connect());
      const known = clients.get(client);
      if (known) return known;
      let broke: Error | undefined;
      // A connection may break between two statements, when nobody waits for an answer; without a listener it would end the process.
      client.on("error", (thrown) => {
        lost.add(thrown);
        broke ??= thrown;
      });
      try {
        await refuseStandby(client);
      } catch (thrown) {
        client.release(true); // else its place in the pool would be taken for ever
        throw thrown;
      }
      const guarded = {
        async query(text: string, parameters: readonly unknown[]) {
          if (broke !== undefined) throw broke; // a rollback would only wait for the same silence
          const checked = checkedParameters(parameters) as unknown[];
          try {
            return await driven(client.query(text, checked));
          } catch (thrown) {
            if (lost.has(thrown as object)) broke = thrown as Error;
            throw thrown;
          }
        },
        release: (destroy?: boolean) => client.release(broke !== undefined || destroy === true),
      } as unknown as PostgresPoolClient;
      clients.set(client, guarded);
      return guarded;
    },
  };
}

/**
 * A standby is behind: it would answer 404 for who was created a moment ago, and show leavers as active. Where an address leads to one,
 * after a failover for example, the store counts as out of reach.
 */
async function refuseStandby(client: pg.PoolClient): Promise<void> {
  const { rows } = await driven(client.query<{ transaction_read_only: string }>("show transaction_read_only"));
  if (rows[0]?.transaction_read_only !== "on") return;
  const refused = new Error("This PostgreSQL is read-only, as a standby is: the store's address must lead to the primary");
  lost.add(refused);
  throw refused;
}

const at = (value: JsonValue, path: readonly string[]): JsonValue => (path.length === 0 ? value : sql`(${value} #> ${sql.val(path)}::text[])`);
const textAt = (value: JsonValue, path: readonly string[]) => sql`(${value} #>> ${sql.val(path)}::text[])`;
const bytes = (text: JsonValue) => sql<string | null>`(${text} collate "C")`;

const json: JsonWords = {
  parsed: (text) => sql`(${text})::jsonb`,
  at,
  asText: (value, path) => bytes(sql`(case when jsonb_typeof(${at(value, path)}) = 'string' then ${textAt(value, path)} end)`),
  asNumber: (value, path) => sql<number | null>`(case when jsonb_typeof(${at(value, path)}) = 'number' then ${textAt(value, path)}::numeric end)`,
  asTruth: (value, path) => sql<number | null>`(case when jsonb_typeof(${at(value, path)}) = 'boolean' then ${textAt(value, path)}::boolean::int end)`,
  isPresent: (value, path) => sql<boolean>`(coalesce(${at(value, path)}, 'null'::jsonb) not in ('null'::jsonb, '""'::jsonb, '[]'::jsonb, '{}'::jsonb))`,
  someElement: (value, path, condition) =>
    sql<boolean>`exists (select 1 from jsonb_array_elements(case when jsonb_typeof(${at(value, path)}) = 'array' then ${at(value, path)} end) as element where ${condition(sql`element`)})`,
  first: (value, path) => sql`(${at(value, path)} -> 0)`,
  number: (value) => sql<number>`${String(value)}::numeric`,
  position: (text, part) => sql<number>`strpos(${text}, ${part})`,
  startsWith: (text, part) => sql<boolean>`starts_with(${text}, ${part})`,
  endsWith: (text, part) => sql<boolean>`(right(${text}, ${[...part].length}) = ${part})`,
  eachText: (list) => sql`(select value from jsonb_array_elements_text(${checkedJson(list)}::jsonb))`,
  among: (list) => sql`= any (array(select jsonb_array_elements_text(${checkedJson(list)}::jsonb)))`,
  eachMember: (rows) =>
    sql`(select value ->> 0 as k, value ->> 1 as long_value, value ->> 2 as rest, value ->> 3 as folded, ordinality as n from jsonb_array_elements(${checkedJson(rows)}::jsonb) with ordinality)`,
  pairs: (rows) => sql<string>`(select coalesce(json_agg(json_build_array(a, b) order by n), '[]'::json)::text from ${rows} as pair)`,
};

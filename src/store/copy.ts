/**
 * A throw-away copy of one connection, in memory: for a plan that is carried out to its end, and leaves nothing behind.
 *
 * What people are, how they are linked, what is held and counted comes along; the journal, tokens, modes and what is owed do not.
 *
 * @module
 */
import { sql } from "kysely";
import type { ConnectionId } from "../model/ids.ts";
import type { Engine } from "./engine.ts";
import type { Database } from "./schema.ts";

/** What refers to something comes after it. */
const tables = ["resources", "addresses", "members", "links", "due", "tombstones", "losses", "holds", "held", "tasks"] as const satisfies readonly (keyof Database)[];

const pageRows = 2_000;
/** SQLite takes 32,766 parameters in a statement. */
const mostParameters = 30_000;

type Row = Record<string, unknown>;

/** @param to empty, of this version */
export async function copyConnection(from: Engine, to: Engine, connection: ConnectionId): Promise<void> {
  // One look for all tables, so that no member is without a group; and one that keeps nobody from writing meanwhile.
  await from.db.connection().execute(async (one) => {
    await sql.raw(from.name === "sqlite" ? "begin" : "begin isolation level repeatable read read only").execute(one);
    try {
      for (const table of tables) {
        for (let offset = 0; ; offset += pageRows) {
          const { rows } = await sql<Row>`select * from ${sql.table(table)} where connection = ${connection} order by ${sql.raw(orders[table])} limit ${pageRows} offset ${offset}`.execute(one);
          await insert(to, table, table === "due" ? rows.map(laidDown) : rows);
          if (rows.length < pageRows) break;
        }
      }
    } finally {
      await sql`commit`.execute(one);
    }
  });
}

const orders: { readonly [T in (typeof tables)[number]]: string } = {
  resources: "seq", addresses: "key, resource", members: "seq", links: "resource", due: "resource", tombstones: "seq", losses: "seq", holds: "seq", held: "seq", tasks: "seq",
};

/** Longer than anybody plans. */
const farMs = 10 * 365 * 86_400_000;

/** Whoever owes something owes it elsewhere: here it is known, and nobody's turn ever comes. */
const laidDown = (row: Row): Row => ({ ...row, due_at: row["due_at"] === null ? null : Number(row["due_at"]) + farMs, grant_since_ms: null, lease_owner: null, lease_until: null, abandoned: 0 });

async function insert({ db }: Engine, table: (typeof tables)[number], rows: readonly Row[]): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const atOnce = Math.max(1, Math.floor(mostParameters / Object.keys(first).length));
  for (let at = 0; at < rows.length; at += atOnce) await db.insertInto(table).values(rows.slice(at, at + atOnce) as never).execute();
}

/**
 * A backlog that nobody may deliver costs those who look for work nothing: 100,000 operations that are parked, by a hold, a freeze or a
 * connection that observes, are passed over in the index and not row by row. Rows read are counted where the engine counts them.
 *
 * @module
 */
import SqliteFile from "better-sqlite3";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { engines, type TestPlace } from "../support/stores.ts";
import { deny, keep, takeDue, user } from "./people.ts";

const backlog = 100_000;
const why = { by: "ann", reason: "a test" };
/** What a look for work may read beside what it finds: a few rows for each connection and lane. */
const mostRows = 100;

interface Said {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

describe.each(engines)("on $name", ({ name, place }) => {
  let at: TestPlace;
  let store: Store;
  const owned = new Map<string, string>();

  /** One denial that must be found among the parked, which are older: whoever reads in order comes to it last. Made past the store, because 100,000 commits take their time. */
  async function park(connection: string, lane: number, isDue: boolean): Promise<void> {
    const { id } = await keep(store, user("leaver"), { connection: connectionId(connection), due: deny() });
    owned.set(connection, id);
    const [denial] = await at.query(`select due_at from due where resource = '${id}'`);
    const dueAt = isDue ? Number(denial?.["due_at"]) - 1_000 : "null";
    const numbers = name === "sqlite" ? `(with recursive t (n) as (select 1 union all select n + 1 from t where n < ${backlog}) select n from t)` : `generate_series(1, ${backlog}) as t (n)`;
    await at.query(`insert into resources (connection, id, type, version, label, name_key, desired, search, answered, emptied, member_count, created_ms, modified_ms)
      select '${connection}', '${connection}-' || n, 'User', 1, 'n' || n, 'n' || n, '{}', '{}', 0, 0, 0, 0, 0 from ${numbers}`);
    await at.query(`insert into due (connection, resource, lane, due_at, attempts, since_ms, opened_version, lease_epoch, abandoned, pushed)
      select '${connection}', '${connection}-' || n, ${lane}, ${dueAt}, 0, 0, 1, 0, 0, 0 from ${numbers}`);
  }

  beforeAll(async () => {
    at = await place();
    store = await openStore({ url: at.url, clock: systemClock });
    await park("held", 0, false);
    await park("observing", 0, true);
    await park("observing-grants", 1, true);
    await park("frozen", 2, true);
    for (const connection of ["observing", "observing-grants"]) await store.observe(connectionId(connection), { ...why, again: false });
    await store.freeze(connectionId("frozen"), why);
    await at.query("analyze");
  }, 120_000);
  afterAll(async () => {
    await store.close();
    await at.remove();
  });

  async function saidDuring(act: () => Promise<unknown>): Promise<readonly Said[]> {
    const said: Said[] = [];
    const spies = name === "sqlite" ? sqliteSpies(said) : [postgresSpy(said)];
    try {
      await act();
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    return said.filter(({ text }) => /\bdue\b/.test(text));
  }

  /** Rows of `due` that a statement reads, on PostgreSQL; on SQLite, which does not count, the ways it goes into the table. */
  async function readBy({ text, parameters }: Said): Promise<{ readonly rows: number; readonly ways: readonly string[] }> {
    if (name === "sqlite") {
      const plan = await at.query(`explain query plan ${text}`, parameters);
      return { rows: 0, ways: plan.map(({ detail }) => String(detail)).filter((detail) => /^(SCAN|SEARCH) due\b/.test(detail)) };
    }
    const answers = await at.query(`explain (analyze, format json) ${text}`, parameters);
    const nodes = answers.flatMap((answer) => (answer["QUERY PLAN"] as readonly { readonly Plan: Node }[]).flatMap(({ Plan }) => flat(Plan))).filter((node) => node["Relation Name"] === "due");
    return { rows: nodes.reduce((sum, node) => sum + ((node["Actual Rows"] ?? 0) + (node["Rows Removed by Filter"] ?? 0) + (node["Rows Removed by Index Recheck"] ?? 0)) * (node["Actual Loops"] ?? 0), 0), ways: [] };
  }

  /** Ways that lead past the parked: to one row by its key, to the head of a lane, to denials that somebody was promised, to leases. */
  const known = /^SEARCH due USING (COVERING )?INDEX (due_of_connection \((connection[=>]\?|connection=\? AND lane=\? AND due_at[<>]\?)\)|due_denials_of \(connection=\? AND denial_since_ms>\?\)|sqlite_autoindex_due_1 \(connection=\? AND resource=\?\)|due_leased \(.*\))|^SCAN due USING (COVERING )?INDEX due_leased|^SEARCH due USING COVERING INDEX due_of_connection$/;

  test.each<[string, () => Promise<unknown>, RegExp?]>([
    ["looking for work", async () => {
      const found = (await store.heads()).filter(({ isDue }) => isDue);
      expect(found.map(({ connection, lane }) => `${connection} ${lane}`).toSorted()).toEqual(["frozen deny", "held deny", "observing deny", "observing-grants deny"]);
      for (const { connection, dueAtMs } of found) expect(dueAtMs, connection).toBe((await store.hold(connection, owned.get(connection) as never))?.due?.dueAtMs);
    }],
    ["looking when there will be work", () => store.nextDueMs()],
    ["taking it up, on every connection", async () => {
      const taken = await takeDue(store, "worker", 60_000, 50, []);
      expect(new Map(taken.map(({ lease }) => [lease.connection as string, lease.resource as string]))).toEqual(owned);
      await store.breakLeases();
    }],
    ["a claim of denials where all are parked but one, and that one is taken", async () => {
      const ask = { connection: connectionId("observing"), lane: "deny" as const, limit: 10, forMs: 60_000 };
      expect(await store.takeDue("worker", [ask])).toHaveLength(1);
      expect(await store.takeDue("another", [ask])).toEqual([]);
      await store.breakLeases();
    }, /due_denials_of|sqlite_autoindex/],
  ])("%s reads no parked row", async (_, look, only = known) => {
    const said = await saidDuring(look);
    expect(said.length).toBeGreaterThan(0);
    for (const statement of said) {
      if (/lease_until" = /.test(statement.text)) continue; // the test's own end of the leases
      const { rows, ways } = await readBy(statement);
      expect(rows, statement.text).toBeLessThan(mostRows);
      expect(ways.filter((way) => !known.test(way) || !only.test(way)), statement.text).toEqual([]);
    }
  });
});

type Node = { readonly [name in "Actual Rows" | "Actual Loops" | "Rows Removed by Filter" | "Rows Removed by Index Recheck"]?: number } & { readonly "Relation Name"?: string; readonly Plans?: readonly Node[] };
const flat = (node: Node): readonly Node[] => [node, ...(node.Plans ?? []).flatMap(flat)];

// What the spies stand before, kept from before they stood there.
const clientQuery = pg.Client.prototype.query as (this: pg.Client, ...given: unknown[]) => unknown;

const postgresSpy = (said: Said[]) =>
  vi.spyOn(pg.Client.prototype, "query").mockImplementation(function (this: pg.Client, ...given: unknown[]): unknown {
    if (typeof given[0] === "string") said.push({ text: given[0], parameters: (Array.isArray(given[1]) ? given[1] : []) as unknown[] });
    return clientQuery.apply(this, given);
  } as never);

function sqliteSpies(said: Said[]) {
  const statements = Object.getPrototypeOf(new SqliteFile(":memory:").prepare("select 1")) as Record<"all" | "run", (this: SqliteFile.Statement, parameters: readonly unknown[]) => unknown>;
  return (["all", "run"] as const).map((way) => {
    const real = statements[way];
    return vi.spyOn(statements, way).mockImplementation(function (this: SqliteFile.Statement, parameters) {
      said.push({ text: this.source, parameters });
      return real.call(this, parameters);
    });
  });
}

/**
 * A connection to PostgreSQL that breaks in its first moment, before it is known whether it leads to a standby: nothing ends over it,
 * and no place in the pool is lost.
 *
 * @module
 */
import { sql } from "kysely";
import { expect, test } from "vitest";
import { openPostgres } from "../../src/store/postgres.ts";
import { startProxy } from "../support/proxy.ts";
import { engines } from "../support/stores.ts";

const portOf = (url: string): number => Number(new URL(url).port);
const isFirstQuestion = (message: string): boolean => message.startsWith("Q") && message.slice(5).startsWith("show");

test.each(["reset before the request", "reset after its body", "cut answer", "TLS garbage"] as const)("%s, more often than the pool has places: each time an error that says that the store is away, and then all is well", async (fault) => {
  const place = await engines.find(({ name }) => name === "postgres")!.place();
  const proxy = await startProxy(portOf(place.url), () => true);
  const engine = openPostgres({ url: place.url.replace(`:${portOf(place.url)}/`, `:${proxy.port}/`) });
  try {
    for (let nth = 0; nth < 12; nth++) {
      proxy.plan(fault, isFirstQuestion);
      const thrown = await sql`select 1`.execute(engine.db).catch((error: unknown) => error);
      expect([thrown instanceof Error, engine.isAway(thrown)]).toEqual([true, true]);
    }
    expect(proxy.met).toBe(12);
    expect((await sql<{ one: number }>`select 1 as one`.execute(engine.db)).rows).toEqual([{ one: 1 }]);
  } finally {
    await engine.close();
    await proxy.close();
    await place.remove();
  }
}, 30_000);

/**
 * A hundred thousand accounts beside a hundred thousand people: what is in memory at a time does not grow with them, and other work gets its
 * turn meanwhile.
 *
 * @module
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import SqliteFile from "better-sqlite3";
import { expect, test } from "vitest";
import type { Connector } from "../../src/connectors/connector.ts";
import { openSite } from "../../src/delivery/site.ts";
import { openBudget } from "../../src/delivery/budget.ts";
import { rememberLooks } from "../../src/delivery/recent-looks.ts";
import { postOf } from "../../src/bridge/post.ts";
import { accountId, roleId } from "../../src/model/ids.ts";
import type { Account } from "../../src/model/person.ts";
import { reconcile } from "../../src/reconcile/reconcile.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import type { RunTaken } from "../../src/store/reconcile-contract.ts";
import { fastVendor } from "../delivery/support/fast-vendor.ts";
import { policyOf } from "../delivery/support/works.ts";
import { acme, grant, keep, linkTo, user } from "../store/people.ts";
import { openStore } from "../../src/store/open-store.ts";
import { temporaryFolder } from "../support/postgres.ts";

const people = 100_000;
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Person n's account; every thousandth was switched off there, every ten-thousandth is in another role. */
const account = (n: number): Account => ({ id: accountId(`acc-${n}`), kind: "account", email: `p${n}@acme.example`, role: roleId(n % 10_000 === 7 ? "Admin" : "User"), active: n % 1_000 !== 5, profile: { displayName: "A name as long as names are" } });

/** Copies one person so many times, past the store. */
function fill(file: string): void {
  const database = new SqliteFile(file);
  const columns = (table: string, skip: readonly string[]) => (database.prepare(`select name from pragma_table_info('${table}')`).all() as { name: string }[]).map(({ name }) => name).filter((name) => !skip.includes(name));
  const copy = (table: string, skip: readonly string[], as: Record<string, string>) => {
    const names = columns(table, skip);
    database.exec(`insert into ${table} (${names.join(", ")}) with recursive t (n) as (select 1 union all select n + 1 from t where n < ${people - 1}) select ${names.map((name) => as[name] ?? `${table}.${name}`).join(", ")} from ${table} cross join t where ${table}.connection = 'acme'`);
  };
  database.transaction(() => {
    copy("resources", ["seq"], { id: "printf('%08x-0000-4000-8000-000000000000', n)", name_key: "'p' || n || '@acme.example'", label: "'p' || n || '@acme.example'", desired: "'{\"userName\":\"p' || n || '@acme.example\",\"active\":true}'" });
    copy("links", [], { resource: "printf('%08x-0000-4000-8000-000000000000', n)", account: "'acc-' || n", login: "'p' || n || '@acme.example'" });
  })();
  database.close();
}

test("a hundred thousand accounts are compared in bounded memory, and nobody else waits long", async () => {
  const folder = temporaryFolder();
  const file = `${folder.path}/large.db`;
  const store = await openStore({ url: `file:${file}`, clock: systemClock });
  try {
    const { id } = await keep(store, user("p0@acme.example", { active: true }), { due: grant() });
    const job = (await store.take(acme, id, "w", 60_000))!;
    const link = linkTo("acc-0");
    await store.record(job.lease, { journal: [], link: { ...link, login: "p0@acme.example", applied: { ...link.applied, access: "active", role: roleId("User"), wantedRole: roleId("User"), profile: { displayName: "A name as long as names are" } } }, due: { kind: "done", version: 1 } });
    fill(file);

    const heap: number[] = [];
    const weigh = () => {
      collect();
      heap.push(process.memoryUsage().heapUsed / 2 ** 20);
    };
    let looks = 0;
    const connector: Connector = {
      ...fastVendor(systemClock).connector,
      check: async () => {},
      control: async () => {},
      get: async ({ account: its }) => {
        if (++looks % 25 === 0) weigh();
        return account(Number(its.slice(4)));
      },
      async *list(_, census) {
        for (let n = 0; n < people + 500; n++) {
          if (n % 10_000 === 0) weigh();
          yield account(n); // the last 500 are nobody's
        }
        census?.ended({ rows: people + 500, total: people + 500 });
      },
    };
    const policy = policyOf(acme, { reconcile: { everyMs: undefined, policy: "report", detail: "full", limit: { count: 10, share: 0.1 } } });
    const site = openSite(acme, connector, policy, openBudget({ requestsPerSecond: 1e6, burst: 1e6 }, systemClock), rememberLooks(systemClock));
    await store.askForReconciliation(acme, { by: "ann" });
    const run = (await store.takeReconciliation(acme, "one", 600_000)) as RunTaken;

    let longestMs = 0;
    let lastMs = performance.now();
    const beat = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - lastMs);
      lastMs = performance.now();
    }, 5);
    weigh();
    const begunMs = performance.now();
    expect(await reconcile(run, postOf(site, { store, clock: systemClock }), { store, clock: systemClock, log: silentLog, owner: "one" }, new AbortController().signal)).toBe("complete");
    clearInterval(beat);
    const { counts } = (await store.reconciliation(run.id))!;
    expect(counts).toMatchObject({ listed: people + 500, linked: people, findings: { disabled: 100, privilegeGained: 10, orphan: 498, inactiveOrphan: 1, privilegedOrphan: 1 } });
    expect(looks).toBeLessThanOrEqual(110 + 20);
    console.log(`${people} people: ${Math.round(performance.now() - begunMs)} ms; heap after collection at most ${(Math.max(...heap) - heap[0]!).toFixed(1)} MiB more than before; longest pause ${Math.round(longestMs)} ms`);
    // What holds a hundred thousand accounts, however small, holds more than this.
    expect(Math.max(...heap) - heap[0]!).toBeLessThan(12);
  } finally {
    await store.close();
    folder.remove();
  }
}, 300_000);

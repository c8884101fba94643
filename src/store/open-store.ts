/**
 * Opens the store: the engine that the address names, its tables brought up to date.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { sql } from "kysely";
import type { Clock } from "../runtime/clock.ts";
import type { FaultAt } from "../runtime/fault.ts";
import type { ConnectionId } from "../model/ids.ts";
import { budgetStore } from "./budgets.ts";
import { copyConnection } from "./copy.ts";
import type { Engine } from "./engine.ts";
import { withFaults } from "./faulty.ts";
import { holdStore } from "./holds.ts";
import { journalStore } from "./journal.ts";
import { keyStore } from "./keys.ts";
import { leases } from "./leases.ts";
import { knownSteps, migrate, stepsTaken } from "./migrations.ts";
import { modeStore } from "./modes.ts";
import { personStore } from "./people.ts";
import { noticeStore } from "./notices.ts";
import { policyStore } from "./policies.ts";
import { operatorStore } from "./operators.ts";
import { outageStore } from "./outages.ts";
import { openPostgres } from "./postgres.ts";
import { findingStore } from "./reconcile-findings.ts";
import { repairStore } from "./reconcile-repair.ts";
import { runStore } from "./reconcile-runs.ts";
import { sightingStore } from "./reconcile-sightings.ts";
import { record } from "./record.ts";
import { resourceStore } from "./resources.ts";
import { openSqlite } from "./sqlite.ts";
import type { Store } from "./store.ts";
import { taskStore } from "./tasks.ts";
import { tokenStore } from "./tokens.ts";
import { trialStore } from "./trials.ts";
import { watchStore } from "./watch.ts";
import { workStore } from "./work.ts";

export interface StoreOptions {
  /** `file:./data/drawbridge.db`, `file::memory:` (gone with the store), or `postgres://user:password@host/database`. */
  readonly url: string;
  /** Database time of the embedded engine; PostgreSQL has its own. */
  readonly clock: Clock;
  /** The server on an embedded file, of which there may be one; the command line opens without. */
  readonly exclusive?: boolean;
  /** Told, before anything else is written, when the database has lost what this process had committed for a connection. */
  readonly lost?: Engine["lost"];
  /** For tests: every transaction and every migration passes its points. */
  readonly fault?: FaultAt | undefined;
}

/** @throws Error for an address of another kind, a database of a newer version, or (`exclusive`) when another server runs on the file */
export async function openStore({ url, clock, exclusive = false, lost, fault }: StoreOptions): Promise<Store> {
  const opened = openEngine(url, clock, exclusive);
  const engine: Engine = { ...(fault ? withFaults(opened, fault) : opened), lost };
  try {
    await migrate(engine, fault);
  } catch (thrown) {
    await engine.close();
    throw thrown;
  }
  return storeOn(engine);
}

/**
 * A store in memory that holds one connection as it stands in a database now; see `copy.ts`.
 *
 * @throws Error for a database that is not of this version: nothing is migrated only to be read
 */
export async function openCopy(url: string, connection: ConnectionId, clock: Clock): Promise<Store> {
  const file = /^file:(?!:memory:)(.+)$/.exec(url)?.[1];
  if (file !== undefined && !existsSync(file)) return openStore({ url: "file::memory:", clock }); // nobody has been pushed yet
  const from = openEngine(url, clock, false);
  try {
    if ((await stepsTaken(from)) !== knownSteps) throw new Error("The database is not of this version; start the server of this version once, then try again");
    const to = openEngine("file::memory:", clock, false);
    await migrate(to);
    await copyConnection(from, to, connection);
    // What is owed elsewhere is not woken here either.
    return { ...storeOn(to), wake: () => Promise.resolve(0) };
  } finally {
    await from.close();
  }
}

export function openEngine(url: string, clock: Clock, exclusive: boolean): Engine {
  if (/^file:./.test(url)) return openSqlite({ path: url.slice("file:".length), clock, exclusive });
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres({ url });
  throw new Error("The store's address must begin with file: or postgres://");
}

const storeOn = (engine: Engine): Store => ({
  ...resourceStore(engine),
  ...leases(engine),
  record: (lease, change) => record(engine, lease, change),
  ...modeStore(engine),
  ...budgetStore(engine),
  ...outageStore(engine),
  ...journalStore(engine),
  ...tokenStore(engine),
  ...taskStore(engine),
  ...keyStore(engine),
  ...personStore(engine),
  ...noticeStore(engine),
  ...watchStore(engine),
  ...holdStore(engine),
  ...policyStore(engine),
  ...trialStore(engine),
  ...runStore(engine),
  ...sightingStore(engine),
  ...findingStore(engine),
  ...repairStore(engine),
  ...operatorStore(engine),
  ...workStore(engine),

  async now() {
    const { rows } = await sql<{ readonly now_ms: number }>`select ${engine.now()} as now_ms`.execute(engine.db);
    return rows[0]?.now_ms ?? 0;
  },
  async ping() {
    await sql`select 1`.execute(engine.db);
  },
  isAway: (thrown) => engine.isAway(thrown),
  close: () => engine.close(),
});

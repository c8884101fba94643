/**
 * What the commands that look at one connection share: its store, its policy and its connector.
 *
 * @module
 */
import { join } from "node:path";
import { type Config, readConfig, setupOf } from "../config.ts";
import { connectorBudget, openConnector } from "../connectors/registry.ts";
import { openBudget } from "../delivery/budget.ts";
import { rememberLooks } from "../delivery/recent-looks.ts";
import { openSite, type Site } from "../delivery/site.ts";
import { systemClock } from "../runtime/clock.ts";
import { sandboxConfig, sandboxConnections } from "../sandbox/sandbox-config.ts";
import { openStore } from "../store/open-store.ts";
import type { Store } from "../store/store.ts";
import type { Where } from "./with-store.ts";
import { world } from "./world.ts";

/** @throws Error for a connection that is not configured */
export async function withSite(where: Where & { readonly connection: string }, step: (store: Store, site: Site) => Promise<void>): Promise<void> {
  const config = where.config === undefined ? await sandboxFrom(where.data) : await readConfig(where.config, world);
  const connection = config.connections.find(({ id }) => id === where.connection);
  if (!connection) throw new Error(`There is no connection "${where.connection}"; configured: ${config.connections.map(({ id }) => id).join(", ")}.`);
  const setup = setupOf(connection, config);
  const connector = await openConnector(setup);
  const budget = openBudget(connection.budget ?? (await connectorBudget(setup)), systemClock);
  const store = await openStore({ url: config.store, clock: systemClock });
  try {
    await step(store, openSite(connection.id, connector, connection.policy, budget, rememberLooks(systemClock)));
  } finally {
    await store.close();
  }
}

/** The sandbox's vendors live in its own process: its policies can be read here, its vendors cannot be called. */
function sandboxFrom(data: string): Promise<Config> {
  const nobody = { url: "http://127.0.0.1:9", apiKey: "tot_sandbox000000" };
  return sandboxConfig({ store: `file:${join(data, "drawbridge.db")}`, port: 8080, token: "a-token-that-opens-nothing-anywhere", vendors: new Map(sandboxConnections.map((name) => [name, nobody])) });
}

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
  const config = await configFor(where);
  const site = await openSiteOf(config, where.connection);
  const store = await openStore({ url: config.store, clock: systemClock });
  try {
    await step(store, site);
  } finally {
    await store.close();
  }
}

/** The file that was named, or the sandbox's. */
export const configFor = (where: Where): Promise<Config> => (where.config === undefined ? sandboxFrom(where.data) : readConfig(where.config, world));

/** @throws Error for a connection that is not configured */
export async function openSiteOf(config: Config, id: string): Promise<Site> {
  const connection = config.connections.find((one) => one.id === id);
  if (!connection) throw new Error(`There is no connection "${id}"; configured: ${config.connections.map((one) => one.id).join(", ")}.`);
  const setup = setupOf(connection, config);
  const connector = await openConnector(setup);
  const budget = openBudget(connection.budget ?? (await connectorBudget(setup)), systemClock);
  return openSite(connection.id, connector, connection.policy, budget, rememberLooks(systemClock));
}

/** The sandbox's vendors live in its own process: its policies can be read here, its vendors cannot be called. */
function sandboxFrom(data: string): Promise<Config> {
  const nobody = { url: "http://127.0.0.1:9", apiKey: "tot_sandbox000000" };
  return sandboxConfig({ store: `file:${join(data, "drawbridge.db")}`, port: 8080, token: "a-token-that-opens-nothing-anywhere", vendors: new Map(sandboxConnections.map((name) => [name, nobody])) });
}

/**
 * One connection of a configuration, ready to be looked at or written to from the command line, beside a server or without one.
 *
 * @module
 */
import { userInfo } from "node:os";
import { join } from "node:path";
import { type Config, type ConnectionConfig, readConfig, setupOf } from "../config.ts";
import { connectorBudget, openConnector } from "../connectors/registry.ts";
import { openBudget } from "../delivery/budget.ts";
import { rememberLooks } from "../delivery/recent-looks.ts";
import { openSite, type Site } from "../delivery/site.ts";
import type { ConnectionId } from "../model/ids.ts";
import { connectionId } from "../model/ids.ts";
import { systemClock } from "../runtime/clock.ts";
import { sandboxConfig, sandboxConnections } from "../sandbox/sandbox-config.ts";
import type { Store } from "../store/store.ts";
import { type Where, withStore } from "./with-store.ts";
import { world } from "./world.ts";

export interface AtConnection extends Where {
  readonly connection: string;
}

/** Who decides, for the record: `--by`, or the account that runs the command. */
export function whoIs(by: string | undefined): string {
  if (by !== undefined && by.trim() !== "") return by.trim();
  try {
    return process.env["SUDO_USER"] ?? userInfo().username;
  } catch {
    return "somebody on the command line"; // a container may have no account for its user
  }
}

/** @throws Error for a connection that is not configured */
export async function withConnection(where: AtConnection, step: (store: Store, connection: ConnectionId) => Promise<void>): Promise<void> {
  await withStore(where, async (store, known) => {
    if (!known.includes(where.connection)) throw new Error(`There is no connection "${where.connection}"; configured: ${known.join(", ")}.`);
    await step(store, connectionId(where.connection));
  });
}

/**
 * As `withConnection`, with the connector: for whatever needs to know the vendor, or to ask it (`callsVendor`).
 *
 * @throws Error for a connection that is not configured, or where the vendor is to be called and only the sandbox is there
 */
export async function withSite(where: AtConnection, step: (store: Store, site: Site, configured: ConnectionConfig) => Promise<void>, { callsVendor = false } = {}): Promise<void> {
  if (where.config === undefined && callsVendor) throw new Error("This needs the configuration of a server: --config FILE.");
  await withConnection(where, async (store, id) => {
    const config = where.config === undefined ? await sandboxFrom(where.data) : await readConfig(where.config, world);
    const configured = config.connections.find((one) => one.id === id);
    if (!configured) throw new Error(`There is no connection "${id}".`);
    const setup = setupOf(configured, config);
    const connector = await openConnector(setup);
    const budget = openBudget(configured.budget ?? (await connectorBudget(setup)), systemClock);
    await step(store, openSite(id, connector, configured.policy, budget, rememberLooks(systemClock)), configured);
  });
}

/** The sandbox's vendors live in its own process: its policies can be read here, its vendors cannot be called. */
function sandboxFrom(data: string): Promise<Config> {
  const nobody = { url: "http://127.0.0.1:9", apiKey: "tot_sandbox000000" };
  return sandboxConfig({ store: `file:${join(data, "drawbridge.db")}`, port: 8080, token: "a-token-that-opens-nothing-anywhere", vendors: new Map(sandboxConnections.map((name) => [name, nobody])) });
}

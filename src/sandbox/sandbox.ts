/**
 * The sandbox: the real bridge on an embedded database in front of four simulated vendors, with nothing to configure.
 *
 * Everything lives in one folder, so that it survives a restart: the database, the vendors' state and the token.
 *
 * @module
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { openHouse } from "../app.ts";
import type { RunningSimulator } from "../connectors/kit/simulator/running.ts";
import type { Log } from "../runtime/log.ts";
import { newToken } from "../runtime/new-id.ts";
import { sandboxConfig, sandboxConnections, sandboxSwitches, tokenFor } from "./sandbox-config.ts";
import { simulateVendor } from "./simulate.ts";

export interface Sandbox {
  readonly places: readonly Place[];
  readonly greeting: string;
  stop(): Promise<void>;
}

/** One connection of the sandbox. */
export interface Place {
  readonly connection: string;
  /** `http://localhost:8080/scim/peoplelens/v2` */
  readonly base: string;
  readonly token: string;
  readonly vendor: RunningSimulator;
}

/** @param port 0 takes a free one */
export async function openSandbox({ dataDir, port, log }: { readonly dataDir: string; readonly port: number; readonly log: Log }): Promise<Sandbox> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const token = await lastingToken(join(dataDir, "sandbox-token"));
  const vendors = new Map<string, RunningSimulator>();
  const stopVendors = () => Promise.all([...vendors.values()].map((vendor) => vendor.stop()));
  try {
    for (const name of sandboxConnections) vendors.set(name, await simulateVendor(name, { stateFile: join(dataDir, `${name}.json`), switches: sandboxSwitches[name] ?? {} }));
    const free = port === 0 ? await freePort() : port;
    const config = await sandboxConfig({ store: `file:${join(dataDir, "drawbridge.db")}`, port: free, token, vendors });
    const house = await openHouse(config, { log });
    try {
      await house.door.listen("127.0.0.1", free);
    } catch (thrown) {
      await house.stop();
      throw (thrown as { code?: string }).code === "EADDRINUSE" ? new Error(`Port ${free} is in use. Choose another one: npm start -- --port 8081`) : thrown;
    }
    const places = [...vendors].map(([connection, vendor]): Place => ({ connection, base: `${config.publicUrl}/scim/${connection}/v2`, token: tokenFor(token, connection), vendor }));
    return {
      places,
      greeting: greeting(places, dataDir),
      async stop() {
        await house.stop();
        await stopVendors();
      },
    };
  } catch (thrown) {
    await stopVendors();
    throw thrown;
  }
}

/** One token for the life of the folder, readable by its owner only. */
async function lastingToken(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch {
    const token = newToken();
    await writeFile(file, `${token}\n`, { mode: 0o600 });
    return token;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

function greeting(places: readonly Place[], dataDir: string): string {
  const [first] = places;
  if (!first) return "The sandbox has no vendor.";
  const blocks = places.map(({ connection, base, token, vendor }) => `  ${connection}\n    SCIM base URL    ${base}\n    Token            ${token}\n    Vendor           ${vendor.controlUrl}/state   ${vendor.controlUrl}/journal`);
  return `
Drawbridge sandbox: the real bridge in front of ${places.length} simulated vendors. Nothing leaves this machine.

${blocks.join("\n\n")}

Data: ${dataDir}

A joiner arrives at ${first.connection}:

  curl -s ${first.base}/Users \\
    -H 'Authorization: Bearer ${first.token}' \\
    -H 'Content-Type: application/scim+json' \\
    -d '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@acme.example","name":{"givenName":"Ada","familyName":"Lovelace"},"emails":[{"value":"ada@acme.example","type":"work","primary":true}],"active":true}'

Then look at the vendor:  curl -s ${first.vendor.controlUrl}/state
`;
}

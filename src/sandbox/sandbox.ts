/**
 * The sandbox: the real bridge on an embedded database in front of a simulated vendor, with nothing to configure.
 *
 * Everything lives in one folder, so that it survives a restart: the database, the vendor's state and the token.
 *
 * @module
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openHouse } from "../app.ts";
import type { RunningSimulator } from "../connectors/kit/simulator/running.ts";
import type { Log } from "../runtime/log.ts";
import { newToken } from "../runtime/new-id.ts";
import { sandboxConfig, sandboxConnection } from "./sandbox-config.ts";
import { simulateVendor } from "./simulate.ts";

export interface Sandbox {
  /** `http://localhost:8080/scim/peoplelens/v2` */
  readonly base: string;
  readonly token: string;
  readonly vendor: RunningSimulator;
  readonly greeting: string;
  stop(): Promise<void>;
}

/** @param port 0 takes a free one */
export async function openSandbox({ dataDir, port, log }: { readonly dataDir: string; readonly port: number; readonly log: Log }): Promise<Sandbox> {
  await mkdir(dataDir, { recursive: true });
  const token = await lastingToken(join(dataDir, "sandbox-token"));
  const vendor = await simulateVendor("peoplelens", { stateFile: join(dataDir, "peoplelens.json") });
  const free = port === 0 ? await freePort() : port;
  try {
    const config = await sandboxConfig({ store: `file:${join(dataDir, "drawbridge.db")}`, port: free, vendorUrl: vendor.url, apiKey: vendor.apiKey, token });
    const house = await openHouse(config, { log });
    try {
      await house.door.listen("127.0.0.1", free);
    } catch (thrown) {
      await house.stop();
      throw (thrown as { code?: string }).code === "EADDRINUSE" ? new Error(`Port ${free} is in use. Choose another one: npm start -- --port 8081`) : thrown;
    }
    const base = `${config.publicUrl}/scim/${sandboxConnection}/v2`;
    return {
      base,
      token,
      vendor,
      greeting: greeting(base, token, vendor, dataDir),
      async stop() {
        await house.stop();
        await vendor.stop();
      },
    };
  } catch (thrown) {
    await vendor.stop();
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

async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

const greeting = (base: string, token: string, vendor: RunningSimulator, dataDir: string): string => `
Drawbridge sandbox: the real bridge in front of a simulated PeopleLens AI. Nothing leaves this machine.

  SCIM base URL      ${base}
  Token              ${token}
  Vendor's state     ${vendor.controlUrl}/state
  Vendor's journal   ${vendor.controlUrl}/journal
  Data               ${dataDir}

A joiner arrives:

  curl -s ${base}/Users \\
    -H 'Authorization: Bearer ${token}' \\
    -H 'Content-Type: application/scim+json' \\
    -d '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@acme.example","name":{"givenName":"Ada","familyName":"Lovelace"},"emails":[{"value":"ada@acme.example","type":"work","primary":true}],"active":true}'

Then look at the vendor:  curl -s ${vendor.controlUrl}/state
`;

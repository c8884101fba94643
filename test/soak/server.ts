/**
 * Drawbridge for the soak: the whole house on a fresh SQLite file, one connection to each simulated vendor.
 *
 *     node --expose-gc test/soak/server.ts VENDORS      VENDORS: JSON as vendors.ts tells it
 *
 * @module
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getHeapSpaceStatistics } from "node:v8";
import { openHouse } from "../../src/app.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { sandboxConfig, tokenFor } from "../../src/sandbox/sandbox-config.ts";
import type { VendorsBegun } from "./vendors.ts";

export interface ServerBegun {
  readonly port: number;
  readonly folder: string;
  /** The database, in it. */
  readonly file: string;
  readonly tokens: Readonly<Record<string, string>>;
}

export interface ServerAnswer {
  readonly heapMb: number;
  /** Without `youngMb`. */
  readonly residentMb: number;
  /** The engine's room for young objects: it lets that grow to a bound of its own (128 MB here) as traffic goes on, used or not. */
  readonly youngMb: number;
}

const vendors = new Map(Object.entries(JSON.parse(process.argv[2] ?? "{}") as VendorsBegun));
const folder = mkdtempSync(join(tmpdir(), "drawbridge-soak-"));
const file = join(folder, "soak.db");
const token = "soak-token-of-more-than-thirty-two-characters";
const config = await sandboxConfig({ store: `file:${file}`, port: 8080, token, vendors });
// More people leave here in ten minutes than anywhere in a year: the brake is not what is tried.
const brake = { windowMs: 3_600_000, count: 1_000_000, share: 1, deletes: { count: 1_000_000, share: 1 } };
const house = await openHouse({ ...config, connections: config.connections.map((connection) => ({ ...connection, policy: { ...connection.policy, brake } })) }, { log: silentLog });
const { port } = await house.door.listen("127.0.0.1", 0);

process.on("message", () => {
  void measured().then((answer) => process.send?.(answer));
});
process.on("disconnect", () => process.exit(1));
process.send?.({ port, folder, file, tokens: Object.fromEntries([...vendors.keys()].map((name) => [name, tokenFor(token, name)])) } satisfies ServerBegun);

async function measured(): Promise<ServerAnswer> {
  globalThis.gc?.();
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc?.(); // what finalizers of the first have let go
  const { heapUsed, rss } = process.memoryUsage();
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space")?.physical_space_size ?? 0;
  return { heapMb: heapUsed / 2 ** 20, residentMb: (rss - young) / 2 ** 20, youngMb: young / 2 ** 20 };
}

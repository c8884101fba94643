/**
 * The whole house for the bench, in front of one vendor, on the connection `acme`.
 *
 * @module
 */
import { type House, openHouse } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { connectionId } from "../../src/model/ids.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { token } from "../token.ts";

export const acme = connectionId("acme");
/** The group that gives its members a role. */
export const mappedGroup = "Everyone";

export async function benchHouse({ store, vendorUrl }: { readonly store: string; readonly vendorUrl: string }): Promise<House> {
  const section = { connector: "peoplelens", auth: { bearer: [{ name: "bench", token }] }, settings: { baseUrl: vendorUrl, apiKey: "key" }, rails: { massDeprovision: { count: 1_000_000 } }, roles: { map: [{ idp: mappedGroup, vendor: "User" }], fallback: "User" } };
  const document = { listen: { host: "127.0.0.1", port: 0 }, publicUrl: "http://scim.bench", store, egress: { allow: ["127.0.0.1"] }, connections: { acme: section } };
  const config = await readConfig("bench.yaml", { env: {}, readFile: async () => JSON.stringify(document) });
  // No vendor bears this; here it is the bridge that is measured, and a budget would be measured instead.
  const boundless = { requestsPerSecond: 1e6, burst: 1e6 };
  return openHouse({ ...config, connections: config.connections.map((connection) => ({ ...connection, budget: boundless })) }, { log: silentLog });
}

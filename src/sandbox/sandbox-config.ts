/**
 * The sandbox's configuration: an ordinary `drawbridge.yaml`, read by the ordinary reader.
 *
 * @module
 */
import { type Config, readConfig } from "../config.ts";

export const sandboxConnection = "peoplelens";
export const sandboxConnections: readonly string[] = [sandboxConnection];

export interface SandboxSettings {
  readonly store: string;
  readonly port: number;
  readonly vendorUrl: string;
  readonly apiKey: string;
  readonly token: string;
}

export function sandboxConfig({ store, port, vendorUrl, apiKey, token }: SandboxSettings): Promise<Config> {
  const document = {
    listen: { host: "127.0.0.1", port },
    publicUrl: `http://localhost:${port}`,
    store,
    egress: { allow: ["127.0.0.1"] },
    connections: {
      [sandboxConnection]: {
        connector: "peoplelens",
        auth: { bearer: [{ name: "sandbox", token: "${SANDBOX_TOKEN}" }] },
        settings: { baseUrl: vendorUrl, apiKey: "${SANDBOX_API_KEY}", defaultRole: "User" },
        roles: { map: [{ idp: "Hiring leads", vendor: "Admin", privileged: true }, { idp: "Everyone", vendor: "User" }], fallback: "User" },
        onEmailChange: "keepLogin",
        rails: { massDeprovision: { count: 1000 } },
        budget: { requestsPerSecond: 1000, burst: 1000 },
      },
    },
  };
  const env = { SANDBOX_TOKEN: token, SANDBOX_API_KEY: apiKey };
  return readConfig("sandbox.yaml", { env, readFile: async () => JSON.stringify(document) });
}

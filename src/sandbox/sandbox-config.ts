/**
 * The sandbox's configuration: an ordinary `drawbridge.yaml` with one connection to each simulated vendor, read by the ordinary reader.
 *
 * @module
 */
import { type Config, readConfig } from "../config.ts";
import { organization } from "../connectors/enlivy/simulated/state.ts";
import type { RunningSimulator } from "../connectors/kit/simulator/running.ts";
import { roleIds } from "../connectors/transactionlink/simulated/state.ts";
import type { JsonObject } from "../model/json.ts";

interface Part {
  /** The name of the setting that holds the vendor credential. */
  readonly credential: "apiKey" | "token";
  readonly settings: JsonObject;
  readonly roles: { readonly everyone: string; readonly leads: string };
  readonly more?: JsonObject;
}

/** Names that the sandbox's people and groups can use on every connection: `Everyone`, and `Hiring leads` (privileged). */
const parts: Readonly<Record<string, Part>> = {
  peoplelens: { credential: "apiKey", settings: { defaultRole: "User" }, roles: { everyone: "User", leads: "Admin" } },
  transactionlink: { credential: "token", settings: { defaultRoleId: roleIds.member }, roles: { everyone: roleIds.member, leads: roleIds.admin } },
  enlivy: {
    credential: "token",
    settings: { organizationId: organization, defaultRoleId: "org_userrole_employee", noAccessRoleId: "org_userrole_leaver", defaultCountry: "RO" },
    roles: { everyone: "org_userrole_employee", leads: "org_userrole_admin" },
  },
  // Applivery documents only create and list; the sandbox may use what others have seen, so that roles and leavers can be tried.
  applivery: { credential: "apiKey", settings: { organizationId: "acme" }, roles: { everyone: "viewer", leads: "admin" }, more: { endpoints: "observed" } },
};

/** The sandbox's connections, by the names of their connectors. */
export const sandboxConnections: readonly string[] = Object.keys(parts);

/** How the simulated vendor begins, where its own defaults would leave nothing to see. */
export const sandboxSwitches: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  applivery: { putCollaborator: "on", deleteCollaborator: "on", createAfterRemove: "200" },
};

export interface SandboxSettings {
  readonly store: string;
  readonly port: number;
  readonly token: string;
  readonly vendors: ReadonlyMap<string, Pick<RunningSimulator, "url" | "apiKey">>;
}

export function sandboxConfig({ store, port, token, vendors }: SandboxSettings): Promise<Config> {
  const env: Record<string, string> = {};
  const connections = [...vendors].map(([name, vendor]) => {
    const part = parts[name];
    if (!part) throw new Error(`the sandbox does not know how to connect to ${name}`);
    env[`${name}_token`] = tokenFor(token, name);
    env[`${name}_key`] = vendor.apiKey;
    return [name, connectionOf(name, part, vendor.url)];
  });
  const document = { listen: { host: "127.0.0.1", port }, publicUrl: `http://localhost:${port}`, store, egress: { allow: ["127.0.0.1"] }, connections: Object.fromEntries(connections) };
  return readConfig("sandbox.yaml", { env, readFile: async () => JSON.stringify(document) });
}

const connectionOf = (name: string, { credential, settings, roles, more }: Part, baseUrl: string): JsonObject => ({
  connector: name,
  auth: { bearer: [{ name: "sandbox", token: `\${${name}_token}` }] },
  settings: { baseUrl, [credential]: `\${${name}_key}`, ...settings },
  roles: { map: [{ idp: "Hiring leads", vendor: roles.leads, privileged: true }, { idp: "Everyone", vendor: roles.everyone }], fallback: roles.everyone },
  onEmailChange: "keepLogin",
  rails: { massDeprovision: { count: 1000 } },
  budget: { requestsPerSecond: 1000, burst: 1000 },
  ...more,
});

/** A token opens one connection only, so each has its own; they share a stem, and that is the whole of their secret. */
export const tokenFor = (token: string, connection: string): string => `${token}-${connection}`;

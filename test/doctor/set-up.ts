/**
 * A whole set-up for the doctor to look at: a simulated vendor, a running server, and, where asked for, something before it that ends TLS.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHouse, type House } from "../../src/app.ts";
import { type Config, examineConfig } from "../../src/config.ts";
import { organization } from "../../src/connectors/enlivy/simulated/state.ts";
import type { RunningSimulator, SimulatorOptions } from "../../src/connectors/kit/simulator/running.ts";
import { roleIds } from "../../src/connectors/transactionlink/simulated/state.ts";
import { visit, type Wanted } from "../../src/doctor/doctor.ts";
import { configFindings } from "../../src/doctor/configuration.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { lookAtStore } from "../../src/doctor/store.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { connectionId } from "../../src/model/ids.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { simulateVendor } from "../../src/sandbox/simulate.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { certify } from "../support/certificate.ts";
import { freePort } from "../support/process.ts";
import { type Habits, type ReverseProxy, startReverseProxy } from "../support/reverse-proxy.ts";

/** The public authority of the tests' world, an intermediate that it has signed, and good papers for `localhost`. */
export const authority = certify({ subject: "Everybody's CA", isAuthority: true });
export const intermediate = certify({ subject: "Everybody's CA R3", isAuthority: true, by: authority });
export const papers = certify({ subject: "localhost", names: ["localhost"], by: intermediate });
export const goodTls = { key: papers.key, cert: papers.certificate + intermediate.certificate };

export interface Wish {
  /** Default: peoplelens. */
  readonly vendor?: string;
  readonly simulator?: SimulatorOptions;
  /** The name of another credential of the simulator's. */
  readonly credential?: string;
  /** Merged into the connection's settings; may look at the vendor. */
  readonly settings?: JsonObject | ((vendor: RunningSimulator) => JsonObject);
  readonly connection?: JsonObject;
  readonly top?: JsonObject;
  /** The file that the doctor reads differs from the one that the server runs on. */
  readonly read?: { readonly connection?: JsonObject; readonly settings?: JsonObject; readonly top?: JsonObject };
  readonly server?: "running" | "stopped" | "on another database";
  /** What stands before it; `publicUrl` then names it. Default: nothing, and `publicUrl` is the server's own address. */
  readonly before?: Habits;
  readonly publicPath?: string;
  readonly publicUrl?: (proxyPort: number) => string;
  readonly environment?: Readonly<Record<string, string>>;
  /** How far this machine's clock is ahead, ms. */
  readonly clockAheadMs?: number;
  /** Before the doctor comes. */
  readonly meanwhile?: (world: SetUp) => Promise<void> | void;
  /** After the doctor has gone, while everything still runs. */
  readonly afterwards?: (world: SetUp & { readonly findings: readonly Finding[] }) => Promise<void> | void;
  /** Told of every finding as it comes; may end the visit. */
  readonly meets?: (finding: Finding, end: () => void) => void;
  readonly wanted?: Partial<Wanted>;
  /** A token for the connection is there. Default: true. */
  readonly token?: boolean;
}

export interface SetUp {
  readonly vendor: RunningSimulator;
  readonly store: Store;
  readonly house: House | undefined;
  readonly config: Config;
  readonly document: JsonObject;
}

const settingsOf = (name: string, vendor: RunningSimulator, key: string): JsonObject => {
  const baseUrl = vendor.url;
  switch (name) {
    case "transactionlink":
      return { baseUrl, token: key, defaultRoleId: roleIds.member };
    case "enlivy":
      return { baseUrl, token: key, organizationId: organization, defaultRoleId: "org_userrole_employee", noAccessRoleId: "org_userrole_leaver", defaultCountry: "RO" };
    case "applivery":
      return { baseUrl, apiKey: key, organizationId: "acme" };
    default:
      return { baseUrl, apiKey: key, defaultRole: "User" };
  }
};

const mappedIn = (name: string): JsonObject =>
  name === "peoplelens" ? { map: [{ idp: "Admins", vendor: "Admin", privileged: true }, { idp: "Everyone", vendor: "User" }], fallback: "User" } : {};

/** The findings of one visit; everything that was started is ended. */
export async function findingsIn(wish: Wish): Promise<readonly Finding[]> {
  const { vendor: name = "peoplelens", server = "running", before, publicPath = "", clockAheadMs = 0, wanted = {} } = wish;
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-doctor-"));
  const vendor = await simulateVendor(name, wish.simulator ?? {});
  const port = await freePort();
  const proxy: ReverseProxy | undefined = before && (await startReverseProxy(port, before));
  const publicUrl = wish.publicUrl?.(proxy?.port ?? port) ?? (proxy ? `${before?.tls ? "https" : "http"}://localhost:${proxy.port}${publicPath}` : `http://127.0.0.1:${port}`);
  const own = typeof wish.settings === "function" ? wish.settings(vendor) : wish.settings;
  const settings = { ...settingsOf(name, vendor, vendor.apiKeys[wish.credential ?? ""] ?? vendor.apiKey), ...own };
  const document = (more: Wish["read"] = {}): JsonObject => ({
    listen: { host: "127.0.0.1", port },
    publicUrl,
    store: `file:${join(folder, "drawbridge.db")}`,
    egress: { allow: ["127.0.0.1"] },
    ...wish.top,
    ...more.top,
    connections: { acme: { connector: name, settings: { ...settings, ...more.settings }, roles: mappedIn(name), budget: { requestsPerSecond: 1000, burst: 1000 }, ...wish.connection, ...more.connection }, other: { connector: name, settings, roles: mappedIn(name), budget: { requestsPerSecond: 1000, burst: 1000 } } },
  });
  const env = { ...wish.environment };
  const read = async (file: JsonObject) => examineConfig("drawbridge.yaml", { env, readFile: async () => JSON.stringify(file) });
  const running = await read(server === "on another database" ? { ...document(), store: `file:${join(folder, "another.db")}` } : document());
  const looked = await read(document(wish.read));
  const house = running.config && server !== "stopped" ? await openHouse(running.config, { log: silentLog }) : undefined;
  await house?.door.listen("127.0.0.1", port);
  try {
    const findings: Finding[] = [...configFindings("drawbridge.yaml", looked)];
    const { config } = looked;
    if (!config) return findings;
    const clock = { ...systemClock, now: () => systemClock.now() + clockAheadMs };
    const made = await openStore({ url: `file:${join(folder, "drawbridge.db")}`, clock: systemClock });
    if (wish.token ?? true) await made.addToken(connectionId("acme"), { name: "okta", hash: "00".repeat(32), expiresMs: undefined });
    await wish.meanwhile?.({ vendor, store: made, house, config, document: document() });
    await made.close();
    const { findings: ofStore, usable } = await lookAtStore(config.store, clock);
    findings.push(...ofStore);
    const store = usable ? await openStore({ url: config.store, clock }) : undefined;
    const ending = new AbortController();
    const ward = { config, store, clock, env, authorities: [authority.certificate], timeoutMs: 5_000, signal: ending.signal };
    for await (const finding of visit(ward, { connections: [connectionId("acme")], write: false, ...wanted })) {
      findings.push(finding);
      wish.meets?.(finding, () => ending.abort());
    }
    if (store) await wish.afterwards?.({ vendor, store, house, config, document: document(), findings });
    await store?.close();
    return findings;
  } finally {
    await house?.stop();
    await proxy?.close();
    await vendor.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

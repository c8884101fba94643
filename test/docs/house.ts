/**
 * A house as the documents assume it: `drawbridge.yaml` in an empty folder, the connections that they name, simulated vendors, and the
 * server as `npm start` starts it.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { roleIds } from "../../src/connectors/transactionlink/simulated/state.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { simulateVendor } from "../../src/sandbox/simulate.ts";
import { openStore } from "../../src/store/open-store.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import type { Store } from "../../src/store/store.ts";
import { eventually, patch, token } from "../support/house.ts";
import { freePort } from "../support/process.ts";
import { root } from "./documents.ts";

export type Connection = "acme" | "peoplelens-prod" | "link";

export interface DocumentsHouse {
  /** The folder in which everything is run. */
  readonly folder: string;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly store: Store;
  /** With a `drawbridge` on the PATH, as `npm link` makes one. */
  readonly environment: NodeJS.ProcessEnv;
  /** Those of the configuration, as variables. */
  readonly secrets: Readonly<Record<string, string>>;
  vendor(connection: Connection): RunningSimulator;
  scim(connection: Connection, method: string, path: string, body?: unknown): Promise<Answer>;
  /** Somebody new, with an account at the vendor. @returns the id */
  join(connection: Connection, name: string): Promise<string>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly correlation: string;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export const off = patch({ op: "replace", path: "active", value: false });
/** No push takes access from these: it waits in a hold. */
export const protectedNames = Array.from({ length: 200 }, (_, at) => `boss${at}`);

export async function openDocumentsHouse(startLine: string): Promise<DocumentsHouse> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "drawbridge-documents-")));
  const vendors = { acme: await simulateVendor("peoplelens", {}), "peoplelens-prod": await simulateVendor("peoplelens", { random: 2 }), link: await simulateVendor("transactionlink", {}) };
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const secrets: Record<string, string> = {};
  /** As a configuration should: the file names the variable. */
  const secret = (name: string, value: string): string => {
    secrets[name] = value;
    return `\${${name}}`;
  };
  const door = (name: Connection) => ({ bearer: [{ name: "test", token: secret(`${name.replaceAll("-", "_").toUpperCase()}_TOKEN`, `${token}-${name}`) }] });
  const shared = { rails: { massDeprovision: { count: 1000 }, protected: protectedNames.map((name) => `${name}@acme.example`) }, budget: { requestsPerSecond: 1000, burst: 1000 } };
  const lens = (name: "acme" | "peoplelens-prod") => ({
    connector: "peoplelens", auth: door(name), settings: { baseUrl: vendors[name].url, apiKey: secret(`${name.replaceAll("-", "_").toUpperCase()}_KEY`, vendors[name].apiKey), defaultRole: "User" },
    roles: { map: [{ idp: "PeopleLens Admins", vendor: "Admin", privileged: true }, { idp: "PeopleLens Users", vendor: "User" }], fallback: "User" },
    ...shared,
  });
  const document = {
    listen: { host: "127.0.0.1", port }, publicUrl: url, store: `file:${join(folder, "data/drawbridge.db")}`, egress: { allow: ["127.0.0.1"] },
    connections: {
      acme: lens("acme"), "peoplelens-prod": lens("peoplelens-prod"),
      link: { connector: "transactionlink", auth: door("link"), settings: { baseUrl: vendors.link.url, token: secret("LINK_KEY", vendors.link.apiKey), defaultRoleId: roleIds.member }, roles: { map: [{ idp: "Everyone", vendor: roleIds.member }], fallback: roleIds.member }, ...shared },
    },
  };
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "drawbridge.yaml"), JSON.stringify(document));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "drawbridge"), `#!/bin/sh\nexec "${process.execPath}" "${root}src/main.ts" "$@"\n`, { mode: 0o755 });
  const environment = { ...process.env, ...secrets, PATH: [bin, dirname(process.execPath), process.env["PATH"]].join(delimiter), npm_config_update_notifier: "false" };
  const server = await started(startLine.replace("drawbridge.yaml", join(folder, "drawbridge.yaml")), root, environment, async () => (await fetch(`${url}/readyz`)).ok);
  const store = await openStore({ url: document.store, clock: systemClock });
  const scim: DocumentsHouse["scim"] = async (connection, method, path, body) => {
    const answer = await fetch(`${url}/scim/${connection}/v2${path}`, { method, headers: { authorization: `Bearer ${token}-${connection}`, ...(body !== undefined && { "content-type": "application/scim+json" }) }, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const text = await answer.text();
    return { status: answer.status, correlation: answer.headers.get("x-correlation-id") ?? "", body: text === "" ? undefined : JSON.parse(text) };
  };
  return {
    folder, url, store, environment, secrets, scim,
    vendor: (connection) => vendors[connection],
    async join(connection, name) {
      const { body, status } = await scim(connection, "POST", "/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: `${name}@acme.example`, externalId: randomUUID(), name: { givenName: "Ada", familyName: "Lovelace" }, active: true });
      if (status !== 201) throw new Error(`${name} could not join: ${JSON.stringify(body)}`);
      return body.id;
    },
    async stop() {
      await store.close();
      await ended(server);
      for (const vendor of Object.values(vendors)) await vendor.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a line of shell until it answers. @throws Error with what it printed, where it ends before that */
export async function started(line: string, cwd: string, env: NodeJS.ProcessEnv, answers: () => Promise<boolean>): Promise<ChildProcess> {
  const child = spawn("bash", ["-c", line], { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  child.stdout.on("data", (chunk) => void (printed += String(chunk)));
  child.stderr.on("data", (chunk) => void (printed += String(chunk)));
  try {
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`\`${line}\` ended at once: ${printed}`);
      return answers().catch(() => false);
    }, 40_000, 100);
  } catch (thrown) {
    await ended(child);
    throw thrown;
  }
  return child;
}

/** The whole group that it leads: npm, a shell, the server. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const over = new Promise((resolve) => child.once("close", resolve));
  process.kill(-child.pid, "SIGTERM");
  await over;
}

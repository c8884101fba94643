/**
 * A fresh Drawbridge for one suite: the real house on a database of its own in front of a simulated PeopleLens of its own, on a port of its own.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHouse, type House } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { freePort } from "../support/process.ts";

/** What a suite proves itself with; every way in is open. Made anew for each stage, and worth nothing after it. */
export interface Ways {
  readonly token: string;
  readonly client: { readonly id: string; readonly secret: string };
  readonly basic: { readonly user: string; readonly password: string };
}

export interface Stage extends Ways {
  /** `http://localhost:PORT/scim/acme/v2`; what an answer names as Location can be reached. */
  readonly base: string;
  /** `http://localhost:PORT` */
  readonly origin: string;
  readonly vendor: RunningSimulator;
  readonly house: House;
  /** Where its database is. */
  readonly store: string;
  /** For what the suite writes; goes with the stage. */
  readonly folder: string;
  scim(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: JsonObject }>;
  stop(): Promise<void>;
}

export interface StageWish {
  readonly connection?: JsonObject;
  /** More connections beside `acme`, by name. */
  readonly others?: JsonObject;
  readonly isPeopled?: boolean;
  /** A database of its own; a file in its folder, if none is given. */
  readonly store?: string;
}

export const token = (of: string): string => `compliance-token-of-${of}-${crypto.randomUUID()}`;

/** The section of a connection to a simulated PeopleLens. */
export const sectionFor = (vendor: RunningSimulator, bearer: string): JsonObject => ({
  connector: "peoplelens",
  auth: { bearer: [{ name: "compliance", token: bearer }] },
  settings: { baseUrl: vendor.url, apiKey: vendor.apiKey, defaultRole: "User" },
  roles: { map: [{ idp: "Admins", vendor: "Admin", privileged: true }, { idp: "Everyone", vendor: "User" }], fallback: "User" },
  onEmailChange: "keepLogin",
  rails: { massDeprovision: { count: 1000 } },
  budget: { requestsPerSecond: 1000, burst: 1000 },
});

export async function openStage({ connection = {}, others = {}, isPeopled = false, store: given }: StageWish = {}): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-compliance-"));
  const vendor = await startPeopleLens();
  const bearer = token("acme");
  const client = { id: "compliance", secret: token("client") };
  const basic = { user: "compliance", password: token("basic") };
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const auth = { bearer: [{ name: "compliance", token: bearer }], oauth: { clients: [{ clientId: client.id, clientSecret: client.secret }] }, basic: [basic] };
  const section = { ...sectionFor(vendor, bearer), ...connection, auth: { ...auth, ...(connection["auth"] as JsonObject | undefined) } };
  const store = given ?? `file:${join(folder, "drawbridge.db")}`;
  const document = { listen: { host: "127.0.0.1", port }, publicUrl: origin, store, egress: { allow: ["127.0.0.1"] }, connections: { acme: section, ...others } };
  const house = await openHouse(await readConfig("compliance.yaml", { env: {}, readFile: async () => JSON.stringify(document) }), { log: silentLog });
  await house.door.listen("127.0.0.1", port);
  const base = `${origin}/scim/acme/v2`;
  const stage: Stage = {
    base,
    origin,
    token: bearer,
    client,
    basic,
    vendor,
    house,
    store,
    folder,
    async scim(method, path, body) {
      const answer = await fetch(base + path, { method, headers: { Authorization: `Bearer ${bearer}`, "Content-Type": "application/scim+json" }, ...(body !== undefined && { body: JSON.stringify(body) }) });
      const text = await answer.text();
      return { status: answer.status, body: text === "" ? {} : (JSON.parse(text) as JsonObject) };
    },
    async stop() {
      await house.stop();
      await vendor.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  if (isPeopled) await people(stage);
  return stage;
}

/** Somebody, and a group with them in it: what Okta's suites expect to find (idps.md, 5.4). */
async function people({ scim }: Stage): Promise<void> {
  const someone = await scim("POST", "/Users", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    userName: "somebody@acme.example",
    name: { givenName: "Some", familyName: "Body" },
    emails: [{ value: "somebody@acme.example", type: "work", primary: true }],
    active: true,
  });
  const group = await scim("POST", "/Groups", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Somebodies", members: [{ value: someone.body["id"] }] });
  if (someone.status !== 201 || group.status !== 201) throw new Error(`the directory cannot be peopled: ${someone.status}, ${group.status}`);
}

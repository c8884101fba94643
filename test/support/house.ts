/**
 * A whole house for tests: the real bridge on a fresh SQLite file, in front of a simulated PeopleLens or of any address.
 *
 * @module
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHouse, type House } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Clock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";

export const token = "test-token-of-more-than-thirty-two-characters";

export interface TestHouse {
  readonly house: House;
  readonly base: string;
  /** The house's configuration, for the command line. */
  readonly file: string;
  /** Sends one SCIM request; a path below the connection's base. */
  scim(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export interface HouseWish {
  readonly vendorUrl: string;
  readonly apiKey: string;
  /** Merged over the connection's section. */
  readonly connection?: JsonObject;
  readonly store?: string;
  /** More connections beside `acme`, by name. */
  readonly others?: JsonObject;
  readonly schemaFolder?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

export async function openTestHouse({ vendorUrl, apiKey, connection = {}, store, others = {}, schemaFolder, clock }: HouseWish): Promise<TestHouse> {
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-test-"));
  const document = {
    listen: { host: "127.0.0.1", port: 0 },
    publicUrl: "http://scim.test",
    store: store ?? `file:${join(folder, "test.db")}`,
    egress: { allow: ["127.0.0.1"] },
    connections: {
      acme: {
        connector: "peoplelens",
        auth: { bearer: [{ name: "test", token }] },
        settings: { baseUrl: vendorUrl, apiKey },
        roles: { map: [{ idp: "Admins", vendor: "Admin", privileged: true }, { idp: "Everyone", vendor: "User" }], fallback: "User" },
        rails: { massDeprovision: { count: 1000 } },
        budget: { requestsPerSecond: 1000, burst: 1000 },
        ...connection,
      },
      ...others,
    },
  };
  const file = join(folder, "drawbridge.json");
  await writeFile(file, JSON.stringify(document));
  const config = await readConfig("test.yaml", { env: {}, readFile: async () => JSON.stringify(document) });
  const house = await openHouse(config, { log: silentLog, ...(schemaFolder !== undefined && { schemaFolder }), ...(clock && { clock }) });
  const { port } = await house.door.listen("127.0.0.1", 0);
  const base = `http://127.0.0.1:${port}/scim/acme/v2`;
  return {
    house,
    base,
    file,
    async scim(method, path, body, headers = {}) {
      const answer = await fetch(base + path, {
        method,
        headers: { Authorization: `Bearer ${token}`, ...(body !== undefined && { "Content-Type": "application/scim+json" }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: text === "" ? undefined : JSON.parse(text) };
    },
    async stop() {
      await house.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The house with a simulated PeopleLens behind it. */
export async function openWithVendor(connection?: JsonObject, store?: string) {
  const vendor = await startPeopleLens();
  const test = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, ...(connection && { connection }), ...(store !== undefined && { store }) });
  return {
    ...test,
    vendor,
    async stop() {
      await test.stop();
      await vendor.stop();
    },
  };
}

export const ada = (more: object = {}) => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
  userName: "ada@acme.example",
  externalId: "ext-ada",
  name: { givenName: "Ada", familyName: "Lovelace" },
  active: true,
  ...more,
});

export const patch = (...operations: readonly object[]) => ({ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: operations });

/** Waits until `step` answers with something true, asking every `everyMs`. @throws after `forMs` */
export async function eventually<T>(step: () => Promise<T | undefined | false> | T | undefined | false, forMs = 10_000, everyMs = 25): Promise<T> {
  const until = Date.now() + forMs;
  for (;;) {
    const answer = await step();
    if (answer) return answer;
    if (Date.now() > until) throw new Error("it did not happen in time");
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/**
 * Drawbridge for the bench: the whole house on a fresh SQLite file with USERS linked people in it.
 *
 *     node bench/servers/drawbridge.ts USERS VENDOR_URL [turns]      turns: tells its parent how long the event loop was kept
 *
 * @module
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHouse } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { accountId, connectionId } from "../../src/model/ids.ts";
import { nothingApplied } from "../../src/model/link.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { userTable } from "../../src/scim/schemas.ts";
import { keysOf } from "../../src/scim/search-form.ts";
import type { Store } from "../../src/store/store.ts";
import { token } from "../token.ts";
import { tellTurns } from "./turns.ts";

const [users = "1000", vendorUrl = "", watched] = process.argv.slice(2);
const acme = connectionId("acme");
const document = {
  listen: { host: "127.0.0.1", port: 0 },
  publicUrl: "http://scim.bench",
  store: `file:${join(mkdtempSync(join(tmpdir(), "drawbridge-bench-")), "bench.db")}`,
  egress: { allow: ["127.0.0.1"] },
  connections: {
    acme: { connector: "peoplelens", auth: { bearer: [{ name: "bench", token }] }, settings: { baseUrl: vendorUrl, apiKey: "key" }, rails: { massDeprovision: { count: 1_000_000 } } },
  },
};

process.on("SIGINT", () => process.exit(0));
const config = await readConfig("bench.yaml", { env: {}, readFile: async () => JSON.stringify(document) });
// No vendor bears this; here it is the bridge that is measured, and a budget would be measured instead.
const boundless = { requestsPerSecond: 1e6, burst: 1e6 };
const house = await openHouse({ ...config, connections: config.connections.map((connection) => ({ ...connection, budget: boundless })) }, { log: silentLog });
const firstId = await seed(house.store, Number(users));
if (watched === "turns") tellTurns();
const { port } = await house.door.listen("127.0.0.1", 0);
console.log(JSON.stringify({ port, firstId }));

async function seed(store: Store, count: number): Promise<string> {
  let first = "";
  for (let n = 0; n < count; n++) {
    const id = newResourceId();
    first ||= id;
    const email = `seed${n}@acme.example`;
    const attributes = { userName: email, name: { givenName: "Seed", familyName: `Person${n}` }, emails: [{ value: email, type: "work", primary: true }], active: true };
    const done = await store.commit({ connection: acme, type: "User", id, readAt: undefined, attributes, keys: keysOf(userTable, attributes, { emailKey: email }), bodyDigest: undefined, journal: [], due: { lane: "grant", lease: { owner: "bench", forMs: 60_000 } } });
    if (done.kind !== "committed" || !done.lease) throw new Error("could not seed");
    await store.record(done.lease, {
      journal: [],
      link: { account: accountId(`seed-${n}`), kind: "account", origin: "created", login: email, unknownAt: undefined, verifyAt: undefined, applied: { ...nothingApplied, access: "active", profile: { "name.givenName": "Seed", "name.familyName": `Person${n}` } } },
      due: { kind: "done", version: 1 },
    });
  }
  return first;
}

/**
 * Load from a process of its own: REQUESTS requests over CONNECTIONS kept-alive connections.
 *
 *     node bench/load.ts ORIGIN KIND PREFIX ID REQUESTS CONNECTIONS
 *
 * KIND: `get` by id · `filter` by userName · `post` a new person · `patch` active off and on. Prints one JSON line.
 *
 * @module
 */
import { Pool } from "undici";
import { token } from "./token.ts";

const [origin = "", kind = "get", prefix = "", id = "", requests = "1000", connections = "32"] = process.argv.slice(2);
const pool = new Pool(origin, { connections: Number(connections) });
const run = Math.random().toString(36).slice(2, 8);
const headers = { authorization: `Bearer ${token}`, "content-type": "application/scim+json" };

function requestFor(n: number): { method: "GET" | "POST" | "PATCH"; path: string; body?: string } {
  const email = `${run}.${n}@acme.example`;
  switch (kind) {
    case "filter":
      return { method: "GET", path: `${prefix}/Users?filter=userName%20eq%20%22seed${n % 900}@acme.example%22` };
    case "post":
      return { method: "POST", path: `${prefix}/Users`, body: JSON.stringify({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: email, externalId: `x${run}${n}`, name: { givenName: "New", familyName: `Person${n}` }, emails: [{ value: email, type: "work", primary: true }], active: true }) };
    case "patch":
      return { method: "PATCH", path: `${prefix}/Users/${ids[n % ids.length]}`, body: JSON.stringify({ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op: "replace", value: { active: Math.floor(n / ids.length) % 2 === 1 } }] }) };
    default:
      return { method: "GET", path: `${prefix}/Users/${id}` };
  }
}

/** Patches go to many people, so that nobody waits for another one's lease. */
const ids: string[] = kind === "patch" ? await seeded() : [id];

async function seeded(): Promise<string[]> {
  const found: string[] = [];
  for (let n = 0; n < 200; n++) {
    const { body } = await pool.request({ method: "GET", path: `${prefix}/Users?filter=userName%20eq%20%22seed${n}@acme.example%22`, headers });
    const { Resources } = (await body.json()) as { Resources: { id: string }[] };
    found.push(...Resources.map((person) => person.id));
  }
  return found;
}

const took: number[] = [];
let wrong = 0;
let next = 0;
const startedMs = performance.now();
await Promise.all(
  Array.from({ length: Number(connections) }, async () => {
    while (next < Number(requests)) {
      const n = next++;
      const sentMs = performance.now();
      const { statusCode, body } = await pool.request({ ...requestFor(n), headers });
      await body.text();
      if (statusCode >= 300) wrong += 1;
      took.push(performance.now() - sentMs);
    }
  }),
);
const seconds = (performance.now() - startedMs) / 1000;
took.sort((a, b) => a - b);
const at = (share: number) => Number((took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0).toFixed(2));
console.log(JSON.stringify({ perSecond: Math.round(Number(requests) / seconds), p50Ms: at(0.5), p99Ms: at(0.99), wrong }));
await pool.close();

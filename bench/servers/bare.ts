/**
 * What Drawbridge is measured beside: express doing the same JSON, and nothing else.
 *
 *     node bench/servers/bare.ts MODE USERS [VENDOR_URL]
 *
 * `memory`   people in a Map: no schema, no check, no durability, no vendor
 * `durable`  the same, but every write is one SQLite transaction with `synchronous=FULL`, as an acknowledged push must be
 * `bridge`   the same, and the vendor is called as PeopleLens needs it: look, create, read back; patch, read back
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import express from "express";
import { Pool } from "undici";

type Person = Record<string, unknown> & { id: string; userName: string };

const [mode = "memory", users = "1000", vendorUrl = ""] = process.argv.slice(2);
const people = new Map<string, Person>();
const names = new Map<string, string>();
const vendor = mode === "bridge" ? new Pool(vendorUrl, { connections: 8 }) : undefined;
const db = mode === "memory" ? undefined : new Database(join(mkdtempSync(join(tmpdir(), "bare-")), "bare.db"));
db?.exec("pragma journal_mode = wal; pragma synchronous = full; create table people (id text primary key, body text)");
const upsert = db?.prepare("insert into people values (?, ?) on conflict (id) do update set body = excluded.body");

const keep = (person: Person) => {
  people.set(person.id, person);
  names.set(person.userName.toLowerCase(), person.id);
  upsert?.run(person.id, JSON.stringify(person));
};
const call = async (method: "GET" | "POST" | "PATCH", path: string, body?: unknown) => {
  const answer = await vendor?.request({ method, path, headers: { "content-type": "application/json" }, ...(body !== undefined && { body: JSON.stringify(body) }) });
  return answer?.body.json() as Promise<{ user?: { id: string } }> | undefined;
};
const meta = (version: number) => ({ resourceType: "User", version: `W/"${version}"`, lastModified: new Date().toISOString() });

db?.exec("begin");
for (let n = 0; n < Number(users); n++) keep({ id: randomUUID(), schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: `seed${n}@acme.example`, name: { givenName: "Seed", familyName: `Person${n}` }, emails: [{ value: `seed${n}@acme.example`, type: "work", primary: true }], active: true, meta: meta(1) });
db?.exec("commit");

const app = express();
app.disable("etag").disable("x-powered-by");
app.use(express.json({ type: ["application/scim+json", "application/json"] }));
app.get("/Users/:id", (req, res) => void res.json(people.get(req.params.id)));
app.get("/Users", (req, res) => {
  const name = /^userName eq "([^"]*)"$/.exec(String(req.query["filter"]))?.[1] ?? "";
  const found = people.get(names.get(name.toLowerCase()) ?? "");
  res.json({ schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], totalResults: found ? 1 : 0, startIndex: 1, itemsPerPage: found ? 1 : 0, Resources: found ? [found] : [] });
});
app.post("/Users", async (req, res) => {
  const person = { ...(req.body as Person), id: randomUUID(), meta: meta(1) };
  keep(person);
  if (vendor) {
    await call("GET", `/api/users?search=${encodeURIComponent(person.userName)}`);
    const made = await call("POST", "/api/users", { email: person.userName });
    await call("GET", `/api/users/${made?.user?.id}`);
    keep(person);
  }
  res.status(201).json(person);
});
app.patch("/Users/:id", async (req, res) => {
  const person = { ...(people.get(req.params.id) as Person) };
  for (const { value } of (req.body as { Operations: { value: object }[] }).Operations) Object.assign(person, value);
  person["meta"] = meta(2);
  keep(person);
  if (vendor) {
    await call("PATCH", "/api/users/usr-1", { is_enabled: person["active"] });
    await call("GET", "/api/users/usr-1");
    keep(person);
  }
  res.json(person);
});

const server = app.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port, firstId: [...people.keys()][0] })));

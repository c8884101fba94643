/**
 * The cheapest vendor that PeopleLens' connector accepts: constant-time answers, so that the bench measures the bridge.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { seededEmail } from "./seed.ts";

type Account = Readonly<Record<string, unknown>>;
const users = new Map<string, Account>();
let made = 0;

const of = (id: string): Account | undefined => users.get(id) ?? seeded(id);

/** Whoever was put into the store has an account here: a vendor that knows nobody of ours is taken for another tenant's. */
function seeded(id: string): Account | undefined {
  const n = /^seed-(\d+)$/.exec(id)?.[1];
  return n === undefined ? undefined : { id, email: seededEmail(Number(n)), first_name: "Seed", last_name: `Person${n}`, is_enabled: true, user_preferences: [{ role: "User" }] };
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const send = (status: number, body: unknown) => void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    const id = /^\/api\/users\/([^/?]+)$/.exec(request.url ?? "")?.[1];
    const body = chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>) : {};
    if (request.method === "GET" && id === undefined) return send(200, { users: [] });
    const known = id === undefined ? undefined : of(id);
    if (request.method === "GET") return known ? send(200, { user: known }) : send(404, { error: "not found" });
    if (request.method === "POST") {
      const account = `usr-${++made}`;
      users.set(account, { id: account, email: body["email"], first_name: body["first_name"], last_name: body["last_name"], is_enabled: true, user_preferences: [{ role: body["role"] }] });
      return send(200, { success: true, user: { id: account, email: body["email"] } });
    }
    if (id === undefined || !known) return send(404, { error: "not found" });
    users.set(id, { ...known, ...body });
    return send(200, { success: true });
  });
});

server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));

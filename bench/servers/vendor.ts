/**
 * The cheapest vendor that PeopleLens' connector accepts: constant-time answers, so that the bench measures the bridge.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const users = new Map<string, Record<string, unknown>>();
let made = 0;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const send = (status: number, body: unknown) => void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    const id = /^\/api\/users\/([^/?]+)$/.exec(request.url ?? "")?.[1];
    const body = chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>) : {};
    if (request.method === "GET" && id === undefined) return send(200, { users: [] });
    if (request.method === "GET" && id !== undefined) return users.has(id) ? send(200, { user: users.get(id) }) : send(404, { error: "not found" });
    if (request.method === "POST") {
      const account = `usr-${++made}`;
      users.set(account, { id: account, email: body["email"], first_name: body["first_name"], last_name: body["last_name"], is_enabled: true, user_preferences: [{ role: body["role"] }] });
      return send(200, { success: true, user: { id: account, email: body["email"] } });
    }
    if (id !== undefined) users.set(id, { ...(users.get(id) ?? { id, email: "x@x.example", first_name: "A", last_name: "B", user_preferences: [{ role: "User" }] }), ...body });
    return send(200, { success: true });
  });
});

server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));

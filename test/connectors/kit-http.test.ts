import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { openEgress } from "../../src/connectors/kit/egress.ts";
import type { Http, HttpRequest } from "../../src/connectors/kit/http.ts";
import { openHttp } from "../../src/connectors/kit/http.ts";
import type { Failure } from "../../src/model/failure.ts";
import { failureOf } from "../../src/model/failure.ts";
import type { Script, Seen, Vendor } from "./support/vendor.ts";
import { aCall, json, startVendor } from "./support/vendor.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const KEY = "plk-secret-0123456789";

function open(origin: string, more: { readonly timeoutMs?: number; readonly maxAnswerBytes?: number; readonly allow?: readonly string[]; readonly authorization?: string } = {}): Http {
  const http = openHttp({
    vendor: "Acme",
    origin: new URL(origin),
    egress: openEgress(more.allow ?? ["127.0.0.1"]),
    timeoutMs: more.timeoutMs ?? 2_000,
    maxAnswerBytes: more.maxAnswerBytes ?? 10_000,
    headers: () => ({ authorization: more.authorization ?? `Bearer ${KEY}`, "content-type": "application/json" }),
    errors: {
      message: ["error.message", "error", "message"],
      code: ["error.code"],
      fields: "errors",
      rules: [
        { code: [5187], failure: "unsupported", say: "the feature is off" },
        { field: "email", textContains: "taken", failure: "conflict" },
        { status: [200, 400], textContains: "exists", failure: "conflict" },
        { status: [402], failure: "refused", say: "plan limit" },
      ],
    },
    requestId: ["x-request-id", "fingerprint"],
    retryAfter: ["retry-after"],
    neverLog: ["password"],
    neverKeep: ["oemSecret"],
  });
  ends.push(() => http.close());
  return http;
}

async function vendor(script: Script): Promise<Vendor> {
  const started = await startVendor(script);
  ends.push(() => started.stop());
  return started;
}

const read: HttpRequest = { call: "list", method: "GET", path: "/people", body: undefined, needsBody: true, accept: [] };
const write: HttpRequest = { call: "create", method: "POST", path: "/people", body: { name: "Ann" }, needsBody: true, accept: [{ at: "success", equals: true, otherwise: "refused" }, { at: "id", exists: true, otherwise: "protocol" }] };

async function fails(http: Http, request: HttpRequest, call = aCall()): Promise<Failure> {
  try {
    await http.request(request, call);
  } catch (thrown) {
    return failureOf(thrown);
  }
  throw new Error("it did not fail");
}

const raw = (text: string) => (_: Seen, __: ServerResponse, socket: Socket) => void socket.end(text);

describe("what goes wrong, and what is known about it", () => {
  const deep = "[".repeat(40) + "]".repeat(40);
  test.each<{ is: string; script: Script; reading: Failure["kind"]; writing: Failure["kind"] }>([
    { is: "a dropped connection", script: (_, __, socket) => socket.destroy(), reading: "unreachable", writing: "uncertain" },
    { is: "a reset", script: (_, __, socket) => socket.resetAndDestroy(), reading: "unreachable", writing: "uncertain" },
    { is: "no answer in time", script: () => {}, reading: "unreachable", writing: "uncertain" },
    { is: "a body that stalls", script: (_, response) => void (response.writeHead(200), response.write('{"a":')), reading: "unreachable", writing: "uncertain" },
    { is: "a body shorter than announced", script: raw('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"success":true,"id":"1"}'), reading: "unreachable", writing: "uncertain" },
    { is: "a chunked body that breaks off", script: raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":'), reading: "unreachable", writing: "uncertain" },
    { is: "no HTTP at all", script: raw("hello\r\n\r\n"), reading: "unreachable", writing: "uncertain" },
    { is: "a 500", script: (_, response) => json(response, 500, { error: "boom" }), reading: "unreachable", writing: "uncertain" },
    { is: "a 503 in HTML", script: (_, response) => void response.writeHead(503).end("<html>"), reading: "unreachable", writing: "uncertain" },
    { is: "a 408", script: (_, response) => json(response, 408, {}), reading: "unreachable", writing: "uncertain" },
    { is: "a login page with 200", script: (_, response) => void response.end("<html>log in</html>"), reading: "protocol", writing: "uncertain" },
    { is: "an empty 200", script: (_, response) => void response.end(), reading: "protocol", writing: "uncertain" },
    { is: "bytes that are not UTF-8", script: (_, response) => void response.end(Buffer.from([0x22, 0xff, 0xfe, 0x22])), reading: "protocol", writing: "uncertain" },
    { is: "JSON nested without end", script: (_, response) => void response.end(deep), reading: "protocol", writing: "uncertain" },
    { is: "a compressed body nobody asked for", script: (_, response) => json(response, 200, { success: true, id: "1" }, { "content-encoding": "gzip" }), reading: "protocol", writing: "uncertain" },
    { is: "more bytes than allowed", script: (_, response) => void response.end(JSON.stringify({ success: true, id: "1", filler: "x".repeat(20_000) })), reading: "protocol", writing: "uncertain" },
    { is: "a redirect", script: (_, response) => void response.writeHead(302, { location: "https://elsewhere.example/" }).end(), reading: "protocol", writing: "protocol" },
    { is: "a 308", script: (_, response) => void response.writeHead(308, { location: "/else" }).end(), reading: "protocol", writing: "protocol" },
    { is: "a 401", script: (_, response) => json(response, 401, {}), reading: "credentials", writing: "credentials" },
    { is: "a 403 in HTML", script: (_, response) => void response.writeHead(403).end("<html>"), reading: "credentials", writing: "credentials" },
    { is: "a 404", script: (_, response) => json(response, 404, {}), reading: "notFound", writing: "notFound" },
    { is: "a 405", script: (_, response) => json(response, 405, {}), reading: "unsupported", writing: "unsupported" },
    { is: "a 409", script: (_, response) => json(response, 409, {}), reading: "conflict", writing: "conflict" },
    { is: "a 400", script: (_, response) => json(response, 400, {}), reading: "invalid", writing: "invalid" },
    { is: "a 418", script: (_, response) => json(response, 418, {}), reading: "refused", writing: "refused" },
    { is: "a 429", script: (_, response) => json(response, 429, {}), reading: "throttled", writing: "throttled" },
    { is: "a 429 whose body breaks off", script: raw("HTTP/1.1 429 No\r\nretry-after: 7\r\ncontent-length: 100\r\n\r\n{"), reading: "throttled", writing: "throttled" },
    { is: "a rule on a code", script: (_, response) => json(response, 400, { error: { code: 5187, message: "blocked" } }), reading: "unsupported", writing: "unsupported" },
    { is: "a rule on a field", script: (_, response) => json(response, 422, { message: "invalid", errors: { email: ["has already been taken"] } }), reading: "conflict", writing: "conflict" },
    { is: "a rule on a text", script: (_, response) => json(response, 400, { message: "User already exists" }), reading: "conflict", writing: "conflict" },
  ])("$is: a read is $reading, a write is $writing", async ({ script, reading, writing }) => {
    const { origin, seen } = await vendor(script);
    const http = open(origin, { timeoutMs: 300 });
    expect((await fails(http, read)).kind).toBe(reading);
    expect((await fails(http, write)).kind).toBe(writing);
    expect(seen.map(({ method }) => method)).toEqual(["GET", "POST"]);
  });

  test.each([
    { is: "says no in a 200", body: { success: false, error: "no seats" }, kind: "refused" },
    { is: "says no in a 200 that a rule knows", body: { success: false, error: "it exists" }, kind: "conflict" },
    { is: "says yes without what it promises", body: { success: true }, kind: "uncertain" },
    { is: "answers a list where an object should be", body: [1], kind: "refused" },
  ])("a write that $is is $kind", async ({ body, kind }) => {
    const { origin } = await vendor((_, response) => json(response, 200, body));
    expect((await fails(open(origin), write)).kind).toBe(kind);
  });

  test("a 204 is fine where nothing is promised", async () => {
    const { origin } = await vendor((_, response) => void response.writeHead(204).end());
    expect(await open(origin).request({ ...write, needsBody: false, accept: [] }, aCall())).toBeUndefined();
  });
});

describe("never sent", () => {
  test("a refused connection is unreachable, also for a write", async () => {
    const gone = await startVendor(() => {});
    await gone.stop();
    expect(await fails(open(gone.origin), write)).toMatchObject({ kind: "unreachable", detail: "Acme could not be reached: connection refused" });
  });

  test("a name that does not exist is unreachable", async () => {
    expect((await fails(open("http://nobody.invalid", { allow: ["nobody.invalid"] }), write)).kind).toBe("unreachable");
  });

  test("a broken TLS handshake is unreachable", async () => {
    const { port } = await vendor(() => {});
    expect((await fails(open(`https://127.0.0.1:${port}`), write)).kind).toBe("unreachable");
  });

  test("a TLS handshake that never ends is unreachable", async () => {
    const mute = createServer(() => {});
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const sockets: Socket[] = [];
    mute.on("connection", (socket) => void sockets.push(socket));
    ends.push(() => new Promise((resolve) => { for (const socket of sockets) socket.destroy(); mute.close(() => resolve()); }));
    expect((await fails(open(`https://127.0.0.1:${(mute.address() as AddressInfo).port}`, { timeoutMs: 200 }), write)).kind).toBe("unreachable");
  });

  test("a call whose time is over opens no connection", async () => {
    const server = await vendor((_, response) => json(response, 200, {}));
    const call = aCall(AbortSignal.abort());
    expect((await fails(open(server.origin), write, call)).kind).toBe("unreachable");
    expect(server.connections()).toBe(0);
    expect(call.exchanges).toMatchObject([{ status: undefined, failure: "unreachable" }]);
  });

  test("a forbidden address is refused before anything is dialled", async () => {
    const server = await vendor((_, response) => json(response, 200, {}));
    for (const origin of [server.origin, `http://localhost:${server.port}`, `https://localhost:${server.port}`]) {
      expect((await fails(open(origin, { allow: [] }), write)).kind).toBe("unreachable");
    }
    expect(server.connections()).toBe(0);
  });

  test("a write that waits for a free socket and is given up there is unreachable and never arrives", async () => {
    const waiting: ServerResponse[] = [];
    const server = await vendor((_, response) => void waiting.push(response));
    const http = open(server.origin, { timeoutMs: 5_000 });
    const busy = Array.from({ length: 8 }, () => http.request(read, aCall()));
    while (server.seen.length < 8) await pause(5);
    const giveUp = new AbortController();
    const ninth = fails(http, write, aCall(giveUp.signal));
    await pause(20);
    giveUp.abort();
    expect((await ninth).kind).toBe("unreachable");
    for (const response of waiting) json(response, 200, {});
    await Promise.all(busy);
    await pause(50);
    expect(server.seen.filter(({ method }) => method === "POST")).toEqual([]);
  }, 10_000);
});

describe("nothing is sent twice", () => {
  test.each(["POST", "PATCH", "PUT", "DELETE", "GET"] as const)("a %s that the vendor carries out before it drops the connection arrives once", async (method) => {
    const server = await vendor((_, __, socket) => socket.destroy());
    const failure = await fails(open(server.origin), { ...write, method, body: method === "GET" || method === "DELETE" ? undefined : { name: "Ann" } });
    await pause(100);
    expect(failure.kind).toBe(method === "GET" ? "unreachable" : "uncertain");
    expect(server.seen).toHaveLength(1);
  });

  test.each(["POST", "PATCH", "DELETE"] as const)("the same on a socket that was kept alive: %s", async (method) => {
    const server = await vendor((request, response, socket) => (request.method === "GET" ? json(response, 200, {}) : socket.destroy()));
    const http = open(server.origin);
    await http.request(read, aCall());
    await pause(20); // until the socket has become free again
    expect((await fails(http, { ...write, method })).kind).toBe("uncertain");
    await pause(100);
    expect(server.connections()).toBe(1);
    expect(server.seen.map((one) => one.method)).toEqual(["GET", method]);
  });

  test("a redirect is not followed: not one byte arrives elsewhere", async () => {
    const other = await vendor((_, response) => json(response, 200, {}));
    const server = await vendor((_, response) => void response.writeHead(307, { location: other.origin }).end());
    expect((await fails(open(server.origin), write)).kind).toBe("protocol");
    expect(other.connections()).toBe(0);
  });
});

describe("the path stays where it is", () => {
  test.each(["//evil.example/x", "/a/../b", "/a/..", "/%2e%2e/b", "/./b", "people", "/a b", "/a\r\nx: y", "/a\\b", "/a#b", "https://evil.example/"])("%j is refused before anything is sent", async (path) => {
    const server = await vendor((_, response) => json(response, 200, {}));
    expect((await fails(open(server.origin), { ...read, path })).kind).toBe("internal");
    expect(server.connections()).toBe(0);
  });

  test("dots in a query are data", async () => {
    const server = await vendor((_, response) => json(response, 200, {}));
    await open(server.origin).request({ ...read, path: "/people?search=../.." }, aCall());
    expect(server.seen[0]?.url).toBe("/people?search=../..");
  });
});

describe("what is written down and said", () => {
  test("the exchange is recorded once, with the password covered and without the credential", async () => {
    const { origin } = await vendor((_, response) => json(response, 200, { success: true, id: "7" }));
    const call = aCall();
    await open(origin).request({ ...write, body: { name: "Ann", password: "hunter2-hunter2", nested: [{ password: "x" }] } }, call);
    expect(call.exchanges).toEqual([{ method: "POST", path: "/people", body: { name: "Ann", password: "[secret]", nested: [{ password: "[secret]" }] }, status: 200, durationMs: expect.any(Number), call: "create", failure: undefined }]);
    expect(JSON.stringify(call.exchanges)).not.toContain(KEY);
  });

  test("the vendor gets the whole body and the credential", async () => {
    const server = await vendor((_, response) => json(response, 200, { success: true, id: "7" }));
    await open(server.origin).request({ ...write, body: { password: "hunter2-hunter2" } }, aCall());
    expect(JSON.parse(server.seen[0]?.body ?? "")).toEqual({ password: "hunter2-hunter2" });
    expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  test("a vendor that echoes key and password does not get them into the error", async () => {
    const { origin } = await vendor((request, response) => json(response, 400, { message: `bad ${request.headers.authorization} for ${(JSON.parse(request.body) as { password: string }).password}` }));
    const failure = await fails(open(origin), { ...write, body: { password: "hunter2-hunter2" } });
    expect(failure.detail).not.toMatch(/hunter2|plk-secret/);
    expect(failure.detail).toContain("[secret]");
  });

  test("nor out of a field deep inside, nor into the request's id, nor decoded from Basic", async () => {
    const { origin } = await vendor((request, response) => {
      const { account } = JSON.parse(request.body) as { account: { password: string } };
      json(response, 400, { message: `${account.password} is weak` }, { "x-request-id": KEY });
    });
    const failure = await fails(open(origin), { ...write, body: { account: { password: "hunter2-hunter2" } } });
    expect(failure.detail).toContain('(it says: "[secret] is weak")');
    expect(failure.detail).not.toMatch(/hunter2|plk-secret|request id/);
    const basic = await vendor((request, response) => json(response, 400, { message: `no such user ${Buffer.from(String(request.headers.authorization).slice(6), "base64").toString()}` }));
    const told = await fails(open(basic.origin, { authorization: `Basic ${Buffer.from(`scim-user:${KEY}`).toString("base64")}` }), write);
    expect(told.detail).toContain('(it says: "no such user [secret]:[secret]")');
  });

  test("a vendor's words are one short clean line", async () => {
    const { origin } = await vendor((_, response) => json(response, 400, { message: `no\r\n\u001b[31m\u202e${"x".repeat(500)}` }, { "x-request-id": "r-1" }));
    const { detail } = await fails(open(origin), write);
    expect(detail).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect([...detail].length).toBeLessThan(280);
    expect(detail).toContain("(request id r-1)");
  });

  test.each([401, 500, 429, 302])("a vendor's words in a %i are never passed on", async (status) => {
    const { origin } = await vendor((_, response) => json(response, status, { message: "SELECT * FROM users" }));
    expect((await fails(open(origin), write)).detail).not.toContain("SELECT");
  });

  test("a rule's own words and the field come along", async () => {
    const { origin } = await vendor((_, response) => json(response, 402, { message: "upgrade" }));
    expect(await fails(open(origin), write)).toEqual({ kind: "refused", vendorStatus: 402, detail: 'Acme answered 402 to "create": plan limit (it says: "upgrade")' });
    const other = await vendor((_, response) => json(response, 422, { message: "wrong", errors: { name: ["too long"] } }));
    expect(await fails(open(other.origin), write)).toMatchObject({ kind: "invalid", field: "name" });
  });

  test("a hostile body pollutes nothing and stays data", async () => {
    const { origin } = await vendor((_, response) => json(response, 200, '{"success":true,"id":"1","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'));
    const answer = (await open(origin).request(write, aCall())) as Record<string, unknown>;
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(Object.getPrototypeOf(answer)).toBeNull();
    expect(answer["polluted"]).toBeUndefined();
    expect(Object.assign({}, answer)["polluted"]).toBeUndefined();
  });
});

test.each([
  { header: "7", seconds: 7 },
  { header: "86400", seconds: 900 },
  { header: "-3", seconds: 1 },
  { header: "soon", seconds: 10 },
  { header: undefined, seconds: 10 },
])("Retry-After: $header means $seconds s", async ({ header, seconds }) => {
  const { origin } = await vendor((_, response) => json(response, 429, {}, header === undefined ? {} : { "retry-after": header }));
  expect(await fails(open(origin), write)).toMatchObject({ kind: "throttled", retryAfterSeconds: seconds });
});

test("complaints about fields are quoted, each under its name", async () => {
  const { origin } = await vendor((_, response) => json(response, 422, { message: "The given data was invalid.", errors: { first_name: ["is no name.", "is too long."], locale: "is unknown", deep: { not: "text" } } }));
  expect(await fails(open(origin), write)).toEqual({ kind: "invalid", field: "first_name", detail: 'Acme answered 422 to "create" (it says: "The given data was invalid; first_name: is no name. is too long.; locale: is unknown")' });
});

test("what nobody may keep is taken out of every answer, wherever it stands, and out of every quotation", async () => {
  const secret = "oem-secret-5f1c";
  const { origin } = await vendor(({ method }, response) =>
    method === "GET" ? json(response, 200, { data: { id: "1", oemSecret: secret, list: [{ oemSecret: { deep: [secret] } }] } }) : json(response, 400, { message: `made with ${secret}`, data: { oemSecret: secret } }));
  const http = open(origin);
  expect(await http.request(read, aCall())).toEqual({ data: { id: "1", list: [{}] } });
  const failure = await fails(http, write);
  expect(failure.detail).toContain("made with [secret]");
  expect(JSON.stringify(failure)).not.toContain(secret);
});

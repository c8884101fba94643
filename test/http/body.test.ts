import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import request from "supertest";
import { describe, expect, test } from "vitest";
import { aDoor, base, raw, token, userId } from "./house.ts";

const auth = { Authorization: `Bearer ${token}` };
const scim = { ...auth, "content-type": "application/scim+json" };
const MIB = 1_048_576;
const padded = (bytes: number) => `{"a":"b"}${" ".repeat(bytes - 9)}`;

describe("media types", () => {
  test.each([
    "application/scim+json",
    "application/json",
    "application/scim+json; charset=utf-8",
    "application/json;charset=UTF-8",
    'application/json; charset="utf-8"',
    "Application/SCIM+JSON ; Charset=utf-8",
    "application/json; odata=verbose",
    "text/plain;charset=UTF-8", // what fetch writes where its caller states nothing
  ])("%s is read", async (type) => {
    const { door, seen } = aDoor();
    await request(door.app).post(`${base}/Users`).set(auth).set("content-type", type).send('{"userName":"jörg"}').expect(200);
    expect(seen[0]!.body).toEqual({ userName: "jörg" });
  });

  test("none is read as SCIM", async () => {
    const { door, seen } = aDoor();
    const { port } = await door.listen("127.0.0.1", 0);
    const answer = await raw(port, `POST ${base}/Users HTTP/1.1\r\nHost: a\r\nAuthorization: ${token}\r\nContent-Length: 7\r\nConnection: close\r\n\r\n{"a":1}`);
    await door.close();
    expect(answer.status).toBe(200);
    expect(seen[0]!.body).toEqual({ a: 1 });
  });

  test.each([
    ["text/plain", {}],
    ["text/plain; charset=UTF-8", {}],
    ["application/x-www-form-urlencoded", {}],
    ["multipart/form-data; boundary=x", {}],
    ["text/x-application/json", {}],
    ["application/json-patch+json", {}],
    ["application/scim+jsonx", {}],
    ["application/scim+json, text/plain", {}],
    ["application/scim+json; charset=utf-7", {}],
    ["application/scim+json; charset=utf-16", {}],
    ["application/json; q=1; charset=iso-8859-1", {}],
    ["application/scim+json", { "content-encoding": "gzip" }],
    ["application/scim+json", { "content-encoding": "gzip, gzip" }],
    ["application/scim+json", { "content-encoding": "identity, gzip" }],
    ["application/scim+json", { "content-encoding": "zstd" }],
    ["application/scim+json", { "content-encoding": "x" }],
  ])("%s %j is 415", async (type, more) => {
    const { door, seen } = aDoor();
    const answer = await request(door.app).patch(`${base}/Users/${userId}`).set(auth).set("content-type", type).set(more).send('{"a":1}').expect(415);
    expect(answer.body).toMatchObject({ status: "415", schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"] });
    expect(seen).toHaveLength(0);
  });

  test("a compression bomb is refused by its label and never inflated", async () => {
    const { door } = aDoor();
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
    await request(door.app).post(`${base}/Users`).set(scim).set("content-encoding", "gzip").send(bomb).expect(415);
    await request(door.app).post(`${base}/Users`).set(scim).send(bomb).expect(400); // without the label it is no JSON
  });
});

describe("size", () => {
  const { door, seen } = aDoor();
  test.each([
    ["POST", "/Users", MIB],
    ["PUT", `/Users/${userId}`, MIB],
    ["POST", "/Groups", 8 * MIB],
    ["PATCH", `/Groups/${userId}`, 8 * MIB],
    ["POST", "/.search", MIB],
    ["POST", "/Groups/.search", MIB],
  ])("%s %s takes %d bytes and not one more, counted as they arrive", async (method, path, limit) => {
    const { port } = await listening();
    const sent = (size: number, head: string, body: string) => raw(port, `${method} ${base}${path} HTTP/1.1\r\nHost: a\r\nAuthorization: ${token}\r\nConnection: close\r\n${head}\r\n${body}`, 3000).then(({ status }) => [size, status]);
    const chunked = (size: number) => sent(size, "Transfer-Encoding: chunked\r\n", `${size.toString(16)}\r\n${padded(size)}\r\n0\r\n\r\n`);
    const announced = (size: number) => sent(size, `Content-Length: ${size}\r\n`, padded(size));
    expect(await announced(limit)).toEqual([limit, 200]);
    expect(await announced(limit + 1)).toEqual([limit + 1, 413]);
    expect(await chunked(limit)).toEqual([limit, 200]);
    expect(await chunked(limit + 1)).toEqual([limit + 1, 413]);
  });
  let opened: Promise<{ port: number }> | undefined;
  const listening = () => (opened ??= door.listen("127.0.0.1", 0));
  test("and a connection may have its own", async () => {
    const own = aDoor({ limits: () => ({ userBodyBytes: 20, groupBodyBytes: 30, page: 10 }) });
    await request(own.door.app).post(`${base}/Users`).set(scim).send(padded(21)).expect(413);
    await request(own.door.app).post(`${base}/Groups`).set(scim).send(padded(30)).expect(200);
    await request(own.door.app).post(`${base}/Groups`).set(scim).send(padded(31)).expect(413);
    await door.close();
    expect(seen.length).toBeGreaterThan(0);
  });

  test("groups may hold far more values than users", async () => {
    const members = JSON.stringify({ members: Array.from({ length: 5000 }, (_, n) => ({ value: String(n) })) });
    const all = aDoor();
    await request(all.door.app).post(`${base}/Users`).set(scim).send(members).expect(400);
    await request(all.door.app).post(`${base}/Groups`).set(scim).send(members).expect(200);
  });
});

test.each([
  ["nothing", undefined],
  ["blanks", "  \n "],
  ["malformed JSON", "{"],
  ["a list", '[{"op":"replace"}]'],
  ["a text", '"userName"'],
  ["a number", "12345"],
  ["an empty text", '""'],
  ["null", "null"],
  ["false", "false"],
  ["a name twice", '{"active":true,"Active":false}'],
])("a body that is %s is 400 invalidSyntax", async (_name, body) => {
  const { door, seen } = aDoor();
  for (const [method, path] of [["post", "/Users"], ["patch", `/Groups/${userId}`], ["put", `/Users/${userId}`], ["post", "/Users/.search"]] as const) {
    const answer = await request(door.app)[method](base + path).set(scim).send(body).expect(400);
    expect(answer.body).toMatchObject({ status: "400", scimType: "invalidSyntax" });
  }
  expect(seen).toHaveLength(0);
});

test("a DELETE's body is taken off the wire and means nothing", async () => {
  const { door, seen } = aDoor();
  await request(door.app).delete(`${base}/Users/${userId}`).set(auth).set("content-type", "text/plain").send("{bad").expect(200);
  expect(seen[0]!.body).toBeUndefined();
});

describe("how much may be under way at once", () => {
  test("a connection's requests are counted until their answer has ended; another connection's are not", async () => {
    const { door, side } = aDoor({ tuning: { maxAtOnce: 2 } });
    const waiting: (() => void)[] = [];
    side.serve = (req, res) => void (req.baseUrl === base ? waiting.push(() => res.send({})) : res.send({}));
    const { port } = await door.listen("127.0.0.1", 0);
    const url = `http://127.0.0.1:${port}${base}/Users`;
    const first = [fetch(url, { headers: auth }), fetch(url, { headers: auth })];
    while (waiting.length < 2) await new Promise(setImmediate);
    const refused = await fetch(url, { headers: auth });
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await fetch(`http://127.0.0.1:${port}/scim/other/v2/Users`, { headers: { Authorization: "dbt_other" } })).status).toBe(200);
    expect((await fetch(url)).status).toBe(401);
    for (const answer of waiting.splice(0)) answer();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
    const again = fetch(url, { headers: auth });
    while (waiting.length < 1) await new Promise(setImmediate);
    waiting[0]!();
    expect((await again).status).toBe(200);
    await door.close();
  });

  test("a client that goes away in the middle of its body gives its place back and reaches nobody", async () => {
    const { door, seen } = aDoor({ tuning: { maxAtOnce: 1 } });
    const { port } = await door.listen("127.0.0.1", 0);
    for (let n = 0; n < 3; n++) await raw(port, `POST ${base}/Users HTTP/1.1\r\nHost: a\r\nAuthorization: ${token}\r\nContent-Length: 100\r\n\r\n{"a":`, 30);
    const answer = await raw(port, `GET ${base}/Users HTTP/1.1\r\nHost: a\r\nAuthorization: ${token}\r\nConnection: close\r\n\r\n`);
    expect(answer.status).toBe(200);
    expect(seen).toHaveLength(1);
    await door.close();
  });

  test("bodies in memory are bounded over all connections, and given back", async () => {
    const { door } = aDoor({ tuning: { maxBodyBytesAtOnce: 100 } });
    for (let n = 0; n < 3; n++) {
      await request(door.app).post(`${base}/Users`).set(scim).send(padded(90)).expect(200);
      const refused = await request(door.app).post(`${base}/Users`).set(scim).send(padded(110)).expect(503);
      expect(refused.headers["retry-after"]).toBeDefined();
      await request(door.app).post(`${base}/Users`).set(scim).send("{bad".padEnd(80)).expect(400);
    }
  });
});

test("the app behind another server than ours (a test's) behaves the same", async () => {
  const { door } = aDoor();
  const server = createServer(door.app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  expect((await fetch(`http://127.0.0.1:${port}${base}/Users`, { headers: auth })).status).toBe(200);
  server.close();
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aDoor, base, raw, token } from "./house.ts";

const { door, seen } = aDoor({ tuning: { headersTimeoutMs: 300, requestTimeoutMs: 600 } });
let port = 0;
beforeAll(async () => {
  ({ port } = await door.listen("127.0.0.1", 0));
});
afterAll(() => door.close());

const auth = `Authorization: Bearer ${token}\r\n`;
const get = (more: string, target = `${base}/Users`, version = "HTTP/1.1") => `GET ${target} ${version}\r\n${more}\r\n`;
const post = (more: string, body: string, host = "Host: a\r\n") => `POST ${base}/Users HTTP/1.1\r\n${host}${auth}Content-Type: application/scim+json\r\n${more}\r\n${body}`;
const H = "Host: a\r\n";
const many = (count: number) => Array.from({ length: count }, (_, n) => `X-H${n}: 1\r\n`).join("");

test("a plain request passes", async () => {
  seen.length = 0;
  expect((await raw(port, get(H + auth))).status).toBe(200);
  expect((await raw(port, post("Content-Length: 2\r\nConnection: close\r\n", "{}"))).status).toBe(200);
  expect((await raw(port, post("Transfer-Encoding: chunked\r\nConnection: close\r\n", "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"))).status).toBe(200);
  expect(seen).toHaveLength(3);
});

const refused: readonly (readonly [string, string, readonly number[]])[] = [
  // smuggling
  ["both lengths", post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG"), [400]],
  ["both lengths, the other order", post("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", "0\r\n\r\nG"), [400]],
  ["an obfuscated coding", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), [400, 501]],
  ["a coding before chunked", post("Transfer-Encoding: gzip, chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"), [501]],
  ["identity behind chunked", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), [400, 501]],
  ["a blank before the colon", post("Transfer-Encoding : chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), [400]],
  ["two lengths", post("Content-Length: 2\r\nContent-Length: 30\r\n", "{}"), [400]],
  ["two equal lengths", post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), [400]],
  ["a list of lengths", post("Content-Length: 2, 2\r\n", "{}"), [400]],
  // content length
  ["a negative length", post("Content-Length: -1\r\n", ""), [400]],
  ["a signed length", post("Content-Length: +2\r\n", "{}"), [400]],
  ["a hexadecimal length", post("Content-Length: 0x2\r\n", "{}"), [400]],
  ["an empty length", post("Content-Length: \r\n", ""), [400]],
  ["a bad chunk size", post("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n"), [400]],
  ["a negative chunk size", post("Transfer-Encoding: chunked\r\n", "-2\r\n{}\r\n0\r\n\r\n"), [400]],
  ["a mebibyte of chunk extension", post("Transfer-Encoding: chunked\r\n", `2;${"a".repeat(1_048_576)}\r\n{}\r\n0\r\n\r\n`), [400, 413, 0]],
  ["trailers of 100 KiB", post("Transfer-Encoding: chunked\r\n", `2\r\n{}\r\n0\r\nX-T: ${"a".repeat(102_400)}\r\n\r\n`), [400, 413, 431, 0]],
  // header syntax
  ["a folded header", get(`${H}Authorization: Bearer\r\n ${token}\r\n`), [400]],
  ["a header behind a bare line feed", get(`${H}X-A: b\n${auth}`), [400]],
  ["a bare carriage return", get(`${H}${auth}X-A: b\rX-B: c\r\n`), [400]],
  ["a blank in a name", get(`${H}${auth}X A: b\r\n`), [400]],
  ["NUL in a value", get(`${H}${auth}X-A: b\0c\r\n`), [400]],
  // header size
  ["a header of 300 KiB", get(`${H}${auth}X-A: ${"a".repeat(300_000)}\r\n`), [431, 400, 0]],
  ["3000 headers", get(`${H}${many(3000)}${auth}`), [431, 400, 0]],
  ["101 small headers", get(`${H}${many(99)}${auth}`), [431]],
  ["a target of 64 KiB", get(H + auth, `${base}/Users?filter=${"a".repeat(65_536)}`), [414, 431, 400, 0]],
  // host
  ["no host", get(auth), [400]],
  ["two hosts", get(`${H}Host: evil.example\r\n${auth}`), [400]],
  ["two equal hosts", get(`${H}hOST: a\r\n${auth}`), [400]],
  ["two hosts and a body", post("Host: b\r\nContent-Length: 2\r\n", "{}"), [400]],
  ["an absolute target", get(H + auth, `http://evil.example${base}/Users`), [400]],
  // protocol
  ["HTTP/0.9", `GET ${base}/Users\r\n\r\n`, [400]],
  ["HTTP/2.0 in words", get(H + auth, undefined, "HTTP/2.0"), [400]],
  ["the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]],
  ["tabs", `GET\t${base}/Users\tHTTP/1.1\r\n${H}${auth}\r\n`, [400]],
  ["CONNECT", `CONNECT evil.example:443 HTTP/1.1\r\n${H}${auth}\r\n`, [405]],
  ["CONNECT to ourselves", `CONNECT 127.0.0.1:1 HTTP/1.1\r\n${H}\r\n`, [405]],
  ["TRACE", `TRACE ${base}/Users HTTP/1.1\r\n${H}${auth}X-Secret: s3cr3t-echo\r\n\r\n`, [405]],
  ["a WebSocket", get(`${H}${auth}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n`), [400]],
  ["an unknown expectation", post("Expect: 200-maybe\r\nContent-Length: 2\r\n", "{}"), [417]],
  ["a lower-case method", `delete ${base}/Users HTTP/1.1\r\n${H}${auth}\r\n`, [400]],
  ["a fragment", get(H + auth, `${base}/Users#x`), [400]],
  ["raw bytes in the target", get(H + auth, `${base}/Users/\xff\xfe`), [400]],
  ["raw bytes in the query", get(H + auth, `${base}/Users?filter=\xff`), [400]],
  ["OPTIONS *", `OPTIONS * HTTP/1.1\r\n${H}${auth}\r\n`, [400]],
  ["two content types", post("Content-Type: text/plain\r\nContent-Length: 2\r\n", "{}"), [400]],
];

test.each(refused)("%s is refused", async (_name, bytes, statuses) => {
  seen.length = 0;
  const answer = await raw(port, bytes);
  expect(statuses).toContain(answer.status);
  expect(answer.all).not.toMatch(/s3cr3t|dbt_|node_modules|\bat .*:\d+/);
  expect(seen).toHaveLength(0);
  if (answer.status === 0) return;
  expect(answer.headers["x-correlation-id"]).toMatch(/^c-[0-9a-z]{12}$/);
  expect(answer.headers["content-type"]).toBe("application/scim+json; charset=utf-8");
  expect(JSON.parse(answer.body)).toMatchObject({ schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"], status: String(answer.status), detail: expect.stringContaining(answer.headers["x-correlation-id"]!) });
});

describe("an offer of HTTP/2 over plain text is ignored, not refused", () => {
  test("because some clients make it with every first request", async () => {
    expect((await raw(port, get(`${H}${auth}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n`))).status).toBe(200);
  });
});

describe("on one connection", () => {
  test("credentials are per request", async () => {
    const answer = await raw(port, get(H + auth) + `DELETE ${base}/Users/x HTTP/1.1\r\n${H}Connection: close\r\n\r\n`);
    expect(answer.all.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 401"]);
  });

  test("a refused request does not cost the next one", async () => {
    const next = get(`${H}${auth}Connection: close\r\n`);
    for (const first of [get(H + auth, `${base}/Users/%zz`), get(H), get(H + auth, `${base}/Nothing`), post("Content-Length: 4\r\n", "{bad"), `POST ${base}/Users HTTP/1.1\r\n${H}Content-Length: 2\r\n\r\n{}`]) {
      const answer = await raw(port, first + next);
      expect(answer.all.match(/HTTP\/1\.1 \d+/g)).toHaveLength(2);
      expect(answer.all).toMatch(/HTTP\/1\.1 200/);
    }
  });

  test("a body that belongs to a GET is never taken for a request", async () => {
    const hidden = `DELETE ${base}/Users HTTP/1.1\r\n${H}${auth}\r\n`;
    for (const length of [hidden.length, hidden.length + 100]) {
      seen.length = 0;
      const answer = await raw(port, get(`${H}${auth}Content-Type: application/scim+json\r\nContent-Length: ${length}\r\n`) + hidden);
      expect(answer.all.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200"]);
      expect(seen.map(({ method, body }) => [method, body])).toEqual([["GET", undefined]]);
    }
  });

  test("what breaks behind a whole request does not take that request's answer", async () => {
    const answer = await raw(port, `${post("Content-Length: 2\r\n", "{}")}\0\0garbage\r\n\r\n`);
    expect(answer.status).toBe(200);
  });
});

describe("Expect: 100-continue", () => {
  const head = (credential: string, length: number) => `POST ${base}/Users HTTP/1.1\r\n${H}${credential}Content-Type: application/scim+json\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
  test("is granted once the token is known", async () => {
    const answer = await raw(port, head(auth, 2));
    expect(answer.all).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  });
  test.each([
    ["a stranger", head("", 2), 401],
    ["a body that is too large", head(auth, 2_000_000), 413],
    ["a wrong method", head(auth, 2).replace("POST", "PUT"), 405],
  ])("is not granted to %s", async (_name, bytes, status) => {
    const answer = await raw(port, bytes);
    expect(answer.status).toBe(status);
    expect(answer.all).not.toContain("100 Continue");
    expect(answer.headers["connection"]).toBe("close"); // what follows might be the body or might not
  });
});

describe("slow clients are cut off", () => {
  const stalled: readonly (readonly [string, string])[] = [
    ["in the head", `GET ${base}/Users HTTP/1.1\r\n${H}X-Slow: `],
    ["in the body", post("Content-Length: 1000\r\n", '{"schemas":[')],
    ["in a chunk", post("Transfer-Encoding: chunked\r\n", "5\r\n{")],
  ];
  test.each(stalled)("%s", async (_name, bytes) => {
    seen.length = 0;
    const answer = await raw(port, bytes, 5000);
    expect(answer.status).toBe(408);
    expect(seen).toHaveLength(0);
  });
});

describe("an answer does not wait for a body that has no say in it", () => {
  test.each([
    ["an endless chunked body without credentials", `POST ${base}/Users HTTP/1.1\r\n${H}Content-Type: application/scim+json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n`, 401],
    ["ten announced gigabytes", post("Content-Length: 10737418240\r\n", "{"), 413],
    ["ten announced gigabytes of a GET", get(`${H}${auth}Content-Type: application/scim+json\r\nContent-Length: 10737418240\r\n`), 200],
    ["an endless chunked GET", get(`${H}${auth}Content-Type: application/scim+json\r\nTransfer-Encoding: chunked\r\n`), 200],
    ["ten announced gigabytes of OPTIONS", get(`${H}${auth}Content-Length: 10737418240\r\n`).replace("GET", "OPTIONS"), 204],
    ["ten announced gigabytes of a DELETE", get(`${H}${auth}Content-Length: 10737418240\r\n`, `${base}/Users/2819c223-7f76-453a-919d-413861904646`).replace("GET", "DELETE"), 413],
  ])("%s", async (_name, bytes, status) => {
    const answer = await raw(port, bytes, 250);
    expect(answer.status).toBe(status);
    expect(answer.headers["connection"]).toBe("close");
  });

  test("and a client that goes on sending still gets it", async () => {
    const body = Buffer.alloc(700_000, 0x61);
    const answer = await raw(port, Buffer.concat([Buffer.from(`POST ${base}/Users HTTP/1.1\r\n${H}Content-Length: ${body.length}\r\n\r\n`), body]), 3000);
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.body).status).toBe("401");
  });
});

test("Node's own limits are the strict ones", () => {
  const { server } = aDoor().door;
  expect(server.headersTimeout).toBe(9_000);
  expect(server.requestTimeout).toBe(30_000);
  expect(server.keepAliveTimeout).toBe(65_000);
  expect(server.maxConnections).toBe(4096);
  expect(server.maxHeadersCount).toBe(0);
});

/**
 * Who may read `/metrics`: whoever holds an operator token, or without tokens a peer on this machine.
 *
 * @module
 */
import { afterEach, describe, expect, test } from "vitest";
import { admitOperator, isOnThisMachine } from "../../src/http/metrics.ts";
import { aDoor, aToken, raw } from "./house.ts";

const doors: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const door of doors.splice(0)) await door.close();
});

async function open(tokens: readonly string[], page = async () => ({ contentType: "text/plain; version=0.0.4; charset=utf-8", text: "drawbridge_x 1\n" })) {
  const { door } = aDoor({ metrics: { page, tokens: () => tokens.map((text) => aToken(text)) } });
  doors.push(door);
  const { port } = await door.listen("127.0.0.1", 0);
  return (path = "/metrics", headers = "", method = "GET") => raw(port, `${method} ${path} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`);
}

test.each([
  { peer: "127.0.0.1", headers: {}, here: true },
  { peer: "127.9.8.7", headers: {}, here: true },
  { peer: "::1", headers: {}, here: true },
  { peer: "::ffff:127.0.0.1", headers: {}, here: true },
  { peer: "10.0.0.5", headers: {}, here: false },
  { peer: "::ffff:10.0.0.5", headers: {}, here: false },
  { peer: "192.168.1.127", headers: {}, here: false },
  { peer: "fe80::1", headers: {}, here: false },
  { peer: "128.0.0.1", headers: {}, here: false },
  { peer: "127.0.0.1.example", headers: {}, here: false },
  { peer: undefined, headers: {}, here: false },
  // A proxy on this machine stands before the whole network.
  { peer: "127.0.0.1", headers: { "x-forwarded-for": "127.0.0.1" }, here: false },
  { peer: "::1", headers: { forwarded: "for=127.0.0.1" }, here: false },
  { peer: "127.0.0.1", headers: { via: "1.1 proxy" }, here: false },
  // And nobody comes here by saying so.
  { peer: "10.0.0.5", headers: { "x-forwarded-for": "127.0.0.1" }, here: false },
])("a peer at $peer with $headers is on this machine: $here", ({ peer, headers, here }) => {
  expect(isOnThisMachine(peer, headers)).toBe(here);
});

describe("without an operator token", () => {
  test("a peer on this machine reads the page", async () => {
    const answer = await (await open([]))();
    expect(answer).toMatchObject({ status: 200, body: "drawbridge_x 1\n", headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" } });
  });

  test("to a stranger there is nothing at this address, in the same words as at any other", async () => {
    const ask = await open([]);
    const [forwarded, nowhere] = [await ask("/metrics", "X-Forwarded-For: 203.0.113.9\r\n"), await ask("/nowhere")];
    expect(forwarded.status).toBe(404);
    expect(forwarded.body.replace(/c-\w+/g, "")).toBe(nowhere.body.replace(/c-\w+/g, ""));
    expect(() => admitOperator([], { socket: { remoteAddress: "10.0.0.5" }, headers: {} } as never, 0)).toThrow("There is nothing at this address.");
  });
});

describe("with an operator token", () => {
  const right = "operator-token-of-more-than-thirty-two-characters";

  test.each([
    { who: "the right one", headers: `Authorization: Bearer ${right}\r\n`, status: 200 },
    { who: "the right one, forwarded", headers: `Authorization: Bearer ${right}\r\nX-Forwarded-For: 203.0.113.9\r\n`, status: 200 },
    { who: "none, from this machine", headers: "", status: 401 },
    { who: "a wrong one", headers: `Authorization: Bearer ${right}x\r\n`, status: 401 },
    { who: "a prefix of it", headers: `Authorization: Bearer ${right.slice(0, -1)}\r\n`, status: 401 },
    { who: "an empty one", headers: "Authorization: Bearer \r\n", status: 401 },
    { who: "a SCIM token", headers: "Authorization: Bearer dbt_right-token-of-acme\r\n", status: 401 },
    { who: "the right one as a password", headers: `Authorization: Basic ${Buffer.from(`ops:${right}`).toString("base64")}\r\n`, status: 401 },
    { who: "two headers", headers: `Authorization: Bearer ${right}\r\nAuthorization: Bearer ${right}\r\n`, status: 401 },
  ])("who brings $who gets $status", async ({ headers, status }) => {
    const answer = await (await open(["another-operator-token-0123456789-0123456789", right]))("/metrics", headers);
    expect(answer.status).toBe(status);
    expect(answer.body.includes("drawbridge_x")).toBe(status === 200);
  });
});

test("a page that cannot be made is a 500 without a reason", async () => {
  const answer = await (await open([], () => Promise.reject(new Error("postgres://user:pass@db"))))();
  expect(answer.status).toBe(500);
  expect(answer.all).not.toContain("postgres");
});

test("other spellings find nothing to read, other methods neither", async () => {
  const ask = await open([]);
  expect((await ask("/metrics/more")).status).toBe(404);
  expect((await ask("/Metrics")).status).toBe(404);
  expect((await ask("/scim/metrics")).status).toBe(404);
  expect(await ask("/metrics", "", "DELETE")).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
  expect(await ask("/metrics", "", "HEAD")).toMatchObject({ status: 200, body: "" });
});

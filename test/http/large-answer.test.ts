/**
 * Answers with many members: the same text as any other, only in pieces.
 *
 * @module
 */
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json.ts";
import { piecesOf } from "../../src/http/large-answer.ts";
import { aDoor, base, raw, token, userId } from "./house.ts";

const group = (count: number, more: object = {}): JsonObject => ({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], id: userId, displayName: 'Every"body', members: Array.from({ length: count }, (_, n) => ({ value: `person ${n}`, display: "Ünï 🦄" })), meta: { version: 'W/"3"' }, ...more });
const list = (...Resources: JsonObject[]): JsonObject => ({ schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], totalResults: Resources.length, Resources, startIndex: 1 });

test.each<[string, JsonObject]>([
  ["a group of nobody", group(0)],
  ["a group of 1", group(1)],
  ["a group of 2,000", group(2_000)],
  ["a group of 2,001", group(2_001)],
  ["a group of 10,000", group(10_000)],
  ["a group without members", { id: "x" }],
  ["an empty list", list()],
  ["a list of groups large and small", list(group(3), group(4_500), group(0), group(2_000, { externalId: null }))],
  ["a list with a name that says nothing", { ...list(group(1)), startIndex: undefined } as unknown as JsonObject],
])("%s in pieces is the text that JSON.stringify writes", (_name, body) => {
  expect([...piecesOf(body)].join("") === JSON.stringify(body)).toBe(true);
});

describe("through the door", () => {
  const { door, side } = aDoor();
  let port = 0;
  let body: JsonObject = {};
  beforeAll(async () => {
    side.serve = (_req, res) => void res.setHeader("etag", 'W/"3"').type("application/scim+json").send(body);
    ({ port } = await door.listen("127.0.0.1", 0));
  });
  afterAll(() => door.close());
  const ask = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${base}${path}`, { ...init, headers: { Authorization: `Bearer ${token}`, ...init.headers } });

  test.each([["small", 10], ["large", 30_000]])("a %s group arrives whole, with its headers", async (_size, count) => {
    body = group(count);
    const answer = await ask(`/Groups/${userId}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toContain("application/scim+json");
    expect(answer.headers.get("etag")).toBe('W/"3"');
    expect((await answer.text()) === JSON.stringify(body)).toBe(true); // a difference would be shown in full
  });

  test("to a HEAD only the head, and to whoever has it already 304", async () => {
    body = group(30_000);
    const head = await ask(`/Groups/${userId}`, { method: "HEAD" });
    expect([head.status, head.headers.get("etag"), await head.text()]).toEqual([200, 'W/"3"', ""]);
    const fresh = await raw(port, `GET ${base}/Groups/${userId} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nIf-None-Match: W/"3"\r\nConnection: close\r\n\r\n`);
    expect([fresh.status, fresh.body]).toEqual([304, ""]);
  });

  test("while it is written others are answered, and it goes no faster than it is taken", async () => {
    body = list(...Array.from({ length: 20 }, () => group(5_000)));
    const slow = connect(port, "127.0.0.1");
    slow.write(`GET ${base}/Groups HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`);
    await new Promise((resolve) => slow.once("readable", resolve));
    body = group(1);
    expect((await ask(`/Groups/${userId}`)).status).toBe(200);
    const chunks: Buffer[] = [];
    for await (const chunk of slow) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString().match(/person 4999"/g)).toHaveLength(20);
  });

  test("a client that goes away in the middle of it harms nobody", async () => {
    body = list(...Array.from({ length: 20 }, () => group(5_000)));
    const gone = connect(port, "127.0.0.1");
    gone.write(`GET ${base}/Groups HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await new Promise((resolve) => gone.once("readable", resolve));
    gone.destroy();
    body = group(2);
    for (let n = 0; n < 20; n++) expect((await ask(`/Groups/${userId}`)).status).toBe(200);
  });

  test("a search at the root shows large groups too", async () => {
    const { door: other } = aDoor({ bridge: () => ({ read: async () => ({}), write: async () => undefined, bulk: async () => ({}), list: async ({ type }) => ({ startIndex: 1, total: 1, resources: type === "Group" ? [group(12_000)] : [] }) }) });
    const { port: its } = await other.listen("127.0.0.1", 0);
    const text = JSON.stringify({ schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] });
    const answer = await fetch(`http://127.0.0.1:${its}${base}/.search`, { method: "POST", body: text, headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/scim+json" } });
    expect(answer.headers.get("content-type")).toContain("application/scim+json");
    expect(((await answer.json()) as { Resources: { members: unknown[] }[] }).Resources[0]?.members).toHaveLength(12_000);
    await other.close();
  });
});

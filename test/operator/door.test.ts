/**
 * The way into the operator API: who is turned away, with which words, and that nothing happens by it.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openHouse } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import type { OperatorDoor } from "../../src/http/door.ts";
import { operatorsJournal } from "../../src/model/operator.ts";
import { knowOperators } from "../../src/operator/known-operators.ts";
import { problemOf, toldOf } from "../../src/operator/problem.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import type { Store } from "../../src/store/store.ts";
import { aDoor, aToken, raw } from "../http/house.ts";
import { eventually, openTestHouse, token as scimToken } from "../support/house.ts";
import { complaints } from "./described.ts";
import { asked, type Desk, keptOf, openDesk } from "./desk.ts";

let desk: Desk;
let port = 0;
beforeAll(async () => {
  desk = await openDesk();
  port = Number(new URL(desk.house.base).port);
});
afterAll(() => desk.stop());

const at = (path: string, headers: string, method = "GET", from = "127.0.0.1") => raw(port, `${method} ${path} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`, 300, from);
const bearer = (text: string) => `Authorization: Bearer ${text}\r\n`;
const plain = (answer: { readonly status: number; readonly body: string; readonly headers: Readonly<Record<string, string>> }) => [answer.status, answer.body.replaceAll(answer.headers["x-correlation-id"] ?? "", "ID"), answer.headers["www-authenticate"], answer.headers["content-type"]];
const everything = async () => JSON.stringify([await desk.store.operators().then((all) => all.map(({ name }) => name)), await desk.store.tokens(), await desk.store.modes(), (await desk.store.journalHead("acme" as never)).seq]);

describe("whoever brings no right token", () => {
  const wrong: readonly (readonly [string, () => string])[] = [
    ["none", () => ""],
    ["a wrong one", () => bearer(`dbo_${"x".repeat(43)}`)],
    ["a prefix of a right one", () => bearer(desk.token.approver.slice(0, -1))],
    ["a right one and more", () => bearer(`${desk.token.approver}x`)],
    ["a connection's SCIM token", () => bearer(scimToken)],
    ["a right one as a password", () => `Authorization: Basic ${Buffer.from(`x:${desk.token.approver}`).toString("base64")}\r\n`],
    ["two headers", () => bearer(desk.token.approver) + bearer(desk.token.approver)],
    ["an empty one", () => "Authorization: Bearer \r\n"],
    ["Bearer twice", () => `Authorization: Bearer Bearer ${desk.token.approver}\r\n`],
    ["the name of one", () => bearer("the approver")],
    ["the hash of one", () => bearer(keptOf(desk.token.approver))],
  ];
  test.each(wrong)("%s: the same 401 at every address, and nothing happens", async (name, headers) => {
    const from = `127.0.1.${wrong.findIndex(([one]) => one === name) + 1}`; // failures are counted for each
    const before = await everything();
    const first = await at("/api/v1/whoami", headers(), "GET", from);
    expect(first.status).toBe(401);
    expect(complaints("Problem", JSON.parse(first.body))).toEqual([]);
    for (const [path, method] of [["/api/v1/nothing", "GET"], ["/api/v2/whoami", "GET"], ["/api", "GET"], ["/api/v1/operators", "POST"], ["/api/v1/openapi.json", "GET"], ["/api/v1/connections/acme/freeze", "POST"]] as const) {
      expect(plain(await at(path, headers(), method, from))).toEqual(plain(first));
    }
    expect(await everything()).toBe(before);
  });

  test("an expired one and a revoked one are 401, too", async () => {
    const [old, gone] = ["dbo_expired-token-of-more-than-thirty-two-letters", "dbo_revoked-token-of-more-than-thirty-two-letters"];
    await desk.store.addOperator({ name: "old", hash: keptOf(old), role: "approver", expiresMs: Date.now() - 1, by: "test" }, []);
    await desk.store.addOperator({ name: "gone", hash: keptOf(gone), role: "approver", expiresMs: undefined, by: "test" }, []);
    await eventually(async () => (await desk.api({ token: gone }, "GET", "/whoami")).status === 200);
    expect((await at("/api/v1/whoami", bearer(old), "GET", "127.0.2.1")).status).toBe(401);
    await desk.store.revokeOperator("gone", []);
    await eventually(async () => (await desk.api({ token: gone }, "GET", "/whoami")).status !== 200);
    await desk.store.revokeOperator("old", []);
  });

  test("who fails too often is 429 and noted no more, and a right token still comes in", async () => {
    const attempts = await Promise.all(Array.from({ length: 60 }, (_, n) => desk.api({ token: `dbo_guess-${n}` }, "GET", "/whoami")));
    const late = attempts.filter(({ status }) => status === 429);
    expect(late.length).toBeGreaterThan(30);
    expect(late.every(({ headers, body }) => Number(headers.get("retry-after")) >= 1 && Number(headers.get("retry-after")) <= 60 && body.kind === "tooMany")).toBe(true);
    expect((await desk.api("viewer", "GET", "/whoami")).status).toBe(200);
    const noted = await desk.store.newest(operatorsJournal, { among: 10_000, limit: 500 });
    expect(noted.filter(({ data }) => JSON.stringify(data).includes('"from":"127.0.0.1"')).length).toBeLessThanOrEqual(20);
    expect(JSON.stringify(noted)).not.toContain("guess");
  });

  test("operator tokens open no connection", async () => {
    const answer = await fetch(`${desk.house.base}/Users`, { headers: { Authorization: `Bearer ${desk.token.approver}` } });
    expect([answer.status, ((await answer.json()) as { schemas: string[] }).schemas]).toEqual([401, ["urn:ietf:params:scim:api:messages:2.0:Error"]]);
  });
});

describe("with a right token", () => {
  const person = "/connections/acme/people/4711/timeline";
  const wrong: readonly (readonly [string, string, string, unknown, Readonly<Record<string, string>>, number, string | undefined])[] = [
    ["an address that is none", "GET", "/nothing", undefined, {}, 404, undefined],
    ["another version", "GET", "/../v2/whoami", undefined, {}, 404, undefined],
    ["a connection that is none", "GET", "/connections/nowhere", undefined, {}, 404, undefined],
    ["another connection's hold", "GET", "/holds/h-00000000", undefined, {}, 404, undefined],
    ["a method that the address does not know", "PUT", "/whoami", undefined, {}, 405, undefined],
    ["deleting what cannot be deleted", "DELETE", "/holds", undefined, {}, 405, undefined],
    ["a parameter that is none", "GET", "/holds?colour=red", undefined, {}, 400, "colour"],
    ["a parameter twice", "GET", "/holds?all=true&all=false", undefined, {}, 400, "all"],
    ["a parameter of the prototype", "GET", "/holds?__proto__=1", undefined, {}, 400, "__proto__"],
    ["no number", "GET", "/holds?limit=many", undefined, {}, 400, "limit"],
    ["too large a number", "GET", "/holds?limit=501", undefined, {}, 400, "limit"],
    ["a negative number", "GET", `${person}?after=-1`, undefined, {}, 400, "after"],
    ["no truth value", "GET", "/holds?all=yes", undefined, {}, 400, "all"],
    ["a state that is none", "GET", "/operations?state=due,dead", undefined, {}, 400, "state.1"],
    ["a duration that is none", "GET", "/operations?olderThan=10", undefined, {}, 400, "olderThan"],
    ["a cursor that no page has given", "GET", "/operations?cursor=AAAA", undefined, {}, 400, "cursor"],
    ["a cursor of another list", "GET", `/operations?cursor=${Buffer.from('["x"]').toString("base64url")}`, undefined, {}, 400, "cursor"],
    ["a cursor of unsafe numbers", "GET", `/operations?cursor=${Buffer.from("[1e999,1]").toString("base64url")}`, undefined, {}, 400, "cursor"],
    ["a body that is no JSON", "POST", "/connections/acme/freeze", "{", {}, 400, undefined],
    ["a body that is a list", "POST", "/connections/acme/freeze", [], {}, 400, undefined],
    ["a field that is none", "POST", "/connections/acme/freeze", { reason: "x", force: true }, {}, 400, "force"],
    ["a field that is missing", "POST", "/connections/acme/freeze", {}, {}, 400, "reason"],
    ["a field twice", "POST", "/connections/acme/freeze", '{"reason":"x","reason":"y"}', {}, 400, undefined],
    ["control characters", "POST", "/connections/acme/freeze", { reason: "x\u001b[31m" }, {}, 400, "reason"],
    ["who acts, said by the client", "POST", "/connections/acme/freeze", { reason: "x", by: "somebody else" }, {}, 400, "by"],
    ["another connection in the body", "POST", "/connections/acme/freeze", { reason: "x", connection: "link" }, {}, 400, "connection"],
    ["what was looked at, in the body", "POST", "/holds/h-00000000/approve", { seen: "1-1" }, {}, 400, "seen"],
    ["a large body", "POST", "/connections/acme/freeze", { reason: "x".repeat(70_000) }, {}, 413, undefined],
    ["another media type", "POST", "/connections/acme/freeze", "reason=x", { "Content-Type": "application/x-www-form-urlencoded" }, 415, undefined],
    ["a compressed body", "POST", "/connections/acme/freeze", { reason: "x" }, { "Content-Encoding": "gzip" }, 415, undefined],
    ["a role that is none", "POST", "/operators", { name: "eve", role: "root" }, {}, 400, "role"],
    ["a name with a slash", "POST", "/operators", { name: "../eve", role: "viewer" }, {}, 400, "name"],
    ["an expiry that is none", "POST", "/operators", { name: "eve", role: "viewer", expires: "0d" }, {}, 400, "expires"],
    ["an undo of nothing", "POST", "/connections/acme/undo", {}, {}, 400, undefined],
    ["an undo of two things", "POST", "/connections/acme/undo", { hold: "h-1", correlation: "c-1" }, {}, 400, undefined],
    ["an undo since yesterday", "POST", "/connections/acme/undo", { since: "yesterday" }, {}, 400, "since"],
    ["nobody's timeline", "GET", person, undefined, {}, 404, undefined],
  ];
  test.each(wrong)("%s is refused as a problem, and nothing happens", async (_, method, path, body, headers, status, field) => {
    const before = await everything();
    const answer = await desk.api("approver", method, path, body, headers);
    expect([answer.status, answer.body.status, complaints("Problem", answer.body)]).toEqual([status, status, []]);
    expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(answer.body.detail).toContain(`[${answer.headers.get("x-correlation-id")}]`);
    expect(answer.body.correlation).toBe(answer.headers.get("x-correlation-id"));
    if (field !== undefined) expect(answer.body.errors.map((one: { path: string }) => one.path)).toContain(field);
    if (status === 405) expect(answer.headers.get("allow")).toMatch(/^(GET, HEAD|POST)/);
    expect(await everything()).toBe(before);
  });

  test("what two readers could understand differently is refused before anything else, as a problem too", async () => {
    for (const path of ["/api/v1/connections/..%2facme", "/api/v1//whoami", "/api/v1/./whoami", "/api/v1/whoami;x=1", "/api/v1/connections/%00"]) {
      const answer = await at(path, bearer(desk.token.approver));
      expect([path, answer.status, answer.headers["content-type"]]).toEqual([path, 400, "application/problem+json; charset=utf-8"]);
    }
  });

  test("HEAD is GET without a body; the headers are those of every answer", async () => {
    const [head, get] = [await at("/api/v1/whoami", bearer(desk.token.viewer), "HEAD"), await at("/api/v1/whoami", bearer(desk.token.viewer))];
    expect([head.status, head.body, head.headers["content-length"]]).toEqual([200, "", get.headers["content-length"]]);
    expect(get.headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff", "content-security-policy": "default-src 'none';frame-ancestors 'none'", "content-type": "application/json; charset=utf-8" });
    expect(get.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test("a body where none belongs is not read, and the connection ends with the answer", async () => {
    const answer = await raw(port, `GET /api/v1/whoami HTTP/1.1\r\nHost: x\r\n${bearer(desk.token.viewer)}Content-Length: 5\r\n\r\nhello`);
    expect([answer.status, answer.headers["connection"]]).toEqual([200, "close"]);
  });

  test.each([["a weak tag", 'W/"1-1"'], ["two tags", '"1-1", "2-2"'], ["no tag", "1-1"]])("If-Match with %s matches nothing", async (_, tag) => {
    const { id } = await desk.store.openTask({ connection: "acme" as never, resource: undefined, account: undefined, title: `for ${tag}`, steps: "1." });
    expect((await desk.api("operator", "POST", `/tasks/${id}/done`, undefined, { "If-Match": tag })).status).toBe(412);
    expect((await desk.api("operator", "POST", `/tasks/${id}/done`, undefined, { "If-Match": "*" })).status).toBe(200);
  });

  test("the description is served as it was printed, but for where it is", async () => {
    const { body } = await desk.api("viewer", "GET", "/openapi.json");
    const printed = JSON.parse(await readFile(new URL("../../docs/operator-api.json", import.meta.url), "utf8")) as object;
    expect(body).toEqual({ ...printed, servers: [{ url: "http://scim.test/api/v1" }] });
    expect((await desk.api("viewer", "POST", "/openapi.json")).status).toBe(405);
  });

  test("its use is dated", async () => {
    expect((await desk.store.operators()).every(({ lastUsedMs }) => lastUsedMs === undefined || lastUsedMs > 0)).toBe(true);
    expect((await desk.api("viewer", "GET", "/whoami")).status).toBe(200);
  });

  test("SCIM and its errors are what they were", async () => {
    const answer = await desk.house.scim("GET", "/Users/nobody");
    expect([answer.status, answer.headers.get("content-type"), answer.body.schemas]).toEqual([404, "application/scim+json; charset=utf-8", ["urn:ietf:params:scim:api:messages:2.0:Error"]]);
  });
});

describe("until there is an operator token", () => {
  test("who is on this machine is asked for one, and to a stranger there is nothing here", async () => {
    const house = await openTestHouse({ vendorUrl: "http://127.0.0.1:9", apiKey: "unused-in-this-house" });
    try {
      const own = Number(new URL(house.base).port);
      const ask = (path: string, headers = "") => raw(own, `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`);
      expect((await ask("/api/v1/whoami")).status).toBe(401);
      const [hidden, nowhere] = [await ask("/api/v1/whoami", "X-Forwarded-For: 203.0.113.9\r\n"), await ask("/api/nowhere", "X-Forwarded-For: 203.0.113.9\r\n")];
      expect([hidden.status, plain(hidden)]).toEqual([404, plain(nowhere)]);
      expect((await ask("/metrics")).status).toBe(200);
      const made = "dbo_first-token-of-more-than-thirty-two-characters";
      await house.house.store.addOperator({ name: "first", hash: keptOf(made), role: "viewer", expiresMs: undefined, by: "test" }, []);
      await eventually(async () => (await ask("/api/v1/whoami", `X-Forwarded-For: 203.0.113.9\r\n${bearer(made)}`)).status === 200);
      // From then on the numbers are the operators', too.
      expect([(await ask("/metrics")).status, (await ask("/metrics", bearer(made))).status]).toEqual([401, 200]);
    } finally {
      await house.stop();
    }
  });
});

describe("tokens of the configuration", () => {
  const [ops, boss] = ["configured-viewer-of-more-than-thirty-two-letters", "configured-approver-of-more-than-thirty-two-letters"];
  const config = (operator: object) => readConfig("test.yaml", { env: {}, readFile: async () => JSON.stringify({ listen: { host: "127.0.0.1", port: 0 }, publicUrl: "http://scim.test", store: "file::memory:", operator, connections: {} }) });
  let house: Awaited<ReturnType<typeof openHouse>> | undefined;
  afterEach(() => house?.stop());
  async function open(operator: object) {
    house = await openHouse(await config(operator), { log: silentLog });
    const { port: own } = await house.door.listen("127.0.0.1", 0);
    return { house, ask: (token: string, method = "GET", path = "/whoami", body?: object) => asked(`http://127.0.0.1:${own}/api/v1${path}`, token, method, body) };
  }

  test("have the role that stands there, viewer where none does, and a reload changes it between two requests", async () => {
    const { house: its, ask } = await open({ bearer: [{ name: "ops", token: ops }, { name: "boss", token: boss, role: "approver" }] });
    expect([(await ask(ops)).body, (await ask(boss)).body]).toEqual([{ name: "ops (operator token)", role: "viewer" }, { name: "boss (operator token)", role: "approver" }]);
    expect((await ask(boss, "GET", "/operators")).body.items).toMatchObject([{ id: "boss", from: "configuration", created: null }, { id: "ops", role: "viewer" }]);
    expect((await ask(boss, "POST", "/operators", { name: "ops", role: "viewer" })).status).toBe(409); // the journal could not tell them apart
    await its.reload(await config({ bearer: [{ name: "ops", token: ops, role: "operator" }] }));
    expect([(await ask(ops)).body.role, (await ask(boss)).status]).toEqual(["operator", 401]);
  });

  test("open nothing from where no requests are taken, and that is noted", async () => {
    const { house: its, ask } = await open({ bearer: [{ name: "boss", token: boss, role: "approver" }], allowFrom: ["10.0.0.0/8"] });
    expect([(await ask(boss)).status, (await ask(`${boss}x`)).status]).toEqual([403, 401]);
    const [row] = await eventually(async () => (await its.store.newest(operatorsJournal, { among: 10, limit: 10 })).filter(({ data }) => JSON.stringify(data).includes("allowFrom")));
    expect(row?.data).toMatchObject({ status: 403, by: "boss", from: "127.0.0.1" });
    await its.reload(await config({ bearer: [{ name: "boss", token: boss, role: "approver" }], allowFrom: ["127.0.0.1"] }));
    expect((await ask(boss)).status).toBe(200);
  });

  test.each([[{ bearer: [{ name: "x", token: ops, role: "root" }] }], [{ allowFrom: [] }], [{ allowFrom: ["nowhere"] }]])("%j is a mistake that the file's reader finds", async (operator) => {
    await expect(config(operator)).rejects.toThrow("operator.");
  });
});

test("tokens that have not been read for a minute open nothing, and that is 503, never 401", async () => {
  let now = 1_000;
  let isAway = false;
  const store = { operators: async () => (isAway ? Promise.reject(new Error("away")) : [{ name: "kim", hash: keptOf("x"), role: "viewer", createdMs: 0, expiresMs: undefined, lastUsedMs: undefined, by: "" }]) } as unknown as Store;
  const known = knowOperators(store, { now: () => now, sleep: () => new Promise(() => undefined) }, silentLog);
  expect(() => known.tokens()).toThrow("have not been read");
  await known.look();
  isAway = true;
  now += 60_000;
  expect(known.tokens()).toMatchObject([{ name: "kim" }]);
  now += 1;
  expect(() => known.tokens()).toThrow("have not been read");
  expect(known.lastKnown()).toMatchObject([{ name: "kim" }]);
  known.stop();
});

describe("behind a door of its own", () => {
  const kim = { ...aToken("dbo_kim"), name: "kim", role: "viewer" as const };
  const fake = (more: Partial<OperatorDoor>): OperatorDoor => ({ tokens: () => [kim], used() {}, admits: () => true, find: () => ({ kind: "nothing" }), description: () => ({}), denied() {}, told: (thrown) => toldOf(thrown, () => false), problem: problemOf, ...more });
  const open = async (more: Partial<OperatorDoor>) => {
    const { door } = aDoor({ operator: fake(more), clock: systemClock });
    const { port: own } = await door.listen("127.0.0.1", 0);
    return { door, ask: (path = "/api/v1/x") => raw(own, `GET ${path} HTTP/1.1\r\nHost: x\r\n${bearer("dbo_kim")}Connection: close\r\n\r\n`, 1_000) };
  };

  test("sixteen requests of one token at once, and the next is 503", async () => {
    const waiting: (() => void)[] = [];
    const perform = () => new Promise<object>((resolve) => waiting.push(() => resolve({})));
    const { door, ask } = await open({ find: () => ({ kind: "act", act: { name: "x", needs: "viewer", takesBody: false, perform: perform as never } }) });
    const asking = Array.from({ length: 16 }, () => ask());
    await eventually(() => waiting.length === 16);
    expect(await ask()).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
    for (const go of waiting) go();
    expect((await Promise.all(asking)).map(({ status }) => status)).toEqual(Array(16).fill(200));
    const last = ask();
    await eventually(() => waiting.length === 17);
    waiting[16]!();
    expect((await last).status).toBe(200);
    await door.close();
  });

  test("a bug is a 500 without a reason, and tokens that cannot be known are 503", async () => {
    const broken = await open({ find: () => ({ kind: "act", act: { name: "x", needs: "viewer", takesBody: false, perform: () => Promise.reject(new Error("postgres://user:pass@db")) } }) });
    const answer = await broken.ask();
    expect([answer.status, answer.all.includes("postgres")]).toEqual([500, false]);
    await broken.door.close();
    const blind = await open({ tokens: () => { throw new Error("away"); } });
    expect((await blind.ask()).status).toBe(503);
    await blind.door.close();
  });
});

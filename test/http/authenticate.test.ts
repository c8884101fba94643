import request from "supertest";
import { describe, expect, test } from "vitest";
import type { LogFields } from "../../src/runtime/log.ts";
import { aDoor, aToken, base, digest, raw, token, userId } from "./house.ts";

const b64 = (text: string) => Buffer.from(text).toString("base64");
const swapped = token.replace(/[a-z]/, (letter) => letter.toUpperCase());

function aLog() {
  const lines: string[] = [];
  const write = (message: string, fields?: LogFields) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  return { lines, log: { info: write, warn: write, error: write, alarm: write } };
}

describe("what opens the door", () => {
  test.each([`Bearer ${token}`, `bearer ${token}`, `BEARER    ${token}  `, `  Bearer\t${token}`, token, ` ${token} `])("%j", async (authorization) => {
    const { door, seen } = aDoor();
    await request(door.app).get(`${base}/Users`).set("Authorization", authorization).expect(200);
    expect(seen).toHaveLength(1);
  });

  test("any of several live tokens, and each use is told by name", async () => {
    const used: string[] = [];
    const { door } = aDoor({ tokens: () => [aToken("t1"), aToken("t2", { name: "second" })], tokenUsed: (connection, name) => void used.push(`${connection}/${name}`) });
    await request(door.app).get(`${base}/Users`).set("Authorization", "Bearer t2").expect(200);
    await request(door.app).get(`${base}/Users`).set("Authorization", "Bearer t1").expect(200);
    expect(used).toEqual(["acme/second", "acme/first"]);
  });

  test("Basic where the connection takes it", async () => {
    const { door } = aDoor({ basic: (connection) => (connection === "acme" ? [{ name: "okta", hash: digest("okta:s3cret:with:colons"), expiresMs: undefined }] : undefined) });
    await request(door.app).get(`${base}/Users`).set("Authorization", `basic ${b64("okta:s3cret:with:colons")}`).expect(200);
    await request(door.app).get(`${base}/Users`).set("Authorization", `Basic ${b64("okta:wrong")}`).expect(401);
    await request(door.app).get(`${base}/Users`).set("Authorization", "Basic okta:s3cret:with:colons").expect(401);
    await request(door.app).get("/scim/other/v2/Users").set("Authorization", `Basic ${b64("okta:s3cret:with:colons")}`).expect(401);
  });
});

const wrong: readonly (readonly [string, Record<string, string>])[] = [
  ["no header", {}],
  ["an empty header", { Authorization: "" }],
  ["a scheme without a token", { Authorization: "Bearer" }],
  ["a scheme and blanks", { Authorization: "Bearer      " }],
  ["Basic without credentials", { Authorization: "Basic" }],
  ["undefined", { Authorization: "Bearer undefined" }],
  ["null", { Authorization: "Bearer null" }],
  ["false", { Authorization: "Bearer false" }],
  ["the token as Basic password", { Authorization: `Basic ${b64(`scim:${token}`)}` }],
  ["the token as Basic user", { Authorization: `Basic ${b64(`${token}:`)}` }],
  ["the bare token in base64", { Authorization: `Basic ${b64(token)}` }],
  ["Negotiate", { Authorization: "Negotiate YII=" }],
  ["another scheme with the token", { Authorization: `Token ${token}` }],
  ["a scheme that starts with Bearer", { Authorization: `BearerX ${token}` }],
  ["a colon behind the scheme", { Authorization: `Bearer: ${token}` }],
  ["one character more", { Authorization: `Bearer ${token}x` }],
  ["one character less", { Authorization: `Bearer ${token.slice(0, -1)}` }],
  ["another case", { Authorization: `Bearer ${swapped}` }],
  ["the token twice", { Authorization: `Bearer ${token}${token}` }],
  ["a comma behind", { Authorization: `Bearer ${token},` }],
  ["a blank inside", { Authorization: `Bearer ${token.slice(0, 8)} ${token}` }],
  ["a word behind", { Authorization: `Bearer ${token} x` }],
  ["a list", { Authorization: `Bearer wrong, Bearer ${token}` }],
  ["the hash itself", { Authorization: `Bearer ${digest(token).toString("hex")}` }],
  ["the hash in base64", { Authorization: `Bearer ${digest(token).toString("base64url")}` }],
  ["JSON", { Authorization: 'Bearer {"$ne":null}' }],
  ["__proto__", { Authorization: "Bearer __proto__" }],
  ["8 KiB", { Authorization: `Bearer ${"A".repeat(8192)}` }],
  ["the token in a cookie", { Cookie: `token=${token}` }],
  ["the token in another header", { "X-Api-Key": token, "Sec-WebSocket-Protocol": `bearer, ${token}` }],
  ["identity headers of proxies", { "X-Forwarded-User": "admin", "X-Original-URL": "/livez" }],
];

describe("what does not", () => {
  test.each(wrong)("%s", async (_name, headers) => {
    const { door, seen } = aDoor();
    const answer = await request(door.app).get(`${base}/Users?access_token=${token}`).set(headers).expect(401);
    const brought = "Authorization" in headers; // the client knows whether it did; a proxy may have taken it away since (RFC 6750, 3.1)
    expect(answer.headers["www-authenticate"]).toBe(brought ? 'Bearer realm="scim", error="invalid_token"' : 'Bearer realm="scim"');
    expect(answer.headers["content-type"]).toBe("application/scim+json; charset=utf-8");
    expect(answer.body).toEqual({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
      status: "401",
      detail: `The token is missing, wrong or expired for this connection. [${answer.headers["x-correlation-id"]}]`,
    });
    expect(seen).toHaveLength(0);
  });

  test("a token that has expired, to the millisecond", async () => {
    let nowMs = 999;
    const { door } = aDoor({ tokens: () => [aToken(token, { expiresMs: 1000 })], clock: { now: () => nowMs, sleep: async () => {} } });
    await request(door.app).get(`${base}/Users`).set("Authorization", token).expect(200);
    nowMs = 1000;
    await request(door.app).get(`${base}/Users`).set("Authorization", token).expect(401);
  });

  test("a name that no connection can have is not even looked up", async () => {
    const asked: string[] = [];
    const { door } = aDoor({ tokens: (connection) => (asked.push(connection), undefined) });
    for (const name of ["ACME", "__proto__", "a%20b", "-a", "a.b", "a".repeat(64), "a", "a1-b"]) await request(door.app).get(`/scim/${name}/v2/Users`).set("Authorization", token).expect(401);
    expect(asked).toEqual(["a", "a1-b"]);
  });

  test("a connection without any token", async () => {
    const { door } = aDoor({ tokens: () => [] });
    await request(door.app).get(`${base}/Users`).set("Authorization", token).expect(401);
  });

  test.each([
    ["two headers, bad then good", [`Bearer wrong`, `Bearer ${token}`]],
    ["two headers, good then bad", [`Bearer ${token}`, `Bearer wrong`]],
    ["two headers, both good", [`Bearer ${token}`, `Bearer ${token}`]],
  ])("%s", async (_name, [first, second]) => {
    const { door, seen } = aDoor();
    const { port } = await door.listen("127.0.0.1", 0);
    const answer = await raw(port, `GET ${base}/Users HTTP/1.1\r\nHost: a\r\nAuthorization: ${first}\r\nauthorization: ${second}\r\nConnection: close\r\n\r\n`);
    await door.close();
    expect(answer.status).toBe(401);
    expect(seen).toHaveLength(0);
  });
});

describe("a stranger learns nothing", () => {
  const plain = (answer: { status: number; text: string; headers: Record<string, string> }) => [answer.status, answer.text.replace(answer.headers["x-correlation-id"]!, "ID"), answer.headers["www-authenticate"]];
  test("about which connections there are", async () => {
    const { door } = aDoor();
    const known = await request(door.app).get(`${base}/Users`).set("Authorization", "Bearer wrong");
    for (const name of ["nobody", "__proto__", "constructor", "ACME", "acme%20", "a".repeat(300), "acme.", "other"]) {
      const unknown = await request(door.app).get(`/scim/${name}/v2/Users`).set("Authorization", `Bearer ${token}`);
      expect(plain(unknown)).toEqual(plain(known));
    }
  });

  test.each([
    ["GET", "/Nothing", ""],
    ["PUT", "/Users", ""],
    ["GET", `/Users/${userId}`, ""],
    ["GET", "/Users?count=NaN", ""],
    ["OPTIONS", "/Users", ""],
    ["POST", "/Bulk", "{bad"],
    ["POST", "/Users", "{bad"],
    ["POST", "/.search", "{}"],
    ["POST", "/Groups/.search", "{}"],
    ["GET", "/Schemas", ""],
  ])("about what %s %s would have been", async (method, path, body) => {
    const { door } = aDoor();
    const asked = request(door.app)[method.toLowerCase() as "get"](base + path).set("content-type", "text/plain");
    await (body ? asked.send(body) : asked).expect(401);
  });

  test("and its token, right or wrong, stands in no log line and no answer", async () => {
    const { lines, log } = aLog();
    const { door } = aDoor({ log });
    for (const authorization of ["Bearer s3cr3t-probe", "s3cr3t-probe", "Bearer Bearer s3cr3t-probe", "Basic czNjcjN0LXByb2Jl", "s3cr3t-probe s3cr3t-probe x"]) {
      const answer = await request(door.app).get(`${base}/Users?token=s3cr3t-probe`).set("Authorization", authorization).expect(401);
      expect(answer.text).not.toContain("s3cr3t");
    }
    await request(door.app).get(`${base}/Nothing`).set("Authorization", token).expect(404);
    expect(lines).toHaveLength(6);
    expect(lines.join("\n")).not.toMatch(/s3cr3t|czNjcjN0|dbt_/);
  });
});

test("'Bearer Bearer' is named in the log, because an administrator will look for it", async () => {
  const { lines, log } = aLog();
  const { door } = aDoor({ log });
  await request(door.app).get(`${base}/Users`).set("Authorization", `Bearer Bearer ${token}`).expect(401);
  expect(lines.join()).toContain("Bearer Bearer");
  expect(lines.join()).toContain("acme");
});

test("a token store that is down is 503 with Retry-After, never 401, and says nothing of its error", async () => {
  const { lines, log } = aLog();
  const { door } = aDoor({
    log,
    tokens: () => {
      throw new Error("SQLITE_IOERR: disk");
    },
  });
  const answer = await request(door.app).get(`${base}/Users`).set("Authorization", `Bearer ${token}`).expect(503);
  expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  expect(answer.text).not.toMatch(/SQLITE|disk/);
  expect(lines.join()).toContain("SQLITE_IOERR");
});

test("a token opens its own connection only", async () => {
  const { door } = aDoor();
  await request(door.app).get("/scim/other/v2/Users").set("Authorization", `Bearer ${token}`).expect(401);
  await request(door.app).get("/scim/other/v2/Users").set("Authorization", "Bearer dbt_other").expect(200);
});

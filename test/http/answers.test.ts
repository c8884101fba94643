import request from "supertest";
import { describe, expect, test } from "vitest";
import { Fault, invalid } from "../../src/model/failure.ts";
import type { LogFields } from "../../src/runtime/log.ts";
import type { Answers, At, Page } from "../../src/scim/exchange.ts";
import { aBridge, aDoor, base, publicUrl, raw, token, userId } from "./house.ts";

const auth = { Authorization: `Bearer ${token}` };
const scim = { ...auth, "content-type": "application/scim+json" };

describe("every answer", () => {
  test("carries a fresh correlation id, errors also inside their detail", async () => {
    const { door } = aDoor();
    const ids = new Set<string>();
    for (const [path, headers] of [["/livez", {}], ["/readyz", {}], ["/nothing", {}], [`${base}/Users`, {}], [`${base}/Users`, auth], [`${base}/Nothing`, auth], [`${base}/Schemas`, auth], ["/a//b", {}]] as const) {
      const answer = await request(door.app).get(path).set(headers);
      const id = answer.headers["x-correlation-id"]!;
      expect(id).toMatch(/^c-[0-9a-z]{12}$/);
      if (answer.status >= 400) expect(answer.body.detail).toContain(`[${id}]`);
      ids.add(id);
    }
    expect(ids.size).toBe(8);
  });

  test("tells a browser to do nothing with it, and not what we are made of", async () => {
    const { door } = aDoor();
    const { headers } = await request(door.app).get(`${base}/Users`).set(auth);
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "no-referrer", "cache-control": "no-store" });
    expect(headers["content-security-policy"]).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers["strict-transport-security"]).toContain("max-age=");
    for (const name of ["x-powered-by", "server", "etag", "access-control-allow-origin", "set-cookie"]) expect(headers[name]).toBeUndefined();
  });
});

describe("ETag", () => {
  const withVersion = () => {
    const all = aDoor();
    all.side.serve = (_req, res) => {
      all.seen.at(-1)!.exchange.setHeader("ETag", 'W/"3"');
      res.type("application/scim+json").send({ id: userId });
    };
    return all;
  };
  test.each([
    ['W/"3"', 304],
    ['"3"', 304],
    ['W/"1", W/"3"', 304],
    ["*", 304],
    ['W/"2"', 200],
    ["", 200],
  ])("If-None-Match: %s is %d for a plain client", async (condition, status) => {
    const { door, seen } = withVersion();
    const { port } = await door.listen("127.0.0.1", 0);
    const answer = await raw(port, `GET ${base}/Users/${userId} HTTP/1.1\r\nHost: a\r\nAuthorization: ${token}\r\nIf-None-Match: ${condition}\r\nIf-Match: "x"\r\nConnection: close\r\n\r\n`);
    await door.close();
    expect(answer.status).toBe(status);
    expect(answer.headers["etag"]).toBe('W/"3"');
    if (status === 304) expect(answer.body).toBe("");
    expect(seen[0]!.exchange).toMatchObject({ ifNoneMatch: condition, ifMatch: '"x"' });
  });
});

describe("whether the answer was written out", () => {
  test("is true once it was, however late somebody asks", async () => {
    const { door, seen } = aDoor();
    await request(door.app).get(`${base}/Users`).set(auth);
    expect(await seen[0]!.exchange.answered).toBe(true);
  });

  test("is false when the client was gone before", async () => {
    const { door, side, seen } = aDoor();
    let answer = () => {};
    let gone = new Promise((resolve) => resolve(undefined));
    side.serve = (_req, res) => {
      answer = () => res.send({});
      gone = new Promise((resolve) => res.on("close", resolve));
    };
    const { port } = await door.listen("127.0.0.1", 0);
    await raw(port, `POST ${base}/Users HTTP/1.1\r\nHost: a\r\nAuthorization: ${token}\r\nContent-Length: 2\r\n\r\n{}`, 50);
    const asked = seen[0]!.exchange.answered;
    await gone;
    answer();
    expect(await asked).toBe(false);
    expect(await seen[0]!.exchange.answered).toBe(false);
    await door.close();
  });
});

describe("failures", () => {
  test("the face that waits in the exchange is what the client sees, whatever scimmy made of it", async () => {
    const { door, side, seen } = aDoor();
    side.serve = (_req, res, next) => {
      seen.at(-1)!.exchange.face = { status: 503, detail: "Held by a rail.", retryAfterSeconds: 120 };
      res.status(418);
      next(new TypeError("scimmy cannot say 503"));
    };
    const answer = await request(door.app).delete(`${base}/Users/${userId}`).set(auth).expect(503);
    expect(answer.headers["retry-after"]).toBe("120");
    expect(answer.body).toMatchObject({ status: "503", detail: expect.stringMatching(/^Held by a rail\. \[c-/) });
  });

  test("a bug is 500 without its text, and the text is in the log", async () => {
    const lines: string[] = [];
    const error = (message: string, fields?: LogFields) => void lines.push(`${message} ${fields?.error}`);
    const { door, side } = aDoor({ log: { info() {}, warn() {}, error, alarm() {} } });
    side.serve = () => {
      throw new Error("db: secret at /srv/app.js:1");
    };
    const answer = await request(door.app).get(`${base}/Users`).set(auth).expect(500);
    expect(answer.text).not.toMatch(/secret|srv|at /);
    expect(answer.headers["content-type"]).toBe("application/scim+json; charset=utf-8");
    expect(lines.join()).toContain("db: secret");
  });

  test("an error behind an answer that was sent changes nothing and keeps the connection", async () => {
    const { door, side } = aDoor();
    side.serve = (_req, res, next) => {
      res.status(500).send({ status: "500" });
      next(new Error("scimmy-routers does this"));
    };
    const { port } = await door.listen("127.0.0.1", 0);
    const one = `GET ${base}/Users HTTP/1.1\r\nHost: a\r\nAuthorization: ${token}\r\n`;
    const answer = await raw(port, `${one}\r\n`.repeat(20) + `${one}Connection: close\r\n\r\n`);
    await door.close();
    expect(answer.all.match(/HTTP\/1\.1 500/g)).toHaveLength(21);
  });

  test("a route that nobody answers is 404", async () => {
    const { door, side } = aDoor();
    side.serve = (_req, _res, next) => next();
    await request(door.app).get(`${base}/Users`).set(auth).expect(404);
  });

  test("a bridge that cannot be had is 500, not 401", async () => {
    const { door } = aDoor({
      bridge: () => {
        throw new Error("reloading");
      },
    });
    await request(door.app).post(`${base}/Users`).set(scim).send("{}").expect(500);
    await request(door.app).get(`${base}/Users`).set(auth).expect(500);
  });
});

describe("health", () => {
  test("livez needs nothing; readyz tells what is wrong", async () => {
    let ok = true;
    const { door } = aDoor({ ready: async () => ({ ok, detail: { store: ok ? "up" : "down" } }) });
    await request(door.app).get("/livez").expect(200, { ok: true });
    await request(door.app).get("/readyz").expect(200, { ok: true, detail: { store: "up" } });
    ok = false;
    await request(door.app).get("/readyz").expect(503, { ok: false, detail: { store: "down" } });
    await request(door.app).head("/livez").expect(200);
    await request(door.app).post("/livez").expect(405);
    await request(door.app).get("/livez/x").expect(404);
  });

  test.each([
    ["rejects", () => Promise.reject(new Error("db: secret"))],
    [
      "throws",
      () => {
        throw new Error("db: secret");
      },
    ],
  ])("readiness that %s is not ready, and keeps its reason to itself", async (_name, ready) => {
    const { door } = aDoor({ ready });
    const answer = await request(door.app).get("/readyz").expect(503);
    expect(answer.text).not.toContain("secret");
  });
});

describe("routes beside SCIM", () => {
  const { door } = aDoor({
    beside: (req, res, next) => {
      if (req.url === "/operator/holds?x=1") return void res.json({ holds: [] });
      next(req.url === "/operator/broken" ? new Error("secret") : undefined);
    },
  });
  test("are asked before the 404, fail like all others, and see nothing below /scim", async () => {
    await request(door.app).get("/operator/holds?x=1").expect(200, { holds: [] });
    expect((await request(door.app).get("/operator/broken").expect(500)).text).not.toContain("secret");
    await request(door.app).get("/operator/nothing").expect(404);
    await request(door.app).get("/scim/operator/holds?x=1").expect(404);
  });
});

describe("discovery", () => {
  test.each([
    ["/ServiceProviderConfig", { patch: { supported: true }, meta: { location: `${publicUrl}${base}/ServiceProviderConfig` } }],
    ["/serviceConfiguration", { patch: { supported: true }, meta: { location: `${publicUrl}${base}/ServiceProviderConfig` } }],
    ["/ResourceTypes?attributes=__proto__.x&count=1", { totalResults: 2 }],
    ["/ResourceTypes/User", { id: "User" }],
    ["/Schemas/", { totalResults: 3 }],
    ["/Schemas/urn:ietf:params:scim:schemas:core:2.0:User?excludedAttributes=__proto__.x", { id: "urn:ietf:params:scim:schemas:core:2.0:User" }],
  ])("GET %s is answered here and reaches no router", async (path, body) => {
    const { door, seen } = aDoor();
    const answer = await request(door.app).get(base + path).set(auth).expect(200);
    expect(answer.body).toEqual(body);
    expect(answer.headers["content-type"]).toBe("application/scim+json; charset=utf-8");
    const head = await request(door.app).head(base + path).set(auth).expect(200);
    expect(head.headers["content-length"]).toBe(answer.headers["content-length"]);
    expect(seen).toHaveLength(0);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  test.each(["/Schemas", "/ResourceTypes/User", "/ServiceProviderConfig", "/Schemas/nothing"])("%s with a filter is 403", async (path) => {
    const { door } = aDoor();
    await request(door.app).get(`${base}${path}?FILTER=id%20pr`).set(auth).expect(403);
  });
});

describe(".search", () => {
  const people = Array.from({ length: 7 }, (_, n) => ({ id: `u${n + 1}` }));
  const groups = Array.from({ length: 4 }, (_, n) => ({ id: `g${n + 1}` }));
  const asked: At[] = [];
  const list: Answers["list"] = async (at): Promise<Page> => {
    asked.push(at);
    if (at.query["filter"] === "bad") throw invalid("invalidFilter", `Not a filter (${at.type}).`);
    if (at.query["filter"] === "down") throw new Fault({ kind: "unreachable", detail: "The store is away." });
    const all = at.type === "User" ? people : groups;
    const startIndex = Number(at.query["startIndex"] ?? 1);
    return { startIndex, total: all.length, resources: all.slice(startIndex - 1, startIndex - 1 + Number(at.query["count"] ?? 2)), ...(at.query["cursor"] !== undefined && { nextCursor: "next" }) };
  };
  const { door } = aDoor({ bridge: () => aBridge(list), limits: () => ({ userBodyBytes: 1_048_576, groupBodyBytes: 1_048_576, page: 9 }) });
  const ask = (path: string, body: unknown) => request(door.app).post(base + path).set(scim).send(JSON.stringify(body));

  test("below a type it asks the bridge in query words, whatever the case of the members", async () => {
    asked.length = 0;
    const schemas = ["URN:ietf:params:scim:api:messages:2.0:SearchRequest"];
    const answer = await ask("/Users/.search", { schemas, FILTER: "id pr", Attributes: ["userName", "emails"], excludedAttributes: null, sortBy: "id", sortOrder: "descending", startIndex: 2, count: 3, cursor: "", somethingElse: 1 }).expect(200);
    expect(asked).toEqual([{ type: "User", query: { filter: "id pr", attributes: "userName,emails", sortBy: "id", sortOrder: "descending", startIndex: 2, count: 3, cursor: "" } }]);
    expect(answer.headers["content-type"]).toBe("application/scim+json; charset=utf-8");
    expect(answer.body).toEqual({ schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], totalResults: 7, startIndex: 2, itemsPerPage: 3, nextCursor: "next", Resources: people.slice(1, 4) });
  });

  test.each([
    [1, 3, ["u1", "u2", "u3"]],
    [6, 4, ["u6", "u7", "g1", "g2"]],
    [7, 1, ["u7"]],
    [8, 2, ["g1", "g2"]],
    [10, 5, ["g3", "g4"]],
    [12, 5, []],
    [99, 5, []],
    [-3, 2, ["u1", "u2"]],
    [1, 0, []],
    [1, -5, []],
    [1, 1_000_000_000, ["u1", "u2", "u3", "u4", "u5", "u6", "u7", "g1", "g2"]],
    [5, undefined, ["u5", "u6", "u7", "g1", "g2", "g3", "g4"]],
  ])("at the root, from %s, %s of them, it is one list over users and then groups", async (startIndex, count, ids) => {
    const answer = await ask("/.search", { startIndex, count }).expect(200);
    expect(answer.body.Resources.map(({ id }: { id: string }) => id)).toEqual(ids);
    expect(answer.body).toMatchObject({ totalResults: 11, startIndex: Math.max(1, startIndex), itemsPerPage: ids.length });
  });

  test("every page of every size, put together, is the whole list once", async () => {
    const whole = [...people, ...groups].map(({ id }) => id);
    for (const count of [1, 2, 3, 5, 7]) {
      const got: string[] = [];
      for (let startIndex = 1; startIndex <= 11; startIndex += count) got.push(...(await ask("/.search", { startIndex, count })).body.Resources.map(({ id }: { id: string }) => id));
      expect(got).toEqual(whole);
    }
  });

  // What only the other type has is no unknown name then (RFC 7644, 3.4.2.1); which that is, the bridge knows (test/app/protocol.test.ts).
  test("each type is told that the other one is asked, too; what it refuses is refused", async () => {
    asked.length = 0;
    await ask("/.search", { filter: "userName pr", count: 9 }).expect(200);
    expect(asked.map(({ type, among }) => [type, among])).toEqual([["User", true], ["Group", true]]);
    expect((await ask("/.search", { filter: "bad" }).expect(400)).body.scimType).toBe("invalidFilter");
    await ask("/.search", { filter: "down" }).expect(503);
  });

  test.each([
    [{ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"] }, "invalidSyntax"],
    [{ schemas: "urn:ietf:params:scim:api:messages:2.0:SearchRequest" }, "invalidSyntax"],
    [{ filter: { $gt: "" } }, "invalidFilter"],
    [{ filter: ["id pr"] }, "invalidFilter"],
    [{ count: "5" }, "invalidValue"],
    [{ count: 1.5 }, "invalidValue"],
    [{ startIndex: true }, "invalidValue"],
    [{ attributes: "userName" }, "invalidValue"],
    [{ attributes: ["userName", 5] }, "invalidValue"],
    [{ excludedAttributes: {} }, "invalidValue"],
    [{ sortBy: ["id"] }, "invalidValue"],
    [{ cursor: 7 }, "invalidCursor"],
  ])("%j is 400 %s", async (body, scimType) => {
    for (const path of ["/.search", "/Groups/.search"]) {
      const answer = await ask(path, body).expect(400);
      expect(answer.body).toMatchObject({ status: "400", scimType });
    }
  });

  test("a cursor over both types is refused, because it belongs to one list", async () => {
    expect((await ask("/.search", { cursor: "" }).expect(400)).body.scimType).toBe("invalidCursor");
  });
});

import request from "supertest";
import { describe, expect, test } from "vitest";
import { targetOf } from "../../src/http/paths.ts";
import { queryOf } from "../../src/http/query.ts";
import { aDoor, base, features, publicUrl, raw, token, userId } from "./house.ts";

const authorized = { Authorization: `Bearer ${token}`, "content-type": "application/scim+json" };

describe("paths", () => {
  test.each([
    ["/livez", ["livez"]],
    ["/", []],
    ["/a/b/", ["a", "b"]],
    ["/a/%41b?x=/../", ["a", "Ab"]],
    ["/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", ["Schemas", "urn:ietf:params:scim:schemas:core:2.0:User"]],
    ["/.search", [".search"]],
    ["/a/j%C3%B6rg", ["a", "jörg"]],
  ])("%s is %j", (url, segments) => {
    expect(targetOf(url).segments).toEqual(segments);
  });

  test.each([
    ["dot-dot", "/a/../b"],
    ["dot", "/a/./b"],
    ["dot-dot at the end", "/a/.."],
    ["encoded dots", "/a/%2e%2E/b"],
    ["one encoded dot", "/a/.%2e"],
    ["encoded slash", "/a/b%2fc"],
    ["encoded slash at the end", "/a/b%2F"],
    ["encoded backslash", "/a/..%5c.."],
    ["backslash", "/a\\b"],
    ["double encoding", "/a/%252e%252e%252fadmin"],
    ["encoded percent", "/a/%25"],
    ["overlong dots", "/a/%c0%ae%c0%ae/"],
    ["invalid percent", "/a/%zz"],
    ["lone percent", "/a/%"],
    ["truncated UTF-8", "/a/%e2%82"],
    ["NUL", "/a/%00"],
    ["NUL behind an id", `/a/${userId}%00.json`],
    ["line break", "/a/x%0d%0aSet-Cookie:%20a=b"],
    ["C1 control", "/a/%c2%9b31m"],
    ["matrix parameter", "/a;jsessionid=1"],
    ["encoded semicolon", "/a%3bx=1"],
    ["fragment", "/a#x"],
    ["encoded fragment", "/a%23x"],
    ["double slash", "/a//b"],
    ["double slash first", "//a"],
    ["double slash last", "/a//"],
    ["absolute", "http://evil.example/a"],
    ["asterisk form", "*"],
    ["raw bytes", "/a/\u00ff\u00fe"],
  ])("%s is refused", (_name, url) => {
    expect(() => targetOf(url)).toThrow(expect.objectContaining({ face: expect.objectContaining({ status: 400 }) }));
  });

  test("an address of 6 KiB is 414", () => {
    expect(() => targetOf(`/a/${"a".repeat(6144)}`)).toThrow(expect.objectContaining({ face: expect.objectContaining({ status: 414 }) }));
  });
});

describe("query parameters", () => {
  test.each([
    ["", {}],
    ["filter=userName%20eq%20%22a%2Bb%22", { filter: 'userName eq "a+b"' }],
    ['filter=userName+eq+"a"', { filter: 'userName eq "a"' }],
    ["startindex=2&COUNT=5", { startIndex: 2, count: 5 }],
    ["startIndex=-1&count=0", { startIndex: -1, count: 0 }],
    ["startIndex=99999999999999999999999", { startIndex: Number.MAX_SAFE_INTEGER }],
    ["aadOptscim062020&attributes=id,userName", { attributes: "id,userName" }],
    ["aadOptscim062020", {}],
    ["cursor", { cursor: "" }],
    ["filter=", { filter: "" }],
    ["__proto__=1&constructor=2&x[y]=3&%zz=4", {}],
    ["unknown=1&unknown=2&&=&", {}],
    ["filter=a%3D%22b=c%22", { filter: 'a="b=c"' }],
  ])("%s is %j", (text, query) => {
    expect(queryOf(text)).toEqual(query);
  });

  test.each([
    ["count=1&count=100000", "invalidValue"],
    ["count=1&Count=1", "invalidValue"],
    ["filter=a&filter=b", "invalidFilter"],
    ["filter=a&%66ilter=b", "invalidFilter"],
    ["filter[]=a", "invalidFilter"],
    ["filter[$ne]=a", "invalidFilter"],
    ["FILTER%5B0%5D=a", "invalidFilter"],
    ["count[]=1&count[]=2", "invalidValue"],
    ["attributes[__proto__]=x", "invalidValue"],
    ["count=NaN", "invalidValue"],
    ["count=1.5", "invalidValue"],
    ["count=", "invalidValue"],
    ["count=0x10", "invalidValue"],
    ["count=+5", "invalidValue"],
    ["startIndex=1e309", "invalidValue"],
    ["startIndex=1%00", "invalidValue"],
    ["filter=%zz", "invalidFilter"],
    ["filter=%c0%ae", "invalidFilter"],
    ["filter=a%00b", "invalidFilter"],
    ["sortBy=a%0d%0ab", "invalidValue"],
  ])("%s is %s", (text, scimType) => {
    expect(() => queryOf(text)).toThrow(expect.objectContaining({ face: expect.objectContaining({ status: 400, scimType }) }));
  });
});

describe("routes", () => {
  const anItem = `/Users/${userId}`;
  test.each([
    ["GET", "/Users", "/Users"],
    ["GET", "/Users/?count=1", "/Users"],
    ["HEAD", "/Groups", "/Groups"],
    ["POST", "/Groups", "/Groups"],
    ["GET", `${anItem}?attributes=id`, anItem],
    ["PUT", anItem, anItem],
    ["PATCH", `/Groups/${userId}/`, `/Groups/${userId}`],
    ["DELETE", `/%55sers/${userId}`, anItem],
  ])("%s %s reaches the router as %s", async (method, path, url) => {
    const { door, seen } = aDoor();
    const asked = request(door.app)[method.toLowerCase() as "get"](base + path).set(authorized);
    await (["POST", "PUT", "PATCH"].includes(method) ? asked.send('{"a":1}') : asked).expect(200);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method, url, baseUrl: base });
  });

  test.each([
    ["PUT", "/Users", ["GET", "POST"]],
    ["DELETE", "/Users", ["GET", "POST"]],
    ["DELETE", "/Users/", ["GET", "POST"]],
    ["PATCH", "/Groups/?filter=displayName%20pr", ["GET", "POST"]],
    ["POST", anItem, ["GET", "PUT", "PATCH", "DELETE"]],
    ["POST", "/ServiceProviderConfig", ["GET"]],
    ["DELETE", "/ResourceTypes/User", ["GET"]],
    ["PUT", "/Schemas", ["GET"]],
    ["GET", "/.search", ["POST"]],
    ["HEAD", "/Users/.search", ["POST"]],
    ["GET", "/Bulk", ["POST"]],
    ["PROPFIND", "/Users", ["GET", "POST"]],
    ["PURGE", anItem, ["GET", "DELETE"]],
    ["TRACE", "/Users", ["GET"]],
  ])("%s %s is 405 and names what is allowed, without looking at the body", async (method, path, allowed) => {
    const { door, seen } = aDoor();
    const { port } = await door.listen("127.0.0.1", 0);
    const bytes = `${method} ${base}${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nX-HTTP-Method-Override: GET\r\nContent-Type: application/scim+json\r\nContent-Length: 4\r\nConnection: close\r\n\r\n{bad`;
    const answer = await raw(port, bytes);
    await door.close();
    expect(answer.status).toBe(405);
    expect(answer.headers["allow"]!.split(", ")).toEqual(expect.arrayContaining(allowed));
    expect(answer.headers["allow"]!.split(", ")).not.toContain(method);
    if (method !== "HEAD") expect(JSON.parse(answer.body)).toMatchObject({ status: "405" });
    expect(seen).toHaveLength(0);
  });

  test.each([
    ["GET", "/"],
    ["GET", "/users"],
    ["GET", "/USERS"],
    ["GET", "/Nothing"],
    ["GET", "/.env"],
    ["GET", "/drawbridge.yaml"],
    ["GET", `${anItem}/roles/owner`],
    ["GET", "/Users/.search/x"],
    ["POST", "/Bulk/x"],
    ["GET", "/ServiceProviderConfig/x"],
    ["GET", "/ResourceTypes/constructor"],
    ["GET", "/ResourceTypes/user/x"],
    ["GET", "/Schemas/__proto__"],
    ["GET", "/Users/__proto__"],
    ["DELETE", "/Users/hasOwnProperty"],
    ["DELETE", "/Users/*"],
    ["DELETE", "/Users/undefined"],
    ["GET", `/Users/${userId.toUpperCase()}`],
    ["GET", `/Users/urn:uuid:${userId}`],
    ["GET", `/Users/${userId.replaceAll("-", "")}`],
    ["GET", "/Users/bulkId:1"],
    ["DELETE", "/Users/x%22%20or%20userName%20pr%20or%20id%20eq%20%22x"],
    ["GET", "/Users/1%27%20OR%20%271%27%3D%271"],
  ])("%s %s is 404 and reaches nobody", async (method, path) => {
    const { door, seen } = aDoor();
    const answer = await request(door.app)[method.toLowerCase() as "get"](base + path).set(authorized).expect(404);
    expect(answer.body).toMatchObject({ schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"], status: "404" });
    expect(answer.headers["content-type"]).toBe("application/scim+json; charset=utf-8");
    expect(seen).toHaveLength(0);
  });

  test.each(["GET", "POST", "PUT", "PATCH", "DELETE"])("%s /Me and below is 501", async (method) => {
    const { door } = aDoor();
    for (const path of ["/Me", "/Me/", "/Me/x"]) await request(door.app)[method.toLowerCase() as "get"](base + path).set(authorized).expect(501);
  });

  test("Bulk that is switched off is 501 before its body is read", async () => {
    const { door } = aDoor({ features: () => features(false) });
    const answer = await request(door.app).post(`${base}/Bulk`).set(authorized).send("{bad").expect(501);
    expect(answer.body.status).toBe("501");
  });

  test.each(["/package.json", "/scim", "/scim/acme", "/scim/acme/v1/Users", "/SCIM/acme/v2/Users", "/scim/acme/V2/Users", "/metrics", "/"])("%s is 404 as JSON", async (path) => {
    const { door } = aDoor();
    const answer = await request(door.app).get(path).set("accept", "text/html").set(authorized).expect(404);
    expect(answer.body.status).toBe("404");
    expect(answer.headers["x-correlation-id"]).toMatch(/^c-/);
  });

  test("OPTIONS names the methods and no origin", async () => {
    const { door, seen } = aDoor();
    const answer = await request(door.app).options(`${base}/Users`).set(authorized).set({ Origin: "https://evil.example", "Access-Control-Request-Method": "DELETE" }).expect(204);
    expect(answer.headers["allow"]).toBe("GET, HEAD, POST, OPTIONS");
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(seen).toHaveLength(0);
  });

  test("an origin is never reflected, and an override never honoured", async () => {
    const { door, seen } = aDoor();
    const answer = await request(door.app).get(base + anItem).set(authorized).set({ Origin: "https://evil.example", "X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": "DELETE" }).expect(200);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect(seen[0]!.method).toBe("GET");
  });
});

test("the query reaches the router as a plain property that keeps what is written into it", async () => {
  const { door, side, seen } = aDoor();
  side.serve = (req, res) => {
    (req.query as Record<string, unknown>)["count"] = 7;
    res.send({ count: req.query["count"] });
  };
  const answer = await request(door.app).get(`${base}/Users?count=5&startindex=3`).set(authorized);
  expect(answer.body).toEqual({ count: 7 });
  expect(seen[0]!.query).toEqual({ count: 7, startIndex: 3 });
});

test("the base address comes from the configuration, whatever the headers say", async () => {
  const { door, seen } = aDoor();
  await request(door.app).get(`${base}/Users`).set(authorized).set({ Host: "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "X-Forwarded-Prefix": "/scim/other/v2", Forwarded: "host=evil.example" }).expect(200);
  expect(seen[0]!.exchange.base).toBe(`${publicUrl}${base}`);
});

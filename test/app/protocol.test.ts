/**
 * Points of RFC 7644 that show only through the whole house: headers, preconditions, searches over both types.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ada, openWithVendor, patch } from "../support/house.ts";

type House = Awaited<ReturnType<typeof openWithVendor>>;
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const core = "urn:ietf:params:scim:schemas:core:2.0:User";

let house: House;
let id: string;
let location: string;
beforeAll(async () => {
  house = await openWithVendor();
  const { body } = await house.scim("POST", "/Users", ada({ schemas: [core, enterprise], title: "Countess", [enterprise]: { department: "Engines" } }));
  id = body.id;
  location = body.meta.location;
});
afterAll(() => house.stop());

describe("Location, Content-Location and ETag stand on every answer that is one resource, whatever of it is shown", () => {
  test.each(["", "?attributes=userName", "?excludedAttributes=meta"])("a create%s", async (query) => {
    const { status, headers, body } = await house.scim("POST", `/Users${query}`, ada({ userName: `made${query.length}@acme.example`, externalId: query }));
    expect([status, headers.get("location"), headers.get("content-location"), headers.get("etag")]).toEqual([201, `http://scim.test/scim/acme/v2/Users/${body.id}`, `http://scim.test/scim/acme/v2/Users/${body.id}`, 'W/"1"']);
    expect(body.meta === undefined).toBe(query !== "");
  });

  test.each([
    ["GET", undefined],
    ["PUT", ada({ schemas: [core, enterprise], title: "Countess", [enterprise]: { department: "Engines" } })],
    ["PATCH", patch({ op: "add", path: "title", value: "Countess" })],
  ])("%s", async (method, body) => {
    const { status, headers, body: shown } = await house.scim(method, `/Users/${id}?attributes=title`, body);
    expect([status, headers.get("location"), headers.get("content-location"), headers.get("etag")]).toEqual([200, location, location, expect.stringMatching(/^W\/"\d+"$/)]);
    expect(shown).toEqual({ schemas: [core], id, title: "Countess" });
  });

  test("and a version that is known is not sent again, whatever of it is asked for", async () => {
    const etag = (await house.scim("GET", `/Users/${id}`)).headers.get("etag") as string;
    // A plain client: fetch would add Cache-Control: no-cache, which turns 304 off.
    for (const query of ["", "?attributes=title"]) expect((await house.scim("GET", `/Users/${id}${query}`, undefined, { "If-None-Match": etag, "Cache-Control": "max-age=0" })).status).toBe(304);
  });
});

test("schemas names what the answer shows and nothing else", async () => {
  const schemasOf = async (query: string) => (await house.scim("GET", `/Users/${id}${query}`)).body.schemas;
  expect(await schemasOf("")).toEqual([core, enterprise]);
  expect(await schemasOf("?attributes=title")).toEqual([core]);
  expect(await schemasOf(`?excludedAttributes=${enterprise}`)).toEqual([core]);
  expect(await schemasOf(`?attributes=${enterprise}:department`)).toEqual([core, enterprise]);
});

test("a write under a precondition that does not hold changes nothing", async () => {
  const { headers, body } = await house.scim("GET", `/Users/${id}`);
  const etag = headers.get("etag") as string;
  const change = patch({ op: "replace", path: "title", value: "Somebody else" });
  for (const condition of [{ "If-Match": 'W/"99"' }, { "If-None-Match": "*" }, { "If-None-Match": `W/"99", ${etag}` }, { "If-None-Match": "nonsense" }]) {
    for (const [method, sent] of [["PATCH", change], ["PUT", ada({ title: "Somebody else" })], ["DELETE", undefined]] as const) expect([condition, method, (await house.scim(method, `/Users/${id}`, sent, condition as Record<string, string>)).status]).toEqual([condition, method, 412]);
  }
  expect((await house.scim("GET", `/Users/${id}`)).body).toEqual(body);
  expect((await house.scim("PATCH", `/Users/${id}`, patch({ op: "add", path: "title", value: "Countess" }), { "If-None-Match": 'W/"99"', "If-Match": etag })).status).toBe(200);
});

test("/Me is 501 for every method and for everybody, on connections that are there and those that are not", async () => {
  for (const where of [house.base, house.base.replace("/acme/", "/nobody/")]) {
    for (const Authorization of [undefined, "Bearer wrong", "Basic YWRhOnNlY3JldA=="]) {
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]) {
        const answer = await fetch(`${where}/Me`, { method, headers: { ...(Authorization && { Authorization }) } });
        expect([method, Authorization, answer.status, answer.headers.get("content-type")]).toEqual([method, Authorization, 501, "application/scim+json; charset=utf-8"]);
      }
    }
  }
  expect((await fetch(`${house.base}/Users`)).status).toBe(401);
});

describe("a search over both types", () => {
  let ids: { readonly group: string };
  const search = async (more: object) => {
    const { status, body } = await house.scim("POST", "/.search", { schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], ...more });
    return status === 200 ? (body.Resources as readonly { readonly id: string }[]).map((one) => one.id) : [status, body.scimType];
  };
  beforeAll(async () => {
    ids = { group: (await house.scim("POST", "/Groups", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Engines", members: [{ value: id }] })).body.id };
  });

  test.each<[string, string, "both" | "user" | "group" | "neither"]>([
    ["what one type lacks has no value there", 'userName eq "ada@acme.example" or displayName eq "engines"', "both"],
    ["and so for the other one", 'displayName eq "engines" or title eq "countess"', "both"],
    ["a value path of it finds nothing", 'emails[type eq "work"] or displayName eq "engines"', "group"],
    ["nor does one with a part behind it", 'emails[type eq "work"].value co "@" or displayName eq "engines"', "group"],
    ["it is not present", 'title pr and userName eq "ada@acme.example" or not (title pr) and displayName eq "engines"', "both"],
    ["and equals null", 'title eq null and displayName eq "engines"', "group"],
    ["it is unequal to everything", 'userName ne "x" and displayName eq "engines"', "group"],
    ["an extension's attribute is no exception", `${enterprise}:department eq "engines"`, "user"],
    ["nothing orders it", 'userName gt "a" and displayName eq "engines"', "neither"],
  ])("%s: %s", async (_, filter, found) => {
    const wanted = { both: [id, ids.group], user: [id], group: [ids.group], neither: [] }[found];
    expect(await search({ filter })).toEqual(wanted);
  });

  test("what neither type has is an unknown name, and so is what one lacks where only that one is asked", async () => {
    expect(await search({ filter: 'shoeSize eq "44"' })).toEqual([400, "invalidFilter"]);
    expect((await house.scim("GET", `/Groups?filter=${encodeURIComponent('userName eq "x"')}`)).body.scimType).toBe("invalidFilter");
  });

  test("is sorted by what only one type has", async () => {
    expect(await search({ filter: 'userName eq "ada@acme.example" or displayName eq "engines"', sortBy: "userName", sortOrder: "descending" })).toEqual([id, ids.group]);
    expect(await search({ sortBy: "shoeSize" })).toEqual([400, "invalidValue"]);
    expect((await house.scim("GET", "/Groups?sortBy=userName")).body.scimType).toBe("invalidValue");
  });
});

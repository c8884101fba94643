/**
 * Paging by cursor (RFC 9865) through the whole house.
 *
 * @module
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ada, openWithVendor } from "../support/house.ts";

let house: Awaited<ReturnType<typeof openWithVendor>>;
const people = 23;
beforeAll(async () => {
  house = await openWithVendor({ limits: { page: 50 } });
  for (let n = 0; n < people; n++) await house.scim("POST", "/Users", ada({ userName: `u${n}@acme.example`, externalId: `x${n}`, title: n % 2 === 0 ? "Even" : "Odd" }));
});
afterAll(() => house.stop());

async function walk(query: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (let cursor: string | undefined = ""; cursor !== undefined; ) {
    const { status, body } = await house.scim("GET", `/Users?${query}&cursor=${cursor}`);
    expect(status).toBe(200);
    expect(body.startIndex).toBeUndefined();
    names.push(...body.Resources.map(({ userName }: { userName: string }) => userName));
    cursor = body.nextCursor;
  }
  return names;
}

test("ServiceProviderConfig says so; a list that nobody asks by cursor is paged by index", async () => {
  expect((await house.scim("GET", "/ServiceProviderConfig")).body.pagination).toEqual({ cursor: true, index: true, defaultPaginationMethod: "index", defaultPageSize: 50, maxPageSize: 50, cursorTimeout: 3_600 });
  const { body } = await house.scim("GET", "/Users?count=5");
  expect([body.startIndex, body.totalResults, body.nextCursor]).toEqual([1, people, undefined]);
});

test.each(["count=5", "count=5&sortBy=userName", "count=7&sortBy=userName&sortOrder=descending", "count=4&sortBy=title", "count=100", "count=3&filter=title%20eq%20%22Odd%22"])("%s: the pages put together are the list", async (query) => {
  const { body } = await house.scim("GET", `/Users?${query.replace(/count=\d+/, "count=50")}`);
  expect(await walk(query)).toEqual(body.Resources.map(({ userName }: { userName: string }) => userName));
});

test("below /.search the same", async () => {
  const schemas = ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"];
  const { body: first } = await house.scim("POST", "/Users/.search", { schemas, cursor: "", count: 20 });
  expect([first.Resources.length, first.totalResults, typeof first.nextCursor, first.startIndex]).toEqual([20, people, "string", undefined]);
  const { body: last } = await house.scim("POST", "/Users/.search", { schemas, cursor: first.nextCursor, count: 20 });
  expect([last.Resources.length, last.nextCursor]).toEqual([3, undefined]);
});

test("what is wrong is said in the RFC's words", async () => {
  const { nextCursor } = (await house.scim("GET", "/Users?cursor&count=5")).body;
  const wishes: readonly (readonly [string, string])[] = [
    ["cursor=AAAA&count=5", "invalidCursor"],
    [`cursor=${nextCursor}&count=6`, "invalidCursor"],
    [`cursor=${nextCursor}&count=5&filter=title%20pr`, "invalidCursor"],
    [`cursor=${nextCursor}&count=5&startIndex=2`, "invalidCursor"],
    ["cursor=&count=0", "invalidCount"],
    ["cursor=&count=-1", "invalidCount"],
  ];
  for (const [query, scimType] of wishes) {
    const { status, body } = await house.scim("GET", `/Users?${query}`);
    expect([query, status, body.scimType]).toEqual([query, 400, scimType]);
  }
  expect((await house.scim("GET", `/Groups?cursor=${nextCursor}&count=5`)).body.scimType).toBe("invalidCursor");
});

test("switched off, nothing is said of it, and a cursor is refused rather than half obeyed", async () => {
  const off = await openWithVendor({ cursors: false });
  try {
    expect((await off.scim("GET", "/ServiceProviderConfig")).body).not.toHaveProperty("pagination");
    expect((await off.scim("GET", "/Users?count=5")).body).toMatchObject({ startIndex: 1, totalResults: 0 });
    const schemas = ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"];
    for (const { status, body } of [await off.scim("GET", "/Users?cursor&count=5"), await off.scim("POST", "/Groups/.search", { schemas, cursor: "" })]) expect([status, body.scimType]).toEqual([400, "invalidCursor"]);
  } finally {
    await off.stop();
  }
});

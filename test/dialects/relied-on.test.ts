/**
 * What clients rely on in our answers, through the whole house.
 *
 * @module
 */
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ada, openWithVendor, patch, token } from "../support/house.ts";

let house: Awaited<ReturnType<typeof openWithVendor>>;
beforeAll(async () => {
  house = await openWithVendor({ limits: { operations: 5 } });
});
afterAll(() => house.stop());

const person = async (userName: string): Promise<string> => (await house.scim("POST", "/Users", ada({ userName, externalId: userName }))).body.id;
const group = (displayName: string, ...members: readonly string[]) => ({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName, members: members.map((value) => ({ value })) });
const membersOf = async (id: string): Promise<unknown> => (await house.scim("GET", `/Groups/${id}`)).body.members;

describe("authentik", () => {
  test("PATCH is offered, and takes as many operations as bulk.maxOperations says", async () => {
    const { body: config } = await house.scim("GET", "/ServiceProviderConfig");
    expect(config.patch.supported).toBe(true);
    expect(config.bulk.maxOperations).toBe(5);
    const { body } = await house.scim("POST", "/Groups", group("Chunks"));
    const adding = (count: number) => patch(...Array.from({ length: count }, (_, n) => ({ op: "add", path: "members", value: [{ value: `m${n}` }] })));
    expect((await house.scim("PATCH", `/Groups/${body.id}`, adding(5))).status).toBe(200);
    expect((await house.scim("PATCH", `/Groups/${body.id}`, adding(6))).status).toBe(400);
  });

  test("a whole group inside one operation without a path renames it and keeps its members", async () => {
    const { body } = await house.scim("POST", "/Groups", group("Whole", "m1"));
    const whole = { schemas: body.schemas, id: body.id, externalId: "x-1", displayName: "Whole again" };
    const { status } = await house.scim("PATCH", `/Groups/${body.id}`, patch({ op: "replace", value: whole }));
    const { body: now } = await house.scim("GET", `/Groups/${body.id}`);
    expect([status, now.displayName, now.externalId, now.members]).toEqual([200, "Whole again", "x-1", [{ value: "m1" }]]);
  });

  test("an emptied group is shown with an empty list of members", async () => {
    const { body } = await house.scim("POST", "/Groups", group("Emptied", "m1"));
    await house.scim("PATCH", `/Groups/${body.id}`, patch({ op: "remove", path: "members", value: [{ value: "m1" }] }));
    expect(await membersOf(body.id)).toEqual([]);
  });
});

test("JumpCloud's trial leaves nothing behind: no resource, no membership, nobody at the vendor who may come in", async () => {
  const id = await person("jc.trial@acme.example");
  const { body } = await house.scim("POST", "/Groups", group("JC trial", id));
  expect((await house.scim("DELETE", `/Groups/${body.id}`)).status).toBe(204);
  expect((await house.scim("DELETE", `/Users/${id}`)).status).toBe(204);
  expect((await house.scim("GET", `/Users?filter=userName%20eq%20%22jc.trial@acme.example%22`)).body.totalResults).toBe(0);
  const { users } = house.vendor.state() as { readonly users: readonly { readonly email: string; readonly is_enabled: boolean }[] };
  expect(users.filter(({ email, is_enabled }) => email === "jc.trial@acme.example" && is_enabled)).toEqual([]);
});

test("JumpCloud renames a group by a PUT without members, and nobody leaves it", async () => {
  const { body } = await house.scim("POST", "/Groups", group("JC", "m1", "m2"));
  expect((await house.scim("PUT", `/Groups/${body.id}`, { schemas: body.schemas, id: body.id, displayName: "JC renamed" })).body.displayName).toBe("JC renamed");
  expect(await membersOf(body.id)).toEqual([{ value: "m1" }, { value: "m2" }]);
});

describe("Ping", () => {
  test("people are found by POST /.search, here and at the root", async () => {
    const id = await person("ping@acme.example");
    const search = { schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], filter: 'userName eq "PING@acme.example"', attributes: ["userName"] };
    for (const path of ["/Users/.search", "/.search"]) {
      const { status, body } = await house.scim("POST", path, search);
      expect([status, body.totalResults, body.Resources[0].id]).toEqual([200, 1, id]);
    }
  });

  test("access goes with active as with DELETE", async () => {
    const enabled = (email: string) => (house.vendor.state() as { readonly users: readonly { readonly email: string; readonly is_enabled: boolean }[] }).users.some((user) => user.email === email && user.is_enabled);
    const [one, two] = [await person("by.active@acme.example"), await person("by.delete@acme.example")];
    expect([enabled("by.active@acme.example"), enabled("by.delete@acme.example")]).toEqual([true, true]);
    await house.scim("PUT", `/Users/${one}`, ada({ userName: "by.active@acme.example", externalId: "by.active@acme.example", active: false }));
    await house.scim("DELETE", `/Users/${two}`);
    expect([enabled("by.active@acme.example"), enabled("by.delete@acme.example")]).toEqual([false, false]);
  });
});

test("Google creates somebody who is not active: they are kept, and get no account that lets them in", async () => {
  const { status, body } = await house.scim("POST", "/Users", ada({ userName: "suspended@acme.example", externalId: "g-1", active: false }));
  expect([status, body.active]).toEqual([201, false]);
  const { users } = house.vendor.state() as { readonly users: readonly { readonly email: string; readonly is_enabled: boolean }[] };
  expect(users.some(({ email, is_enabled }) => email === "suspended@acme.example" && is_enabled)).toBe(false);
});

test("Rippling's PATCH and its PUT leave the same members", async () => {
  const { body: one } = await house.scim("POST", "/Groups", group("By PATCH", "m1", "m2"));
  const { body: two } = await house.scim("POST", "/Groups", group("By PUT", "m1", "m2"));
  await house.scim("PATCH", `/Groups/${one.id}`, patch({ op: "remove", path: 'members[value eq "m1"]' }, { op: "add", path: "members", value: [{ value: "m3" }] }));
  await house.scim("PUT", `/Groups/${two.id}`, group("By PUT", "m2", "m3"));
  expect(await membersOf(one.id)).toEqual(await membersOf(two.id));
});

test("OneLogin says nothing in its User-Agent", async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    request(`${house.base}/Users?count=1`, { headers: { Authorization: `Bearer ${token}`, "User-Agent": "" } }, (answer) => resolve(answer.resume().statusCode)).on("error", reject).end();
  });
  expect(status).toBe(200);
});

/**
 * Extensions of the operator's own through the whole house: served, stored, found, patched, and only on connections that have them.
 *
 * @module
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { ada, openTestHouse, patch, token, type TestHouse } from "../support/house.ts";

const badge = "urn:acme:scim:schemas:badge:2.0:User";
const desk = "urn:acme:scim:schemas:desk:2.0:User";
const core = "urn:ietf:params:scim:schemas:core:2.0:User";
const schema = (id: string, name: string, type = "string") => JSON.stringify({ id, name, attributes: [{ name: "number", type, description: "As printed on it" }] });

let folder: string;
let vendor: Awaited<ReturnType<typeof startPeopleLens>>;
let house: TestHouse;
const elsewhere = `${token}-elsewhere`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "drawbridge-schemas-"));
  await writeFile(join(folder, "badge.json"), schema(badge, "Badge"));
  await writeFile(join(folder, "desk.json"), schema(desk, "Desk", "integer"));
  vendor = await startPeopleLens();
  const settings = { baseUrl: vendor.url, apiKey: vendor.apiKey };
  house = await openTestHouse({
    vendorUrl: vendor.url, apiKey: vendor.apiKey, schemaFolder: folder, connection: { schemas: [badge.toUpperCase()] },
    others: { elsewhere: { connector: "peoplelens", auth: { bearer: [{ name: "test", token: elsewhere }] }, settings } },
  });
});
afterAll(async () => {
  await house.stop();
  await vendor.stop();
  await rm(folder, { recursive: true, force: true });
});

const atElsewhere = async (path: string) => (await fetch(house.base.replace("/acme/", "/elsewhere/") + path, { headers: { Authorization: `Bearer ${elsewhere}` } })).json() as Promise<{ readonly Resources: readonly { readonly id: string; readonly schemaExtensions?: readonly { readonly schema: string }[] }[] }>;

test("a connection shows the extensions that it names; one that names none shows all", async () => {
  const own = (await house.scim("GET", "/Schemas")).body.Resources.map(({ id }: { id: string }) => id);
  expect([own.includes(badge), own.includes(desk)]).toEqual([true, false]);
  expect((await house.scim("GET", `/Schemas/${desk}`)).status).toBe(404);
  expect((await house.scim("GET", "/ResourceTypes/User")).body.schemaExtensions.map((one: { schema: string }) => one.schema)).toContain(badge);
  const others = (await atElsewhere("/Schemas")).Resources.map(({ id }) => id);
  expect([others.includes(badge), others.includes(desk)]).toEqual([true, true]);
  expect((await atElsewhere("/ResourceTypes")).Resources[0]?.schemaExtensions?.map((one) => one.schema)).toEqual(expect.arrayContaining([badge, desk]));
});

test("its attributes are stored, shown with their URN in schemas, found, sorted by, projected and patched", async () => {
  const { status, body } = await house.scim("POST", "/Users", ada({ schemas: [core, badge], [badge]: { number: "B-7" } }));
  expect([status, body[badge], body.schemas]).toEqual([201, { number: "B-7" }, [core, badge]]);
  expect((await house.scim("GET", `/Users?filter=${encodeURIComponent(`${badge}:number eq "b-7"`)}`)).body.totalResults).toBe(1);
  expect((await house.scim("GET", `/Users?sortBy=${badge}:number`)).status).toBe(200);
  const { body: part } = await house.scim("GET", `/Users/${body.id}?attributes=${badge}:number`);
  expect(Object.keys(part).toSorted()).toEqual(["id", "schemas", badge].toSorted());
  const { body: patched } = await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: `${badge}:number`, value: "B-8" }));
  expect(patched[badge]).toEqual({ number: "B-8" });
  const { body: without } = await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "remove", path: `${badge}:number` }));
  expect([without[badge], without.schemas]).toEqual([undefined, [core]]);
});

test("what the connection does not have is passed over, or an unknown name in a filter", async () => {
  const { status, body } = await house.scim("POST", "/Users", ada({ userName: "desk@acme.example", externalId: "d", schemas: [core, desk], [desk]: { number: 7 } }));
  expect([status, body[desk]]).toEqual([201, undefined]);
  expect((await house.scim("GET", `/Users?filter=${encodeURIComponent(`${desk}:number eq 7`)}`)).body.scimType).toBe("invalidFilter");
});

test("an extension that no file has keeps the house from opening, and says which there are", async () => {
  await expect(openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, schemaFolder: folder, connection: { schemas: ["urn:acme:scim:schemas:hat:2.0:User"] } })).rejects.toThrow(/connections\.acme\.schemas: urn:acme:scim:schemas:hat:2\.0:User is in no file of scim-schemas; there are urn:acme/);
});

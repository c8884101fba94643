/**
 * `domains`: no push brings in an address outside them, by whatever attribute, method or spelling, and no account outside is adopted.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { ada, openTestHouse, openWithVendor, patch } from "../support/house.ts";
import { temporaryFolder } from "../support/postgres.ts";

let house: Awaited<ReturnType<typeof openWithVendor>>;
let id = "";
beforeAll(async () => {
  house = await openWithVendor({ domains: ["acme.example", "acme.test"], onEmailChange: "keepLogin" });
  id = String((await house.scim("POST", "/Users", ada({ emails: [{ value: "ada@acme.example", type: "work", primary: true }, { value: "ada@home.example", type: "home" }] }))).body.id);
});
afterAll(() => house.stop());

const change = (...operations: readonly object[]) => house.scim("PATCH", `/Users/${id}`, patch(...operations));
const replace = (path: string, value: unknown) => ({ op: "replace", path, value });
const emails = (...list: readonly object[]) => ada({ userName: "n@acme.example", externalId: "n", emails: list });
const foreign = "x@evil.example";

describe("400 invalidValue, and nothing is changed", () => {
  test.each<[string, () => ReturnType<typeof house.scim>]>([
    ["the work e-mail, by its type", () => change(replace('emails[type eq "work"].value', foreign))],
    ["the work e-mail, beside a userName that the vendor gets", () => change({ op: "add", path: "emails", value: [{ value: foreign, type: "Work" }] })],
    ["an e-mail without a type", () => change({ op: "add", path: "emails", value: [{ value: foreign }] })],
    ["a private e-mail that becomes the primary one", () => change(replace('emails[type eq "home"].primary', true))],
    ["a private e-mail that becomes the one at work", () => change(replace('emails[type eq "home"].type', "work"))],
    ["the whole list of e-mails", () => change(replace("emails", [{ value: foreign, type: "work", primary: true }]))],
    ["without a path", () => change({ op: "replace", value: { emails: [{ value: foreign, type: "work" }] } })],
    ["in a dotted name without a path, as Entra writes it", () => change({ op: "Replace", value: { 'emails[type eq "work"].value': foreign } })],
    ["the userName", () => change(replace("userName", foreign))],
    ["PUT", () => house.scim("PUT", `/Users/${id}`, ada({ emails: [{ value: foreign, type: "work", primary: true }] }))],
    ["a create by its userName", () => house.scim("POST", "/Users", ada({ userName: foreign, externalId: "x" }))],
    ["a create by its e-mail", () => house.scim("POST", "/Users", emails({ value: foreign, type: "work" }))],
    ["a create with a private e-mail and no other", () => house.scim("POST", "/Users", ada({ userName: "n", externalId: "n", emails: [{ value: foreign, type: "home" }] }))],
    ["a longer domain that ends alike", () => change(replace('emails[type eq "work"].value', "ada@evil-acme.example"))],
    ["a longer domain that begins alike", () => change(replace('emails[type eq "work"].value', "ada@acme.example.evil.example"))],
    ["a domain below a managed one", () => change(replace('emails[type eq "work"].value', "ada@eu.acme.example"))],
    ["a domain that only looks alike", () => change(replace('emails[type eq "work"].value', "ada@аcme.example"))],
    ["Bulk", async () => {
      const { body } = await house.scim("POST", "/Bulk", { schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], Operations: [{ method: "PATCH", path: `/Users/${id}`, data: patch(replace('emails[type eq "work"].value', foreign)) }] });
      return { status: Number(body.Operations[0].status), headers: new Headers(), body: body.Operations[0].response };
    }],
  ])("%s", async (_, push) => {
    const [before, calls] = [(await house.scim("GET", "/Users")).body, house.vendor.journal().length];
    const { status, body } = await push();
    expect([status, body.scimType], JSON.stringify(body)).toEqual([400, "invalidValue"]);
    expect((await house.scim("GET", "/Users")).body).toEqual(before);
    expect(house.vendor.journal().length).toBe(calls);
  });
});

describe("passes", () => {
  test("another managed domain, in any case", async () => {
    expect((await change(replace('emails[type eq "work"].value', "Ada@ACME.test"))).status).toBe(200);
  });
  test("a private e-mail that is not the primary one", async () => {
    expect((await change(replace('emails[type eq "home"].value', "ada@other-home.example"), replace("title", "Countess"))).status).toBe(200);
  });
  test("a title of somebody whose address was there before the domains were set, but no other address", async () => {
    const folder = temporaryFolder();
    const vendor = await startPeopleLens();
    const wish = { vendorUrl: vendor.url, apiKey: vendor.apiKey, store: `file:${folder.path}/domains.db` };
    let before = await openTestHouse(wish);
    const { body } = await before.scim("POST", "/Users", ada({ userName: "ada@former.example" }));
    await before.stop();
    before = await openTestHouse({ ...wish, connection: { domains: ["acme.example"] } });
    expect((await before.scim("PUT", `/Users/${body.id}`, ada({ userName: "ada@former.example", title: "Countess" }))).status).toBe(200);
    expect((await before.scim("PATCH", `/Users/${body.id}`, patch({ op: "add", path: "emails", value: [{ value: "ada@other.example", type: "work" }] }))).status).toBe(400);
    await before.stop();
    await vendor.stop();
    folder.remove();
  });
});

test("an account outside the domains is not adopted: a look-up does not find it", async () => {
  house.vendor.seed({ users: [{ email: "eve@evil.example", role: "User" }, { email: "eve@acme.test", role: "User" }] });
  const find = async (address: string) => (await house.scim("GET", `/Users?filter=${encodeURIComponent(`userName eq "${address}"`)}`)).body.totalResults as number;
  expect([await find("eve@evil.example"), await find("eve@acme.test")]).toEqual([0, 1]);
});

/**
 * A denial together with something that cannot be done: the denial is carried out, the rest is dropped and said, and the answer claims
 * nothing that is not so. Without the denial the same push is refused whole.
 *
 * @module
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import { ada, openWithVendor, patch } from "../support/house.ts";

const acme = connectionId("acme");
let house: Awaited<ReturnType<typeof openWithVendor>>;
beforeAll(async () => {
  house = await openWithVendor({ domains: ["acme.example"] });
  await house.scim("POST", "/Users", ada({ userName: "bo@acme.example", externalId: "bo" }));
  await house.scim("POST", "/Users", ada({ userName: "bo", externalId: "b2", emails: [{ value: "b2@acme.example", type: "work", primary: true }] }));
});
afterAll(() => house.stop());

let joined = 0;
let [id, name, address] = ["", "", ""];
beforeEach(async () => {
  name = `ada.${(joined += 1)}`;
  address = `${name}@acme.example`;
  id = String((await house.scim("POST", "/Users", person())).body.id);
});
/** Her userName is no address, so a new one is nothing to the vendor. */
const person = (more: object = {}) => ada({ userName: name, externalId: name, title: "Countess", emails: [{ value: address, type: "work", primary: true }], ...more });
const account = () => house.vendor.state().users.find(({ email }) => email === address);
const replace = (path: string, value: unknown) => ({ op: "replace", path, value });
const off = replace("active", false);

const impossible: readonly (readonly [what: string, path: string, value: string, status: number, says: string])[] = [
  ["a userName that is somebody else's", "userName", "BO", 409, "This userName is taken"],
  ["an address that is somebody else's userName", "userName", "bo@acme.example", 400, "cannot change a person's e-mail"],
  ["an address that is somebody else's", 'emails[type eq "work"].value', "b2@acme.example", 400, "cannot change a person's e-mail"],
  ["an address that cannot change", 'emails[type eq "work"].value', "augusta@acme.example", 400, "cannot change a person's e-mail"],
  ["an address in a domain that is not managed", 'emails[type eq "work"].value', "ada@evil.example", 400, "in a domain that this connection does not manage"],
  ["a userName in a domain that is not managed", "userName", "ada@evil.example", 400, "in a domain that this connection does not manage"],
];

describe.each(impossible)("%s", (_, path, value, status, says) => {
  test.each(["the denial first", "the denial last"])("%s: carried out and answered 200, without the rest, which is journalled", async (order) => {
    const operations = [off, replace(path, value), replace("title", "Analyst")];
    const answer = await house.scim("PATCH", `/Users/${id}`, patch(...(order === "the denial first" ? operations : operations.toReversed())));
    expect([answer.status, answer.body.active, answer.body.userName, answer.body.emails[0].value, answer.body.title]).toEqual([200, false, name, address, "Countess"]);
    expect(account()?.is_enabled).toBe(false);
    expect((await house.scim("GET", `/Users/${id}`)).body).toMatchObject({ active: false, userName: name, emails: [{ value: address }] });
    const rows = await house.house.store.journal(acme, { resource: id as never, limit: 100 });
    expect(rows.filter(({ kind }) => kind === "push").at(-1)?.data).toMatchObject({ dropped: [expect.stringContaining(says)] });
  });

  test("a PUT with the denial: the same", async () => {
    const body = path === "userName" ? person({ active: false, userName: value }) : person({ active: false, emails: [{ value, type: "work", primary: true }] });
    const answer = await house.scim("PUT", `/Users/${id}`, body);
    expect([answer.status, answer.body.active, answer.body.userName, answer.body.emails[0].value]).toEqual([200, false, name, address]);
    expect(account()?.is_enabled).toBe(false);
  });

  test("without the denial, and of somebody who is off already: refused whole", async () => {
    const refused = [await house.scim("PATCH", `/Users/${id}`, patch(replace("title", "Analyst"), replace(path, value)))];
    expect(account()?.is_enabled).toBe(true);
    await house.scim("PATCH", `/Users/${id}`, patch(off));
    // Whoever is off has no address at the vendor that could not be changed now; what is somebody else's, or foreign, stays so.
    if (!says.includes("cannot change")) refused.push(await house.scim("PATCH", `/Users/${id}`, patch(off, replace(path, value))));
    for (const { status: got, body } of refused) expect([got, String(body.detail)]).toEqual([status, expect.stringContaining(says)]);
    expect((await house.scim("GET", `/Users/${id}`)).body).toMatchObject({ userName: name, title: "Countess" });
  });
});

test("whoever has the name is not touched by any of it", async () => {
  expect(house.vendor.state().users.filter(({ email }) => email.startsWith("b")).map(({ email, is_enabled }) => `${email} ${is_enabled}`)).toEqual(["bo@acme.example true", "b2@acme.example true"]);
});

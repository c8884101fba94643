import { afterEach, describe, expect, test } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import { ada, openWithVendor, patch } from "../support/house.ts";

type Opened = Awaited<ReturnType<typeof openWithVendor>>;
let opened: Opened | undefined;
const open = async (connection?: Parameters<typeof openWithVendor>[0]) => (opened = await openWithVendor(connection));
afterEach(async () => {
  await opened?.stop();
  opened = undefined;
});

const record = (email: string, role = "User") => ({ email, first_name: "Ann", last_name: "Lee", is_enabled: true, role });
const by = (filter: string) => `/Users?filter=${encodeURIComponent(filter)}`;
const requests = ({ vendor }: Opened) => vendor.journal().length;
const users = ({ vendor }: Opened) => (vendor.state() as { users: { email: string; role: string; is_enabled: boolean }[] }).users;

describe("a look-up that finds nobody here", () => {
  test.each(['userName eq "ANN@acme.example"', 'emails[type eq "work"].value eq "ann@acme.example"', 'emails.value eq "ann@acme.example"'])("%s finds the vendor's account, once, and changes nothing there", async (filter) => {
    const house = await open();
    house.vendor.seed({ users: [record("Ann@acme.example"), record("joann@acme.example")] });
    const before = users(house);
    const first = await house.scim("GET", by(filter));
    expect(first.body).toMatchObject({ totalResults: 1, Resources: [{ userName: "Ann@acme.example", active: true, name: { givenName: "Ann", familyName: "Lee" } }] });
    const asked = requests(house);
    expect((await house.scim("GET", by(filter))).body.Resources[0].id).toBe(first.body.Resources[0].id);
    expect(requests(house)).toBe(asked);
    expect(users(house)).toEqual(before);
    const journal = await house.house.store.journal(connectionId("acme"), { limit: 10 });
    expect(JSON.stringify(journal)).toContain("exact e-mail, unlinked");
    expect((await house.scim("PATCH", `/Users/${first.body.Resources[0].id}`, patch({ op: "replace", path: "active", value: false }))).status).toBe(200);
    expect(users(house).map(({ email, is_enabled }) => [email, is_enabled])).toEqual([["Ann@acme.example", false], ["joann@acme.example", true]]);
  });

  test("a random GUID and a broader filter ask nobody", async () => {
    const house = await open();
    for (const filter of ['userName eq "9f1c2a52-4c0e-4f8f-8a66-0e9d2f4f7a10"', 'userName sw "ann@acme.example"', 'userName eq "ann@acme.example" or active eq true', 'externalId eq "ann@acme.example"']) await house.scim("GET", by(filter));
    expect(requests(house)).toBe(0);
  });

  test("look-up and create of a new person ask for the address once", async () => {
    const house = await open();
    await house.scim("GET", by('userName eq "ada@acme.example"'));
    await house.scim("POST", "/Users", ada());
    expect(house.vendor.journal().filter(({ path }) => path.includes("search="))).toHaveLength(1);
  });

  test.each([
    { of: "a privileged account", seed: [record("ann@acme.example", "Admin")] },
    { of: "an account outside the managed roles", seed: [record("ann@acme.example", "Viewer")] },
    { of: "two accounts that differ in case only", seed: [record("ann@acme.example"), record("ANN@acme.example")] },
  ])("$of: empty on GET; 409 and a task on POST", async ({ seed }) => {
    const house = await open();
    await house.vendor.setSwitches({ emailUniqueCase: "sensitive" });
    house.vendor.seed({ users: seed });
    expect((await house.scim("GET", by('userName eq "ann@acme.example"'))).body.totalResults).toBe(0);
    const answer = await house.scim("POST", "/Users", ada({ userName: "ann@acme.example" }));
    expect([answer.status, answer.body.scimType]).toEqual([409, "uniqueness"]);
    expect(await house.house.store.tasks(connectionId("acme"), { open: true })).toHaveLength(1);
    expect(users(house)).toHaveLength(seed.length);
  });

  test("a vendor that is away does not hold up the answer", async () => {
    const house = await open({ delivery: { deadline: "400ms", settle: "700ms" }, vendor: { timeout: "300ms" } });
    house.vendor.addFault({ kind: "timeout", match: { times: "always" } } as never);
    const answer = await house.scim("GET", by('userName eq "ann@acme.example"'));
    expect([answer.status, answer.body.totalResults]).toEqual([200, 0]);
  });

  test("adopt: never asks nobody and adopts nobody", async () => {
    const house = await open({ adopt: "never" });
    house.vendor.seed({ users: [record("ann@acme.example")] });
    expect((await house.scim("GET", by('userName eq "ann@acme.example"'))).body.totalResults).toBe(0);
    expect(requests(house)).toBe(0);
    expect((await house.scim("POST", "/Users", ada({ userName: "ann@acme.example" }))).status).toBe(409);
  });
});

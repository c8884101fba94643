import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { ada, eventually, openTestHouse, patch, type TestHouse } from "../support/house.ts";
import { engines } from "../support/stores.ts";

const postgres = engines.find(({ name }) => name === "postgres");
if (!postgres) throw new Error("no PostgreSQL to test on");

describe("two servers on one PostgreSQL", () => {
  let vendor: Awaited<ReturnType<typeof startPeopleLens>>;
  let houses: readonly [TestHouse, TestHouse];
  let place: Awaited<ReturnType<typeof postgres.place>>;
  const users = () => (vendor.state() as { users: { email: string; is_enabled: boolean }[] }).users;

  beforeAll(async () => {
    vendor = await startPeopleLens();
    place = await postgres.place();
    const wish = { vendorUrl: vendor.url, apiKey: vendor.apiKey, store: place.url, connection: { delivery: { deadline: "600ms", settle: "900ms" }, vendor: { timeout: "400ms" } } };
    houses = [await openTestHouse(wish), await openTestHouse(wish)];
  });
  afterAll(async () => {
    for (const house of houses) await house.stop();
    await place.remove();
    await vendor.stop();
  });

  test("ten equal creates spread over both lead to one account and one id", async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => houses[n % 2]!.scim("POST", "/Users", ada())));
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id)).size).toBe(1);
    expect(users()).toHaveLength(1);
  });

  test("what one has accepted while the vendor was down, either carries out, once", async () => {
    const { body } = await houses[0].scim("POST", "/Users", ada({ userName: "bo@acme.example", externalId: "bo" }));
    await vendor.setSwitches({ down: "on" });
    expect((await houses[0].scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "active", value: false }))).status).toBe(200);
    expect((await houses[1].scim("GET", `/Users/${body.id}`)).body.active).toBe(false);
    await vendor.setSwitches({ down: "off" });
    await eventually(() => users().find(({ email }) => email === "bo@acme.example")?.is_enabled === false, 15_000);
  });

  test("one person's pushes at both end as the last one says", async () => {
    const { body } = await houses[1].scim("POST", "/Users", ada({ userName: "cy@acme.example", externalId: "cy" }));
    await Promise.all(["Cya", "Cyb", "Cyc", "Cyd"].map((givenName, n) => houses[n % 2]!.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "name.givenName", value: givenName }))));
    const { givenName } = (await houses[0].scim("GET", `/Users/${body.id}`)).body.name;
    await eventually(() => (vendor.state() as { users: { email: string; first_name: string }[] }).users.find(({ email }) => email === "cy@acme.example")?.first_name === givenName);
  });
});

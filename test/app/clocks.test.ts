/**
 * Clocks that are wrong, that differ, and that are put while a call to the vendor is under way: nobody twice, no denial late for it.
 *
 * @module
 */
import { afterEach, describe, expect, test } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import { type Clock, neverBack, systemClock } from "../../src/runtime/clock.ts";
import { ada, eventually, openTestHouse, patch, type TestHouse } from "../support/house.ts";
import { startLenientVendor } from "../support/lenient-vendor.ts";
import { engines, type TestPlace } from "../support/stores.ts";

const acme = connectionId("acme");
const minuteMs = 60_000;
const off = patch({ op: "replace", path: "active", value: false });
const quick = { delivery: { deadline: "400ms", settle: "700ms" }, vendor: { timeout: "300ms" } };

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A machine whose clock is off by so much, and can be put. */
function machine(offMs = 0): Clock & { put(ms: number): void } {
  let byMs = offMs;
  return { now: neverBack(() => Date.now() + byMs, () => performance.now()), sleep: systemClock.sleep, put: (ms) => void (byMs += ms) };
}

async function start() {
  const vendor = await startLenientVendor();
  ends.push(() => vendor.stop());
  return vendor;
}
type Vendor = Awaited<ReturnType<typeof start>>;
async function open(vendor: Vendor, place: TestPlace, clock: Clock): Promise<TestHouse> {
  const house = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, store: place.url, connection: quick, clock });
  ends.push(() => house.stop());
  return house;
}
const placeOn = async (name: "sqlite" | "postgres") => {
  const place = await engines.find((engine) => engine.name === name)!.place();
  ends.push(() => place.remove());
  return place;
};
const people = (vendor: Vendor) => vendor.state().users.map(({ email, is_enabled }) => `${email} ${is_enabled ? "on" : "off"}`);
const atRest = (house: TestHouse) => eventually(async () => (await house.house.store.openWork(acme, 10)).length === 0, 20_000);

describe.each(["sqlite", "postgres"] as const)("on %s, while the vendor is called the machine's clock is put", (engine) => {
  test.each([["forward", 10 * minuteMs], ["back", -10 * minuteMs]] as const)("%s by ten minutes: one account, and the denial is true soon after", async (_, byMs) => {
    const vendor = await start();
    const clock = machine();
    const house = await open(vendor, await placeOn(engine), clock);
    const under = async (method: string, call: () => ReturnType<TestHouse["scim"]>) => {
      vendor.addFault({ kind: "delay", ms: 150, match: { method } });
      const asked = vendor.journal().length;
      const answer = call();
      await eventually(() => vendor.journal().slice(asked).some((one) => one.method === method));
      clock.put(byMs);
      const told = await answer;
      // What was known of tokens is ten minutes old: 503 until it is read anew, which takes a second.
      await eventually(async () => (await house.scim("GET", "/Users?count=0")).status === 200);
      return told;
    };
    const { status, body } = await under("POST", () => house.scim("POST", "/Users", ada()));
    expect(status).toBe(201);
    await atRest(house);
    expect(people(vendor)).toEqual(["ada@acme.example on"]);
    expect((await under("PATCH", () => house.scim("PATCH", `/Users/${body.id}`, off))).status).toBe(200);
    await atRest(house);
    expect(people(vendor)).toEqual(["ada@acme.example off"]);

    // What waits for another try does not wait ten minutes longer.
    const bo = await house.scim("POST", "/Users", ada({ userName: "bo@acme.example", externalId: "bo" }));
    vendor.addFault({ kind: "status", status: 500, body: { error: "no" }, match: { method: "PATCH", times: 1 } });
    expect((await house.scim("PATCH", `/Users/${bo.body.id}`, off)).status).toBe(200);
    clock.put(byMs);
    await eventually(() => people(vendor)[1] === "bo@acme.example off");
    await atRest(house);
    expect(await house.house.store.firstBrokenRow(acme)).toBeUndefined();
  });
});

test("two servers on one PostgreSQL whose clocks are twenty minutes apart share the work, and neither takes what the other is at", async () => {
  const vendor = await start();
  const place = await placeOn("postgres");
  const houses = [await open(vendor, place, machine(10 * minuteMs)), await open(vendor, place, machine(-10 * minuteMs))];
  const joins = await Promise.all(Array.from({ length: 20 }, (_, n) => houses[n % 2]!.scim("POST", "/Users", ada({ userName: `p${n}@acme.example`, externalId: `p${n}` }))));
  expect(new Set(joins.map(({ status }) => status))).toEqual(new Set([201]));
  await atRest(houses[0]!); // who leaves before the create was carried out never gets an account
  await vendor.setSwitches({ down: "on" });
  const leaves = await Promise.all(joins.map(({ body }, n) => houses[(n + 1) % 2]!.scim("PATCH", `/Users/${body.id}`, off)));
  expect(new Set(leaves.map(({ status }) => status))).toEqual(new Set([200]));
  await vendor.setSwitches({ down: "off" });
  await atRest(houses[0]!);
  expect(people(vendor).toSorted()).toEqual(joins.map((_, n) => `p${n}@acme.example off`).toSorted());
  expect(vendor.journal().filter(({ method, committed }) => method === "POST" && committed)).toHaveLength(20);
});

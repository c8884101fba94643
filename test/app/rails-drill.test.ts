/**
 * The drill: a faulty rule of the IdP deactivates 300 of 1,000 active people within a minute. A tenth of them passes, as configured;
 * the rest is held until a person has decided, over restarts and with two servers.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { connectionId, correlationId, type HoldId } from "../../src/model/ids.ts";
import { ada, type Answer, eventually, openTestHouse, patch, type TestHouse } from "../support/house.ts";
import { clonePeople } from "../support/clones.ts";
import { engines, type TestPlace } from "../support/stores.ts";

const acme = connectionId("acme");
const [people, leavers, passing] = [1_000, 300, 100];
const off = patch({ op: "replace", path: "active", value: false });

const atOnce = 16;
/** Runs one job per item, a few at a time, as an IdP would. */
async function each<T, R>(items: readonly T[], job: (item: T, at: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await job(items[at]!, at);
  }));
  return results;
}

async function begin(place: TestPlace, servers: number) {
  const vendor = await startPeopleLens();
  const wish = { vendorUrl: vendor.url, apiKey: vendor.apiKey, store: place.url, connection: { rails: { massDeprovision: {} }, budget: { requestsPerSecond: 1_000, burst: 10_000 } } };
  const houses: TestHouse[] = [];
  for (let n = 0; n < servers; n++) houses.push(await openTestHouse(wish));
  const { body } = await houses[0]!.scim("POST", "/Users", ada({ userName: "p-0@acme.example", externalId: "p-0" }));
  const [first] = vendor.state().users;
  await eventually(async () => (await houses[0]!.house.store.hold(acme, body.id as never))?.due === undefined);
  const clones = await clonePeople(place, { id: body.id as string, name: "p-0", account: String(first?.id) }, Array.from({ length: people - 1 }, (_, n) => `p-${n + 1}`));
  vendor.seed({ users: clones.map(({ name, account }) => ({ id: account, email: `${name}@acme.example`, first_name: "Ada", last_name: "Lovelace", role: "User" })) });
  return { vendor, wish, houses, ids: [body.id as string, ...clones.map(({ id }) => id)] };
}

const enabled = (vendor: { state(): { users: { is_enabled: boolean }[] } }) => vendor.state().users.filter(({ is_enabled }) => is_enabled).length;
const holdsIn = (answers: readonly Answer[]) => new Set(answers.filter(({ status }) => status === 503).map(({ body }) => /hold (h-\w{8})/.exec(String(body.detail))?.[1]));
const count = (answers: readonly Answer[], status: number) => answers.filter((answer) => answer.status === status).length;

describe.each([
  { name: "one server, restarted in the hold", engine: "sqlite" as const, servers: 1 },
  { name: "two servers on one PostgreSQL", engine: "postgres" as const, servers: 2 },
])("$name", ({ engine, servers }) => {
  test("300 of 1,000 in one minute: a tenth passes, the rest waits for a person; rejected, everybody stays; approved, they go without the IdP", async () => {
    const place = await engines.find(({ name }) => name === engine)!.place();
    const { vendor, wish, houses, ids } = await begin(place, servers);
    try {
      expect(enabled(vendor)).toBe(people);
      const first = await each(ids.slice(0, leavers), (id, n) => houses[n % servers]!.scim("PATCH", `/Users/${id}`, off));
      expect([count(first, 200), count(first, 503)]).toEqual([passing, leavers - passing]);
      // The first ones, but for those whom others have overtaken; whoever is held is told who decides, by its name, and when to ask again.
      expect(count(first.slice(passing + atOnce), 503)).toBe(leavers - passing - atOnce);
      expect(new Set(first.filter(({ status }) => status === 503).map(({ headers }) => headers.get("retry-after")))).toEqual(new Set(["3600"]));
      const [hold, ...others] = holdsIn(first);
      expect(others).toEqual([]);
      await eventually(() => enabled(vendor) === people - passing);

      // Nothing is forgotten, and nothing passes, because a server starts anew.
      await houses[0]!.stop();
      houses[0] = await openTestHouse(wish);
      const again = await each(ids.slice(0, leavers), (id, n) => houses[n % servers]!.scim("PATCH", `/Users/${id}`, off));
      expect([count(again, 200), count(again, 503)]).toEqual([passing, leavers - passing]);
      expect(holdsIn(again)).toEqual(new Set([hold]));
      expect(enabled(vendor)).toBe(people - passing);

      // A joiner and somebody's title are nobody's concern; one more leaver is held too.
      expect((await houses[0].scim("POST", "/Users", ada({ userName: "new@acme.example", externalId: "new" }))).status).toBe(201);
      expect((await houses[0].scim("PATCH", `/Users/${ids[299]}`, patch({ op: "replace", path: "title", value: "Countess" }))).status).toBe(200);
      expect((await houses[0].scim("PATCH", `/Users/${ids[300]}`, off)).status).toBe(503);

      const { store } = houses[0].house;
      const decideOn = (id: HoldId, decision: "approved" | "rejected", resource?: string) => store.decideHold({ connection: acme, hold: id, resource: resource as never, decision, by: "kim", correlation: correlationId("c-drill") });
      const [rejected] = await store.holds(acme, { open: true });
      expect(rejected).toMatchObject({ id: hold, rail: "brake", waiting: leavers - passing + 1 });
      await decideOn(rejected!.id, "rejected");
      expect(await store.approved(1)).toEqual([]);
      expect(enabled(vendor)).toBe(people + 1 - passing);
      expect((await houses[0].scim("GET", `/Users/${ids[299]}`)).body).toMatchObject({ active: true });

      // The IdP has not been mended: those who are left count anew, and are held anew.
      const anew = await each(ids.slice(0, leavers + 1), (id, n) => houses[n % servers]!.scim("PATCH", `/Users/${id}`, off));
      expect([count(anew, 200), count(anew, 503)]).toEqual([passing, leavers - passing + 1]);
      expect(holdsIn(anew)).not.toEqual(new Set([hold]));
      const [open] = await store.holds(acme, { open: true });
      expect(open).toMatchObject({ id: [...holdsIn(anew)][0], rail: "brake", waiting: leavers - passing + 1 });
      await decideOn(open!.id, "rejected", ids[300]);
      await decideOn(open!.id, "approved");
      if (engine === "sqlite") {
        // Approved, and the server ends in the middle of carrying it out.
        await eventually(() => enabled(vendor) < people - passing + 1);
        await houses[0].stop();
        houses[0] = await openTestHouse(wish);
      }
      await eventually(() => enabled(vendor) === people + 1 - leavers, 60_000);
      await eventually(async () => (await houses[0]!.house.store.approved(1)).length === 0 && (await houses[0]!.house.store.openWork(acme, 1)).length === 0, 30_000);
      expect(enabled(vendor)).toBe(people + 1 - leavers);

      const last = await each(ids.slice(0, leavers), (id, n) => houses[n % servers]!.scim("PATCH", `/Users/${id}`, off));
      expect(count(last, 200)).toBe(leavers);
      expect((await houses[0].scim("GET", `/Users/${ids[299]}`)).body).toMatchObject({ active: false, title: "Countess" });
      expect((await houses[0].scim("GET", `/Users/${ids[300]}`)).body.active).toBe(true);
      expect(await houses[0].house.store.firstBrokenRow(acme)).toBeUndefined();
      // Exactly those; only what was under way when a server ended may have been told twice.
      const calls = vendor.journal().filter(({ method, body }) => method === "PATCH" && JSON.stringify(body).includes("is_enabled"));
      expect(new Set(calls.map(({ path }) => path)).size).toBe(leavers);
      expect(calls.length).toBeLessThanOrEqual(leavers + 16);
    } finally {
      for (const house of houses) await house.stop();
      await place.remove();
      await vendor.stop();
    }
  }, 180_000);
});

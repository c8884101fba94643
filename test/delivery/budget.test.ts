/**
 * What a vendor is asked to bear, in one process and in several.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { type CallLane, memoryBucket, reserved, sharedBucket } from "../../src/delivery/bucket.ts";
import { NoTurn, openBudget } from "../../src/delivery/budget.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import { acme, rival } from "../store/people.ts";
import { engines } from "../support/stores.ts";
import { type VirtualClock, virtualClock } from "./support/virtual-clock.ts";

const startMs = 1_700_000_000_000;

/** Takes turns and notes when each came; whoever has a turn keeps it for `forMs`. */
function taker(budget: ReturnType<typeof openBudget>, clock: VirtualClock, forMs = 0) {
  const came: string[] = [];
  const take = async (name: string, lane: CallLane, wish = {}) => {
    try {
      const leave = await budget.take(lane, wish);
      came.push(`${name}@${clock.now() - startMs}`);
      if (forMs > 0) await clock.sleep(forMs);
      leave();
    } catch (thrown) {
      if (!(thrown instanceof NoTurn)) throw thrown;
      came.push(`${name} turned away@${clock.now() - startMs}`);
    }
  };
  return { came, take };
}

describe("a budget", () => {
  test("keeps a fifth of its burst for denials, however many lesser calls there are", async () => {
    const clock = virtualClock();
    const { came, take } = taker(openBudget({ requestsPerSecond: 1, burst: 10, concurrency: 64 }, clock), clock);
    for (let n = 0; n < 15; n++) void take("lesser", "other");
    await clock.pass(0);
    expect(came).toHaveLength(8);
    for (const name of ["a", "b", "c"]) void take(name, "deny");
    await clock.pass(0);
    expect(came.slice(8)).toEqual(["a@0", "b@0"]);
    await clock.pass(1_000);
    expect(came.slice(10)).toEqual(["c@1000"]);
    await clock.pass(2_000);
    expect(came.slice(11)).toEqual([]); // first what was taken from the reserve
    await clock.pass(1_000);
    expect(came.slice(11)).toEqual(["lesser@4000"]);
  });

  test.each([[1, 0], [2, 1], [6, 1], [10, 2], [1_000, 200]])("of a burst of %i keeps %i", (burst, kept) => expect(reserved(burst)).toBe(kept));

  test("serves reconciliation last: half of the burst stays for others, and whoever comes goes before it", async () => {
    const clock = virtualClock();
    const { came, take } = taker(openBudget({ requestsPerSecond: 1, burst: 10, concurrency: 64 }, clock), clock);
    const patient = { untilMs: Number.POSITIVE_INFINITY };
    for (let n = 0; n < 20; n++) void take("page", "reconcile", patient);
    await clock.pass(0);
    expect(came).toEqual(Array.from({ length: 5 }, () => "page@0"));
    for (const name of ["a", "b", "c"]) void take(name, "other", patient);
    for (const name of ["x", "y"]) void take(name, "deny", patient);
    await clock.pass(0);
    expect(came.slice(5)).toEqual(["x@0", "y@0", "a@0"]); // two of the five are the denials' own
    await clock.pass(4_000);
    expect(came.slice(8)).toEqual(["b@1000", "c@2000"]); // and then the bucket fills to its half before a page is read again
    await clock.pass(8_000);
    expect(came.slice(10).every((name) => name.startsWith("page@"))).toBe(true);
    expect(came.length).toBeGreaterThan(13);
  });

  test("lets reconciliation have its whole rate while nobody else wants it, and none while the vendor rests", async () => {
    const clock = virtualClock();
    const budget = openBudget({ requestsPerSecond: 2, burst: 4 }, clock);
    const { came, take } = taker(budget, clock);
    const read = async () => {
      for (;;) await take("page", "reconcile", { untilMs: Number.POSITIVE_INFINITY });
    };
    void read();
    await clock.pass(10_000);
    expect(came.length).toBeGreaterThanOrEqual(20);
    budget.rest(30_000);
    const before = came.length;
    await clock.pass(29_000);
    expect(came.length - before).toBeLessThanOrEqual(1);
    await clock.pass(10_000);
    expect(came.length).toBeGreaterThan(before + 10);
  });

  test("gives up its whole rate to lesser calls while there are no denials", async () => {
    const clock = virtualClock();
    const { came, take } = taker(openBudget({ requestsPerSecond: 3, burst: 6 }, clock), clock, 50);
    const stream = async () => {
      for (;;) await take("lesser", "other", { untilMs: Number.POSITIVE_INFINITY });
    };
    for (let n = 0; n < 6; n++) void stream();
    await clock.pass(100_000);
    expect(came.length).toBeGreaterThanOrEqual(300);
    expect(came.length).toBeLessThanOrEqual(306);
  });

  test("never gives lesser calls all places, so one that hangs holds up no denial", async () => {
    const clock = virtualClock();
    const { came, take } = taker(openBudget({ requestsPerSecond: 100, burst: 100, concurrency: 4 }, clock), clock, 60_000);
    for (let n = 0; n < 6; n++) void take("lesser", "other", { untilMs: Number.POSITIVE_INFINITY });
    await clock.pass(5_000);
    expect(came).toHaveLength(3);
    void take("denial", "deny");
    await clock.pass(0);
    expect(came.at(-1)).toBe("denial@5000");
  });

  test("lets who has begun go before who has not, and turns away whose time is over", async () => {
    const clock = virtualClock();
    const { came, take } = taker(openBudget({ requestsPerSecond: 1, burst: 1 }, clock), clock);
    for (const [name, lane, wish] of [["first", "other", {}], ["late", "other", { untilMs: startMs + 500 }], ["new", "other", {}], ["second half", "other", { begun: true }], ["denial", "deny", {}]] as const) void take(name, lane, wish);
    await clock.pass(10_000);
    expect(came).toEqual(["first@0", "late turned away@500", "denial@1000", "second half@2000", "new@3000"]);
  });

  test("turns everybody but the probe away while nobody may call, also those who wait already", async () => {
    const clock = virtualClock();
    const house: { why?: string } = {};
    const { came, take } = taker(openBudget({ requestsPerSecond: 1, burst: 1 }, clock, { closed: () => house.why }), clock);
    for (const name of ["first", "waits"]) void take(name, "other");
    await clock.pass(100);
    house.why = "the vendor is down";
    void take("comes", "deny");
    await clock.pass(5_000);
    void take("probe", "other", { probe: true });
    await clock.pass(1_000);
    expect(came).toEqual(["first@0", "comes turned away@100", "waits turned away@1000", "probe@5100"]);
  });

  test("rests when the vendor says so: lesser calls wait, denials go one every five seconds, and who has begun ends", async () => {
    const clock = virtualClock();
    const budget = openBudget({ requestsPerSecond: 100, burst: 100 }, clock);
    const { came, take } = taker(budget, clock);
    budget.rest(20_000);
    budget.rest(5_000); // does not cut the other short
    expect(budget.restingMs()).toBe(20_000);
    void take("lesser", "other", { untilMs: startMs + 60_000 });
    void take("impatient", "other", { untilMs: startMs + 3_000 });
    void take("half", "other", { begun: true });
    for (let n = 0; n < 5; n++) void take("denial", "deny", { untilMs: startMs + 60_000 });
    await clock.pass(60_000);
    expect(came).toEqual(["half@0", "impatient turned away@3000", "denial@5000", "denial@10000", "denial@15000", "denial@20000", "denial@20000", "lesser@20000"]);
  });
});

describe.each(engines)("a shared bucket on $name", ({ place }) => {
  test("is drawn from in database time: two stores together never exceed rate × time + burst, and use what there is", async () => {
    const at = await place();
    const stores = [await openStore({ url: at.url, clock: systemClock }), await openStore({ url: at.url, clock: systemClock })];
    try {
      const rate = { requestsPerSecond: 40, burst: 10 };
      const began = performance.now();
      const came: number[] = [];
      let over = false;
      const users = stores.flatMap((store) => {
        const budget = openBudget(rate, systemClock, { bucket: sharedBucket(acme, rate, store, systemClock) });
        return Array.from({ length: 4 }, async () => {
          while (!over) {
            const leave = await budget.take("other", { untilMs: Number.POSITIVE_INFINITY });
            came.push(performance.now() - began);
            leave();
          }
        });
      });
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      over = true;
      await Promise.all(users);
      const sorted = came.toSorted((a, b) => a - b);
      sorted.forEach((ms, n) => expect(n + 1, `at ${ms} ms`).toBeLessThanOrEqual(rate.burst + Math.ceil(((ms + 5) / 1_000) * rate.requestsPerSecond)));
      expect(came.length).toBeGreaterThan(0.6 * 2.5 * rate.requestsPerSecond);
    } finally {
      for (const store of stores) await store.close();
      await at.remove();
    }
  }, 30_000);

  test("leaves the reserve to denials, whichever process asks, and another connection's bucket alone", async () => {
    const at = await place();
    const [one, two] = [await openStore({ url: at.url, clock: systemClock }), await openStore({ url: at.url, clock: systemClock })];
    try {
      const slow = { perSecond: 0.001, burst: 5, most: 10 };
      expect(await one.draw(acme, "calls", { ...slow, leave: 1 })).toMatchObject({ tokens: 4, waitMs: 0, restMs: 0 });
      const empty = await two.draw(acme, "calls", { ...slow, leave: 1 });
      expect(empty.tokens).toBe(0);
      expect(empty.waitMs).toBeGreaterThan(900_000);
      expect((await two.draw(acme, "calls", { ...slow, leave: 0 })).tokens).toBe(1);
      expect((await one.draw(rival, "calls", { ...slow, leave: 0, most: 2 })).tokens).toBe(2);
      await one.rest(acme, 60_000);
      await two.rest(acme, 1_000);
      expect((await two.draw(acme, "calls", { ...slow, leave: 0 })).restMs).toBeGreaterThan(50_000);
      expect((await two.draw(rival, "calls", { ...slow, leave: 0 })).restMs).toBe(0);
    } finally {
      await one.close();
      await two.close();
      await at.remove();
    }
  });

  test("fifty draws at once take no token twice", async () => {
    const at = await place();
    const store = await openStore({ url: at.url, clock: systemClock });
    try {
      const drawn = await Promise.all(Array.from({ length: 50 }, () => store.draw(acme, "calls", { perSecond: 0.001, burst: 20, leave: 0, most: 1 })));
      expect(drawn.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(20);
      while (drawn.at(-1)?.tokens !== 0 || drawn.length < 70) drawn.push(await store.draw(acme, "calls", { perSecond: 0.001, burst: 20, leave: 0, most: 1 }));
      expect(drawn.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(20);
    } finally {
      await store.close();
      await at.remove();
    }
  });

  test("the right to probe is one process's at a time, and an outage is everybody's", async () => {
    const at = await place();
    const stores = [await openStore({ url: at.url, clock: systemClock }), await openStore({ url: at.url, clock: systemClock })];
    const [one, two] = stores as [(typeof stores)[0], (typeof stores)[0]];
    try {
      await one.markDown(acme, 0);
      await two.markDown(acme, 60_000); // known already
      expect(await two.outages()).toEqual([acme]);
      const rights = await Promise.all(Array.from({ length: 20 }, (_, n) => stores[n % 2]!.takeProbe(acme, 60_000)));
      expect(rights.filter(Boolean)).toHaveLength(1);
      expect(await one.takeProbe(rival, 1)).toBe(false);
      await two.markUp(acme);
      expect(await one.outages()).toEqual([]);
    } finally {
      for (const store of stores) await store.close();
      await at.remove();
    }
  });

});

test("a bucket in memory is the same without a statement", async () => {
  const clock = virtualClock();
  const bucket = memoryBucket({ requestsPerSecond: 2, burst: 2 }, clock);
  expect([await bucket.one("other", false), await bucket.one("other", false), await bucket.one("deny", false), await bucket.one("deny", false)]).toEqual([{ waitMs: 0 }, { waitMs: 500 }, { waitMs: 0 }, { waitMs: 500 }]);
});

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import { failuresUntilDown, watchOutages } from "../../src/delivery/outage.ts";
import { openBudget } from "../../src/delivery/budget.ts";
import { virtualClock } from "./support/virtual-clock.ts";
import { jittered, pauseSeconds } from "../../src/delivery/retry.ts";

test("the table in the docstring is what the function does", () => {
  const source = readFileSync(new URL("../../src/delivery/retry.ts", import.meta.url), "utf8");
  const row = (name: string) => new RegExp(`\\* +${name} +(.*)`).exec(source)?.[1]?.match(/\d+/g)?.map(Number);
  const attempts = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  expect(row("denial")).toEqual(attempts.map((n) => pauseSeconds("deny", n)));
  expect(row("everything else")).toEqual(attempts.map((n) => pauseSeconds("grant", n)));
  const sum = attempts.map((n) => pauseSeconds("grant", n)).reduce((a, b) => a + b);
  expect(sum / 60).toBeCloseTo(13.5, 0);
});

test("what the vendor asks for wins when it is longer, and nothing is ever sooner than a second", () => {
  expect(pauseSeconds("deny", 1, 45)).toBe(45);
  expect(pauseSeconds("grant", 9, 2)).toBe(60);
  expect(pauseSeconds("grant", 9, 200)).toBe(200);
  expect(pauseSeconds("grant", 9)).toBe(300);
  expect(pauseSeconds("deny", 1, -5)).toBe(1);
  expect(jittered(10, () => 0)).toBe(10_000);
  expect(jittered(10, () => 1)).toBe(8_000);
});

describe("a vendor", () => {
  const acme = connectionId("acme");
  test("is down after five failures in a row and up after one answer", () => {
    const outages = watchOutages();
    for (let n = 1; n < failuresUntilDown; n++) expect(outages.failed(acme)).toBe(false);
    expect(outages.isDown(acme)).toBe(false);
    expect(outages.failed(acme)).toBe(true);
    expect(outages.failed(acme)).toBe(false);
    expect(outages.down()).toEqual([acme]);
    expect(outages.answered(acme)).toBe(true);
    expect(outages.down()).toEqual([]);
  });
  test("that answers in between is not down, and another connection is none of its business", () => {
    const outages = watchOutages();
    for (let n = 0; n < 20; n++) {
      // More than one in four, and it would count as down by its share of the last fifty calls.
      if (n % 4 === 3) outages.failed(acme);
      else outages.answered(acme);
      expect(outages.isDown(acme)).toBe(false);
    }
    expect(outages.isDown(acme)).toBe(false);
    expect(outages.isDown(connectionId("other"))).toBe(false);
  });
});

test("a budget lets a burst through, then as many as it may, and a waiting denial before all others", async () => {
  const clock = virtualClock(0);
  const budget = openBudget({ requestsPerSecond: 2, burst: 3 }, clock);
  const order: string[] = [];
  const take = (name: string, lane: "deny" | "other") => budget.take(lane).then(() => order.push(`${name}@${Math.round(clock.now())}`));
  const taken = Promise.all([take("a", "other"), take("b", "other"), take("c", "other"), take("d", "other"), take("leaver", "deny"), take("second leaver", "deny")]);
  await clock.pass(5_000);
  await taken;
  // One of three is kept for denials, and filled up again before anybody else is served.
  expect(order).toEqual(["a@0", "b@0", "leaver@0", "second leaver@500", "c@1500", "d@2000"]);
});

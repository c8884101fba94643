import { expect, test } from "vitest";
import { openAttempts } from "../../src/http/attempts.ts";

function aMinute() {
  const world = { nowMs: 1_000_000 };
  return { world, ...openAttempts({ now: () => world.nowMs, sleep: async () => {} }) };
}

test("twenty failures in a minute, then a pause until the minute is over", () => {
  const { world, failed, pauseSeconds } = aMinute();
  for (let turn = 0; turn < 20; turn++) {
    expect(pauseSeconds("acme", "203.0.113.9")).toBe(0);
    failed("acme", "203.0.113.9");
  }
  expect(pauseSeconds("acme", "203.0.113.9")).toBe(60);
  world.nowMs += 59_500;
  expect(pauseSeconds("acme", "203.0.113.9")).toBe(1);
  world.nowMs += 500;
  expect(pauseSeconds("acme", "203.0.113.9")).toBe(0);
});

test("whoever guesses locks out neither another address nor another connection", () => {
  const { failed, pauseSeconds } = aMinute();
  for (let turn = 0; turn < 100; turn++) failed("acme", "203.0.113.9");
  expect([pauseSeconds("acme", "198.51.100.1"), pauseSeconds("globex", "203.0.113.9")]).toEqual([0, 0]);
  expect(pauseSeconds("acme", "203.0.113.9")).toBeGreaterThan(0);
});

test("what is kept is bounded: beyond ten thousand pairs the rest count together", () => {
  const { failed, pauseSeconds } = aMinute();
  for (let turn = 0; turn < 10_000; turn++) failed(`name-${turn}`, "203.0.113.9");
  for (let turn = 0; turn < 20; turn++) failed(`more-${turn}`, "203.0.113.9");
  expect(pauseSeconds("never-seen", "203.0.113.9")).toBeGreaterThan(0);
  expect(pauseSeconds("name-1", "203.0.113.9")).toBe(0);
});

/**
 * What is done again and again, in a time of its own.
 *
 * @module
 */
import { expect, test } from "vitest";
import { regularly } from "../../src/runtime/regularly.ts";

/** A clock that stands, and notes who slept; the n-th sleep ends everything. */
function clockUntil(last: number) {
  const stopping = new AbortController();
  const slept: number[] = [];
  const clock = {
    now: () => 0,
    sleep: async (ms: number) => {
      slept.push(ms);
      if (slept.length === last) stopping.abort();
    },
  };
  return { clock, slept, signal: stopping.signal };
}

test.each([
  { atOnce: false, steps: 2 },
  { atOnce: true, steps: 3 },
])("with three pauses and at once = $atOnce there are $steps steps, also where each of them fails", async ({ atOnce, steps }) => {
  const { clock, slept, signal } = clockUntil(3);
  const failed: unknown[] = [];
  let count = 0;
  await regularly({ clock, everyMs: 250, signal, atOnce }, () => Promise.reject(new Error(`step ${++count}`)), (thrown) => failed.push(thrown));
  expect([count, failed.map(String), slept]).toEqual([steps, Array.from({ length: steps }, (_, at) => `Error: step ${at + 1}`), [250, 250, 250]]);
});

test("what is stopped before its first step makes none", async () => {
  let count = 0;
  await regularly({ clock: clockUntil(0).clock, everyMs: 1, signal: AbortSignal.abort(), atOnce: true }, async () => count++, () => {});
  expect(count).toBe(0);
});

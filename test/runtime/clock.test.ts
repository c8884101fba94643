/**
 * The machine's clock is put forward and back, by ten minutes; ours goes on.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { neverBack } from "../../src/runtime/clock.ts";

const minuteMs = 60_000;

function open() {
  let [wallMs, steadyMs] = [1_800_000_000_000, 5_000.25];
  const now = neverBack(() => wallMs, () => steadyMs);
  const startMs = now();
  return {
    sinceStart: () => now() - startMs,
    pass(ms: number) {
      wallMs += ms;
      steadyMs += ms;
    },
    put: (ms: number) => void (wallMs += ms),
    /** The machine sleeps: its clock goes on, what counts its waking time does not. */
    suspend: (ms: number) => void (wallMs += ms),
  };
}

describe("our clock", () => {
  test("is the machine's while nobody puts it", () => {
    const at = open();
    at.pass(1_234);
    expect(at.sinceStart()).toBe(1_234);
    at.pass(60 * minuteMs);
    expect(at.sinceStart()).toBe(60 * minuteMs + 1_234);
  });

  test("never goes back nor stands still when the machine's is put back, and is right again after ten times as long", () => {
    const at = open();
    at.pass(minuteMs);
    let before = at.sinceStart();
    at.put(-10 * minuteMs);
    expect(at.sinceStart()).toBe(before);
    for (let minutes = 0; minutes < 100; minutes++) {
      at.pass(minuteMs);
      expect(at.sinceStart()).toBeGreaterThanOrEqual(before + 0.9 * minuteMs);
      before = at.sinceStart();
    }
    expect(before).toBe(91 * minuteMs);
    at.pass(minuteMs);
    expect(at.sinceStart()).toBe(92 * minuteMs);
  });

  test("follows at once when it is put forward, or when the machine has slept", () => {
    const at = open();
    at.put(10 * minuteMs);
    expect(at.sinceStart()).toBe(10 * minuteMs);
    at.suspend(30 * minuteMs);
    expect(at.sinceStart()).toBe(40 * minuteMs);
    at.pass(minuteMs);
    expect(at.sinceStart()).toBe(41 * minuteMs);
  });

  test("is put to and fro and only ever goes on", () => {
    const at = open();
    let before = 0;
    for (let n = 0; n < 2_000; n++) {
      at.put(((n * 7_919) % 1_201) * 1_000 - 600_000);
      at.pass((n * 31) % 500);
      expect(at.sinceStart()).toBeGreaterThanOrEqual(before);
      before = at.sinceStart();
    }
  });
});

/**
 * A clock that stands still until told otherwise, for houses whose hours must pass in seconds.
 *
 * @module
 */
import type { Clock } from "../../src/runtime/clock.ts";

export interface VirtualClock extends Clock {
  /** Lets so much time pass, step by step, so that what wakes up may go to sleep again on the way. */
  pass(ms: number): Promise<void>;
}

/** @param stepMs what passes at once; in between, real answers from loopback get a moment to arrive */
export function virtualClock(startMs = 1_800_000_000_000, stepMs = 1_000): VirtualClock {
  let nowMs = startMs;
  const sleepers = new Set<{ readonly atMs: number; wake(): void }>();

  const moment = async () => {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 1));
  };
  const wakeUp = () => {
    for (const sleeper of [...sleepers].filter(({ atMs }) => atMs <= nowMs).toSorted((a, b) => a.atMs - b.atMs)) sleeper.wake();
  };

  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const over = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", over);
          resolve();
        };
        const sleeper = { atMs: nowMs + ms, wake: over };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", over);
      }),
    async pass(ms) {
      const untilMs = nowMs + ms;
      while (nowMs < untilMs) {
        nowMs = Math.min(untilMs, nowMs + stepMs);
        wakeUp();
        await moment();
      }
    },
  };
}

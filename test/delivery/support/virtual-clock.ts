/**
 * Time that passes only when the test says so, and never while somebody is still at work in the present moment.
 *
 * @module
 */
import type { Clock } from "../../../src/runtime/clock.ts";

export interface VirtualClock extends Clock {
  /** Lets so much time pass, one sleeper after the other. */
  pass(ms: number): Promise<void>;
  /** As `pass`, in strides of ten minutes: whoever sleeps for less wakes once in each. For hours in which little happens. */
  leap(ms: number): Promise<void>;
  /** Lets time pass until `is` holds. @throws after `withinMs` of it */
  until(is: () => boolean | Promise<boolean>, withinMs: number): Promise<void>;
  /** Tells the clock of work that is not asleep: the moment lasts until it is done. */
  busy<T>(work: Promise<T>): Promise<T>;
}

interface Sleeper {
  readonly atMs: number;
  readonly order: number;
  wake(): void;
}

/** So many turns of the event loop without anything under way, and the moment is over. */
const quietTurns = 4;
const strideMs = 600_000;

export function virtualClock(startMs = 1_700_000_000_000): VirtualClock {
  let nowMs = startMs;
  let order = 0;
  let underWay = 0;
  const sleepers = new Set<Sleeper>();

  async function settled(): Promise<void> {
    for (let quiet = 0; quiet < quietTurns; quiet = underWay === 0 ? quiet + 1 : 0) await new Promise((resolve) => setImmediate(resolve));
  }

  async function step(limitMs: number): Promise<boolean> {
    await settled();
    const next = [...sleepers].toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
    if (!next || next.atMs > limitMs) return false;
    nowMs = Math.max(nowMs, next.atMs);
    next.wake();
    return true;
  }

  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", wake);
          resolve();
        };
        const sleeper: Sleeper = { atMs: nowMs + Math.max(0, ms), order: ++order, wake };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", wake);
      }),
    async pass(ms) {
      const untilMs = nowMs + ms;
      while (await step(untilMs)) continue;
      nowMs = untilMs;
      await settled();
    },
    async leap(ms) {
      const untilMs = nowMs + ms;
      while (nowMs < untilMs) {
        await settled();
        nowMs = Math.min(untilMs, nowMs + strideMs);
        for (const sleeper of [...sleepers].filter(({ atMs }) => atMs <= nowMs).toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)) sleeper.wake();
      }
      await settled();
    },
    async until(is, withinMs) {
      const untilMs = nowMs + withinMs;
      for (;;) {
        await settled();
        if (await is()) return;
        if (!(await step(untilMs))) throw new Error(`it did not happen within ${withinMs} ms`);
      }
    },
    async busy(work) {
      underWay += 1;
      try {
        return await work;
      } finally {
        underWay -= 1;
      }
    },
  };
}

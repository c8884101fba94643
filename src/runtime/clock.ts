/**
 * Time, lent to everyone who needs it, so that tests and simulations can lend their own.
 *
 * @module
 */
export interface Clock {
  /** ms since 1970. */
  now(): number;
  /** Resolves after `ms` (at once where that is over already), or when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The pace of time here while the machine's clock, put back, has yet to catch up. */
const slowerPace = 0.9;

/**
 * The machine's clock, but one that never goes back: put back, it goes on at a slower pace until it is right again. Put forward, as after
 * a sleep of the machine, it is followed at once, so that whatever had a time limit counts as over.
 *
 * @param wall ms since 1970, as the machine has it at the moment; @param steady ms since whenever, which nobody puts
 */
export function neverBack(wall: () => number, steady: () => number): () => number {
  let seenMs = steady();
  let nowMs = wall();
  return () => {
    const passedMs = Math.max(0, steady() - seenMs);
    seenMs += passedMs;
    nowMs = Math.max(wall(), nowMs + passedMs * slowerPace);
    return Math.floor(nowMs);
  };
}

export const systemClock: Clock = {
  now: neverBack(() => Date.now(), () => performance.now()),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const over = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", over);
        resolve();
      };
      const timer = setTimeout(over, Math.max(0, ms)); // Node warns of a negative time on standard error, where the log is
      signal?.addEventListener("abort", over);
    }),
};

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

export const systemClock: Clock = {
  now: () => Date.now(),
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

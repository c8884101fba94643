/**
 * The simulated vendor's clock: the real one plus what a test has pushed it forward, and what is to happen at a given time.
 *
 * @module
 */
import type { Clock } from "../../../runtime/clock.ts";

export interface VendorClock {
  /** ms since 1970. */
  now(): number;
  /** How far ahead of the lent clock, ms. */
  aheadMs(): number;
  /** Moves on and does whatever has become due, in order of time. */
  advance(ms: number): void;
  /** Runs `act` once `ms` have passed, by themselves or by `advance`. */
  after(ms: number, act: () => void): void;
  /** A pause for a connection that dawdles; ends early at `stop`. */
  pause(ms: number): Promise<void>;
  /** Forgets what was planned and returns to the lent clock's time. */
  reset(): void;
  stop(): void;
}

export function vendorClock(clock: Clock, startAheadMs = 0): VendorClock {
  let ahead = startAheadMs;
  let planned: { readonly at: number; readonly act: () => void }[] = [];
  const over = new AbortController();
  const now = () => clock.now() + ahead;

  const doDue = () => {
    const due = planned.filter(({ at }) => at <= now()).toSorted((a, b) => a.at - b.at);
    planned = planned.filter((one) => !due.includes(one));
    for (const { act } of due) act();
  };

  return {
    now,
    aheadMs: () => ahead,
    advance: (ms) => {
      ahead += ms;
      doDue();
    },
    after: (ms, act) => {
      planned.push({ at: now() + ms, act });
      void clock.sleep(ms, over.signal).then(() => (over.signal.aborted ? undefined : doDue()));
    },
    pause: (ms) => clock.sleep(ms, over.signal),
    reset: () => {
      planned = [];
      ahead = 0;
    },
    stop: () => {
      planned = [];
      over.abort();
    },
  };
}

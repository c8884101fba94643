/**
 * How many calls a minute a vendor is asked to bear: a token bucket per connection, whose waiting denials go first.
 *
 * In this process only; replicas each have their own (a later change shares it).
 *
 * @module
 */
import type { Clock } from "../runtime/clock.ts";

export interface Budget {
  /** Resolves when a call may be made. */
  take(lane: "deny" | "other"): Promise<void>;
}

/** @param requestsPerSecond refill; @param burst how many may go at once */
export function openBudget({ requestsPerSecond, burst }: { readonly requestsPerSecond: number; readonly burst: number }, clock: Clock): Budget {
  const waiting = { deny: [] as (() => void)[], other: [] as (() => void)[] };
  let tokens = burst;
  let filledAt = clock.now();
  let refilling = false;

  const fill = () => {
    const now = clock.now();
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * requestsPerSecond);
    filledAt = now;
  };

  async function refill(): Promise<void> {
    refilling = true;
    while (waiting.deny.length + waiting.other.length > 0) {
      fill();
      if (tokens < 1) {
        await clock.sleep(Math.max(1, ((1 - tokens) / requestsPerSecond) * 1000));
        continue;
      }
      tokens -= 1;
      (waiting.deny.shift() ?? waiting.other.shift())?.();
    }
    refilling = false;
  }

  return {
    take(lane) {
      fill();
      if (tokens >= 1 && waiting.deny.length + waiting.other.length === 0) {
        tokens -= 1;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        waiting[lane].push(resolve);
        if (!refilling) void refill();
      });
    },
  };
}

export const unlimited: Budget = { take: () => Promise.resolve() };

/**
 * Addresses that the vendor has just been asked for, and that nobody had: a create a moment later need not ask again.
 *
 * Good for one use and a few seconds. Should somebody make the account in between, the vendor's own refusal of a second one leads
 * to a fresh look.
 *
 * @module
 */
import { fold } from "../model/fold.ts";
import type { Clock } from "../runtime/clock.ts";

export interface RecentLooks {
  nobody(email: string): void;
  /** True once, if it was asked within the last ten seconds. */
  nobodyHad(email: string): boolean;
}

const goodForMs = 10_000;
const most = 10_000;

export function rememberLooks(clock: Clock): RecentLooks {
  const asked = new Map<string, number>();
  return {
    nobody(email) {
      if (asked.size >= most) asked.clear();
      asked.set(fold(email), clock.now());
    },
    nobodyHad(email) {
      const atMs = asked.get(fold(email));
      asked.delete(fold(email));
      return atMs !== undefined && clock.now() - atMs <= goodForMs;
    },
  };
}

/**
 * When to try again.
 *
 * @module
 */
import type { Lane } from "../model/operation.ts";

/**
 * The pause before the next attempt at a due resource.
 *
 *     failed attempts   1    2    3    4     5     6     7      8      9+
 *     denial            1s   2s   4s   8s    16s   32s   60s    60s    60s
 *     everything else   2s   4s   8s   16s   32s   64s   128s   256s   300s
 *
 * A denial is retried for ever; nine attempts at anything else take about 13 minutes and a half.
 *
 * A vendor that throttles says itself when it has room again, and the budget keeps to it. So what it turned away waits as a denial does: else a joiner who was
 * unlucky eight times would wait for minutes after the last 429.
 *
 * @param failed how many attempts have failed, 1 or more
 * @param retryAfterSeconds what a vendor that throttles asked for; wins when it is the longer of the two. `undefined` = something else failed
 * @returns seconds, never below 1; the caller shortens it by up to a fifth at random
 */
export function pauseSeconds(lane: Lane, failed: number, retryAfterSeconds?: number): number {
  const grown = lane === "deny" || retryAfterSeconds !== undefined ? Math.min(2 ** (failed - 1), 60) : Math.min(2 ** failed, 300);
  return Math.max(1, grown, Math.ceil(retryAfterSeconds ?? 0));
}

/** Up to a fifth shorter, so that those who failed together do not come back together. */
export const jittered = (seconds: number, random: () => number): number => Math.max(0.5, seconds * (1 - 0.2 * random())) * 1000;

/**
 * A vendor's rate limit: one token bucket per credential, in the vendor's time. Off unless asked for.
 *
 * @module
 */
import { Fault } from "../../../model/failure.ts";
import { isObject } from "../../../model/json.ts";

export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
  /** Whose 429 it is: the vendor's JSON, or the HTML of a proxy before it. */
  readonly as: "vendor" | "proxy";
}

/** `"off"`, or `{ "perSecond": 3, "burst": 6, "as": "vendor" | "proxy" }`. @throws Fault `invalid` */
export function parseLimit(wanted: unknown): RateLimit | undefined {
  if (wanted === "off") return undefined;
  const { perSecond, burst, as = "vendor" } = isObject(wanted) ? wanted : {};
  if (typeof perSecond !== "number" || !(perSecond > 0) || typeof burst !== "number" || !(burst >= 1) || (as !== "vendor" && as !== "proxy"))
    throw new Fault({ kind: "invalid", field: "limit", detail: '"limit" is "off" or { perSecond: above 0, burst: 1 or more, as: "vendor" or "proxy" }' });
  return { perSecond, burst, as };
}

/**
 * @param nowMs the vendor's time
 * @returns seconds until the next token, or `undefined` when this request had one
 */
export function tokenBuckets(limit: RateLimit): (credential: string, nowMs: number) => number | undefined {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (credential, nowMs) => {
    const bucket = buckets.get(credential) ?? { tokens: limit.burst, at: nowMs };
    buckets.set(credential, bucket);
    bucket.tokens = Math.min(limit.burst, bucket.tokens + (Math.max(0, nowMs - bucket.at) / 1000) * limit.perSecond);
    bucket.at = nowMs;
    if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / limit.perSecond));
    bucket.tokens -= 1;
    return undefined;
  };
}

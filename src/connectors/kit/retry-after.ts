/**
 * How long a vendor that says 429 wants to be left alone.
 *
 *     Retry-After          means
 *     absent, unreadable   10 s
 *     -5, 0, a past date   1 s
 *     30                   30 s
 *     86400                900 s
 *     an HTTP date         until then, 1 s … 900 s
 *
 * @module
 */
export const retryAfterDefaultSeconds = 10;
export const retryAfterMostSeconds = 900;

/**
 * @param header RFC 9110, 10.2.3: seconds or an HTTP date
 * @param nowMs ms since 1970
 * @returns whole seconds, 1 … 900
 */
export function retryAfterSeconds(header: string | undefined, nowMs: number): number {
  const text = header?.trim() ?? "";
  if (/^[+-]?\d+(\.\d+)?$/.test(text)) return clamp(Number(text));
  // Date.parse reads nearly anything; an HTTP date begins with the name of a day.
  const date = /^(mon|tue|wed|thu|fri|sat|sun)/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? retryAfterDefaultSeconds : clamp((date - nowMs) / 1000);
}

const clamp = (seconds: number): number => Math.min(retryAfterMostSeconds, Math.max(1, Math.ceil(seconds)));

/**
 * How often a wrong client may be tried at a token endpoint: 20 times a minute for each connection and address that tries, so that whoever
 * guesses does not lock out the IdP. Counted for names that no connection has, too: the answer must not tell.
 *
 * In memory and for each process: it slows guessing down; what makes guessing hopeless is the length of a secret.
 *
 * @module
 */
import type { Clock } from "../runtime/clock.ts";

export interface Attempts {
  failed(connection: string, from: string): void;
  /** 0 = may try. */
  pauseSeconds(connection: string, from: string): number;
}

const most = 20;
const windowMs = 60_000;
/** Beyond so many pairs in one window the rest count together. */
const mostPairs = 10_000;

export function openAttempts(clock: Clock): Attempts {
  let counts = new Map<string, number>();
  let sinceMs = -Infinity;
  function pairOf(connection: string, from: string): string {
    if (clock.now() - sinceMs >= windowMs) {
      counts = new Map();
      sinceMs = clock.now();
    }
    const pair = `${from} ${connection.slice(0, 64)}`;
    return counts.has(pair) || counts.size < mostPairs ? pair : "the rest";
  }
  return {
    failed(connection, from) {
      const pair = pairOf(connection, from);
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    },
    pauseSeconds(connection, from) {
      const pair = pairOf(connection, from);
      return (counts.get(pair) ?? 0) < most ? 0 : Math.ceil((sinceMs + windowMs - clock.now()) / 1000);
    },
  };
}

/**
 * Where the tokens of a budget come from: the memory of the one process there is, or rows that several processes share.
 *
 * While the vendor rests (it said 429 and until when), lesser calls get none, and denials one every five seconds.
 *
 * @module
 */
import type { ConnectionId } from "../model/ids.ts";
import type { Clock } from "../runtime/clock.ts";
import type { BudgetStore } from "../store/vendor-contract.ts";
import { probeEveryMs } from "./outage.ts";

export interface Rate {
  readonly requestsPerSecond: number;
  /** How many may go at once after a quiet time. */
  readonly burst: number;
}

/** `waitMs` 0 = a token was taken. */
export interface Token {
  readonly waitMs: number;
  /** It waits for the vendor's rest, not for a token: who has begun need not. */
  readonly isRest?: true;
}

/** Whose call it is: a denial, anything else of a person's, or reconciliation, for which there is no hurry. */
export type CallLane = "deny" | "other" | "reconcile";

export interface Bucket {
  /** Takes a token, or says when to ask again. `begun`: the operation has called already, so it is not held up by a rest. */
  one(lane: CallLane, begun: boolean): Token | Promise<Token>;
  /** Takes a token if one is at hand. */
  atHand(lane: CallLane, begun: boolean): boolean;
  /** The vendor wants to be left alone. */
  rest(forMs: number): void | Promise<void>;
  /** How long it still does, as far as is known here. */
  restingMs(): number;
}

/** Lesser calls leave so many tokens to denials: a fifth, and at least one where there are two. */
export const reserved = (burst: number): number => (burst < 2 ? 0 : Math.max(1, Math.round(burst / 5)));

/** Reconciliation leaves half of the burst, so that a push that comes while it reads has something to begin with. */
const leftBy: { readonly [Lane in CallLane]: (burst: number) => number } = {
  deny: () => 0,
  other: reserved,
  reconcile: (burst) => Math.max(reserved(burst), Math.min(burst - 1, Math.floor(burst / 2))),
};

const taken: Token = { waitMs: 0 };
const isRest = true;
/** Sums of small shares of a second. */
const nearly = 1 - 1e-9;

export function memoryBucket({ requestsPerSecond, burst }: Rate, clock: Clock): Bucket {
  let tokens = burst;
  let filledAtMs = clock.now();
  let restUntilMs = 0;
  let nextProbeMs = 0;
  const one = (lane: CallLane, begun: boolean): Token => {
    const now = clock.now();
    tokens = Math.min(burst, tokens + (Math.max(0, now - filledAtMs) / 1_000) * requestsPerSecond);
    filledAtMs = now;
    const isResting = restUntilMs > now && !begun;
    if (isResting && lane !== "deny") return { waitMs: restUntilMs - now, isRest };
    if (isResting && nextProbeMs > now) return { waitMs: Math.min(nextProbeMs, restUntilMs) - now, isRest };
    const leave = leftBy[lane](burst);
    if (tokens - leave < nearly) return { waitMs: Math.max(1, ((1 + leave - tokens) / requestsPerSecond) * 1_000) };
    tokens -= 1;
    if (isResting) nextProbeMs = now + probeEveryMs;
    return taken;
  };
  return {
    one,
    atHand: (lane, begun) => one(lane, begun).waitMs === 0,
    rest(forMs) {
      const now = clock.now();
      if (restUntilMs <= now) nextProbeMs = now + probeEveryMs; // the call that was turned away was one
      restUntilMs = Math.max(restUntilMs, now + forMs);
    },
    restingMs: () => Math.max(0, restUntilMs - clock.now()),
  };
}

/** Tokens that were drawn are good for so long; so many are drawn at once that not every call costs a statement. */
const stockMs = 250;
const pool = "calls";
const probePool = "probes";
/** The strongest first: what was drawn for a weaker one is good for a stronger one too. */
const lanes: readonly CallLane[] = ["deny", "other", "reconcile"];

export function sharedBucket(connection: ConnectionId, { requestsPerSecond, burst }: Rate, store: BudgetStore, clock: Clock): Bucket {
  const most = Math.max(1, Math.floor((requestsPerSecond * stockMs) / 1_000));
  const stock = { deny: { tokens: 0, untilMs: 0 }, other: { tokens: 0, untilMs: 0 }, reconcile: { tokens: 0, untilMs: 0 } };
  let atOnce = 1;
  let restUntilMs = 0;

  function fromStock(lane: CallLane): boolean {
    const now = clock.now();
    for (const name of lanes.slice(lanes.indexOf(lane))) {
      const mine = stock[name];
      if (mine.tokens > 0 && mine.untilMs <= now) {
        atOnce = Math.max(1, atOnce - mine.tokens);
        mine.tokens = 0;
      }
      if (mine.tokens === 0) continue;
      mine.tokens -= 1;
      if (mine.tokens === 0) atOnce = Math.min(most, atOnce * 2);
      return true;
    }
    return false;
  }

  async function probe(): Promise<Token> {
    const { tokens, waitMs } = await store.draw(connection, probePool, { perSecond: 1_000 / probeEveryMs, burst: 1, leave: 0, most: 1 });
    return tokens > 0 ? taken : { waitMs: Math.min(waitMs, Math.max(1, restUntilMs - clock.now())), isRest };
  }

  async function draw(lane: CallLane, begun: boolean): Promise<Token> {
    const { tokens, waitMs, restMs } = await store.draw(connection, pool, { perSecond: requestsPerSecond, burst, leave: leftBy[lane](burst), most: lane === "other" ? atOnce : 1 });
    const now = clock.now();
    restUntilMs = now + restMs;
    if (tokens === 0) {
      if (lane !== "reconcile") atOnce = Math.min(most, atOnce * 2);
      return { waitMs };
    }
    stock[lane] = { tokens, untilMs: now + stockMs };
    return resting(lane, begun) ?? (fromStock(lane), taken);
  }

  function resting(lane: CallLane, begun: boolean): Token | Promise<Token> | undefined {
    const leftMs = restUntilMs - clock.now();
    if (begun || leftMs <= 0) return undefined;
    return lane === "deny" ? probe() : { waitMs: leftMs, isRest };
  }

  return {
    one: (lane, begun) => resting(lane, begun) ?? (fromStock(lane) ? taken : draw(lane, begun)),
    atHand: (lane, begun) => (begun || restUntilMs <= clock.now()) && fromStock(lane),
    async rest(forMs) {
      restUntilMs = Math.max(restUntilMs, clock.now() + forMs);
      await store.rest(connection, forMs);
    },
    restingMs: () => Math.max(0, restUntilMs - clock.now()),
  };
}

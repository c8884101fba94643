/**
 * What a vendor is asked to bear: calls a second, calls at once, and for every call its turn.
 *
 * Denials go first, a fifth of the burst and a quarter of the places are theirs alone, so no backlog and no hung call of a lesser kind
 * holds one up. Of the rest, who has begun goes before who has not, and reconciliation comes last. A wait has an end: then the work goes back to where it came
 * from (`NoTurn`), because nobody may hold a lease for longer than it runs.
 *
 * @module
 */
import { Fault } from "../model/failure.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Bucket, CallLane, Rate, Token } from "./bucket.ts";
import { memoryBucket } from "./bucket.ts";

export interface Budget {
  /**
   * Resolves when a call may be made, to what must be told that it has ended.
   *
   * @throws NoTurn when its turn does not come in time, or while nobody may call at all
   */
  take(lane: CallLane, wish?: Wish): Promise<() => void>;
  /** The vendor said 429. Lesser calls of the whole connection wait, denials go one at a time, seconds apart. */
  rest(forMs: number): void;
  restingMs(): number;
  /** How many resources may be under way at once: altogether, and of lesser lanes. */
  readonly places: Places;
}

export interface Places {
  readonly all: number;
  readonly lesser: number;
}

export interface Wish {
  /** When to give up waiting (ms, the clock's). Default: ten seconds from now. */
  readonly untilMs?: number | undefined;
  /** A further call of an operation that has made one. */
  readonly begun?: boolean;
  /** Goes out although the vendor counts as down. */
  readonly probe?: boolean;
}

export interface Limits extends Rate {
  /** Calls under way at once. Default: 8. */
  readonly concurrency?: number | undefined;
}

export interface BudgetOptions {
  readonly bucket?: Bucket;
  /** Why nobody may call at the moment, if that is so. @param begun a further call of an operation that has made one */
  readonly closed?: (begun: boolean) => string | undefined;
}

/** Its call was surely never made; nothing is to be concluded about the vendor from it. */
export class NoTurn extends Fault {
  readonly waitMs: number;
  constructor(detail: string, waitMs: number) {
    super({ kind: "unreachable", detail });
    this.waitMs = waitMs;
  }
}

/** As many sockets as there are to a vendor. */
const defaultConcurrency = 8;
const defaultWaitMs = 10_000;
const notInTime = "The vendor is asked for no more than its budget allows, and the turn of this call did not come in time.";
/** How often those who wait are looked through, in case that nobody may call any more. */
const lookAgainMs = 1_000;
/** Where the bucket itself cannot be asked. */
const bucketAwayMs = 1_000;
/** As much work is taken up as gets its turn soon; the rest waits in the store. */
const worthSeconds = 2;

interface Waiting {
  readonly lane: CallLane;
  readonly begun: boolean;
  readonly probe: boolean;
  readonly untilMs: number;
  start(leave: () => void): void;
  refuse(fault: NoTurn): void;
}

export function openBudget(limits: Limits, clock: Clock, { bucket = memoryBucket(limits, clock), closed = () => undefined }: BudgetOptions = {}): Budget {
  const concurrency = limits.concurrency ?? defaultConcurrency;
  const lesserAtOnce = concurrency < 2 ? concurrency : concurrency - Math.max(1, Math.floor(concurrency / 4));
  const worth = Math.max(1, Math.ceil(limits.requestsPerSecond * worthSeconds));
  let waiting: readonly Waiting[] = [];
  const underWay = { deny: 0, other: 0 };
  let pumping = false;
  let changed = new AbortController();

  const rank = ({ lane, begun }: Waiting): number => ({ deny: 0, other: 2, reconcile: 4 })[lane] + (begun ? 0 : 1);
  const mayStart = ({ lane }: Pick<Waiting, "lane">): boolean => underWay.deny + underWay.other < concurrency && (lane === "deny" || underWay.other < lesserAtOnce);
  /** The first of the most urgent that a place is free for. */
  const head = (among = waiting): Waiting | undefined => among.filter(mayStart).reduce<Waiting | undefined>((best, one) => (best && rank(best) <= rank(one) ? best : one), undefined);

  function begin(of: CallLane): () => void {
    const lane = of === "deny" ? "deny" : "other";
    underWay[lane] += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      underWay[lane] -= 1;
      changed.abort("a place is free");
    };
  }

  function refuse(which: (one: Waiting) => boolean, fault: () => NoTurn): void {
    const refused = waiting.filter(which);
    if (refused.length === 0) return;
    waiting = waiting.filter((one) => !refused.includes(one));
    for (const one of refused) one.refuse(fault());
  }

  /** Whoever nobody may serve any more, or who has waited long enough. */
  function turnAway(): void {
    for (const begun of [true, false]) {
      const why = closed(begun);
      if (why !== undefined) refuse((one) => !one.probe && one.begun === begun, () => new NoTurn(why, bucketAwayMs));
    }
    refuse(({ untilMs }) => untilMs <= clock.now(), () => new NoTurn(notInTime, Math.max(bucketAwayMs, bucket.restingMs())));
  }

  async function asked(one: Waiting): Promise<Token> {
    try {
      return await bucket.one(one.lane, one.begun);
    } catch {
      return { waitMs: bucketAwayMs };
    }
  }

  /** Runs while somebody waits. */
  async function pump(): Promise<void> {
    if (pumping) return changed.abort("somebody came");
    pumping = true;
    for (turnAway(); waiting.length > 0; turnAway()) {
      changed = new AbortController();
      const { signal } = changed;
      let next = head();
      let { waitMs, isRest }: Token = next ? await asked(next) : { waitMs: Number.POSITIVE_INFINITY };
      if (isRest) {
        const half = head(waiting.filter(({ begun }) => begun));
        const token = half && (await asked(half));
        if (token?.waitMs === 0) [next, waitMs, isRest] = [half, 0, undefined];
      }
      if (waitMs > 0) {
        const soonest = Math.min(...waiting.map(({ untilMs }) => untilMs));
        await clock.sleep(Math.max(1, Math.min(waitMs, soonest - clock.now(), lookAgainMs)), signal);
        continue;
      }
      // Whoever is first by now gets it; what was drawn from the denials' share is for nobody else.
      const first = next?.begun && waiting.includes(next) ? next : head();
      if (!first || (first.lane !== "deny" && next?.lane === "deny")) continue;
      waiting = waiting.filter((one) => one !== first);
      first.start(begin(first.lane));
    }
    pumping = false;
  }

  return {
    places: { all: Math.min(concurrency, worth) + Math.max(1, concurrency - lesserAtOnce), lesser: Math.min(lesserAtOnce, worth) },
    restingMs: () => bucket.restingMs(),
    rest(forMs) {
      void Promise.resolve(bucket.rest(forMs)).catch(() => undefined); // another process finds out by a 429 of its own
      changed.abort("rest");
    },
    take(lane, { untilMs, begun = false, probe = false } = {}) {
      const why = probe ? undefined : closed(begun);
      if (why !== undefined) return Promise.reject(new NoTurn(why, bucketAwayMs));
      if (waiting.length === 0 && mayStart({ lane }) && bucket.atHand(lane, begun)) return Promise.resolve(begin(lane));
      return new Promise((resolve, reject) => {
        // Who has begun is let end, or the whole operation is left half done.
        const until = begun ? Number.POSITIVE_INFINITY : (untilMs ?? clock.now() + defaultWaitMs);
        waiting = [...waiting, { lane, begun, probe, untilMs: until, start: resolve, refuse: reject }];
        void pump();
      });
    },
  };
}

/**
 * Time that passes only when everybody waits for it: the house, the worker and the simulated vendor lend one clock, and the test
 * moves it on once no vendor call is under way and nothing has stirred for a few turns of the event loop.
 *
 * Vendor calls still go over loopback; what is virtual is waiting. On SQLite database time is virtual too, PostgreSQL has its own.
 *
 * @module
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Clock } from "../../src/runtime/clock.ts";

export interface VirtualTime {
  now(): number;
  /** A clock for one process life: once it has ended, nobody who sleeps by it ever wakes. */
  life(): { readonly clock: Clock; end(): void };
  /** Waits for `work` and moves the time on, from sleeper to sleeper, whenever everybody only waits. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Moves on by `ms`, waking everybody on the way in their order. */
  advance(ms: number): Promise<void>;
  /** Called at each request to a watched origin, before its first byte. */
  onCall: ((method: string, path: string) => void) | undefined;
  /** Counts the calls to this origin as things that are under way. */
  watch(origin: string): void;
  /** Something is on its way that no clock holds up; the time stands still meanwhile. Ends it. */
  busy(): () => void;
  stop(): void;
}

interface Sleeper {
  readonly atMs: number;
  readonly order: number;
  wake(): void;
}

/** So many turns of the event loop without a stir mean that everybody waits. */
const quietTurns = 6;
/** A call that takes longer than this in real time is itself waiting for the time to pass (a vendor that dawdles). */
const dawdlesAfterMs = 15;
const firstStepMs = 25;
const longestStepMs = 1_000;

export function openVirtualTime(startMs = Date.UTC(2026, 0, 5, 9)): VirtualTime {
  let nowMs = startMs;
  let order = 0;
  let stirs = 0;
  const sleepers = new Set<Sleeper>();
  const origins = new Set<string>();
  const underWay = new Set<object>();
  let hurrying = 0;

  interface Call {
    readonly request: { readonly origin?: unknown; readonly method: string; readonly path: string };
  }
  const begun = (message: unknown) => {
    const { request } = message as Call;
    if (!origins.has(String(request.origin))) return;
    stirs += 1;
    underWay.add(request);
    time.onCall?.(request.method, request.path);
  };
  const ended = (message: unknown) => {
    const { request } = message as Call;
    if (underWay.delete(request)) stirs += 1;
  };
  subscribe("undici:request:create", begun);
  for (const channel of ["undici:request:trailers", "undici:request:error"]) subscribe(channel, ended);

  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

  async function quiet(isOver: () => boolean): Promise<void> {
    let since = performance.now();
    for (let still = 0, seen = stirs; still < quietTurns && !isOver(); ) {
      await turn();
      if (stirs !== seen) {
        seen = stirs;
        still = 0;
        since = performance.now();
      } else if (hurrying === 0 && (underWay.size === 0 || performance.now() - since > dawdlesAfterMs)) still += 1;
    }
  }

  function wakeUntil(untilMs: number): void {
    for (;;) {
      const [next] = [...sleepers].filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs || a.order - b.order);
      if (!next) break;
      nowMs = Math.max(nowMs, next.atMs);
      next.wake();
    }
    nowMs = Math.max(nowMs, untilMs);
  }

  const soonest = () => Math.min(...[...sleepers].map(({ atMs }) => atMs));

  const time: VirtualTime = {
    now: () => nowMs,
    onCall: undefined,
    watch: (origin) => void origins.add(origin),
    busy() {
      let isOver = false;
      hurrying += 1;
      return () => {
        if (isOver) return;
        isOver = true;
        hurrying -= 1;
        stirs += 1;
      };
    },
    life() {
      let over = false;
      const mine = new Set<Sleeper>();
      const clock: Clock = {
        now: () => nowMs,
        sleep: (ms, signal) =>
          new Promise((resolve) => {
            stirs += 1;
            if (over) return;
            if (signal?.aborted) return resolve();
            const forget = () => {
              sleepers.delete(sleeper);
              mine.delete(sleeper);
              signal?.removeEventListener("abort", wake);
            };
            const wake = () => {
              stirs += 1;
              forget();
              if (!over) resolve();
            };
            const sleeper: Sleeper = { atMs: nowMs + Math.ceil(Math.max(0, ms)), order: ++order, wake };
            sleepers.add(sleeper);
            mine.add(sleeper);
            signal?.addEventListener("abort", wake);
          }),
      };
      return {
        clock,
        end() {
          over = true;
          for (const sleeper of mine) sleepers.delete(sleeper);
          mine.clear();
        },
      };
    },
    async during(work) {
      let over = false;
      const mark = () => {
        over = true;
      };
      work.then(mark, mark);
      for (let step = firstStepMs; ; step = Math.min(Math.ceil(step * 1.5), longestStepMs)) {
        await quiet(() => over);
        if (over) return work;
        if (sleepers.size === 0) await turn();
        else wakeUntil(Math.max(soonest(), nowMs + step));
      }
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        await quiet(() => false);
        const next = soonest();
        if (next > untilMs) break;
        wakeUntil(next);
      }
      nowMs = Math.max(nowMs, untilMs);
    },
    stop() {
      unsubscribe("undici:request:create", begun);
      for (const channel of ["undici:request:trailers", "undici:request:error"]) unsubscribe(channel, ended);
    },
  };
  return time;
}

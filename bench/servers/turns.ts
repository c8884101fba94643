/**
 * How long the event loop was kept: the longest turn since it was asked last, told to whoever started this process.
 *
 * A turn ends where the next one begins, so whatever a request does in one piece is in one turn. The clock counts what a busy machine and a
 * slow disk add; CPU time does not, but many kernels count it in ticks of 4 ms. The loop never rests while it is watched; that costs one
 * core and shortens nothing.
 *
 * @module
 */
import { PerformanceObserver } from "node:perf_hooks";

export interface Turns {
  readonly longestMs: number;
  /** CPU time of the turn that took the most of it. */
  readonly longestCpuMs: number;
  /** The longest collection of garbage; whatever keeps the loop with it is part of a turn as well. */
  readonly longestGcMs: number;
}

export interface Watch {
  /** Since it was asked last. */
  ask(): Turns;
}

/** @param seen hears of every turn when it ends */
export function watchTurns(seen: (ms: number) => void = () => {}): Watch {
  let [longestMs, longestCpuMs, longestGcMs] = [0, 0, 0];
  let begunMs = performance.now();
  let cpu = process.threadCpuUsage();
  const next = () => {
    const ms = performance.now() - begunMs;
    const used = process.threadCpuUsage();
    longestMs = Math.max(longestMs, ms);
    longestCpuMs = Math.max(longestCpuMs, (used.user - cpu.user + used.system - cpu.system) / 1_000);
    seen(ms);
    [begunMs, cpu] = [performance.now(), used];
    setImmediate(next);
  };
  setImmediate(next);
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestGcMs = Math.max(longestGcMs, duration);
  }).observe({ entryTypes: ["gc"] });
  return {
    ask() {
      const told = { longestMs, longestCpuMs, longestGcMs };
      [longestMs, longestCpuMs, longestGcMs] = [0, 0, 0];
      [begunMs, cpu] = [performance.now(), process.threadCpuUsage()];
      return told;
    },
  };
}

export function tellTurns(): void {
  const watch = watchTurns();
  process.on("message", () => process.send?.(watch.ask()));
}

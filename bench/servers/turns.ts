/**
 * How long the event loop was kept: the longest turn since it was asked last, told to whoever started this process.
 *
 * A turn ends where the next one begins, so whatever a request does in one piece is in one turn. The clock counts what a busy machine and a
 * slow disk add; CPU time does not, but many kernels count it in ticks of 4 ms. The loop never rests while it is watched; that costs one
 * core and shortens nothing.
 *
 * @module
 */
export interface Turns {
  readonly longestMs: number;
  /** CPU time of the turn that took the most of it. */
  readonly longestCpuMs: number;
}

export function tellTurns(): void {
  let longestMs = 0;
  let longestCpuMs = 0;
  let begunMs = performance.now();
  let cpu = process.threadCpuUsage();
  const next = () => {
    const nowMs = performance.now();
    const used = process.threadCpuUsage();
    longestMs = Math.max(longestMs, nowMs - begunMs);
    longestCpuMs = Math.max(longestCpuMs, (used.user - cpu.user + used.system - cpu.system) / 1_000);
    [begunMs, cpu] = [nowMs, used];
    setImmediate(next);
  };
  setImmediate(next);
  process.on("message", () => {
    process.send?.({ longestMs, longestCpuMs } satisfies Turns);
    [longestMs, longestCpuMs] = [0, 0];
    [begunMs, cpu] = [performance.now(), process.threadCpuUsage()];
  });
}

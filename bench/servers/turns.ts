/**
 * How long the event loop was kept: the longest turn since it was asked last, told to whoever started this process.
 *
 * A turn ends where the next one begins, so whatever a request does in one piece is in one turn. The loop never rests while it is
 * watched; that costs one core and shortens nothing.
 *
 * @module
 */
export function tellTurns(): void {
  let longestMs = 0;
  let begunMs = performance.now();
  const next = () => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - begunMs);
    begunMs = nowMs;
    setImmediate(next);
  };
  setImmediate(next);
  process.on("message", () => {
    process.send?.({ longestMs });
    longestMs = 0;
    begunMs = performance.now();
  });
}

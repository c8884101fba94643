/**
 * What nobody has caught: a bug, after which nobody knows what the process still does. It is said in one line and the process ends, with
 * exit code 1, for whoever runs it to start it anew. What was accepted stands in the store, and a call under way counts as unclear.
 *
 * @module
 */
import type { Log } from "./log.ts";

export function endOnStrangers(log: Pick<Log, "error">): void {
  // Rejections that nobody handles arrive here too.
  process.on("uncaughtException", (thrown: unknown) => {
    log.error("the process ends over an error that nobody has caught", { error: thrown instanceof Error ? (thrown.stack ?? String(thrown)) : String(thrown) });
    process.exit(1);
  });
}

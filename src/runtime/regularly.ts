/**
 * What is done again and again for as long as a process lives: looking for tokens, modes, holds, what is late.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

export interface Rhythm {
  readonly clock: Clock;
  /** Between the end of one step and the beginning of the next. */
  readonly everyMs: number;
  /** Ends it; a step that is under way is awaited. */
  readonly signal: AbortSignal;
  /** The first step comes before the first pause. */
  readonly atOnce?: boolean;
}

/** A step that fails is told to `failed`, and the next one comes all the same. Resolves when it is over; never rejects. */
export async function regularly({ clock, everyMs, signal, atOnce = false }: Rhythm, step: () => Promise<unknown>, failed: (thrown: unknown) => void): Promise<void> {
  if (!atOnce) await clock.sleep(everyMs, signal);
  while (!signal.aborted) {
    try {
      await step();
    } catch (thrown) {
      failed(thrown);
    }
    await clock.sleep(everyMs, signal);
  }
}

/**
 * For how long one request keeps the event loop, alone on the server.
 *
 * The clock counts, also where the thread only waits for its disk. What the machine does to us is told apart by repetition: a request that
 * kept the loop for too long is asked again, in the same way, and only what keeps it each time is its own. Beside it stands what the same
 * server's loop is kept for while nobody asks anything.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Asked, Site } from "./site.ts";

/** No request may keep the event loop for longer. */
export const mostMs = 50;

export interface Heavy {
  readonly name: string;
  /** What stands before it, unwatched; then the request. `n` counts up and never repeats. */
  prepare(site: Site, n: number): Asked | Promise<Asked>;
  readonly expected: number;
  /** What is wrong with the answer. */
  readonly check?: (text: string) => string | undefined;
  /** How long to look at what it leaves to be done. */
  readonly afterMs?: number;
}

export interface Kept {
  readonly name: string;
  /** The least that it kept the loop for in one turn. */
  readonly keptMs: number;
  readonly worstMs: number;
  readonly cpuMs: number;
  readonly gcMs: number;
  /** The whole request, for its client. */
  readonly tookMs: number;
  readonly times: number;
}

const usually = 3;
const mostTimes = 9;
let made = 0;

export async function kept(site: Site, { name, prepare, expected, check, afterMs = 100 }: Heavy): Promise<Kept> {
  const all: { readonly keptMs: number; readonly cpuMs: number; readonly gcMs: number; readonly tookMs: number }[] = [];
  const least = () => all.reduce((a, b) => (b.keptMs < a.keptMs ? b : a));
  while (all.length < usually || (all.length < mostTimes && least().keptMs > mostMs)) {
    const asked = await prepare(site, ++made);
    await pause(50);
    await site.turns();
    const { ms, text } = await site.ask(asked, expected);
    const wrong = check?.(text);
    if (wrong !== undefined) throw new Error(wrong);
    await pause(afterMs);
    const { longestMs, longestCpuMs, longestGcMs } = await site.turns();
    all.push({ keptMs: longestMs, cpuMs: longestCpuMs, gcMs: longestGcMs, tookMs: ms });
  }
  return { name, ...least(), worstMs: Math.max(...all.map(({ keptMs }) => keptMs)), times: all.length };
}

/** The same without any request: what the machine, and the server's own clockwork, keep it for. */
export async function idle(site: Site, forMs: number): Promise<Kept> {
  await site.turns();
  await pause(forMs);
  const { longestMs, longestCpuMs, longestGcMs } = await site.turns();
  return { name: "nobody asks anything", keptMs: longestMs, worstMs: longestMs, cpuMs: longestCpuMs, gcMs: longestGcMs, tookMs: forMs, times: 1 };
}

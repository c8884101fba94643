/**
 * For how long one request keeps the event loop, alone on the server.
 *
 * The clock counts, also where the thread only waits for its disk. What the machine does to us is told apart twice. By repetition: a request
 * that kept the loop for too long is asked again in the same way, and only what keeps it each time is its own. And by a process beside it
 * that does next to nothing: an attempt during which that one was late, or waited for the disk, counts by the CPU time of its turns alone.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Machine } from "./machine.ts";
import type { Asked, Site } from "./site.ts";

/** What the process beside may be late by, or wait for the disk, before an attempt counts by its CPU time. */
const disturbedMs = 20;

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
  /** The least that it kept the loop for in one turn: by the clock, or by CPU time where the machine was disturbed. */
  readonly keptMs: number;
  readonly worstMs: number;
  readonly cpuMs: number;
  readonly gcMs: number;
  /** What the process beside was kept for. */
  readonly machineMs: number;
  /** The whole request, for its client. */
  readonly tookMs: number;
  readonly times: number;
  /** Attempts that count by their CPU time. */
  readonly disturbed: number;
}

const usually = 3;
const mostTimes = 9;
let made = 0;

export async function kept(site: Site, machine: Machine, { name, prepare, expected, check, afterMs = 100 }: Heavy): Promise<Kept> {
  const all: (Seen & { readonly tookMs: number })[] = [];
  const least = () => all.reduce((a, b) => (b.keptMs < a.keptMs ? b : a));
  while (all.length < usually || (all.length < mostTimes && least().keptMs > mostMs)) {
    const asked = await prepare(site, ++made);
    await pause(50);
    await Promise.all([site.turns(), machine.ask()]);
    const { ms, text } = await site.ask(asked, expected);
    const wrong = check?.(text);
    if (wrong !== undefined) throw new Error(wrong);
    await pause(afterMs);
    all.push({ ...(await seen(site, machine)), tookMs: ms });
  }
  return { name, ...least(), worstMs: Math.max(...all.map(({ clockMs }) => clockMs)), times: all.length, disturbed: all.filter(({ isDisturbed }) => isDisturbed).length };
}

/** The same without any request: what the machine, and the server's own clockwork, keep it for. */
export async function idle(site: Site, machine: Machine, forMs: number): Promise<Kept> {
  await Promise.all([site.turns(), machine.ask()]);
  await pause(forMs);
  const found = await seen(site, machine);
  return { name: "nobody asks anything", ...found, worstMs: found.clockMs, tookMs: forMs, times: 1, disturbed: found.isDisturbed ? 1 : 0 };
}

interface Seen {
  readonly clockMs: number;
  readonly keptMs: number;
  readonly cpuMs: number;
  readonly gcMs: number;
  readonly machineMs: number;
  readonly isDisturbed: boolean;
}

async function seen(site: Site, machine: Machine): Promise<Seen> {
  const [{ longestMs, longestCpuMs, longestGcMs }, { lateMs, diskMs }] = await Promise.all([site.turns(), machine.ask()]);
  const machineMs = Math.max(lateMs, diskMs);
  const isDisturbed = machineMs > disturbedMs;
  return { clockMs: longestMs, keptMs: isDisturbed ? Math.min(longestMs, longestCpuMs) : longestMs, cpuMs: longestCpuMs, gcMs: longestGcMs, machineMs, isDisturbed };
}

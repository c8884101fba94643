/**
 * Plays inputs of one target: counts them, times each by the CPU that it took, watches the prototypes, and shrinks what fails.
 *
 * An input that seems slow is carried out several times more, alone, and the fastest counts: neither a busy machine nor a garbage
 * collection makes an input slow. Of clock and CPU time the lesser counts; many kernels count CPU time in ticks of 4 ms. An input that does not end is ended by a watchdog.
 *
 * @module
 */
import { Script } from "node:vm";
import fc from "fast-check";
import type { Code } from "./code.ts";
import { prototypes } from "./soundness.ts";
import { Broken, hold, type Target, type Watch } from "./target.ts";

/** No input may keep the event loop for longer. */
export const hangMs = 50;

export interface Share {
  readonly seed: number;
  readonly inputs: number;
  /** How long the whole share may take before one of its inputs counts as one that does not end. */
  readonly patienceMs?: number;
  /** How long one input may take before it counts as one that does not end. */
  readonly watchdogMs?: number;
  /** How long shrinking may take. */
  readonly shrinkMs?: number;
}

export interface Played {
  readonly target: string;
  readonly inputs: number;
  readonly accepted: number;
  /** Time of the product alone for the slowest input, and the input. */
  readonly slowestMs: number;
  readonly slowest: unknown;
  readonly failure?: Failure;
}

/** `input` is as small as shrinking could make it; `what` says what it does. */
export interface Failure {
  readonly what: string;
  readonly input: unknown;
}

const again = 5;
const defaultWatchdogMs = 1_000;
const patient = 5;
const noEnd = "does not end";

export function play<Input>(target: Target<Input>, code: Code, { seed, inputs, patienceMs = 120_000, watchdogMs = defaultWatchdogMs, shrinkMs = 20_000 }: Share): Played {
  const watched = prototypes();
  let done = 0;
  let accepted = 0;
  let slowestMs = 0;
  let slowest: Input | undefined;
  const settings = { seed, numRuns: inputs };

  const once = (input: Input): void => {
    const first = timed(target, code, input);
    hold(watched.quick(), "a prototype has changed");
    const least = first.ms > slowestMs ? fastest(target, code, input, first) : first;
    if (least.ms > slowestMs) [slowestMs, slowest] = [least.ms, input];
    checkPace(least);
    done += 1;
    if (first.ended === "accepted") accepted += 1;
  };
  const counted = (failure?: Failure): Played => ({ target: target.name, inputs: done, accepted, slowestMs, slowest, ...(failure && { failure }) });

  const swift = withoutEnd(patienceMs, () => fc.check(fc.property(target.inputs, once), { ...settings, endOnFailure: true }));
  if (swift !== endless && !swift.failed && watched.whole()) return counted();
  watched.mend();
  const before = counted();

  // Once more with everything looked at, each input by itself: first the one that seems to have failed, else all of them. What fails now shrinks.
  let until: number | undefined;
  let patience = watchdogMs * patient;
  const careful = (input: Input): void => {
    if (until !== undefined && Date.now() > until) return;
    const wrong = wrongAlone(watched, watchdogMs, patience, () => once(input));
    if (wrong === undefined) return;
    until ??= Date.now() + shrinkMs;
    if (wrong === noEnd) patience = 0;
    throw new Broken(wrong);
  };
  const carefully = (path: string | undefined) => {
    [done, accepted, slowestMs] = [0, 0, 0];
    return fc.check(fc.property(target.inputs, careful), path === undefined ? settings : { ...settings, path });
  };
  const suspect = swift === endless ? String(before.inputs) : (swift.counterexamplePath ?? undefined);
  const atOnce = suspect === undefined ? undefined : carefully(suspect);
  const shrunk = atOnce?.failed ? atOnce : carefully(undefined);
  if (shrunk.failed) return { ...before, failure: { what: messageOf(shrunk.errorInstance), input: shrunk.counterexample?.[0] ?? null } };
  // Nothing is wrong with any: the machine was slow. But a property that did not hold once is a failure whatever it does now.
  if (swift === endless) return counted();
  return { ...before, failure: swift.failed ? { what: `${messageOf(swift.errorInstance)} (once, and not a second time)`, input: swift.counterexample?.[0] ?? null } : { what: "a prototype has changed (once, and not a second time)", input: null } };
}

/** One input alone, as a kept case is played: what is wrong with it, if anything is. */
export function playOne<Input>(target: Target<Input>, code: Code, input: Input, watchdogMs = defaultWatchdogMs): { readonly ms: number; readonly wrong: string | undefined } {
  let ms = 0;
  const wrong = wrongAlone(prototypes(), watchdogMs, watchdogMs * patient, () => {
    const least = fastest(target, code, input, timed(target, code, input));
    ms = least.ms;
    checkPace(least);
  });
  return { ms, wrong };
}

/** What is wrong with one input. Whatever seems to have no end is given more time: the machine may have been busy. */
function wrongAlone(watched: ReturnType<typeof prototypes>, forMs: number, thenMs: number, step: () => void): string | undefined {
  let wrong: string | undefined;
  try {
    if (withoutEnd(forMs, step) === endless && (thenMs === 0 || withoutEnd(thenMs, step) === endless)) wrong = noEnd;
  } catch (thrown) {
    wrong = messageOf(thrown);
  }
  if (watched.whole()) return wrong;
  watched.mend();
  return "a prototype has changed";
}

interface Timed {
  readonly ended: "accepted" | "refused";
  readonly ms: number;
}

/** CPU time may be a tick more than the kernel says. */
const tickMs = 4;

/** The time of the product by the clock, or the CPU time of everything where that is less. */
function timed<Input>(target: Target<Input>, code: Code, input: Input): Timed {
  let clockMs = 0;
  const before = process.threadCpuUsage();
  const watch: Watch = {
    work(step) {
      const began = performance.now();
      try {
        return step();
      } finally {
        clockMs += performance.now() - began;
      }
    },
  };
  const ended = target.run(input, code, watch);
  const { user, system } = process.threadCpuUsage(before);
  return { ended, ms: Math.min(clockMs, (user + system) / 1_000 + tickMs) };
}

function fastest<Input>(target: Target<Input>, code: Code, input: Input, first: Timed): Timed {
  let least = first;
  for (let n = 0; n < again; n++) {
    const next = timed(target, code, input);
    if (next.ms < least.ms) least = next;
  }
  return least;
}

function checkPace({ ms }: Timed): void {
  hold(ms <= hangMs, `takes ${ms.toFixed(0)} ms`);
}

const endless = Symbol("does not end");
const slot = Symbol.for("drawbridge.fuzz");
const script = new Script(`globalThis[Symbol.for("drawbridge.fuzz")]()`);

/** Runs `step` and ends it from outside when it takes too long: even a pattern that backtracks for ever. */
function withoutEnd<T>(forMs: number, step: () => T): T | typeof endless {
  const holder = globalThis as unknown as Record<symbol, unknown>;
  const before = holder[slot];
  holder[slot] = step;
  try {
    return script.runInThisContext({ timeout: forMs, displayErrors: false }) as T;
  } catch (thrown) {
    if ((thrown as { code?: string }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return endless;
    throw thrown;
  } finally {
    holder[slot] = before;
  }
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof Broken) return thrown.message;
  if (!(thrown instanceof Error)) return `throws ${String(thrown)}`;
  return `throws ${thrown.stack?.split("\n").slice(0, 4).map((line) => line.trim()).join(" ") ?? thrown.message}`;
}

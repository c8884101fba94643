/**
 * One life of a process of ours: from its start to its crash. Everything that reaches its code from outside (an answer of the store,
 * of the vendor, of the clock) comes through here, so at each of these steps it may die, or stand still for a while.
 *
 * A dead one is never told anything again: its promises stay open, and what it had sent is on its way all the same.
 *
 * @module
 */
import type { Clock } from "../../src/runtime/clock.ts";
import type { Timer, World } from "./world.ts";

/** A clock that rings only so often, as an operating system's: a loop that looks every 25 ms looks every 100 ms here. */
const coarseMs = 100;

export class Life {
  readonly name: string;
  readonly clock: Clock;
  isAlive = true;
  /** Counts the steps that its code has taken. */
  steps = 0;
  readonly #world: World;
  readonly #onDeath: ((at: string) => void)[] = [];
  readonly #timers = new Set<Timer>();
  #crashAt = Infinity;
  #freezeAt = Infinity;
  #freezeForMs = 0;
  #held: (() => void)[] | undefined;

  /** @param skewMs how much its clock is ahead of the database's */
  constructor(name: string, world: World, skewMs = 0) {
    this.name = name;
    this.#world = world;
    this.clock = { now: () => world.nowMs + skewMs, sleep: (ms, signal) => this.#sleep(ms, signal) };
  }

  /** Dies that many steps from now, unless it is to die sooner. */
  crashIn(steps: number): void {
    this.#crashAt = Math.min(this.#crashAt, this.steps + steps);
  }

  /** Stands still that many steps from now, as a process that the system stops. */
  freezeIn(steps: number, forMs: number): void {
    if (this.#freezeAt !== Infinity || this.#held) return;
    this.#freezeAt = this.steps + steps;
    this.#freezeForMs = forMs;
  }

  get isFrozen(): boolean {
    return this.#held !== undefined;
  }

  /** From now on nothing is planned to go wrong with it. */
  spare(): void {
    this.#crashAt = Infinity;
    this.#freezeAt = Infinity;
  }

  whenDead(tell: (at: string) => void): void {
    this.#onDeath.push(tell);
  }

  die(at: string): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#held = undefined;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#world.note(`${this.name} dies ${at}`);
    for (const tell of this.#onDeath.splice(0)) tell(at);
  }

  /** Work outside the process: begun and answered only while it lives. */
  reach<T>(what: string, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.step(`before ${what}`, () => {
        this.answered(what, work()).then(resolve, reject);
      });
    });
  }

  /** The end of work that has left it: told only while it lives. */
  answered<T>(what: string, work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(
        (value) => this.step(`after ${what}`, () => resolve(value)),
        (thrown: unknown) => this.step(`after ${what}`, () => reject(thrown as Error)),
      );
    });
  }

  /** Carries on, unless this is where it dies; later, if it stands still. */
  step(at: string, onward: () => void): void {
    if (!this.isAlive) return;
    if (this.#held) return void this.#held.push(() => this.step(at, onward));
    this.steps += 1;
    if (this.steps >= this.#crashAt) return this.die(at);
    if (this.steps >= this.#freezeAt) {
      this.#freeze(at, onward);
      return;
    }
    onward();
  }

  #freeze(at: string, first: () => void): void {
    this.#world.pauses += 1;
    const held = [first];
    this.#held = held;
    this.#freezeAt = Infinity;
    this.#world.note(`${this.name} stands still ${at} for ${this.#freezeForMs} ms`);
    this.#world.after(this.#freezeForMs, () => {
      if (!this.isAlive) return;
      this.#world.note(`${this.name} goes on`);
      this.#held = undefined;
      for (const onward of held) onward();
    });
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const over = () => {
        timer.cancel();
        this.#timers.delete(timer);
        signal?.removeEventListener("abort", over);
        resolve();
      };
      const wait = Math.max(0, ms);
      const timer = this.#world.after(wait < coarseMs && wait > 0 ? coarseMs : wait, () => this.step("waking", over));
      this.#timers.add(timer);
      signal?.addEventListener("abort", over);
    });
  }
}

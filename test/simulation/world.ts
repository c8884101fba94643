/**
 * Virtual time: everything that waits stands in one heap, and time moves only when nobody has anything left to do.
 *
 * Between two events the event loop is drained: the store's transactions are the only work that takes turns of it, so once none of
 * them is under way and one more turn has passed, nothing can happen any more until the next event. Events of the same moment come
 * in an order that the seed decides.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Random } from "./random.ts";

/** Where virtual time begins (ms since 1970). */
export const beginning = 1_800_000_000_000;

export interface Timer {
  cancel(): void;
}

interface Event {
  readonly atMs: number;
  readonly tie: number;
  readonly action: () => void;
  cancelled: boolean;
}

const realTurn = globalThis.setImmediate;

export class World {
  readonly random: Random;
  nowMs = beginning;
  /** Statements of the store that are under way. */
  underWay = 0;
  events = 0;
  /** How often a process has stood still. */
  pauses = 0;
  /** What happened, for people; kept only where somebody wants to read it. */
  readonly lines: string[] | undefined;
  readonly #heap: Event[] = [];
  readonly #ties: Random;
  readonly #digest = createHash("sha256");

  constructor(random: Random, { keepLines }: { readonly keepLines: boolean }) {
    this.random = random;
    this.#ties = random.stream("ties");
    this.lines = keepLines ? [] : undefined;
  }

  /** @param afterMs rounded up to whole milliseconds, as a clock shows them */
  after(afterMs: number, action: () => void): Timer {
    const event: Event = { atMs: this.nowMs + Math.max(0, Math.ceil(afterMs)), tie: this.#ties.next(), action, cancelled: false };
    push(this.#heap, event);
    return {
      cancel: () => {
        event.cancelled = true;
      },
    };
  }

  sleep(forMs: number): Promise<void> {
    return new Promise((resolve) => this.after(forMs, resolve));
  }

  get sinceMs(): number {
    return this.nowMs - beginning;
  }

  note(line: string): void {
    const text = `${(this.sinceMs / 1000).toFixed(3).padStart(9)} ${line}`;
    this.#digest.update(text).update("\n");
    this.lines?.push(text);
  }

  /** Digest of every line so far; the world can note nothing more afterwards. */
  digest(): string {
    return this.#digest.digest("hex").slice(0, 16);
  }

  /**
   * Lets everything happen until `isOver`, asked at every moment at which nobody has anything to do.
   *
   * @returns false when `limitMs` of virtual time, counted from the beginning, have passed before that
   */
  async run(isOver: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
    for (;;) {
      await this.#quiet();
      if (await isOver()) return true;
      const event = pop(this.#heap);
      if (!event) return false;
      if (event.cancelled) continue;
      if (event.atMs - beginning > limitMs) return false;
      this.nowMs = event.atMs;
      this.events += 1;
      event.action();
    }
  }

  async #quiet(): Promise<void> {
    do await new Promise<void>((resolve) => realTurn(resolve));
    while (this.underWay > 0);
  }
}

const isSooner = (a: Event, b: Event): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.tie < b.tie);

function push(heap: Event[], event: Event): void {
  let at = heap.length;
  heap.push(event);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above] as Event;
    if (!isSooner(event, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = event;
}

function pop(heap: Event[]): Event | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && isSooner(heap[below + 1] as Event, heap[below] as Event)) below += 1;
    const child = heap[below] as Event;
    if (!isSooner(child, last)) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = last;
  return first;
}

/**
 * How long answers took, in a bounded place: counted in classes of a tenth of their size.
 *
 * @module
 */
export class Latencies {
  readonly #classes = new Map<number, number>();
  #count = 0;

  add(ms: number): void {
    const of = Math.round(Math.log(Math.max(ms, 0.1)) / Math.log(1.1));
    this.#classes.set(of, (this.#classes.get(of) ?? 0) + 1);
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  /** The latency that so large a share was not above, in ms. */
  at(share: number): number {
    let left = this.#count * share;
    for (const [of, count] of [...this.#classes].toSorted(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return 1.1 ** of;
    }
    return 0;
  }
}

/**
 * How much dearer one request is than another: both asked in turn, so that whatever the machine does meets both.
 *
 * @module
 */
export interface Pair {
  readonly name: string;
  /** What the dearer may cost, the cheaper being 1. */
  readonly most: number;
  /** Times of one request, in ms. `n` counts up and never repeats. */
  small(n: number): Promise<number>;
  large(n: number): Promise<number>;
}

export interface Paced {
  readonly smallMs: number;
  readonly largeMs: number;
  readonly ratio: number;
  /** Of each round, and of each measuring. */
  readonly ratios: readonly number[];
}

const rounds = 7;
const perRound = 60;
/** A ratio that is too large is measured anew; it counts if it is too large each time. */
const measurings = 3;

export async function paced({ most, small, large }: Pair): Promise<Paced> {
  let n = 0;
  const ratios: number[] = [];
  let least: Paced | undefined;
  for (let measuring = 0; measuring < measurings && (!least || least.ratio > most); measuring++) {
    const medians: [number, number][] = [];
    for (let round = 0; round <= rounds; round++) {
      const took: [number[], number[]] = [[], []];
      for (let at = 0; at < perRound; at++) {
        n += 1;
        // Who comes first changes, because the second finds a warmer machine.
        if (n % 2 === 0) took[0].push(await small(n));
        took[1].push(await large(n));
        if (n % 2 !== 0) took[0].push(await small(n));
      }
      if (round > 0) medians.push([median(took[0]), median(took[1])]); // the first is a warm-up
    }
    const each = medians.map(([one, other]) => other / one);
    ratios.push(...each);
    const found = { smallMs: median(medians.map(([one]) => one)), largeMs: median(medians.map(([, other]) => other)), ratio: median(each), ratios };
    if (!least || found.ratio < least.ratio) least = found;
  }
  return least!;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

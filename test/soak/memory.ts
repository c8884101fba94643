/**
 * Whether memory is flat: the slope of its samples, and the gate.
 *
 * @module
 */
export interface Sample {
  readonly minute: number;
  readonly heapMb: number;
  /** Without the engine's room for young objects, which has a bound and is not what a leak fills. */
  readonly residentMb: number;
}

/** What may come on top per minute: to the heap at rest, as a share of the least that it was; to resident memory, as a share of the mean. Ten minutes of it are what one garbage collection leaves or takes. */
export const gates = { heap: 0.01, resident: 0.02 } as const;

/** Minutes that samples must span, the warm-up left out: over less, one collection of garbage more or less is the slope. */
export const leastMinutes = 3;

export interface Trend {
  /** Whether the samples span enough to be judged. */
  readonly judged: boolean;
  readonly meanMb: number;
  readonly slopeMbPerMinute: number;
  readonly flat: boolean;
}

export const trendOf = (samples: readonly Sample[], of: "heapMb" | "residentMb"): Trend => {
  const meanMb = mean(samples.map((sample) => sample[of]));
  const slopeMbPerMinute = slope(samples.map((sample) => [sample.minute, sample[of]]));
  const gate = of === "heapMb" ? gates.heap : gates.resident;
  const minutes = (samples.at(-1)?.minute ?? 0) - (samples[0]?.minute ?? 0);
  return { judged: minutes >= leastMinutes, meanMb, slopeMbPerMinute, flat: slopeMbPerMinute <= gate * meanMb };
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))];
  const spread = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) / spread;
}

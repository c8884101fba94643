/**
 * The sum of all shares, and how it is told.
 *
 * @module
 */
import type { Case } from "./cases.ts";
import type { Played } from "./play.ts";

interface Row {
  inputs: number;
  accepted: number;
  slowestMs: number;
  slowest: unknown;
}

export class Totals {
  readonly failures: Case[] = [];
  readonly #rows = new Map<string, Row>();
  readonly #beganMs = performance.now();

  add({ target, inputs, accepted, slowestMs, slowest, failure }: Played): void {
    const row = this.#rows.get(target) ?? { inputs: 0, accepted: 0, slowestMs: 0, slowest: undefined };
    row.inputs += inputs;
    row.accepted += accepted;
    if (slowestMs > row.slowestMs) [row.slowestMs, row.slowest] = [slowestMs, slowest];
    this.#rows.set(target, row);
    if (failure) this.failures.push({ target, ...failure });
  }

  get inputs(): number {
    return [...this.#rows.values()].reduce((sum, row) => sum + row.inputs, 0);
  }

  seconds = (): number => (performance.now() - this.#beganMs) / 1_000;

  summary() {
    return { inputs: this.inputs, seconds: Math.round(this.seconds()), failures: this.failures, targets: Object.fromEntries(this.#rows) };
  }

  told({ seed, jobs, kept }: { readonly seed: number; readonly jobs: number; readonly kept: string }): string {
    const rows = [...this.#rows].map(([name, { inputs, accepted, slowestMs }]) => `| ${name} | ${counted(inputs)} | ${counted(accepted)} | ${counted(inputs - accepted)} | ${slowestMs.toFixed(1)} |`);
    const slowest = [...this.#rows].toSorted(([, a], [, b]) => b.slowestMs - a.slowestMs)[0];
    return [
      "",
      "| target | inputs | accepted | refused | slowest ms |",
      "| --- | ---: | ---: | ---: | ---: |",
      ...rows,
      "",
      `${counted(this.inputs)} inputs in ${Math.round(this.seconds())} s on ${jobs} processes (${Math.round(this.inputs / this.seconds())} a second), seed ${seed}`,
      ...(slowest ? [`slowest: ${slowest[0]}, ${slowest[1].slowestMs.toFixed(1)} ms: ${plainJson(slowest[1].slowest).slice(0, 300)}`] : []),
      this.failures.length === 0 ? "no failure" : `${this.failures.length} failures, kept in ${kept}`,
    ].join("\n");
  }
}

/** JSON in plain ASCII: one line for every reader, and visible for every person. */
export const plainJson = (value: unknown): string => (JSON.stringify(value) ?? "null").replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

const counted = (count: number): string => count.toLocaleString("en");

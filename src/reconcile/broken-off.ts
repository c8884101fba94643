/**
 * Why a run does not come to its end.
 *
 * @module
 */
import { Fault } from "../model/failure.ts";
import type { RunFailure } from "../model/drift.ts";

/** Nothing that was seen is believed; what the last complete run has found stays as it is. */
export class RunFailed extends Error {
  readonly failure: RunFailure;
  constructor(failure: RunFailure, options?: ErrorOptions) {
    super(failure.detail, options);
    this.failure = failure;
  }
}

/** Somebody else has taken the run over: nothing is written any more. */
export class RunLost extends Error {}

/** Whether a write under the run's lease was written. @throws RunLost */
export async function kept(written: Promise<boolean>): Promise<void> {
  if (!(await written)) throw new RunLost("somebody else has the run");
}

/** As what a failed look at the vendor ends the run. */
export function failedBy(thrown: unknown): RunFailed {
  if (thrown instanceof RunFailed) return thrown;
  if (!(thrown instanceof Fault)) return new RunFailed({ reason: "internal", detail: "Drawbridge broke off in the middle; its log says why." }, { cause: thrown });
  const { kind, detail } = thrown.failure;
  return new RunFailed({ reason: kind === "credentials" ? "credentials" : kind === "internal" ? "internal" : "vendor", detail }, { cause: thrown });
}

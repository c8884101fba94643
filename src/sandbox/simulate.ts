/**
 * Starts a simulated vendor by name: for `drawbridge simulate vendor`, the sandbox and the demo.
 *
 * @module
 */
import { startApplivery } from "../connectors/applivery/simulator.ts";
import type { RunningSimulator, SimulatorOptions } from "../connectors/kit/simulator/running.ts";
import { startEnlivy } from "../connectors/enlivy/simulator.ts";
import { startPeopleLens } from "../connectors/peoplelens/simulator.ts";
import { startTransactionLink } from "../connectors/transactionlink/simulator.ts";
import { Fault } from "../model/failure.ts";

const simulators: Readonly<Record<string, (options: SimulatorOptions) => Promise<RunningSimulator>>> = {
  peoplelens: startPeopleLens,
  transactionlink: startTransactionLink,
  enlivy: startEnlivy,
  applivery: startApplivery,
};

/** The vendors that can be simulated, by the names of their connectors. */
export const simulatedVendors: readonly string[] = Object.keys(simulators);

/** @throws Fault `invalid` for an unknown vendor, switch, seed or state file; the operating system's error for a taken port */
export function simulateVendor(name: string, options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const start = Object.hasOwn(simulators, name) ? simulators[name] : undefined;
  if (!start) return Promise.reject(new Fault({ kind: "invalid", detail: `There is no simulated vendor "${name}"; possible: ${simulatedVendors.join(", ")}` }));
  return start(options);
}

/**
 * The four simulated vendors in a process of their own.
 *
 * @module
 */
import type { PeopleLensState } from "../../src/connectors/peoplelens/simulated/state.ts";
import { sandboxConnections, sandboxSwitches } from "../../src/sandbox/sandbox-config.ts";
import { simulateVendor } from "../../src/sandbox/simulate.ts";

/** `limit`: requests a second that the vendor answers, the rest is 429 with Retry-After; none = all. */
export interface VendorQuestion {
  readonly vendor: string;
  readonly limit?: { readonly perSecond: number; readonly burst: number } | "off";
}

export interface VendorAnswer {
  readonly calls: number;
  readonly throttled: number;
  /** PeopleLens only: by address, who has access. */
  readonly enabled: Readonly<Record<string, boolean>>;
}

export type VendorsBegun = Readonly<Record<string, { readonly url: string; readonly apiKey: string }>>;

const vendors = new Map(await Promise.all(sandboxConnections.map(async (name) => [name, await simulateVendor(name, { switches: sandboxSwitches[name] ?? {} })] as const)));
// A workspace has 1,000 seats unless it is told otherwise: full after six minutes.
vendors.get("applivery")?.seed({ seats: 1_000_000 });

process.on("message", (question: VendorQuestion) => {
  void answerTo(question).then((answer) => process.send?.(answer));
});
process.send?.(Object.fromEntries([...vendors].map(([name, { url, apiKey }]) => [name, { url, apiKey }])) satisfies VendorsBegun);

async function answerTo({ vendor, limit }: VendorQuestion): Promise<VendorAnswer> {
  const simulator = vendors.get(vendor)!;
  if (limit !== undefined) await simulator.setSwitches({ limit });
  const journal = simulator.journal();
  const { users = [] } = (vendor === "peoplelens" ? simulator.state() : {}) as Partial<PeopleLensState>;
  return { calls: journal.length, throttled: journal.filter(({ status }) => status === 429).length, enabled: Object.fromEntries(users.map(({ email, is_enabled }) => [email, is_enabled])) };
}

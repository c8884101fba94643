/**
 * Enlivy, simulated: the documented calls and those of the vendor's SDK, and a switch for each unknown.
 *
 * A default is the literal reading of the best evidence; where there is none, it is the position that hurts a naive client
 * most. Sources: FACTS.md.
 *
 * @module
 */
import type { VendorDefinition } from "../kit/simulator/definition.ts";
import type { RunningSimulator, SimulatorOptions } from "../kit/simulator/running.ts";
import { startSimulator } from "../kit/simulator/start.ts";
import { admitted, refusal } from "./simulated/answers.ts";
import { readRoutes } from "./simulated/reads.ts";
import { seedUsers, traps } from "./simulated/seeds.ts";
import type { EnlivyState } from "./simulated/state.ts";
import { emptyOrganization } from "./simulated/state.ts";
import { writeRoutes } from "./simulated/writes.ts";

export const enlivy: VendorDefinition<EnlivyState> = {
  vendor: "enlivy",
  switches: {
    /** The document says `limit`, the SDK `per_page`. */
    pageSize: ["both names", "only limit", "only per_page"],
    overMax: ["clamp 50", "422"],
    emailFilter: ["substring case-blind", "substring case-exact", "exact case-blind", "exact case-exact"],
    unknownFilter: ["ignored", "422"],
    /** A server that knows the documented nine fields only and says nothing about the rest. */
    seedOnlyServer: ["off", "drops email and phone"],
    createStatus: ["201", "200"],
    idempotency: ["ignored", "honoured"],
    duplicate: ["422 errors.email", "409"],
    uniqueCountsTrash: ["true", "false"],
    /** Full replace: 422 without what a new record needs; what else is left out is emptied. */
    put: ["partial", "full replace"],
    /** What the documented edit, which has no id, does. */
    putCollection: ["405", "404", "updates the token's own user"],
    getDeleted: ["404", "record with deleted_at"],
    deleteTwice: ["404", "200"],
    restoreSwept: ["404", "422"],
  },
  apiKeys: { owner: "1|enlivy4f6b0c93d27e58a1", reader: "2|enlivy91c7e3a05bd4f826", elsewhere: "3|enlivyd08a52f7b6143c9e" },
  secretFields: [],
  credentialOf: ({ authorization = "" }) => /^Bearer (\S+)$/.exec(authorization)?.[1],
  initial: emptyOrganization,
  seeds: { traps },
  seed: seedUsers,
  admit: admitted,
  routes: [...readRoutes, ...writeRoutes],
  error: refusal,
};

export const startEnlivy = (options: SimulatorOptions = {}): Promise<RunningSimulator<EnlivyState>> => startSimulator(enlivy, options);

/**
 * PeopleLens AI, simulated: the documented calls with exactly the documented shapes, and a switch for each unknown.
 *
 * A default is the literal reading of the best evidence; where there is none, it is the position that hurts a naive client
 * most. Sources: FACTS.md.
 *
 * @module
 */
import type { VendorDefinition } from "../kit/simulator/definition.ts";
import { startSimulator } from "../kit/simulator/start.ts";
import type { RunningSimulator, SimulatorOptions } from "../kit/simulator/running.ts";
import { refusal } from "./simulated/answers.ts";
import type { PeopleLensState } from "./simulated/state.ts";
import { emptyTenant, seedUsers, traps } from "./simulated/state.ts";
import { readRoutes } from "./simulated/reads.ts";
import { writeRoutes } from "./simulated/writes.ts";
import { v1Routes } from "./simulated/v1.ts";

export const peoplelens: VendorDefinition<PeopleLensState> = {
  vendor: "peoplelens",
  switches: {
    /** Error bodies are not documented. */
    errorBody: ["{error}", "{error:{message,code}}", "{message}", "empty"],
    passwordRequired: ["true", "false"],
    passwordPolicy: ["none", "8+", "all classes"],
    /** How a second record with the same address is refused: status 409, 400 "already exists", or 200 `{success:false}`. */
    duplicate: ["409", "400", "200"],
    emailUniqueCase: ["insensitive", "sensitive"],
    /** Lists are cut here, without a word. */
    listCap: ["none", "50", "100"],
    listDisabled: ["true", "false"],
    searchFields: ["substring", "whole words"],
    unknownRole: ["400", "stored"],
    seatLimit: ["off", "402", "403"],
    /** What PATCH does with fields that it does not document. */
    patchExtra: ["ignored", "400"],
    /** `success`: writes are acknowledged and not carried out. */
    liar: ["off", "success"],
    delete: ["hard", "soft"],
    deleteTwice: ["404", "success"],
    v1Ids: ["unprefixed", "same", "different"],
  },
  apiKeys: { admin: "plk_admin_5f0c2a7e91d84b36", member: "plk_member_b83d6e104fa7c259" },
  secretFields: ["password"],
  credentialOf: ({ authorization = "" }) => /^Bearer (\S+)$/.exec(authorization)?.[1],
  initial: emptyTenant,
  seeds: { traps },
  seed: seedUsers,
  admit: ({ credential }, world) => (credential === undefined ? refusal(401, "Invalid or missing API key", world) : undefined),
  routes: [...readRoutes, ...writeRoutes, ...v1Routes],
  error: refusal,
};

export const startPeopleLens = (options: SimulatorOptions = {}): Promise<RunningSimulator<PeopleLensState>> => startSimulator(peoplelens, options);

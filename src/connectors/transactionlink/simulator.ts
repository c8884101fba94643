/**
 * TransactionLink, simulated: the documented calls, and a switch for each unknown.
 *
 * A default is the literal reading of the best evidence; where there is none, it is the position that hurts a naive client
 * most. What invited people do is played through `seed` (`simulated/seeding.ts`), also on the control port. Sources: FACTS.md.
 *
 * @module
 */
import type { VendorDefinition } from "../kit/simulator/definition.ts";
import { startSimulator } from "../kit/simulator/start.ts";
import type { RunningSimulator, SimulatorOptions } from "../kit/simulator/running.ts";
import { refusal } from "./simulated/answers.ts";
import { enrollmentRoutes } from "./simulated/enrollments.ts";
import { memberRoutes } from "./simulated/members.ts";
import { tokens } from "./simulated/permissions.ts";
import { seedOrganisation, traps } from "./simulated/seeding.ts";
import type { TransactionLinkState } from "./simulated/state.ts";
import { emptyOrganisation } from "./simulated/state.ts";
import { surroundingRoutes } from "./simulated/surroundings.ts";

export const transactionlink: VendorDefinition<TransactionLinkState> = {
  vendor: "transactionlink",
  switches: {
    /** Where a member's status can be read, if anywhere. */
    statusShown: ["absent", "top level", "in profile"],
    terminatedListed: ["true", "false"],
    terminatedReadable: ["200", "404"],
    /** What PUT …/profile does with a field that was left out. */
    profileOmitted: ["nulled", "kept"],
    profileShown: ["three fields", "empty"],
    terminateAgain: ["409", "400", "200"],
    reinstateActive: ["409", "200"],
    lastOwner: ["400", "409"],
    unknownRole: ["400", "404"],
    inviteMember: ["409", "400"],
    invitePending: ["second one", "409"],
    inviteTerminated: ["409", "new one"],
    cancelNotPending: ["400", "409"],
    statusFilter: ["absent", "present"],
    membershipsOnReinstate: ["kept", "dropped"],
    maxSize: ["clamp 100", "400", "none"],
    rolesShape: ["array", "{content}"],
    /** Unstable: without an order of its own, the list shows a row that was written again last. */
    order: ["unstable", "stable"],
    /** In which case the account of somebody who accepted holds the address. */
    acceptCase: ["as invited", "other case"],
    /** No body of an answer to a write is shown. */
    writeAnswer: ["empty", "record"],
  },
  apiKeys: tokens,
  secretFields: [],
  // "Pass the token directly without Bearer prefix."
  credentialOf: ({ authorization = "" }) => (/^tot_\S+$/.test(authorization) ? authorization : undefined),
  initial: emptyOrganisation,
  seeds: { traps },
  seed: seedOrganisation,
  admit: ({ credential }, world) => (credential === undefined ? refusal(401, "JWT token missing or invalid", world) : undefined),
  routes: [...memberRoutes, ...enrollmentRoutes, ...surroundingRoutes],
  error: refusal,
};

export const startTransactionLink = (options: SimulatorOptions = {}): Promise<RunningSimulator<TransactionLinkState>> => startSimulator(transactionlink, options);

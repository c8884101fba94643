/**
 * Applivery, simulated: the documented calls with exactly the documented shapes, and a switch for each unknown.
 *
 * A default is the literal reading of the best evidence; where there is none, it is the position that hurts a naive client
 * most. Sources: FACTS.md.
 *
 * @module
 */
import type { VendorDefinition } from "../kit/simulator/definition.ts";
import type { RateLimit } from "../kit/simulator/limit.ts";
import type { RunningSimulator, SimulatorOptions } from "../kit/simulator/running.ts";
import { startSimulator } from "../kit/simulator/start.ts";
import { invalidInput, notFound, refusal } from "./simulated/answers.ts";
import { permissionRoutes } from "./simulated/permissions.ts";
import { readRoutes } from "./simulated/reads.ts";
import { seedWorkspace, traps } from "./simulated/seeds.ts";
import type { AppliveryState } from "./simulated/state.ts";
import { emptyWorkspace } from "./simulated/state.ts";
import { writeRoutes } from "./simulated/writes.ts";

export const applivery: VendorDefinition<AppliveryState> = {
  vendor: "applivery",
  switches: {
    /** Seen in a third party's code, and inferred: perhaps neither exists. */
    putCollaborator: ["404", "on"],
    deleteCollaborator: ["404", "on"],
    /** What PUT does with role or tags that it was not given. */
    putOmitted: ["cleared", "kept"],
    /** What a write of a collaborator answers; 204 has no body. */
    putStatus: ["200", "204"],
    /** A create cannot choose the role. `viewer` because something has to be shown, not because anybody wrote it. */
    newRole: ["viewer", "unassigned", "admin"],
    /** An older page of the create shows it beside the collaborator. */
    oemSecret: ["answered", "absent"],
    oldErrors: ["off", "status:true"],
    emailFilter: ["substring", "prefix", "exact"],
    defaultLimit: ["10", "100"],
    maxLimit: ["clamp 100", "none"],
    /** Asking for a list without the slash at the end of its path. */
    trailingSlash: ["required", "301", "308", "optional"],
    onlyUsers: ["hides", "ignored"],
    /** Creating somebody who was removed: the account still exists on the platform. */
    createAfterRemove: ["4009", "200"],
    validationCode: ["5209", "other"],
    ownerChange: ["403", "400"],
  },
  apiKeys: { admin: "apv_admin_9d4be07c13f2a865", developer: "apv_developer_2c70f81e4b96d35a", viewer: "apv_viewer_61ae5390cd47b28f" },
  secretFields: ["oemSecret"],
  credentialOf: ({ authorization = "" }) => /^Bearer (\S+)$/.exec(authorization)?.[1],
  initial: emptyWorkspace,
  seeds: { traps },
  seed: seedWorkspace,
  admit: ({ credential, headers }, world) => {
    if (headers.authorization === undefined) return refusal(401, 4002, "No auth token", world);
    return credential === undefined ? refusal(401, 4004, "Invalid token", world) : undefined;
  },
  routes: [...readRoutes, ...writeRoutes, ...permissionRoutes],
  error: (status, message, world) => (status === 404 ? notFound(world) : status === 400 ? invalidInput(world) : refusal(status, undefined, message, world)),
};

/** 10,000 requests per hour "with burst capability" (observed). Off until it is asked for: `setSwitches({ limit })`. */
export const appliveryLimit: RateLimit = { perSecond: 10_000 / 3_600, burst: 100, as: "vendor" };

export const startApplivery = (options: SimulatorOptions = {}): Promise<RunningSimulator<AppliveryState>> => startSimulator(applivery, options);

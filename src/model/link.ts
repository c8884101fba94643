/**
 * The link between a resource and an account: what the vendor last acknowledged, facet by facet.
 *
 * @module
 */
import type { AccountId, RoleId } from "./ids.ts";
import type { Profile } from "./person.ts";

export interface Link {
  /** `undefined` while all we know is that a create may have been carried out (`unknownAt`). */
  readonly account: AccountId | undefined;
  readonly kind: "account" | "invitation";
  readonly origin: "created" | "adopted";
  /** The e-mail under which the vendor knows the person. */
  readonly login: string | undefined;
  readonly applied: Applied;
  /** When a create ended without a clear answer (ms since 1970). Until settled and looked for, nothing is created again. */
  readonly unknownAt: number | undefined;
  /** When a write that ended without a clear answer must be asserted again (ms since 1970). */
  readonly verifyAt: number | undefined;
}

/** Each facet with the version of the resource for which the vendor acknowledged it. */
export interface Applied {
  /**
   * `partly`: the doable part of a denial is done, a person must do the rest · `gone`: removed behind our back ·
   * `deleted`: the IdP's deletion has been carried out, in whichever way the vendor and the operator allow.
   */
  readonly access: "active" | "inactive" | "partly" | "gone" | "deleted" | undefined;
  readonly accessVersion: number;
  /** Whether the denial was read back at the vendor. */
  readonly confirmed: boolean;
  /** How often a denial that could not be read back has been looked at again, and when it is next (ms since 1970); no time = not any more. */
  readonly recheck?: { readonly looks: number; readonly atMs?: number | undefined } | undefined;
  readonly role: RoleId | undefined;
  /** The role that was wanted when `role` was settled. They differ after an adoption, which keeps the account's own role (I4). */
  readonly wantedRole: RoleId | undefined;
  /** No value of the IdP has led to `wantedRole`: it is the default role, or what the account had when it was found. Losing it is no loss. */
  readonly byDefault?: boolean;
  /** The account was somebody's before, and its role is still to become that of a new joiner. */
  readonly joins?: boolean;
  readonly rolesVersion: number;
  /** The mapped tags that the vendor has acknowledged, in order of the map. */
  readonly tags: readonly string[];
  readonly profile: Profile;
  readonly profileVersion: number;
  /** An e-mail that the vendor is being told, or was told without a clear answer: the account may be under it as well as under `login`. */
  readonly seeks?: string | undefined;
}

/** What is taken away in part is still there. */
export const hasAccess = ({ access }: Applied): boolean => access === "active" || access === "partly";

export const nothingApplied: Applied = { access: undefined, accessVersion: 0, confirmed: false, role: undefined, wantedRole: undefined, rolesVersion: 0, tags: [], profile: {}, profileVersion: 0 };

/**
 * Nothing holds up a denial: what cannot be done in the same push, at the vendor or here, is left out and said (DESIGN 3, ADR 17).
 *
 * @module
 */
import { Fault } from "../model/failure.ts";
import type { Attributes, Held } from "../model/resource.ts";
import { emailChange } from "../plan/plan-user.ts";
import { wantedOf } from "../plan/wanted.ts";
import { checkDomains } from "./domains.ts";
import type { Rooms } from "./rooms.ts";

export interface Possible {
  readonly attributes: Attributes | undefined;
  /** Why the rest of a denial's push was dropped, for the journal. */
  readonly dropped: readonly string[];
}

/**
 * @param taken why the whole cannot be kept, where the store has said so: a name that is somebody else's
 * @throws Fault `invalid` where the push is no denial
 */
export function withoutTheImpossible(attributes: Attributes | undefined, held: Held | undefined, taken: string | undefined, { site }: Pick<Rooms, "site">): Possible {
  const before = held?.attributes;
  if (!attributes) return { attributes, dropped: [] };
  const { policy, vendor } = site;
  try {
    checkDomains(attributes, before, policy);
    if (before && held.link?.account) checkAddress();
  } catch (thrown) {
    if (!(thrown instanceof Fault) || !before || !ends(before, attributes)) throw thrown;
    return { attributes: { ...before, active: false }, dropped: [thrown.message] };
  }
  return taken !== undefined && before && ends(before, attributes) ? { attributes: { ...before, active: false }, dropped: [taken] } : { attributes, dropped: [] };

  function checkAddress(): void {
    const wanted = wantedOf(attributes as Attributes, policy.identity);
    if (before && held?.link && wanted.email !== wantedOf(before, policy.identity).email) emailChange(wanted, held.link, vendor, policy);
  }
}

/** Whether a push switches somebody off who was on. */
export const ends = (before: Attributes, after: Attributes | undefined): boolean => after !== undefined && before["active"] !== false && after["active"] === false;

/**
 * What the IdP is told while a connection is frozen or only observes (ADR 15).
 *
 * @module
 */
import type { ResourceId } from "../model/ids.ts";
import type { Mode } from "../model/mode.ts";
import { ourselves } from "../model/mode.ts";
import type { Held } from "../model/resource.ts";
import { planUser } from "../plan/plan-user.ts";
import { wantedOf } from "../plan/wanted.ts";
import { Refusal } from "../scim/errors.ts";
import type { Kept, Redeliver } from "./push.ts";
import type { Rooms } from "./rooms.ts";

/** An IdP that comes back every five minutes is soon after the thaw, and a nuisance to nobody meanwhile. */
const frozenRetrySeconds = 300;
/** A person has to look at a plan first. */
const observedRetrySeconds = 3_600;
/** So many people of one group's push are looked at before the answer is the careful one. */
const mostLooks = 1_000;

/** What was known a moment ago is asked again before anybody is refused because of it; a commit finds out for itself. */
export async function refuseIfFrozen({ mode, store, connection }: Rooms): Promise<void> {
  if (!mode()?.frozen) return;
  const now = await store.mode(connection);
  if (now.frozen) throw frozen(now);
}

/**
 * Whether a push that is kept stays here for now.
 *
 * @throws Refusal 503 where a success would claim that access is gone
 */
export async function withheld(kept: Kept | Redeliver, rooms: Rooms): Promise<boolean> {
  if (kept.kind === "redeliver") {
    const mode = await rooms.store.mode(rooms.connection, kept.held.id);
    if (mode.frozen) throw frozen(mode);
    if (!mode.observes || mode.owned) return false;
  } else if (!kept.observed) return false;
  if (losesAccess(kept.held, rooms)) throw observing(rooms);
  return true;
}

export function frozen({ by, reason }: Mode): Refusal {
  const who = by === ourselves ? "by Drawbridge itself" : "by an operator";
  return new Refusal({ status: 503, retryAfterSeconds: frozenRetrySeconds, detail: `This connection is frozen ${who}: ${sentence(reason)} Nothing was changed. Push again once it is lifted.` });
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Kept as desired, and no claim that the access is gone: it is not (I8). */
export const observing = ({ site }: Rooms): Refusal =>
  new Refusal({ status: 503, retryAfterSeconds: observedRetrySeconds, detail: `This connection is in observe mode: the access in ${site.vendor.title} has not been taken away. It is kept as wanted, and is carried out when an operator promotes the plan.` });

/** Whether the person has access at the vendor that what is desired would take away. */
export function losesAccess(held: Held, { site }: Rooms): boolean {
  const { link, attributes, groups } = held;
  const access = link?.applied.access;
  if (!link || access === "inactive" || access === "gone" || access === "deleted") return false;
  try {
    const { plan } = planUser(attributes && wantedOf(attributes, site.policy.identity, groups), link, site.vendor, site.policy);
    return plan.some(({ kind }) => kind === "deactivate" || kind === "delete");
  } catch {
    return false; // no plan, so nothing that would be taken away
  }
}

/** A membership may be all that somebody's access hangs on, where losing the last mapped role ends it (`roles.fallback: deactivate`). */
export async function observedRefusal(affected: readonly ResourceId[], rooms: Rooms): Promise<Refusal | undefined> {
  if (rooms.site.policy.roles.fallback !== "deactivate") return undefined;
  if (affected.length > mostLooks) return observing(rooms);
  for (const person of affected) {
    const held = await rooms.store.hold(rooms.connection, person);
    if (held && losesAccess(held, rooms)) return observing(rooms);
  }
  return undefined;
}

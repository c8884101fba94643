/**
 * The same create again (DESIGN 3): while the first answer was never written out, an equal body gets the same resource; after
 * that, and for everybody else, the name is taken.
 *
 * @module
 */
import { Fault } from "../model/failure.ts";
import type { Held } from "../model/resource.ts";
import type { Push, Taken } from "./push.ts";
import type { Rooms } from "./rooms.ts";

const lookEveryMs = 25;

/** Whose a name is already, in words. */
export const says = {
  userName: "This userName is taken by another user of this connection.",
  emails: "This e-mail address belongs to another user of this connection, and the vendor knows accounts by it.",
  displayName: "A group of this name exists on this connection.",
} as const;

/**
 * @returns the resource that the first create made; `"gone"` when that create was refused meanwhile, so that the name is free again
 * @throws Fault `conflict`
 */
export async function sameCreate(push: Push, taken: Taken, rooms: Rooms): Promise<{ readonly held: Held } | "gone"> {
  const { holder, attribute, digest } = taken;
  const isTwin = push.method === "POST" && digest !== undefined && holder.bodyDigest === digest && !holder.answered && !rooms.answered.has(holder.id);
  if (!isTwin) throw new Fault({ kind: "conflict", holder: holder.id, detail: says[attribute] });

  const untilMs = rooms.clock.now() + rooms.site.policy.delivery.deadlineMs;
  for (;;) {
    const held = await rooms.store.hold(rooms.connection, holder.id);
    if (!held?.attributes) return "gone";
    if (!held.due || held.due.failure !== undefined || rooms.mode()?.observes || rooms.clock.now() >= untilMs) return { held };
    await rooms.clock.sleep(lookEveryMs);
  }
}

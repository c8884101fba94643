/**
 * From a push and what we hold: the new desired user, and the plan that leads there. Nothing is written here.
 *
 * @module
 */
import { invalid } from "../model/failure.ts";
import { resourceId } from "../model/ids.ts";
import { sameJson } from "../model/json.ts";
import type { Attributes, Held } from "../model/resource.ts";
import { emailChange, planUser, type Planned } from "../plan/plan-user.ts";
import { type Wanted, wantedOf } from "../plan/wanted.ts";
import { newResourceId } from "../runtime/new-id.ts";
import { readCreate, readReplace } from "../scim/body.ts";
import { missing } from "../scim/errors.ts";
import { patchUser } from "../scim/patch.ts";
import { readProjection } from "../scim/project.ts";
import { matchVersion } from "./precondition.ts";
import type { Decided, Push, Redeliver, Unchanged } from "./push.ts";
import type { Rooms } from "./rooms.ts";

export async function decideUser(push: Push, rooms: Rooms): Promise<Decided> {
  const { policy, vendor } = rooms.site;
  readProjection(rooms.users, push.query); // a wrong `attributes` is refused before anything is changed
  const held = push.id === undefined ? undefined : await rooms.store.hold(rooms.connection, resourceId(push.id));
  if (push.id !== undefined && (held?.type !== "User" || held.attributes === undefined)) throw missing("User");
  if (held) matchVersion(push.exchange.ifMatch, held.version);

  const written = interpret(push, held?.attributes, rooms);
  if (held?.attributes && written.attributes && sameJson(written.attributes, held.attributes)) return repeated(held, rooms);

  const { attributes, dropped } = withoutTheImpossible(written.attributes, held, rooms);
  const wanted = attributes && wantedOf(attributes, policy.identity, held?.groups);
  checkDomain(wanted, held, rooms);
  if (held?.attributes && attributes && sameJson(attributes, held.attributes)) return repeated(held, rooms);
  const planned = planUser(wanted, held?.link, vendor, policy);
  if (planned.waitsFor.length > 0 && policy.onIncomplete === "refuse") throw invalid("invalidValue", `${vendor.title} demands ${planned.waitsFor.join(", ")}.`);
  return { kind: "change", id: held?.id ?? newResourceId(), held, attributes, wanted, planned, password: written.password, ignored: written.ignored, dropped };
}

interface Interpreted {
  readonly attributes: Attributes | undefined;
  readonly password: string | undefined;
  readonly ignored: readonly string[];
}

function interpret({ method, body }: Push, current: Attributes | undefined, { users, site }: Rooms): Interpreted {
  const { strict, limits } = site.policy;
  switch (method) {
    case "POST":
      return born(readCreate(users, body, { strict }));
    case "PUT":
      return readReplace(users, body, current ?? {}, { strict });
    case "PATCH":
      return patchUser(users, current ?? {}, body, { strict, maxOperations: limits.operations });
    case "DELETE":
      return { attributes: undefined, password: undefined, ignored: [] };
  }
}

/** A new person is active unless the IdP says otherwise, and Okta wants to read it (idps.md 5.2). */
const born = (written: Interpreted): Interpreted => ({ ...written, attributes: { active: true, ...written.attributes } });

/** Nothing new is wanted. If the vendor does not have it yet, this push is one more try; else it is free. */
function repeated(held: Held, rooms: Rooms): Unchanged | Redeliver {
  return held.due && laterWork(held, rooms) ? { kind: "redeliver", held } : { kind: "unchanged", held };
}

/** Work that waits for its time (a settle) or for a vendor that is down stays with the worker. */
function laterWork({ due }: Held, { site }: Rooms): boolean {
  if (!due) return false;
  return due.dueAtMs === undefined || due.lane === "deny" || due.failure === undefined || !["uncertain", "throttled"].includes(due.failure.kind) || site.policy.delivery.onOutage === "reject";
}

/** Nothing holds up a denial: what the vendor cannot do in the same push is left out and said (DESIGN 3). */
function withoutTheImpossible(attributes: Attributes | undefined, held: Held | undefined, { site }: Rooms): { readonly attributes: Attributes | undefined; readonly dropped: readonly string[] } {
  const before = held?.attributes;
  if (!attributes || !before || !held.link?.account) return { attributes, dropped: [] };
  const { policy, vendor } = site;
  const was = wantedOf(before, policy.identity);
  const wanted = wantedOf(attributes, policy.identity);
  if (wanted.email === was.email) return { attributes, dropped: [] };
  try {
    emailChange(wanted, held.link, vendor, policy);
    return { attributes, dropped: [] };
  } catch (thrown) {
    if (!(was.active && !wanted.active)) throw thrown;
    return { attributes: { ...before, active: false }, dropped: [(thrown as Error).message] };
  }
}

function checkDomain(wanted: Wanted | undefined, held: Held | undefined, { site }: Rooms): void {
  const { domains, identity } = site.policy;
  if (domains.length === 0 || !wanted?.email) return;
  if (held?.attributes && wantedOf(held.attributes, identity).email === wanted.email) return;
  const domain = wanted.email.slice(wanted.email.lastIndexOf("@") + 1).toLowerCase();
  if (!domains.includes(domain)) throw invalid("invalidValue", "The address is in a domain that this connection does not manage (domains).");
}

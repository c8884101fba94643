/**
 * A look-up by the matching attribute that finds nobody here asks the vendor, so that an IdP can match accounts that were there
 * before it came (DESIGN 5). An adoptable account becomes a resource, linked and journalled; anything else stays unseen.
 *
 * Only for address-shaped values (Entra probes with random GUIDs), within the vendor's budget and the answer's deadline.
 *
 * @module
 */
import { chooseAccount } from "../delivery/adopt.ts";
import { callFor } from "../delivery/call.ts";
import { leaseMs } from "../delivery/site.ts";
import { Fault } from "../model/failure.ts";
import type { Filter } from "../model/filter.ts";
import type { Link } from "../model/link.ts";
import { nothingApplied } from "../model/link.ts";
import type { Account } from "../model/person.ts";
import type { Attributes } from "../model/resource.ts";
import { decideRole } from "../plan/plan-roles.ts";
import { newResourceId } from "../runtime/new-id.ts";
import type { Exchange } from "../scim/exchange.ts";
import { isManaged } from "./domains.ts";
import { keysFor } from "./keys.ts";
import type { Rooms } from "./rooms.ts";

const mostMs = 5_000;

/** @returns whether there is somebody now who was not there before */
export async function lookUp(filter: Filter | undefined, exchange: Exchange, rooms: Rooms): Promise<boolean> {
  const email = filter && addressIn(filter);
  const { site } = rooms;
  if (!email || site.policy.adopt === "never" || !site.connector.find || !isManaged(email, site.policy) || rooms.isDown() || rooms.mode()?.frozen) return false;
  const over = new AbortController();
  const late = rooms.clock.sleep(Math.min(mostMs, site.policy.delivery.deadlineMs), over.signal).then(() => false);
  const asked = ask(email, exchange, rooms).catch((thrown: unknown) => {
    if (thrown instanceof Fault && thrown.failure.kind === "throttled") site.budget.rest(thrown.failure.retryAfterSeconds * 1_000);
    if (!(thrown instanceof Fault)) rooms.log.error("a look-up at the vendor failed", { connection: rooms.connection, correlation: exchange.correlation, error: String(thrown) });
    return false; // the store has answered; whoever creates will be told why
  });
  const found = await Promise.race([asked, late]);
  over.abort();
  return found;
}

async function ask(email: string, exchange: Exchange, rooms: Rooms): Promise<boolean> {
  const { site, store } = rooms;
  const nowMs = rooms.clock.now();
  const call = callFor(undefined, { correlation: exchange.correlation, exchanges: [], untilMs: nowMs + mostMs, sinceMs: nowMs }, site);
  const chosen = await chooseAccount(email, undefined, site, { store }, call, "look-up");
  if (!chosen) {
    site.recent.nobody(email);
    return false;
  }
  return adopt(chosen.account, chosen.note, exchange, rooms);
}

async function adopt(account: Account, note: string, exchange: Exchange, rooms: Rooms): Promise<boolean> {
  const { connection, store, owner, site } = rooms;
  const id = newResourceId();
  const attributes = attributesOf(account);
  const journal = [{ kind: "decision" as const, resource: id, correlation: exchange.correlation, data: { adopted: account.id, because: "an IdP looked the address up", notes: [note] } }];
  const committed = await store.commit({ connection, type: "User", id, readAt: undefined, attributes, keys: keysFor(attributes, rooms), bodyDigest: undefined, journal, due: { lane: "reconcile", lease: { owner, forMs: leaseMs(site.policy) } } });
  if (committed.kind !== "committed" || !committed.lease) return false;
  await store.markAnswered(connection, [id]);
  return store.record(committed.lease, { journal: [], link: linkOf(account, rooms), due: { kind: "done", version: committed.version } });
}

function attributesOf({ email, active, profile }: Account): Attributes {
  const name = { ...(profile["name.givenName"] && { givenName: profile["name.givenName"] }), ...(profile["name.familyName"] && { familyName: profile["name.familyName"] }) };
  return {
    userName: email ?? "",
    ...(Object.keys(name).length > 0 && { name }),
    ...(profile["displayName"] && { displayName: profile["displayName"] }),
    active: active !== false,
    emails: [{ value: email ?? "", type: "work", primary: true }],
  };
}

function linkOf(account: Account, { site }: Rooms): Link {
  const wanted = decideRole([], undefined, site.policy.roles, site.vendor.defaultRole);
  // Nobody has said a role yet: whichever counts as settled, no mapped one is lost when the first push names none.
  const lookedUp = { wantedRole: wanted.kind === "role" ? wanted.role : account.role, byDefault: true };
  return {
    account: account.id,
    kind: account.kind,
    origin: "adopted",
    login: account.email,
    applied: { ...nothingApplied, access: account.active === false ? "inactive" : "active", confirmed: true, role: account.role, ...lookedUp, profile: account.profile },
    unknownAt: undefined,
    verifyAt: undefined,
  };
}

/** The one address that the filter asks for, if it asks for exactly one: `userName eq`, `emails.value eq`, `emails[type eq "work"].value eq`. */
function addressIn(filter: Filter): string | undefined {
  const value = wantedValue(filter);
  return value !== undefined && /^[^@\s]+@[^@\s]+$/.test(value) ? value : undefined;
}

function wantedValue(filter: Filter): string | undefined {
  if (filter.kind === "compare") return filter.operator === "eq" && typeof filter.value === "string" && ["userName", "emails.value"].includes(filter.at.path.join(".")) ? filter.value : undefined;
  if (filter.kind !== "element" || filter.at.path.join(".") !== "emails") return undefined;
  const conditions = filter.of.kind === "and" ? filter.of.of : [filter.of];
  const value = conditions.find((condition) => condition.kind === "compare" && condition.at.path.join(".") === "value");
  return value?.kind === "compare" && value.operator === "eq" && typeof value.value === "string" ? value.value : undefined;
}

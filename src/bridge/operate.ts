/**
 * What an operator orders for one person, beside everything that an IdP pushes. Journalled like a push: the intent before the call,
 * with who ordered it, the outcome after it.
 *
 * @module
 */
import type { Exchanged } from "../connectors/connector.ts";
import { callFor } from "../delivery/call.ts";
import type { Site } from "../delivery/site.ts";
import { failureOf, Fault, type Failure } from "../model/failure.ts";
import type { AccountId, CorrelationId, ResourceId } from "../model/ids.ts";
import type { Json } from "../model/json.ts";
import type { JournalEntry } from "../model/resource.ts";
import type { Store } from "../store/store.ts";

export interface Order {
  readonly person: ResourceId;
  /** Who says so, as the journal is to name them. */
  readonly by: string;
  readonly correlation: CorrelationId;
}

/** The account whose second factor would be reset. */
export interface Resettable {
  readonly account: AccountId;
  readonly email: string | undefined;
}

/**
 * Whether it can be ordered at all; calls nobody.
 *
 * @throws Fault `invalid` where the vendor has no such call (or the configuration does not allow it), and where the person has no account
 */
export async function resettable(person: ResourceId, store: Store, { connection, connector, vendor }: Site): Promise<Resettable> {
  const wrong = (detail: string) => new Fault({ kind: "invalid", detail });
  if (!connector.operator?.resetMfa) throw wrong(`No call to ${vendor.title} resets a second factor: ${connector.traits.missing("resetMfa") ?? "it is not known"}.`);
  const held = await store.hold(connection, person);
  const link = held?.link;
  if (!held?.attributes) throw wrong("The IdP has deleted this person.");
  if (link?.account === undefined || link.applied.access === "gone" || link.applied.access === "deleted") throw wrong(`This person has no account in ${vendor.title} that is linked here.`);
  if (link.kind === "invitation") throw wrong(`This person is only invited to ${vendor.title}: there is no account yet, and so no second factor.`);
  return { account: link.account, email: link.login };
}

/** @throws Fault as `resettable`, and whatever the vendor answers; a call without a clear answer is not repeated */
export async function resetMfa(order: Order, store: Store, site: Site): Promise<Resettable> {
  const { account, email } = await resettable(order.person, store, site);
  const exchanges: Exchanged[] = [];
  const call = callFor(undefined, { correlation: order.correlation, exchanges }, site);
  await store.append(site.connection, [row("intent", order, { account })]);
  const ended = (result: "done" | Failure) => store.append(site.connection, [row("outcome", order, { account, ...(result === "done" ? { result } : { result: result.kind, detail: result.detail }), calls: JSON.parse(JSON.stringify(exchanges)) as Json })]);
  try {
    await site.connector.operator?.resetMfa?.({ account, kind: "account", email }, call);
  } catch (thrown) {
    await ended(failureOf(thrown));
    throw thrown;
  }
  await ended("done");
  return { account, email };
}

const row = (kind: "intent" | "outcome", { person, by, correlation }: Order, data: Readonly<Record<string, Json>>): JournalEntry => ({ kind, resource: person, correlation, data: { operator: "resetMfa", by, ...data } });

/**
 * Is it the tenant in which our people are? A credential or an address can be changed for one that opens another tenant of the same
 * vendor: it answers everything, and nobody of ours is there. So those who are linked are the pin: where none of them is, nothing
 * that is not there is believed to be gone, and nobody is found or made.
 *
 * With fewer than three others nothing can be concluded: they may have been removed by hand, one after the other.
 *
 * @module
 */
import type { Call, Connector } from "../connectors/connector.ts";
import { Fault } from "../model/failure.ts";
import type { AccountId } from "../model/ids.ts";
import type { Store } from "../store/store.ts";
import type { Site } from "./site.ts";

const enough = 3;
/** So many are looked for before it is said that nobody is there. */
const most = 10;

/** None of ours is there. */
export class AnotherTenant extends Fault {
  constructor({ vendor: { title } }: Site, so: string) {
    super({ kind: "protocol", detail: `${title} knows none of the people whom this connection has linked: the credential or the address may be another tenant's. ${so}` });
  }
}

type People = Pick<Store, "peopleWithAccess">;

/** Connectors, as this process has opened them, in whose tenant somebody of ours was seen, or nobody had to be. */
const proven = new WeakSet<Connector>();

/**
 * Before somebody is looked for by address or made: once for each start, reload and connection.
 *
 * @throws AnotherTenant, and whatever the connector throws
 */
export async function provenTenant(site: Site, store: People, call: Call): Promise<void> {
  const { connector } = site;
  if (proven.has(connector)) return;
  if (!(await othersAreThere(site, store, undefined, call))) throw new AnotherTenant(site, "Nobody is found or created there.");
  proven.add(connector);
}

/**
 * Before it is believed that an account is not there: the people can be listed, and others of ours are among them.
 *
 * @throws AnotherTenant, and whatever the connector throws
 */
export async function controlled(site: Site, store: People, about: AccountId, call: Call): Promise<void> {
  await site.connector.control(call);
  if (!(await othersAreThere(site, store, about, call))) throw new AnotherTenant(site, "That this account is not there proves nothing.");
}

/** What a control that failed leaves to say of an account that "is not there". */
export const unproven = (thrown: unknown, { vendor: { title } }: Site): Fault =>
  thrown instanceof AnotherTenant ? thrown : new Fault({ kind: "protocol", detail: `${title} says that the account is not there, but the tenant cannot be listed either: this proves nothing.` }, { cause: thrown });

async function othersAreThere({ connection, connector }: Site, store: People, except: AccountId | undefined, call: Call): Promise<boolean> {
  if (!connector.get) return true;
  const people = await store.peopleWithAccess(connection, undefined, most + 1);
  const others = people.flatMap(({ link }) => (link?.account !== undefined && link.kind === "account" && link.account !== except ? [{ account: link.account, kind: link.kind, email: link.login }] : [])).slice(0, most);
  if (others.length < enough) return true;
  for (const other of others) if (await connector.get(other, call)) return true;
  return false;
}


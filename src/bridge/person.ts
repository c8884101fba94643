/**
 * Whom an operator means: userName, externalId, our id, the vendor's account id, a correlation id, or what a deleted person was called.
 *
 * @module
 */
import { Fault } from "../model/failure.ts";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import type { Store } from "../store/store.ts";

/** How far back the journal is searched for what has no index there. */
export const journalReach = 200_000;

/** Whoever is there goes before whoever was; the journal is asked last. At most 20. */
export async function findPeople(connection: ConnectionId, name: string, store: Store): Promise<readonly ResourceId[]> {
  const questions = [() => store.named(connection, name), () => store.formerlyNamed(connection, name), () => store.spokenOf(connection, name, journalReach)];
  for (const ask of questions) {
    const found = await ask();
    if (found.length > 0) return found;
  }
  return [];
}

/**
 * The one whom a name means.
 *
 * @throws Fault `notFound` for nobody, `conflict` for several, each named by id
 */
export async function findPerson(connection: ConnectionId, name: string, store: Store): Promise<ResourceId> {
  const [one, ...others] = await findPeople(connection, name, store);
  if (one !== undefined && others.length === 0) return one;
  if (one !== undefined) throw new Fault({ kind: "conflict", detail: `Several people of the connection "${connection}" answer to "${name}": ${[one, ...others].join(", ")}. Ask for one by id.` });
  throw new Fault({ kind: "notFound", detail: `Nobody on the connection "${connection}" is or was called "${name}" (userName, externalId, id, the vendor's account id, or a correlation id among the last ${journalReach.toLocaleString("en")} rows of the journal).` });
}

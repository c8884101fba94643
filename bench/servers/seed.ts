/**
 * People and groups for the bench, put straight into the store.
 *
 * @module
 */
import type { Attributes } from "../../src/model/resource.ts";
import { accountId, type ConnectionId, type ResourceId } from "../../src/model/ids.ts";
import { nothingApplied } from "../../src/model/link.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import { groupTable, userTable } from "../../src/scim/schemas.ts";
import { keysOf } from "../../src/scim/search-form.ts";
import type { Store } from "../../src/store/store.ts";

/** So many are under way at once: the store commits those that wait in one go. */
const atOnce = 32;

export const seededEmail = (n: number): string => `seed${n}@acme.example`;

/** Somebody linked, whose account is as wanted. @returns the ids, in order of arrival */
export async function seedPeople(store: Store, connection: ConnectionId, count: number): Promise<readonly ResourceId[]> {
  const ids = Array.from({ length: count }, newResourceId);
  let next = 0;
  const some = async () => {
    while (next < count) await seedOne(store, connection, ids[next]!, next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, some));
  return ids;
}

async function seedOne(store: Store, connection: ConnectionId, id: ResourceId, n: number): Promise<void> {
  const email = seededEmail(n);
  const name = { givenName: "Seed", familyName: `Person${n}` };
  const attributes: Attributes = { userName: email, externalId: `seed-x-${n}`, name, title: `Title ${n % 997}`, emails: [{ value: email, type: "work", primary: true }], active: true };
  const done = await store.commit({ connection, type: "User", id, readAt: undefined, attributes, keys: keysOf(userTable, attributes, { emailKey: email }), bodyDigest: undefined, journal: [], due: { lane: "grant", lease: { owner: "bench", forMs: 60_000 } } });
  if (done.kind !== "committed" || !done.lease) throw new Error("could not seed");
  await store.record(done.lease, {
    journal: [],
    link: { account: accountId(`seed-${n}`), kind: "account", origin: "created", login: email, unknownAt: undefined, verifyAt: undefined, applied: { ...nothingApplied, access: "active", profile: { "name.givenName": name.givenName, "name.familyName": name.familyName } } },
    due: { kind: "done", version: 1 },
  });
}

export async function seedGroup(store: Store, connection: ConnectionId, displayName: string, members: readonly ResourceId[]): Promise<ResourceId> {
  const id = newResourceId();
  const attributes = { displayName };
  const done = await store.commitGroup({ connection, id, readAt: undefined, attributes, keys: keysOf(groupTable, attributes, { emailKey: undefined }), members: [{ kind: "add", members: members.map((value) => ({ value, rest: {} })) }], journal: [], affects: "nobody" });
  if (done.kind !== "committed") throw new Error("could not seed a group");
  return id;
}

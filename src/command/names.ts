/**
 * Ids of ours as a person calls those who have them: a userName, or a group's name between quotation marks.
 *
 * @module
 */
import { isResourceId, connectionId } from "../model/ids.ts";
import { isObject, type Json } from "../model/json.ts";
import type { Store } from "../store/store.ts";

export type Names = ReadonlyMap<string, string>;

/** More are not looked up: whoever reads a thousand rows does not read a thousand names. */
const most = 500;

/** Everybody whom rows of a journal speak of; whoever is gone has no name here. */
export async function namesIn(entries: readonly { readonly [name: string]: unknown }[], connection: string, store: Pick<Store, "read">): Promise<Names> {
  const ids = [...new Set(entries.flatMap(({ resource, people, membership }) => [resource, ...listed(people), ...(isObject(membership) ? Object.values(membership).flatMap(listed) : [])]))].filter((id): id is string => typeof id === "string").slice(0, most);
  const names = new Map<string, string>();
  for (const id of ids) {
    if (!isResourceId(id)) continue;
    for (const [type, attribute] of [["User", "userName"], ["Group", "displayName"]] as const) {
      const name = (await store.read(connectionId(connection), type, id, { groups: false, members: false }))?.attributes[attribute];
      if (typeof name === "string") names.set(id, type === "User" ? name : `the group ${JSON.stringify(name)}`);
    }
  }
  return names;
}

const listed = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);

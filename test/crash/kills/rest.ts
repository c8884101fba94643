/**
 * What is left when everything is at rest: how everybody stands, and whether every vendor write had been intended before.
 *
 * @module
 */
import { fold } from "../../../src/model/fold.ts";
import type { ConnectionId } from "../../../src/model/ids.ts";
import type { JournalRow, Store } from "../../../src/store/store.ts";
import type { Rest } from "./history.ts";

/** One request as the vendor noted it. */
export interface Call {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>> | null;
}

interface VendorUser {
  readonly id: string;
  readonly email: string;
  readonly first_name: string;
  readonly is_enabled: boolean;
  readonly role: string;
}

const nothing = { groups: false, members: false } as const;

export async function restOf(store: Store, connection: ConnectionId, users: readonly VendorUser[], persons: readonly string[]): Promise<{ readonly people: readonly Rest[]; readonly journal: readonly JournalRow[] }> {
  const people: Rest[] = [];
  for (const person of persons) {
    const holder = await store.holder(connection, "User", { name: fold(person) });
    const stored = holder && (await store.read(connection, "User", holder.id, nothing));
    const attributes = stored?.attributes as { readonly active?: boolean; readonly name?: { readonly givenName?: string }; readonly roles?: readonly { readonly value: string }[] } | undefined;
    const role = attributes?.roles?.some(({ value }) => value === "Editors") ? "Editor" : "User";
    people.push({
      person,
      desired: attributes && { active: attributes.active === true, givenName: attributes.name?.givenName, role },
      accounts: users.filter(({ email }) => email === person).map((user) => ({ active: user.is_enabled, givenName: user.first_name, role: user.role })),
    });
  }
  const journal: JournalRow[] = [];
  for (let page: readonly JournalRow[] = []; journal.length === 0 || page.length > 0; ) {
    page = await store.journal(connection, { afterSeq: journal.at(-1)?.seq ?? 0, limit: 5_000 });
    if (page.length === 0) break;
    journal.push(...page);
  }
  return { people, journal };
}

/** Clocks are read to the millisecond on both sides. */
const roundingMs = 2;

/** Vendor writes without an intent in the journal before them (I11). Whose account it was is read off what the journal says of it. */
export function unintended(calls: readonly Call[], journal: readonly JournalRow[]): readonly string[] {
  // One account may have been several resources' in turn: whoever was deleted and came back is another one.
  const ownersOf = new Map<string, Set<string>>();
  const intents = new Map<string, number[]>();
  const note = (key: string, atMs: number) => void (intents.get(key) ?? intents.set(key, []).get(key)!).push(atMs);
  for (const { resource, kind, data, atMs } of journal) {
    if (resource === undefined) continue;
    for (const [id] of JSON.stringify(data).matchAll(/usr-[0-9a-f-]{36}/g)) (ownersOf.get(id) ?? ownersOf.set(id, new Set()).get(id)!).add(resource);
    if (kind !== "intent") continue;
    for (const operation of (data as unknown as { readonly operations: readonly { readonly kind: string; readonly email?: string }[] }).operations) {
      note(`${resource} ${operation.kind}`, atMs);
      if (operation.email !== undefined) note(`${operation.email} create`, atMs);
    }
  }
  return calls.flatMap(({ at, method, path, body }) => {
    if (method === "GET") return [];
    const operation = operationOf(method, body);
    const id = /usr-[0-9a-f-]{36}/.exec(path)?.[0];
    const owners = method === "POST" ? [String(body?.["email"])] : [...(ownersOf.get(id ?? "") ?? [])];
    const before = owners.some((owner) => (intents.get(`${owner} ${operation}`) ?? []).some((atMs) => atMs <= Date.parse(at) + roundingMs));
    return before ? [] : [`I11: ${method} ${path} at ${at} without an intent to ${operation}`];
  });
}

function operationOf(method: string, body: Call["body"]): string {
  if (method === "POST") return "create";
  if (method === "DELETE") return "delete";
  if (body && "is_enabled" in body) return body["is_enabled"] === true ? "reactivate" : "deactivate";
  return body && "role" in body ? "setRole" : "updateProfile";
}

/**
 * What is left when everything is at rest: how everybody stands, and whether every vendor write had been intended before.
 *
 * @module
 */
import { fold } from "../../../src/model/fold.ts";
import type { ConnectionId } from "../../../src/model/ids.ts";
import type { JournalRow, Store } from "../../../src/store/store.ts";
import type { Birth } from "../../support/lenient-vendor.ts";
import type { Rest } from "./history.ts";

/** One request as the vendor noted it. */
export interface Call {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>> | null;
}

export interface VendorUser {
  readonly id: string;
  readonly email: string;
  readonly first_name: string;
  readonly is_enabled: boolean;
  readonly role: string;
}

/** Addresses under which there is more than one account. */
export const doubles = (users: readonly VendorUser[]): readonly string[] => users.map(({ email }) => email).filter((email, at, all) => all.indexOf(email) !== at);

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
/**
 * The settle time of the loop's connection. So much later than it was called uncertain a request may still be carried out: its server
 * died, or the vendor, which lives on the same busy machine, took it up late. What comes later still is what nobody may count on.
 */
export const settleMs = 2_000;

/** One line of the story of one kind of operation on one resource. */
interface Told {
  readonly atMs: number;
  readonly is: "intent" | "uncertain" | "clear";
}

/**
 * What breaks I11: a vendor write at a moment at which no intent to it was open, and an intent of which nothing more was ever said.
 * An account is everybody's who ever meant to create one under its address: the journal names an account only where somebody lived to
 * hear of it, and whoever was deleted and came back is another resource with perhaps the same account.
 *
 * @returns sentences, one per violation
 */
export function unintended(calls: readonly Call[], journal: readonly JournalRow[], births: readonly Birth[]): readonly string[] {
  const addressOf = new Map(births.map(({ id, email }) => [id, email]));
  const owners = new Map<string, Set<string>>();
  const stories = new Map<string, Told[]>();
  const add = <K, V>(map: Map<K, V>, key: K, empty: V): V => map.get(key) ?? (map.set(key, empty), empty);
  const tell = (resource: string, operation: string, told: Told) => void add(stories, `${resource} ${operation}`, []).push(told);
  for (const { resource, kind, data, atMs } of journal) {
    if (resource === undefined) continue;
    if (kind === "intent")
      for (const operation of (data as unknown as Intent).operations) {
        tell(resource, operation.kind, { atMs, is: "intent" });
        if (operation.email !== undefined) add(owners, operation.email, new Set()).add(resource);
      }
    if (kind === "outcome") {
      const { operation, result } = data as unknown as Outcome;
      tell(resource, operation, { atMs, is: result === "uncertain" ? "uncertain" : "clear" });
    }
  }
  const found = calls.flatMap(({ at, method, path, body }) => {
    if (method === "GET") return [];
    const operation = operationOf(method, body);
    const address = method === "POST" ? String(body?.["email"]) : addressOf.get(/usr-[0-9a-f-]{36}/.exec(path)?.[0] ?? "");
    const wasOpen = [...(owners.get(address ?? "") ?? [])].some((owner) => isOpen(stories.get(`${owner} ${operation}`) ?? [], Date.parse(at)));
    return wasOpen ? [] : [`I11: ${method} ${path} at ${at} without an intent to ${operation}`];
  });
  return [...found, ...unaccounted(journal)];
}

interface Intent {
  readonly operations: readonly { readonly kind: string; readonly email?: string }[];
}

interface Outcome {
  readonly operation: string;
  readonly result: string;
}

function isOpen(story: readonly Told[], atMs: number): boolean {
  let open = false;
  for (const told of story) {
    if (told.is === "intent" && told.atMs <= atMs + roundingMs) open = true;
    if (told.is === "clear" && told.atMs < atMs - roundingMs) open = false;
    if (told.is === "uncertain" && told.atMs + settleMs < atMs) open = false;
  }
  return open;
}

/** Only the last intent of everybody's has no other word than its own: a later push decides anew, and what was only meant is past. */
function unaccounted(journal: readonly JournalRow[]): readonly string[] {
  const open = new Map<string, Set<string>>();
  for (const { resource, kind, data } of journal) {
    if (resource === undefined) continue;
    if (kind === "intent") open.set(resource, new Set((data as unknown as Intent).operations.map((operation) => operation.kind)));
    else if (kind === "outcome") open.get(resource)?.delete((data as unknown as Outcome).operation);
    else if (kind === "push" || kind === "decision" || kind === "alarm") open.delete(resource);
  }
  return [...open].flatMap(([resource, operations]) => [...operations].map((operation) => `I11: nothing is said of what became of the intent to ${operation} ${resource}`));
}

function operationOf(method: string, body: Call["body"]): string {
  if (method === "POST") return "create";
  if (method === "DELETE") return "delete";
  if (body && "is_enabled" in body) return body["is_enabled"] === true ? "reactivate" : "deactivate";
  return body && "role" in body ? "setRole" : "updateProfile";
}

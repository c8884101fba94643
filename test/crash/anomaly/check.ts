/**
 * What must hold once everything is at rest, whatever went wrong before: the invariants of reliability.md 3 for one person.
 *
 * @module
 */
import { fold } from "../../../src/model/fold.ts";
import type { JournalRow } from "../../../src/store/store.ts";
import type { FaultPoint } from "../../../src/runtime/fault.ts";
import type { Mode } from "./trouble.ts";
import type { Person, PushKind, Standing } from "./pushes.ts";
import { type Answer, acme, type World } from "./world.ts";

/** How far journals had come when the case began. */
export interface Since {
  readonly seq: number;
  readonly calls: number;
}

export interface Case {
  readonly kind: PushKind;
  readonly mode: Mode;
  /** Where it hit. */
  readonly point: FaultPoint;
  readonly person: Person;
  readonly since: Since;
}

export async function beginning(world: World): Promise<Since> {
  const rows = await world.house().store.journal(acme, { afterSeq: lastSeq.get(world) ?? 0, limit: 100_000 });
  lastSeq.set(world, rows.at(-1)?.seq ?? lastSeq.get(world) ?? 0);
  return { seq: lastSeq.get(world) ?? 0, calls: world.vendor.journal().length };
}
const lastSeq = new WeakMap<World, number>();

/** How the person stands at the vendor, and how our own record says that they should. */
export async function standings(world: World, { email }: Person): Promise<{ readonly vendor: Standing; readonly desired: Standing | undefined; readonly accounts: number }> {
  const accounts = world.users().filter((user) => user.email === email);
  const [account] = accounts;
  const vendor: Standing = !account ? { access: "none" } : account.is_enabled ? { access: "active", givenName: account.first_name, role: account.role } : { access: "inactive" };
  const holder = await world.house().store.holder(acme, "User", { name: fold(email) });
  const shown = holder && (await world.scim("GET", `/Users/${holder.id}`));
  return { vendor, desired: shown && desiredOf(shown), accounts: accounts.length };
}

function desiredOf({ status, body }: Answer): Standing | undefined {
  if (status !== 200) return undefined;
  if (body.active !== true) return { access: "inactive" };
  const names: readonly string[] = [...(body.roles ?? []).map(({ value }: { value: string }) => value), ...(body.groups ?? []).map(({ display }: { display: string }) => display)];
  const role = names.includes("Admins") ? "Admin" : names.includes("Editors") ? "Editor" : "User";
  return { access: "active", givenName: body.name?.givenName, role };
}

const same = (a: Standing | undefined, b: Standing | undefined): boolean => JSON.stringify(worded(a)) === JSON.stringify(worded(b));
const worded = (standing: Standing | undefined) => standing && [standing.access, standing.access === "active" ? standing.givenName : "", standing.access === "active" ? standing.role : ""];
const told = (standing: Standing | undefined): string => (standing ? worded(standing)!.join(" ") : "not there");

/** A leaver may be switched off or gone; both are no access. */
const agrees = (desired: Standing | undefined, vendor: Standing): boolean => (desired?.access === "active" ? same(desired, vendor) : vendor.access !== "active");

/** @returns sentences, one per breach */
export async function breaches(world: World, given: Case, answer: Answer | undefined): Promise<readonly string[]> {
  const { kind, person } = given;
  const { vendor, desired, accounts } = await standings(world, person);
  const found: string[] = [];
  const creates = world.vendor.journal().slice(given.since.calls).filter(({ method, committed }) => method === "POST" && committed).length;
  if (accounts > 1 || creates > 1) found.push(`I1: ${accounts} accounts, ${creates} creates`);

  const wasSeeded = kind.before.access === "active" && person.id === undefined;
  if (desired === undefined && wasSeeded ? !same(vendor, kind.before) : !agrees(desired, vendor)) found.push(`I3: wanted ${told(desired)}, the vendor holds ${told(vendor)}`);
  found.push(...answerBreaches(given, answer, vendor));
  found.push(...(await journalBreaches(world, given)));
  // What was accepted and then refused for good, or came too late, is failed, alarmed and there to be seen; the vendor is as it was.
  const isFailed = (kind.refused || kind.privileged) && (await isGivenUp(world, person)) && same(vendor, kind.before);
  return isFailed ? found.filter((says) => !/^I[38]: (wanted|answered 2)/.test(says)) : found;
}

async function isGivenUp(world: World, { email }: Person): Promise<boolean> {
  const { store } = world.house();
  const failed = (await store.openWork(acme, 100_000)).find(({ userName, due }) => userName === email && due.dueAtMs === undefined);
  return failed !== undefined && (await store.journal(acme, { resource: failed.resource, limit: 1_000 })).some((row) => row.kind === "alarm");
}

/** What the IdP was told, against what is true at rest. */
function answerBreaches({ kind, mode, point }: Case, answer: Answer | undefined, vendor: Standing): readonly string[] {
  const isBefore = same(vendor, kind.before) || (kind.before.access === "none" && vendor.access === "none");
  const isAfter = kind.after.access === "active" ? same(vendor, kind.after) : vendor.access !== "active";
  const status = answer?.status;
  if (status === undefined) return isBefore || isAfter ? [] : [`I3: no answer, and the vendor holds ${told(vendor)}: neither before nor after`];
  const found: string[] = [];
  if (status === 404 || (status === 400 && !kind.refused) || status === 401 || status === 403) found.push(`I8: answered ${status}: ${JSON.stringify(answer?.body)}`);
  if (status === 500 && mode !== "throw") found.push(`I8: answered 500 although nothing but the ${mode} happened`);
  if (status === 503 && answer?.retryAfter === undefined) found.push("I8: 503 without Retry-After");
  if (status < 300 && kind.name !== "look-up of an existing account" && !isAfter) found.push(`${kind.denies ? "I2" : "I8"}: answered ${status}, and the vendor holds ${told(vendor)}`);
  if (status === 502 && kind.denies && !isAfter) found.push(`I2: a denial that was kept is not carried out: ${told(vendor)}`);
  // A commit, or the taking back of one, after which the store can be asked no more: nobody knows, and 503 says so.
  // A privileged role that is not given in time is 503, and is given or taken back when the call under way has ended.
  const isUnknown = status === 500 || (status === 503 && kind.privileged === true) || (status === 503 && ((mode === "store full" && point === "commit.after") || String(answer?.body?.detail).includes("could not take the push back")));
  if (!isUnknown && status >= 400 && !kind.denies && !isBefore) found.push(`I10: refused with ${status}, and the vendor holds ${told(vendor)}`);
  if (!isBefore && !isAfter) found.push(`I3: answered ${status}, and the vendor holds ${told(vendor)}: neither before nor after`);
  return found;
}

async function journalBreaches(world: World, { since }: Case): Promise<readonly string[]> {
  const { store } = world.house();
  const rows = await store.journal(acme, { afterSeq: since.seq, limit: 10_000 });
  const found: string[] = [];
  const writes = world.vendor.journal().slice(since.calls).flatMap(({ method, body }) => (method === "GET" ? [] : [operationOf(method, body)]));
  const intended = rows.flatMap(intentsIn);
  for (const operation of new Set(writes)) {
    const [made, meant] = [writes, intended].map((list) => list.filter((one) => one === operation).length) as [number, number];
    if (made > meant) found.push(`I11: ${made} times ${operation} at the vendor, ${meant} intents`);
  }
  for (const resource of new Set(rows.map((row) => row.resource))) {
    const its = rows.filter((row) => row.resource === resource);
    const lastIntent = its.findLastIndex(({ kind }) => kind === "intent");
    if (lastIntent >= 0 && writes.length > 0 && !its.slice(lastIntent + 1).some(({ kind }) => kind === "outcome" || kind === "decision" || kind === "alarm")) found.push("I11: an intent without any word of what became of it");
  }
  return found;
}

function intentsIn({ kind, data }: JournalRow): readonly string[] {
  if (kind !== "intent") return [];
  return (data as { readonly operations: readonly { readonly kind: string }[] }).operations.map((operation) => operation.kind);
}

function operationOf(method: string, body: unknown): string {
  if (method === "POST") return "create";
  if (method === "DELETE") return "delete";
  const sent = body as Readonly<Record<string, unknown>>;
  if ("is_enabled" in sent) return sent["is_enabled"] === true ? "reactivate" : "deactivate";
  return "role" in sent ? "setRole" : "updateProfile";
}

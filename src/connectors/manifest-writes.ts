/**
 * Writing at a vendor: create, change, grant. Denials are in `manifest-denials.ts`.
 *
 * @module
 */
import type { Capability, Evidence } from "../model/capability.ts";
import { isAllowed } from "../model/capability.ts";
import { Fault } from "../model/failure.ts";
import type { RoleId } from "../model/ids.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { Account, Profile, ProfileChange } from "../model/person.ts";
import type { Call, Created, Done, NewAccount, Target } from "./connector.ts";
import { at } from "./kit/json-path.ts";
import { fillJson, placeholdersIn } from "./kit/template.ts";
import type { Values } from "./kit/template.ts";
import { sameEmail } from "./kit/email.ts";
import type { Making } from "./manifest-body.ts";
import { changedBody, createBody, mergedBody } from "./manifest-body.ts";
import type { Records } from "./manifest-account.ts";
import { fits } from "./manifest-account.ts";
import type { Calls } from "./manifest-calls.ts";
import { confirmed } from "./manifest-confirm.ts";
import type { Reads, Shown } from "./manifest-reads.ts";
import type { Condition, Confirm, Manifest } from "./manifest-schema.ts";
import type { Settings } from "./manifest-settings.ts";

/** What every write needs; one per connection. */
export interface Tools {
  readonly manifest: Manifest;
  readonly settings: Settings;
  readonly calls: Calls;
  readonly records: Records;
  readonly reads: Reads;
  readonly endpoints: Evidence;
  readonly defaultRole: RoleId | undefined;
}

export interface WriteRule {
  readonly call: string;
  readonly body?: JsonObject | undefined;
  readonly readFirst?: string | undefined;
  readonly confirm: Confirm;
}

export async function create(tools: Tools, rule: { readonly call: string; readonly readBack?: string | undefined; readonly leadsTo: "account" | "invitation" }, asked: NewAccount, call: Call): Promise<Created> {
  const { manifest, calls, records, reads } = tools;
  const wanted: NewAccount = { ...asked, role: asked.role ?? tools.defaultRole };
  const { making, remarks } = noting(tools);
  const body = createBody(making, wanted);
  let answer: Json | undefined;
  try {
    answer = await calls.run(rule.call, { values: { email: wanted.email, role: wanted.role }, body, remark: remarks }, call);
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.failure.kind === "conflict") return { kind: "exists" };
    throw thrown instanceof Fault && thrown.failure.kind === "notFound" ? nowhere(manifest, rule.call, "create") : thrown;
  }
  const made = believable(manifest, () => records.account(calls.itemOf(rule.call, answer) ?? null), wanted.email);
  const shown = rule.readBack === undefined ? undefined : await reads.lookUp(rule.readBack, made.id, call, wanted.email).then((found) => found ?? notShown(manifest), forgive);
  // Not readable a moment later is no reason to lose the id: the account is there.
  const account = shown === undefined ? { ...made, email: made.email ?? wanted.email } : believable(manifest, () => shown.account, wanted.email);
  return rule.leadsTo === "invitation" ? { kind: "invited", account: { ...account, kind: "invitation" } } : { kind: "created", account };
}

/** The create was acknowledged, so an answer about nobody or about somebody else leaves open what happened: look before repeating. */
function believable(manifest: Manifest, read: () => Account | undefined, email: string): Account {
  const unclear = (cause?: unknown) => new Fault({ kind: "uncertain", detail: `${manifest.title} accepted the new account without showing which one it is` }, { cause });
  let account: Account | undefined;
  try {
    account = read();
  } catch (thrown) {
    throw unclear(thrown);
  }
  if (!account || (account.email !== undefined && !sameEmail(account.email, email))) throw unclear();
  return account;
}

/** "Created", and a moment later clearly nobody: perhaps it lags, perhaps it lied. Never a success (I8). */
function notShown(manifest: Manifest): never {
  throw new Fault({ kind: "uncertain", detail: `${manifest.title} accepted the new account and does not show it` });
}

function forgive(thrown: unknown): undefined {
  if (thrown instanceof Fault && thrown.failure.kind !== "internal") return undefined;
  throw thrown;
}

export async function updateProfile(tools: Tools, rule: { readonly call: string; readonly body: "changedFields" | "allFields"; readonly readFirst?: string | undefined; readonly confirm: Confirm }, target: Target, changes: ProfileChange, call: Call): Promise<Done> {
  const { manifest, calls, records, reads } = tools;
  if (Object.keys(changes).length === 0) return { confirmed: false, complete: true };
  const { making, remarks } = noting(tools);
  // Refused before anything is read or sent.
  changedBody({ ...making, remark: () => undefined }, changes, target.applied);
  const before = rule.readFirst ?? (records.fence.guardsWrites && rule.confirm !== "none" ? rule.confirm.call : undefined);
  const shown = await needed(manifest, reads, before, target, call);
  const outside = shown && records.outsideBecause(shown.record);
  if (outside !== undefined) throw new Fault({ kind: "refused", detail: `${manifest.title}: ${outside}`, vendorStatus: 403 });
  const known: Profile = { ...shown?.account.profile, ...target.applied };
  const body = rule.body === "changedFields" ? changedBody(making, changes, known) : mergedBody(making, changes, shown?.record, known);
  const note = remarks();
  const left = note === undefined ? {} : { note };
  if (Object.keys(body).length === 0) return { confirmed: false, complete: true, ...left };
  await calls.run(rule.call, { values: valuesOf(target), body, remark: remarks }, call).catch((thrown: unknown) => reallyGone(manifest, reads, rule, target, thrown, call));
  const { confirmed: seen } = await confirmed(tools, reads, { confirm: rule.confirm, target, values: valuesOf(target), changes, unanswered: "accepted" }, call);
  return { confirmed: seen, complete: true, ...left };
}

/** What could not be sent, for the record of the exchange. */
function noting({ manifest, settings, endpoints }: Tools): { readonly making: Making; readonly remarks: () => string | undefined } {
  const found: string[] = [];
  return { making: { manifest, settings, endpoints, remark: (text) => void found.push(text) }, remarks: () => (found.length === 0 ? undefined : found.join("; ")) };
}

/** Role, tags, reactivation: a fixed body, then the proof. */
export async function change(tools: Tools, rule: WriteRule, target: Target, extra: Values, unanswered: "uncertain" | "accepted", call: Call): Promise<Done> {
  const { manifest, reads } = tools;
  const values = await send(tools, rule, target, extra, call).catch((thrown: unknown) => reallyGone(manifest, reads, rule, target, thrown, call));
  const { confirmed: seen } = await confirmed(tools, reads, { confirm: rule.confirm, target, values, unanswered }, call);
  return { confirmed: seen, complete: true };
}

/** An account that was thrown away is brought back, then treated as every other. */
export async function revive(tools: Tools, rule: WriteRule & { readonly restore?: { readonly call: string; readonly when: Condition } | undefined }, target: Target, role: RoleId | undefined, call: Call): Promise<Done> {
  const { manifest, settings, calls, records, reads } = tools;
  const { restore } = rule;
  if (restore) {
    const shown = await needed(manifest, reads, rule.readFirst, target, call);
    const because = shown && records.protectedBecause(shown.record);
    if (because === undefined && shown && fits(shown.record, restore.when, settings)) await calls.run(restore.call, { values: valuesOf(target) }, call);
  }
  return change(tools, rule, target, { role: role ?? tools.defaultRole }, "accepted", call);
}

/** @returns the values that filled the call. @throws Fault `refused` for an account that is never changed */
export async function send({ manifest, settings, calls, records, reads }: Tools, rule: WriteRule, target: Target, extra: Values, call: Call): Promise<Values> {
  const guarded = manifest.account.protect.length > 0 || records.fence.guardsWrites;
  const before = rule.readFirst ?? (guarded && rule.confirm !== "none" ? rule.confirm.call : undefined);
  const shown = await needed(manifest, reads, before, target, call);
  const because = shown && records.protectedBecause(shown.record);
  if (because !== undefined) throw new Fault({ kind: "refused", detail: `${manifest.title}: ${because}`, vendorStatus: 403 });
  const values: Values = { ...settings.open, ...valuesOf(target), ...extra, ...currentIn(manifest.title, rule.body, shown?.record) };
  const body = rule.body === undefined ? undefined : (fillJson(rule.body, values) as JsonObject);
  await calls.run(rule.call, body === undefined ? { values } : { values, body }, call);
  return values;
}

/**
 * 404 to a call of which nobody wrote that it exists: is the account gone, or the call?
 *
 * @throws Fault always: what was thrown, or `unsupported` when the account is still shown
 */
async function reallyGone(manifest: Manifest, reads: Reads, rule: Pick<WriteRule, "call" | "readFirst" | "confirm">, target: Target, thrown: unknown, call: Call): Promise<never> {
  const look = rule.confirm === "none" ? rule.readFirst : rule.confirm.call;
  if (!(thrown instanceof Fault) || thrown.failure.kind !== "notFound" || look === undefined || !isWeak(manifest, rule.call)) throw thrown;
  throw (await reads.lookUp(look, target.account, call, target.email)) === undefined ? thrown : nowhere(manifest, rule.call, "updateProfile");
}

const isWeak = ({ calls }: Manifest, name: string): boolean => !isAllowed(calls[name]?.evidence ?? "inferred", "public");

/** 404 where the account is there (or is only to be made): with weak evidence the call is missing, else the vendor contradicts itself. */
export function nowhere(manifest: Manifest, name: string, capability: Capability): Fault {
  const detail = `${manifest.title} answers 404 to "${name}"${capability === "create" ? "" : " and still shows the account"}`;
  return new Fault(isWeak(manifest, name) ? { kind: "unsupported", detail, capability, steps: "" } : { kind: "protocol", detail });
}

async function needed(manifest: Manifest, reads: Reads, name: string | undefined, target: Target, call: Call): Promise<Shown | undefined> {
  if (name === undefined) return undefined;
  const shown = await reads.lookUp(name, target.account, call, target.email);
  if (!shown) throw new Fault({ kind: "notFound", detail: `${manifest.title} does not know the account` });
  return shown;
}

const valuesOf = ({ account, email }: Target): Values => ({ id: account, email });

function currentIn(title: string, body: JsonObject | undefined, record: Json | undefined): Values {
  const names = textsIn(body ?? null).flatMap(placeholdersIn).filter((name) => name.startsWith("current."));
  return Object.fromEntries(names.map((name) => {
    const path = name.slice("current.".length);
    const value = at(record, path);
    // Without it the call would say that there is none, and take it away.
    if (value === undefined) throw new Fault({ kind: "protocol", detail: `${title} does not show "${path}", which has to be sent along` });
    return [name, value];
  }));
}

const textsIn = (value: Json): readonly string[] => (typeof value === "string" ? [value] : typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : []);

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
import type { Account, ProfileChange } from "../model/person.ts";
import type { Call, Created, Done, NewAccount, Target } from "./connector.ts";
import { at } from "./kit/json-path.ts";
import { fillJson, placeholdersIn } from "./kit/template.ts";
import type { Values } from "./kit/template.ts";
import { sameEmail } from "./kit/transforms.ts";
import { changedBody, createBody, mergedBody } from "./manifest-body.ts";
import type { Records } from "./manifest-account.ts";
import type { Calls } from "./manifest-calls.ts";
import { confirmed } from "./manifest-confirm.ts";
import type { Reads, Shown } from "./manifest-reads.ts";
import type { Confirm, Manifest } from "./manifest-schema.ts";
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

export async function create({ manifest, settings, calls, records, reads, endpoints, defaultRole }: Tools, rule: { readonly call: string; readonly readBack?: string | undefined; readonly leadsTo: "account" | "invitation" }, asked: NewAccount, call: Call): Promise<Created> {
  const wanted: NewAccount = { ...asked, role: asked.role ?? defaultRole };
  const body = createBody(manifest, settings, endpoints, wanted);
  let answer: Json | undefined;
  try {
    answer = await calls.run(rule.call, { values: { email: wanted.email, role: wanted.role }, body }, call);
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.failure.kind === "conflict") return { kind: "exists" };
    throw thrown instanceof Fault && thrown.failure.kind === "notFound" ? nowhere(manifest, rule.call, "create") : thrown;
  }
  const made = believable(manifest, () => records.account(calls.itemOf(rule.call, answer) ?? null), wanted.email);
  const shown = rule.readBack === undefined ? undefined : await reads.lookUp(rule.readBack, made.id, call).then((found) => found ?? notShown(manifest), forgive);
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

export async function updateProfile({ manifest, calls, reads, endpoints }: Tools, rule: { readonly call: string; readonly body: "changedFields" | "allFields"; readonly readFirst?: string | undefined; readonly confirm: Confirm }, target: Target, changes: ProfileChange, call: Call): Promise<Done> {
  if (Object.keys(changes).length === 0) return { confirmed: false, complete: true };
  // Refused before anything is read or sent.
  const changed = changedBody(manifest, endpoints, changes);
  const body = rule.body === "changedFields" ? changed : mergedBody(manifest, endpoints, changes, (await needed(manifest, reads, rule.readFirst, target, call))?.record);
  await calls.run(rule.call, { values: valuesOf(target), body }, call).catch((thrown: unknown) => reallyGone(manifest, reads, rule, target, thrown, call));
  const { confirmed: seen } = await confirmed(manifest, reads, { confirm: rule.confirm, target, values: valuesOf(target), changes, unanswered: "accepted" }, call);
  return { confirmed: seen, complete: true };
}

/** Role, tags, reactivation: a fixed body, then the proof. */
export async function change(tools: Tools, rule: WriteRule, target: Target, extra: Values, unanswered: "uncertain" | "accepted", call: Call): Promise<Done> {
  const { manifest, reads } = tools;
  const values = await send(tools, rule, target, extra, call).catch((thrown: unknown) => reallyGone(manifest, reads, rule, target, thrown, call));
  const { confirmed: seen } = await confirmed(manifest, reads, { confirm: rule.confirm, target, values, unanswered }, call);
  return { confirmed: seen, complete: true };
}

/** @returns the values that filled the call. @throws Fault `refused` for an account that is never changed */
export async function send({ manifest, settings, calls, records, reads }: Tools, rule: WriteRule, target: Target, extra: Values, call: Call): Promise<Values> {
  const before = rule.readFirst ?? (manifest.account.protect.length > 0 && rule.confirm !== "none" ? rule.confirm.call : undefined);
  const shown = await needed(manifest, reads, before, target, call);
  const because = shown && records.protectedBecause(shown.record);
  if (because !== undefined) throw new Fault({ kind: "refused", detail: `${manifest.title}: ${because}`, vendorStatus: 403 });
  const values: Values = { ...settings.open, ...valuesOf(target), ...extra, ...currentIn(rule.body, shown?.record) };
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
  throw (await reads.lookUp(look, target.account, call)) === undefined ? thrown : nowhere(manifest, rule.call, "updateProfile");
}

const isWeak = ({ calls }: Manifest, name: string): boolean => !isAllowed(calls[name]?.evidence ?? "inferred", "public");

/** 404 where the account is there (or is only to be made): with weak evidence the call is missing, else the vendor contradicts itself. */
export function nowhere(manifest: Manifest, name: string, capability: Capability): Fault {
  const detail = `${manifest.title} answers 404 to "${name}"${capability === "create" ? "" : " and still shows the account"}`;
  return new Fault(isWeak(manifest, name) ? { kind: "unsupported", detail, capability, steps: "" } : { kind: "protocol", detail });
}

async function needed(manifest: Manifest, reads: Reads, name: string | undefined, target: Target, call: Call): Promise<Shown | undefined> {
  if (name === undefined) return undefined;
  const shown = await reads.lookUp(name, target.account, call);
  if (!shown) throw new Fault({ kind: "notFound", detail: `${manifest.title} does not know the account` });
  return shown;
}

const valuesOf = ({ account, email }: Target): Values => ({ id: account, email });

function currentIn(body: JsonObject | undefined, record: Json | undefined): Values {
  const names = textsIn(body ?? null).flatMap(placeholdersIn).filter((name) => name.startsWith("current."));
  return Object.fromEntries(names.map((name) => [name, at(record, name.slice("current.".length))]));
}

const textsIn = (value: Json): readonly string[] => (typeof value === "string" ? [value] : typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : []);

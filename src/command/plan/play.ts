/**
 * Sends one step as an IdP would, and waits until everything that follows from it has been done.
 *
 * @module
 */
import type { ConnectionId } from "../../model/ids.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { isObject } from "../../model/json.ts";
import { fold } from "../../model/fold.ts";
import { UsageError } from "../confirm.ts";
import type { Planned } from "../../sandbox/likeness/through.ts";
import type { OpenWork, Store } from "../../store/store.ts";
import type { Step } from "./input.ts";

export interface Stage {
  readonly base: string;
  readonly token: string;
  readonly store: Store;
  readonly connection: ConnectionId;
  /** Grows as the vendor would be called. */
  readonly planned: readonly Planned[];
}

/** One request, what it was answered, and what the vendor would have seen. */
export interface Played {
  readonly method: string;
  readonly path: string;
  /** userName or displayName, where it is known. */
  readonly name: string | undefined;
  readonly status: number;
  readonly detail: string | undefined;
  readonly correlation: string;
  readonly calls: readonly Planned[];
}

const usersOf = "urn:ietf:params:scim:schemas:core:2.0:User";
const groupsOf = "urn:ietf:params:scim:schemas:core:2.0:Group";
/** What the worker is still at after this is told as open. */
const patienceMs = 60_000;
const patienceForEachMs = 100;

export async function playStep(step: Step, stage: Stage): Promise<readonly Played[]> {
  switch (step.kind) {
    case "request":
      return [{ ...(await send(step.method, await resolved(step.path, stage, encodeURIComponent), step.body === undefined ? undefined : await within(step.body, stage), undefined, stage)), path: step.path }];
    case "person":
      return playPerson(step.userName, { schemas: [usersOf], ...step.resource }, stage);
    case "group":
      return playGroup(step.displayName, { schemas: [groupsOf], ...step.resource }, step.members, stage);
  }
}

/** What was pushed before and waits: everybody's calls by themselves, whatever their order was among those of others. */
export async function playWaiting(waiting: readonly OpenWork[], stage: Stage): Promise<readonly Played[]> {
  await settled(stage, patienceMs + waiting.length * patienceForEachMs);
  const calls = Map.groupBy(stage.planned, ({ email }) => email && fold(email));
  const of = async ({ resource, userName }: OpenWork): Promise<Played> => {
    const login = (await stage.store.hold(stage.connection, resource))?.link?.login ?? userName;
    const key = login && fold(login);
    const mine = calls.get(key) ?? [];
    calls.delete(key);
    return { method: "PROMOTE", path: `/Users/${resource}`, name: userName, status: 200, detail: undefined, correlation: "", calls: mine };
  };
  const played: Played[] = [];
  for (const one of waiting) played.push(await of(one));
  const rest = [...calls.values()].flat();
  return rest.length === 0 ? played : [...played, { method: "PROMOTE", path: "/", name: undefined, status: 200, detail: undefined, correlation: "", calls: rest }];
}

/** As IdPs do it: look up, then make or replace. */
async function playPerson(userName: string, resource: JsonObject, stage: Stage): Promise<readonly Played[]> {
  const looked = await send("GET", `/Users?filter=${encodeURIComponent(`userName eq ${JSON.stringify(userName)}`)}`, undefined, userName, stage);
  const id = idIn(looked.body);
  // Whoever is deactivated and is not here is not made, only to be without access: no IdP does.
  if (id === undefined && resource["active"] === false) return looked.calls.length > 0 ? [looked] : [];
  const written = id === undefined ? await send("POST", "/Users", resource, userName, stage) : await send("PUT", `/Users/${id}`, resource, userName, stage);
  return [...(looked.calls.length > 0 ? [looked] : []), written];
}

async function playGroup(displayName: string, resource: JsonObject, members: readonly string[], stage: Stage): Promise<readonly Played[]> {
  const ids: string[] = [];
  for (const name of members) {
    const holder = await stage.store.holder(stage.connection, "User", { name: fold(name) });
    if (holder) ids.push(holder.id);
  }
  const looked = await send("GET", `/Groups?excludedAttributes=members&filter=${encodeURIComponent(`displayName eq ${JSON.stringify(displayName)}`)}`, undefined, displayName, stage);
  const body = { ...resource, members: ids.map((value) => ({ value })) };
  const id = idIn(looked.body);
  return [id === undefined ? await send("POST", "/Groups", body, displayName, stage) : await send("PUT", `/Groups/${id}`, body, displayName, stage)];
}

function idIn(list: unknown): string | undefined {
  const [first] = isObject(list) && Array.isArray(list["Resources"]) ? (list["Resources"] as readonly Json[]) : [];
  return isObject(first) && typeof first["id"] === "string" ? first["id"] : undefined;
}

async function send(method: string, path: string, body: Json | undefined, name: string | undefined, stage: Stage): Promise<Played & { readonly body: unknown }> {
  const before = stage.planned.length;
  const answer = await fetch(stage.base + path, { method, headers: { authorization: `Bearer ${stage.token}`, ...(body !== undefined && { "content-type": "application/scim+json" }) }, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await answer.text();
  const shown = text === "" ? undefined : (JSON.parse(text) as unknown);
  if (method !== "GET") await settled(stage);
  const detail = isObject(shown) && typeof shown["detail"] === "string" ? shown["detail"].replace(/ \[c-[0-9a-z]{12}\]$/, "") : undefined;
  return { method, path: path.split("?")[0] ?? path, name: name ?? nameIn(body), status: answer.status, detail, correlation: answer.headers.get("x-correlation-id") ?? "", calls: stage.planned.slice(before), body: shown };
}

const nameIn = (body: Json | undefined): string | undefined => {
  const name = isObject(body) ? (body["userName"] ?? body["displayName"]) : undefined;
  return typeof name === "string" ? name : undefined;
};

/** Until nobody is at anything that could be done now. */
async function settled({ store, connection }: Stage, atMostMs = patienceMs): Promise<void> {
  for (const untilMs = Date.now() + atMostMs; Date.now() < untilMs; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const nowMs = await store.now();
    const open = await store.openWork(connection, 10_000);
    // What has failed once, or is only to be looked at later, would be tried again by the server in its own time.
    if (open.every(({ due }) => due.dueAtMs === undefined || due.failure !== undefined || due.lane === "reconcile" || due.dueAtMs > nowMs + 1_000)) return;
  }
}

/** `{ada@acme.example}` → the id of whoever is called so. */
async function resolved(text: string, { store, connection }: Stage, written: (id: string) => string = (id) => id): Promise<string> {
  let whole = text;
  for (const [braces, name = ""] of text.matchAll(/\{([^{}]{1,200})\}/g)) {
    const holder = (await store.holder(connection, "User", { name: fold(name) })) ?? (await store.holder(connection, "Group", { name: fold(name) }));
    if (!holder) throw new UsageError(`Nobody, and no group, is called "${name}" at this point of the plan.`);
    whole = whole.replaceAll(braces, written(holder.id));
  }
  return whole;
}

async function within(value: Json, stage: Stage): Promise<Json> {
  if (typeof value === "string") return /^\{[^{}"]+\}$|"\{[^{}"]+\}"/.test(value) ? resolved(value, stage) : value;
  if (Array.isArray(value)) return Promise.all((value as readonly Json[]).map((one) => within(one, stage)));
  if (!isObject(value)) return value;
  return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([key, part]) => [key, await within(part, stage)] as const)));
}

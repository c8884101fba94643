/**
 * What the journal knows of a trial: the vendor's answers behind ours, as `delivery/entries.ts` wrote them down.
 *
 * @module
 */
import type { Manifest } from "../connectors/manifest-schema.ts";
import { type Failure, failureKinds } from "../model/failure.ts";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import { isObject, type Json } from "../model/json.ts";
import type { Held } from "../model/resource.ts";
import type { Store } from "../store/store.ts";
import type { Answered } from "./exchange.ts";
import { failure, type Finding, warning } from "./finding.ts";
import { type LastCall, vendorWords, type Words } from "./vendor-words.ts";

export interface Chart {
  readonly store: Store;
  readonly connection: ConnectionId;
  readonly manifest: Manifest;
}

type Row = Readonly<Record<string, Json>>;

/** The vendor's part in an answer that was not the wanted one; `undefined` = it had none. */
export async function vendorsPart(answer: Answered, person: ResourceId | undefined, { store, connection, manifest }: Chart): Promise<Words | undefined> {
  const correlation = answer.kind === "answered" ? answer.headers["x-correlation-id"] : undefined;
  if (correlation === undefined) return undefined;
  const bad = lastBad(await store.journal(connection, { correlations: [correlation], kinds: ["outcome", "decision"], limit: 50 }));
  if (bad) return vendorWords(failureIn(bad), callIn(bad), manifest);
  const due = person && (await store.hold(connection, person))?.due;
  return due?.failure && vendorWords(due.failure, undefined, manifest);
}

/** What the worker is still at, or has given up; `undefined` = nothing. */
export async function stuckFinding(check: string, what: string, held: Held | undefined, { store, connection, manifest }: Chart): Promise<Finding | undefined> {
  const due = held?.due;
  if (!held || !due || (due.failure === undefined && held.link?.account !== undefined)) return undefined;
  if (!due.failure) return warning(check, `${what} is accepted and not carried out at ${manifest.title} yet.`, `See drawbridge timeline ${held.id} --connection ${connection}.`);
  const bad = lastBad(await store.journal(connection, { resource: held.id, kinds: ["outcome", "decision"], limit: 200 }));
  const { says, change } = vendorWords(due.failure, bad && callIn(bad), manifest);
  return failure(check, `${what} is accepted and not carried out: ${says}`, change);
}

const lastBad = (rows: readonly { readonly data: Json }[]): Row | undefined =>
  rows.map(({ data }) => data).filter(isObject).findLast((data) => typeof data["result"] === "string" && data["result"] !== "done");

const textIn = (row: Row, key: string): string => {
  const value = row[key];
  return typeof value === "string" ? value : "";
};

function failureIn(row: Row): Failure {
  const kind = textIn(row, "result");
  // What the other kinds carry besides is not written down, and not needed for words.
  return { kind: failureKinds.has(kind) && kind !== "held" ? kind : "internal", detail: textIn(row, "detail"), steps: "", capability: "get", vendorStatus: 0, retryAfterSeconds: 60 } as unknown as Failure;
}

function callIn(row: Row): LastCall {
  const last = Array.isArray(row["calls"]) ? row["calls"].at(-1) : undefined;
  if (!isObject(last)) return undefined;
  return { call: textIn(last, "call"), method: textIn(last, "method"), path: textIn(last, "path"), status: typeof last["status"] === "number" ? last["status"] : undefined };
}

/**
 * Reads a Bulk request (RFC 7644, 3.7): the envelope as a whole, then each operation by itself.
 *
 * A wrong envelope refuses everything and nothing is carried out; a wrong operation is answered as that operation's failure. A
 * `bulkId:…` may stand in a path or anywhere in the data, and may name an operation that comes later.
 *
 * @module
 */
import { invalid } from "../model/failure.ts";
import { fold } from "../model/fold.ts";
import { isResourceId } from "../model/ids.ts";
import { isObject } from "../model/json.ts";
import { Refusal } from "./errors.ts";
import type { Face, WriteRequest } from "./exchange.ts";

const BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
export const BULK_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

export interface BulkRequest {
  /** After so many failures the rest is not tried; `undefined` = all are. */
  readonly failOnErrors: number | undefined;
  readonly operations: readonly BulkOperation[];
}

export interface BulkOperation {
  readonly method: WriteRequest["method"];
  /** As written, for the answer. */
  readonly path: string;
  readonly bulkId: string | undefined;
  readonly version: string | undefined;
  readonly data: unknown;
  /** What it is about; `id` may be `bulkId:…`. `undefined` = `refused` says why not. */
  readonly target: { readonly type: "User" | "Group"; readonly id: string | undefined } | undefined;
  readonly refused: Face | undefined;
  /** The bulkIds that its path and its data name. */
  readonly needs: readonly string[];
}

/**
 * @param most operations in one request
 * @throws Fault `invalidSyntax`, `invalidValue`; Refusal 413 `tooMany`
 */
export function readBulk(body: unknown, most: number): BulkRequest {
  const envelope = members(body);
  const schemas = envelope.get("schemas");
  if (!Array.isArray(schemas) || !schemas.some((urn) => typeof urn === "string" && fold(urn) === fold(BULK_REQUEST))) throw invalid("invalidSyntax", `schemas must name ${BULK_REQUEST}.`);
  const operations = envelope.get("operations");
  if (!Array.isArray(operations)) throw invalid("invalidSyntax", "Operations must be a list.");
  if (operations.length > most) throw new Refusal({ status: 413, scimType: "tooMany", detail: `A Bulk request may hold ${most} operations; this one holds ${operations.length}. Nothing was carried out.` });
  const failOnErrors = envelope.get("failonerrors") ?? undefined;
  if (failOnErrors !== undefined && !(Number.isInteger(failOnErrors) && (failOnErrors as number) > 0)) throw invalid("invalidValue", "failOnErrors must be a whole number above 0.");
  const read = operations.map(operation);
  const ids = read.flatMap(({ bulkId }) => (bulkId === undefined ? [] : [bulkId]));
  if (new Set(ids).size < ids.length) throw invalid("invalidValue", "A bulkId stands for one operation; one is given twice.");
  return { failOnErrors: failOnErrors as number | undefined, operations: read };
}

/** Names in any letter case, as everywhere in SCIM. */
const members = (value: unknown): ReadonlyMap<string, unknown> => new Map(isObject(value) ? Object.entries(value).map(([name, inner]) => [fold(name), inner]) : []);

const methods: readonly string[] = ["POST", "PUT", "PATCH", "DELETE"];

function operation(written: unknown): BulkOperation {
  const given = members(written);
  const text = (name: string): string | undefined => (typeof given.get(name) === "string" ? (given.get(name) as string) : undefined);
  const method = text("method")?.toUpperCase() ?? "";
  const path = text("path") ?? "";
  const bulkId = text("bulkid");
  const data = given.get("data") ?? undefined;
  const base = { method: method as BulkOperation["method"], path, bulkId, version: text("version"), data, needs: [] };
  const refuse = (detail: string, status = 400): BulkOperation => ({ ...base, target: undefined, refused: { status, detail, ...(status === 400 && { scimType: "invalidSyntax" as const }) } });
  if (!isObject(written)) return refuse("An operation must be an object.");
  if (!methods.includes(method)) return refuse("method must be POST, PUT, PATCH or DELETE.");
  const target = targetOf(path);
  if (!target) return refuse("path must be /Users or /Groups, with an id behind it unless the method is POST.");
  if ((method === "POST") !== (target.id === undefined)) return refuse(method === "POST" ? "A POST goes to /Users or /Groups." : `A ${method} needs the id of one resource in its path.`);
  if (method === "POST" && !bulkId) return refuse("A POST needs a bulkId.");
  if (target.id !== undefined && !isResourceId(target.id) && referenceIn(target.id) === undefined) return refuse(`There is no such ${target.type.toLowerCase()} on this connection.`, 404);
  if (method !== "DELETE" && !isObject(data)) return refuse("data must be an object.");
  return { ...base, target, refused: undefined, needs: [...new Set(referencesIn([target.id, data]))] };
}

function targetOf(path: string): BulkOperation["target"] {
  const [nothing, family, id, ...more] = path.split("/");
  if (nothing !== "" || more.length > 0 || id === "" || (family !== "Users" && family !== "Groups")) return undefined;
  return { type: family === "Users" ? "User" : "Group", id };
}

/** The bulkId that a text names. */
const referenceIn = (text: string): string | undefined => (text[6] === ":" ? /^bulkId:(.+)$/i.exec(text)?.[1] : undefined); // the colon first: a group's data may hold 170,000 texts

/** Whether any text within says so; the rest is not looked at then. */
function some(value: unknown, says: (reference: string) => boolean): boolean {
  if (typeof value === "string") {
    const name = referenceIn(value);
    return name !== undefined && says(name);
  }
  if (Array.isArray(value)) {
    for (const element of value) if (some(element, says)) return true;
  } else if (isObject(value)) for (const name of Object.keys(value)) if (some(value[name], says)) return true;
  return false;
}

function referencesIn(value: unknown): readonly string[] {
  const found: string[] = [];
  some(value, (name) => {
    found.push(name);
    return false;
  });
  return found;
}

/** With every `bulkId:…` replaced by what it stands for; what names none is the very same. */
export function resolved(value: unknown, idOf: (bulkId: string) => string | undefined): unknown {
  if (typeof value === "string") {
    const name = referenceIn(value);
    return name === undefined ? value : (idOf(name) ?? value);
  }
  if (Array.isArray(value)) {
    let changed: unknown[] | undefined;
    for (let at = 0; at < value.length; at += 1) {
      const its = resolved(value[at], idOf);
      if (its !== value[at]) (changed ??= [...value])[at] = its;
    }
    return changed ?? value;
  }
  if (!isObject(value)) return value;
  let changed: Record<string, unknown> | undefined;
  for (const name of Object.keys(value)) {
    const its = resolved(value[name], idOf);
    if (its !== value[name]) (changed ??= { ...value })[name] = its;
  }
  return changed ?? value;
}

/** A group's data without the members that name any of these, and those members by themselves: how two groups can hold each other. */
export function withoutMembers(data: unknown, unknown: ReadonlySet<string>): { readonly data: unknown; readonly later: readonly unknown[] } | undefined {
  if (!isObject(data)) return undefined;
  const name = Object.keys(data).find((key) => fold(key) === "members");
  const list = name === undefined ? undefined : data[name];
  if (name === undefined || !Array.isArray(list)) return undefined;
  const isUnknown = (reference: string): boolean => unknown.has(reference);
  const rest: unknown[] = [];
  const later: unknown[] = [];
  for (const member of list) (some(member, isUnknown) ? later : rest).push(member);
  const others = { ...data, [name]: [] };
  return some(others, isUnknown) ? undefined : { data: { ...data, [name]: rest }, later };
}

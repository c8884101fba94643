/**
 * PATCH of a user (RFC 7644, 3.5.2): current attributes and operations → new attributes. Pure and atomic; the input stays as it is.
 *
 * The envelope is read in `patch-envelope.ts`, paths in `patch-path.ts`, one operation is applied in `patch-apply.ts`, lists are
 * changed in `patch-list.ts`, and values are checked in `values.ts`.
 *
 * @module
 */
import { invalid } from "../model/failure.ts";
import { isObject, sameJson, type Json } from "../model/json.ts";
import { fold } from "../model/fold.ts";
import type { Attributes } from "../model/resource.ts";
import { requireName } from "./body.ts";
import { applyOperation, type Draft } from "./patch-apply.ts";
import { meaningful } from "./patch-unknown.ts";
import { readOperations } from "./patch-envelope.ts";
import type { Attribute, SchemaTable } from "./schema-table.ts";
import { strictPatch } from "./strict.ts";
import { isReference } from "./values.ts";

export interface Patched {
  readonly attributes: Attributes;
  /** What this very push brought; never kept, and no part of `changed`. */
  readonly password: string | undefined;
  /** False when the result equals what was there. */
  readonly changed: boolean;
  /** Names that the schema does not know, for the timeline. */
  readonly ignored: readonly string[];
}

export interface PatchOptions {
  readonly strict: boolean;
  readonly maxOperations: number;
  /** More attributes that `null` does not empty. */
  readonly keeps?: readonly string[];
}

/** @throws Fault `invalid` of every `scimType` that RFC 7644, 3.5.2, names, and `tooMany` */
export function patchUser(table: SchemaTable, current: Attributes, body: unknown, { strict, maxOperations, keeps }: PatchOptions): Patched {
  const draft: Draft = { attributes: { ...current }, password: undefined };
  const ignored = new Set<string>();
  const spent = { steps: 0 };
  const operations = readOperations(body, maxOperations);
  if (strict) strictPatch(table, body);
  for (const operation of meaningful(table, operations, { strict, ignored })) applyOperation(draft, operation, { table, strict, ignored, spent, keeps });
  dropNobody(table, draft.attributes);
  checkResult(table, current, draft.attributes);
  const changed = !sameJson(current, draft.attributes);
  return { attributes: changed ? draft.attributes : current, password: draft.password, changed, ignored: [...ignored] };
}

/**
 * A reference without its `value` names nobody, whatever else stands in it; a body that says so is read the same way. Only now, because
 * the value may come with a later operation than the rest.
 */
export function dropNobody(table: SchemaTable, attributes: Record<string, Json>): void {
  for (const { urn, attributes: known } of table.extensions) {
    const holder = attributes[urn];
    if (!isObject(holder)) continue;
    const gone = Object.keys(holder).filter((name) => isNobody(known.get(fold(name)), holder[name]));
    if (gone.length === 0) continue;
    const left = Object.fromEntries(Object.entries(holder).filter(([name]) => !gone.includes(name)));
    if (Object.keys(left).length > 0) attributes[urn] = left;
    else delete attributes[urn];
  }
}

const isNobody = (attribute: Attribute | undefined, value: Json | undefined): boolean => attribute !== undefined && isReference(attribute) && isObject(value) && value["value"] === undefined;

/** What must hold after the last operation, whatever came before: the name is there, and what is immutable is as it was. */
export function checkResult(table: SchemaTable, before: Attributes, after: Attributes): void {
  requireName(table, after);
  for (const schema of [table.core, ...table.extensions]) {
    for (const { name, mutability } of schema.attributes.values()) {
      if (mutability !== "immutable") continue;
      const was = schema === table.core ? before[name] : inside(before[schema.urn], name);
      const is = schema === table.core ? after[name] : inside(after[schema.urn], name);
      if (was !== undefined && !sameJson(was, is)) throw invalid("mutability", `${name} can not be changed once it is set`);
    }
  }
}

const inside = (extension: Json | undefined, name: string): Json | undefined => (isObject(extension) ? extension[name] : undefined);

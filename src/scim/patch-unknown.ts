/**
 * What becomes of operations whose path names an attribute that no schema here has.
 *
 * Alone they are refused (RFC 7644, 3.5.2: invalidPath). Beside operations that mean something they are passed over and noted:
 * one mapping too many in the IdP must not hold up the denial in the same PATCH. A strict connection refuses them always, and
 * a path that no schema could have is an error everywhere.
 *
 * @module
 */
import type { PatchOperation } from "./patch-envelope.ts";
import { isPath } from "./patch-path.ts";
import type { SchemaTable } from "./schema-table.ts";

/** A name, or name and part, with or without a URN, as some schema could have it. */
const wellFormed = /^(?:urn:[A-Za-z0-9][A-Za-z0-9.:_-]{0,255}:)?[A-Za-z$][\w$-]{0,127}(?:\.[A-Za-z$][\w$-]{0,127})?$/;

/** The operations that mean something, or all of them where none does. */
export function meaningful(table: SchemaTable, operations: readonly PatchOperation[], { strict, ignored }: { readonly strict: boolean; readonly ignored: Set<string> }): readonly PatchOperation[] {
  if (strict) return operations;
  const isUnknown = ({ path }: PatchOperation) => path !== undefined && wellFormed.test(path) && !isPath(table, path);
  const known = operations.filter((operation) => !isUnknown(operation));
  if (known.length === 0 || known.length === operations.length) return operations;
  for (const operation of operations) if (isUnknown(operation)) ignored.add(operation.path as string);
  return known;
}

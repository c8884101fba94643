/**
 * The message around a PATCH (RFC 7644, 3.5.2): checked once, before anything is applied.
 *
 * `schemas` may be missing, an empty list of operations changes nothing (Microsoft's validator sends one), names and operations
 * come in any letter case, and `"path": null` is no path. A message of another kind is refused.
 *
 * @module
 */
import { invalid } from "../model/failure.ts";
import { isObject, type JsonObject } from "../model/json.ts";
import { shown } from "./values.ts";

export interface PatchOperation {
  readonly op: "add" | "replace" | "remove";
  /** `undefined` = none. `""` is a path, and a wrong one. */
  readonly path: string | undefined;
  /** `undefined` = none was given; `null` was. */
  readonly value: unknown;
}

export const patchUrn = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const maxSchemas = 50;

/** @throws Fault `invalidSyntax` (shape), `invalidPath` (a path that is no text), `tooMany` */
export function readOperations(body: unknown, maxOperations: number): readonly PatchOperation[] {
  if (!isObject(body)) throw invalid("invalidSyntax", "The body must be an object with a list of Operations");
  checkSchemas(member(body, "schemas"));
  const operations = member(body, "operations");
  if (!Array.isArray(operations)) throw invalid("invalidSyntax", "Operations must be a list");
  if (operations.length > maxOperations) throw invalid("tooMany", `${operations.length} operations were sent, ${maxOperations} are allowed`);
  return operations.map(readOperation);
}

function readOperation(operation: unknown): PatchOperation {
  if (!isObject(operation)) throw invalid("invalidSyntax", "Each of Operations must be an object");
  const given = member(operation, "op");
  const op = typeof given === "string" ? given.toLowerCase() : given;
  if (op !== "add" && op !== "replace" && op !== "remove") throw invalid("invalidSyntax", "op must be add, replace or remove");
  const path = member(operation, "path") ?? undefined;
  if (path !== undefined && typeof path !== "string") throw invalid("invalidPath", "path must be a text");
  return { op, path, value: member(operation, "value") };
}

function checkSchemas(schemas: unknown): void {
  if (schemas === undefined || schemas === null) return;
  const named = Array.isArray(schemas) && schemas.length <= maxSchemas && schemas.some((urn) => typeof urn === "string" && urn.toLowerCase() === patchUrn.toLowerCase());
  if (!named) throw invalid("invalidSyntax", `schemas must be a list that holds ${patchUrn}`);
}

/** A member by its name in any letter case; two spellings of it side by side are one too many. */
function member(object: JsonObject, name: string): unknown {
  const names = Object.keys(object).filter((key) => key.toLowerCase() === name);
  if (names.length > 1) throw invalid("invalidSyntax", `${shown(names[1] ?? name)} is given twice`);
  return names[0] === undefined ? undefined : object[names[0]];
}

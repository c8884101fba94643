/**
 * What a strict connection refuses although we would understand it: habits of clients that RFC 7643 and 7644 do not have.
 *
 * A gate before the ordinary reading: it lets a message through or names the section that it departs from; what it lets through
 * is read as anybody's. What only the stored state can tell is the one thing that is decided elsewhere (`patch-list.ts`: a
 * `replace` whose filter matches nothing). Letter case of names and operations is free in the RFC, too (7643, 2.1).
 *
 * @module
 */
import { invalid } from "../model/failure.ts";
import { isObject, type JsonObject } from "../model/json.ts";
import { isOperator } from "./filter-condition.ts";
import { tokens, type Token } from "./filter-lex.ts";
import { resolveName, resolveSub, resolveUrn } from "./names.ts";
import { patchUrn } from "./patch-envelope.ts";
import { parsePath } from "./patch-path.ts";
import type { Attribute, Resolved, SchemaTable } from "./schema-table.ts";
import { shown } from "./values.ts";

/**
 * The body of a POST or PUT.
 *
 * @throws Fault `invalidSyntax`, `invalidValue`
 */
export function strictBody(table: SchemaTable, body: unknown): void {
  if (!isObject(body)) return; // refused by the reading itself
  const schemas = textsOf(member(body, "schemas"));
  if (schemas.length === 0) throw invalid("invalidSyntax", "schemas is required (RFC 7643, 3)");
  const urns = schemas.map((urn) => resolveUrn(table, urn)?.urn);
  if (!urns.includes(table.core.urn)) throw invalid("invalidSyntax", `schemas must name ${table.core.urn} (RFC 7643, 3)`);
  strictObject(table, body, (name) => {
    const extension = resolveUrn(table, name);
    if (extension && !urns.includes(extension.urn)) throw invalid("invalidSyntax", `schemas must name ${extension.urn}, whose attributes the body has (RFC 7643, 3)`);
  });
}

/**
 * The body of a PATCH.
 *
 * @throws Fault `invalidSyntax`, `invalidValue`, `invalidPath`, `invalidFilter`, `mutability`
 */
export function strictPatch(table: SchemaTable, body: unknown): void {
  if (!isObject(body)) return;
  if (!textsOf(member(body, "schemas")).some((urn) => urn.toLowerCase() === patchUrn.toLowerCase())) throw invalid("invalidSyntax", `schemas must name ${patchUrn} (RFC 7644, 3.5.2)`);
  const operations = member(body, "operations");
  if (!Array.isArray(operations)) return;
  if (operations.length === 0) throw invalid("invalidSyntax", "Operations must hold one operation or more (RFC 7644, 3.5.2)");
  for (const operation of operations) if (isObject(operation)) strictOperation(table, operation);
}

/**
 * A filter, in a query or a search.
 *
 * @throws Fault `invalidFilter`
 */
export function strictFilter(table: SchemaTable, text: unknown): void {
  if (typeof text === "string") strictTokens(text, (name) => strictName(table, name, "invalidFilter"));
}

function strictOperation(table: SchemaTable, operation: JsonObject): void {
  const op = member(operation, "op");
  const path = member(operation, "path");
  const value = member(operation, "value");
  if (typeof op === "string" && op.toLowerCase() === "remove" && value !== undefined && value !== null) throw invalid("invalidSyntax", 'remove takes no value: say in the path what is to go, as in members[value eq "…"] (RFC 7644, 3.5.2.2)');
  if (typeof path !== "string") {
    if (isObject(value)) strictObject(table, value, refuseReadOnly(table));
    return;
  }
  const open = path.indexOf("[");
  strictName(table, open < 0 ? path : path.slice(0, open), "invalidPath");
  if (open >= 0) strictTokens(path.slice(open + 1, path.lastIndexOf("]")), () => {});
  const target = parsePath(table, path);
  if (target.kind === "schema") {
    if (isObject(value)) for (const key of Object.keys(value)) strictMember(resolveName(table, `${target.schema.urn}:${key}`), key, value[key]);
    return;
  }
  const { attribute, sub } = target;
  if (op === "add" && attribute.multiValued && !sub && isObject(value)) strictValue({ ...attribute, multiValued: false }, value, attribute.name); // one new element
  else if (sub) strictValue(sub, value, `${attribute.name}.${sub.name}`);
  else strictValue(target.kind === "elements" ? { ...attribute, multiValued: false } : attribute, value, attribute.name);
}

/** Members of a resource: attributes of the core schema by their plain names, and extensions by their URNs. */
function strictObject(table: SchemaTable, object: JsonObject, check: (name: string) => void): void {
  for (const name of Object.keys(object)) {
    check(name);
    const value = object[name];
    const schema = resolveUrn(table, name);
    if (schema === undefined) strictMember(isPlain(name) ? core(resolveName(table, name)) : undefined, name, value);
    else if (schema === table.core) throw invalid("invalidSyntax", `Attributes of ${schema.urn} stand in the resource itself (RFC 7643, 3.3)`);
    else if (isObject(value)) for (const key of Object.keys(value)) strictMember(isPlain(key) ? resolveName(table, `${schema.urn}:${key}`) : undefined, key, value[key]);
  }
}

/** Dots and colons belong in paths, not in names (RFC 7643, 2.1). */
const isPlain = (name: string): boolean => !/[.:[\]]/.test(name);
const core = (resolved: Resolved | undefined): Resolved | undefined => (resolved?.extension ? undefined : resolved);

function strictMember(resolved: Resolved | undefined, name: string, value: unknown): void {
  if (!resolved) throw invalid("invalidSyntax", `Unknown attribute ${shown(name)}`);
  if (resolved.attribute.mutability !== "readOnly") strictValue(resolved.attribute, value, resolved.attribute.name);
}

/** What the RFC lets a POST or PUT pass over (RFC 7644, 3.3) is an error where an operation aims at it (RFC 7644, 3.5.2). */
const refuseReadOnly = (table: SchemaTable) => (name: string) => {
  if (isPlain(name) && core(resolveName(table, name))?.attribute.mutability === "readOnly") throw invalid("mutability", `${shown(name)} is read-only (RFC 7644, 3.5.2)`);
};

function strictName(table: SchemaTable, name: string, scimType: "invalidPath" | "invalidFilter"): void {
  const resolved = resolveName(table, name);
  if (!resolved) return; // a URN alone, or unknown: the reading says so
  const isBare = !/^urn:/i.test(name);
  if (isBare && resolved.extension) throw invalid(scimType, `${shown(name)} belongs to an extension: name it ${resolved.extension.urn}:${resolved.attribute.name} (RFC 7644, 3.10)`);
  const urn = resolved.extension?.urn ?? table.core.urn;
  if (!isBare && name[urn.length] !== ":") throw invalid(scimType, `Between URN and attribute stands a colon (RFC 7644, 3.10)`);
}

/** Values are JSON (RFC 7644, 3.4.2.2: compValue). */
function strictTokens(text: string, checkName: (name: string) => void): void {
  const all = tokens(text);
  all.forEach((token, at) => {
    const before = all[at - 1];
    if (token.kind !== "word") return;
    if (before?.kind === "word" && isOperator(before.text.toLowerCase()) && isName(all[at - 2])) {
      if (!/^(?:true|false|null|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.test(token.text)) throw invalid("invalidFilter", `A value in a filter is JSON, a text in quotation marks: ${shown(token.text)} is neither (RFC 7644, 3.4.2.2)`);
    } else if (isAttributeAt(all, at)) checkName(token.text);
  });
}

const isName = (token: Token | undefined): boolean => token?.kind === "word" || token?.kind === "]";
const isAttributeAt = (all: readonly Token[], at: number): boolean => {
  const after = all[at + 1];
  return after?.kind === "[" || (after?.kind === "word" && (isOperator(after.text.toLowerCase()) || after.text.toLowerCase() === "pr"));
};

/** JSON types as they are (RFC 7643, 2.3), lists as lists (2.4), at most one primary (2.4). */
function strictValue(attribute: Attribute, value: unknown, label: string): void {
  if (value === undefined || value === null) return;
  if (attribute.multiValued) {
    if (!Array.isArray(value)) throw invalid("invalidValue", `${label} must be a list (RFC 7643, 2.4)`);
    for (const element of value) strictValue({ ...attribute, multiValued: false }, element, label);
    if (value.filter((element) => isObject(element) && element["primary"] === true).length > 1) throw invalid("invalidValue", `Only one element of ${label} can be primary (RFC 7643, 2.4)`);
    return;
  }
  if (attribute.type === "boolean" && typeof value !== "boolean") throw invalid("invalidValue", `${label} must be true or false, without quotation marks (RFC 7643, 2.3.2)`);
  if (attribute.type !== "complex") return;
  if (!isObject(value)) throw invalid("invalidValue", `${label} must be an object (RFC 7643, 2.3.8)`);
  for (const name of Object.keys(value)) {
    const sub = resolveSub(attribute, name);
    if (sub) strictValue(sub, value[name], `${label}.${sub.name}`);
  }
}

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);

function member(object: JsonObject, name: string): unknown {
  const key = Object.keys(object).find((one) => one.toLowerCase() === name);
  return key === undefined ? undefined : object[key];
}

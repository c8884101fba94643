/**
 * What clients call an attribute → the attribute.
 *
 * Names come in any letter case, with or without the URN, and the URNs hold dots of their own. Every look-up is one in a Map, so a
 * name such as `__proto__` leads nowhere.
 *
 * @module
 */
import type { AttributeRef } from "../model/filter.ts";
import type { Attribute, Resolved, Schema, SchemaTable } from "./schema-table.ts";
import { enterpriseUrn } from "./schemas.ts";

/** Longer than any name that could resolve. */
const longest = 512;

/** Lower-case URN → schema. */
type Urns = ReadonlyMap<string, Schema>;

const known = new WeakMap<SchemaTable, Urns>();

function urnsOf(table: SchemaTable): Urns {
  let urns = known.get(table);
  if (!urns) {
    urns = new Map([table.core, ...table.extensions].map((schema) => [schema.urn.toLowerCase(), schema]));
    known.set(table, urns);
  }
  return urns;
}

/** Lower-cases a name; `undefined` unless it is plain ASCII (the Kelvin sign is a `k` to `toLowerCase`, but in no schema). */
function lowered(text: string): string | undefined {
  if (text.length > longest) return undefined;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return undefined;
  return text.toLowerCase();
}

/** `attribute` or `attribute.sub` within one schema. */
function within(schema: Schema, path: string, extension: Schema | undefined): Resolved | undefined {
  const dot = path.indexOf(".");
  const attribute = schema.attributes.get(dot < 0 ? path : path.slice(0, dot));
  if (!attribute || dot < 0) return attribute && { extension, attribute, sub: undefined };
  const sub = attribute.sub.get(path.slice(dot + 1));
  return sub && { extension, attribute, sub };
}

/**
 * Resolves `userName`, `name.familyName`, `URN:attribute`, `URN:attribute.sub`, Microsoft's `URN.attribute`, and the enterprise
 * extension's attributes without their URN (idps.md, 3 and 7). `undefined`: no such attribute.
 */
export function resolveName(table: SchemaTable, text: string): Resolved | undefined {
  const name = lowered(text);
  if (name === undefined) return undefined;
  if (!name.startsWith("urn:")) {
    const enterprise = table.extensions.find(({ urn }) => urn === enterpriseUrn);
    return within(table.core, name, undefined) ?? (enterprise && within(enterprise, name, enterprise));
  }
  // One URN may be the beginning of another: only a rest that leads somewhere decides.
  for (const [urn, schema] of urnsOf(table)) {
    const separator = name[urn.length];
    if ((separator !== ":" && separator !== ".") || !name.startsWith(urn)) continue;
    const resolved = within(schema, name.slice(urn.length + 1), schema === table.core ? undefined : schema);
    if (resolved) return resolved;
  }
  return undefined;
}

/** The schema that a URN alone names: the core one or an extension. */
export function resolveUrn(table: SchemaTable, text: string): Schema | undefined {
  const name = lowered(text);
  return name === undefined ? undefined : urnsOf(table).get(name);
}

/** A part of a complex attribute, in any letter case. */
export function resolveSub(attribute: Attribute, text: string): Attribute | undefined {
  const name = lowered(text);
  return name === undefined ? undefined : attribute.sub.get(name);
}

/** Where the value stands in a stored resource, for filters and sorting. */
export function refOf({ extension, attribute, sub }: Resolved): AttributeRef {
  const holder = extension ? [extension.urn] : [];
  const path = [...holder, attribute.name, ...(sub ? [sub.name] : [])];
  const listAt = attribute.multiValued ? holder.length : sub?.multiValued === true ? holder.length + 1 : undefined;
  return { path, listAt, ...kindOf(sub ?? attribute) };
}

/** Where the value of a sub-attribute stands in one element of its list. */
export const refInElement = (sub: Attribute): AttributeRef => ({ path: [sub.name], listAt: sub.multiValued ? 0 : undefined, ...kindOf(sub) });

const kindOf = ({ type, caseExact }: Attribute): Pick<AttributeRef, "type" | "caseExact"> => ({ type, caseExact });

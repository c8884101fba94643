/**
 * Every name that leads somewhere in a schema, in every form that clients write, and some that lead nowhere.
 *
 * @module
 */
import type { ResourceType } from "../../../src/model/resource.ts";
import { resolveName } from "../../../src/scim/names.ts";
import type { Attribute, SchemaTable } from "../../../src/scim/schema-table.ts";
import { tables } from "../../store/population.ts";

const nowhere = ["__proto__", "constructor", "prototype", "constructor.prototype", "__proto__.polluted", "toString", "nope", "userName.value", "name.nope", "emails.value.value", "urn:nope:2.0:User:x", "urn:", "", ".", "a.b.c", "members", "$ref", "emails[0]", "уserName", "userKame"];

const within = ({ name, sub }: Attribute): readonly string[] => [name, ...[...sub.values()].map((one) => `${name}.${one.name}`)];

function namesOf({ core, extensions }: SchemaTable): readonly string[] {
  const plain = [...core.attributes.values()].flatMap(within);
  const extended = extensions.flatMap(({ urn, attributes }) => [...attributes.values()].flatMap(within).flatMap((name) => [`${urn}:${name}`, `${urn}.${name}`, name]));
  return [...plain, ...plain.filter((_, at) => at % 7 === 0).map((name) => `${core.urn}:${name}`), ...extended, core.urn, ...extensions.map(({ urn }) => urn), ...nowhere];
}

export const names: { readonly [T in ResourceType]: readonly string[] } = { User: namesOf(tables.User), Group: namesOf(tables.Group) };

/** Those that filters and IdPs speak of most. */
export const usual: { readonly [T in ResourceType]: readonly string[] } = {
  User: ["userName", "externalId", "id", "active", "name.givenName", "name.familyName", "displayName", "title", "emails", "emails.value", "emails.type", "emails.primary", "roles", "roles.value", "groups.value", "meta.created", "meta.lastModified", "meta.resourceType", "schemas", "manager", "department", "phoneNumbers.value", "password"],
  Group: ["displayName", "externalId", "id", "members", "members.value", "members.display", "members.type", "meta.lastModified", "schemas"],
};

const listsOf = ({ core, extensions }: SchemaTable): readonly string[] => [
  ...[...core.attributes.values()].filter(({ multiValued }) => multiValued).map(({ name }) => name),
  ...extensions.flatMap(({ urn, attributes }) => [...attributes.values()].filter(({ multiValued }) => multiValued).map(({ name }) => `${urn}:${name}`)),
];

export const lists: { readonly [T in ResourceType]: readonly string[] } = { User: listsOf(tables.User), Group: listsOf(tables.Group) };

/** Lists whose elements have parts, which brackets can look into. */
export const complexLists: { readonly [T in ResourceType]: readonly string[] } = {
  User: lists.User.filter((name) => resolveName(tables.User, name)?.attribute.type === "complex"),
  Group: lists.Group.filter((name) => resolveName(tables.Group, name)?.attribute.type === "complex"),
};

export interface Typed {
  readonly name: string;
  readonly type: Attribute["type"];
}

/** What a filter may speak of, with the type that its value must have. */
const typedOf = (type: ResourceType): readonly Typed[] =>
  [...usual[type], ...usual[type], ...names[type]].flatMap((name) => {
    const resolved = resolveName(tables[type], name);
    const last = resolved?.sub ?? resolved?.attribute;
    const leaf = last?.type === "complex" ? last.sub.get("value") : last;
    return resolved && leaf && resolved.attribute.returned !== "never" ? [{ name, type: leaf.type }] : [];
  });

export const typed: { readonly [T in ResourceType]: readonly Typed[] } = { User: typedOf("User"), Group: typedOf("Group") };

export const elementParts: readonly Typed[] = [{ name: "value", type: "string" }, { name: "value", type: "string" }, { name: "type", type: "string" }, { name: "primary", type: "boolean" }, { name: "display", type: "string" }];

/** What may stand in brackets. */
export const parts = ["value", "type", "primary", "display", "$ref", "formatted", "streetAddress", "country", "floor", "open", "since", "operation", "nope", "__proto__", "emails.value"];

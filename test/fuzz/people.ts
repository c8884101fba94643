/**
 * What a write meets: somebody ordinary, somebody with everything, somebody with far too much.
 *
 * @module
 */
import { resourceId } from "../../src/model/ids.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import type { Attributes, ResourceType, StoredResource } from "../../src/model/resource.ts";
import { readCreate } from "../../src/scim/body.ts";
import type { Attribute, Schema } from "../../src/scim/schema-table.ts";
import { enterpriseUrn, userTable } from "../../src/scim/schemas.ts";
import { tables } from "../store/population.ts";
import { frozen } from "./soundness.ts";

/** Some value of an attribute's kind; lists of three. */
function someValue({ type, sub, name }: Attribute, n: number): Json {
  switch (type) {
    case "boolean":
      return n % 2 === 0;
    case "integer":
      return n;
    case "decimal":
      return n + 0.5;
    case "dateTime":
      return "2011-05-13T04:42:34Z";
    case "complex":
      return Object.fromEntries([...sub.values()].filter(({ mutability }) => mutability !== "readOnly").map((one) => [one.name, one.multiValued ? [someValue(one, n)] : one.name === "primary" ? n === 0 : someValue(one, n)]));
    default:
      return name === "value" || name === "userName" ? `${name}${n}@x.io` : `${name} ${n}`;
  }
}

/** Every attribute of a schema that a client may write. */
const every = (attributes: Schema["attributes"]): JsonObject =>
  Object.fromEntries([...attributes.values()].filter(({ mutability }) => mutability !== "readOnly").map((one) => [one.name, one.multiValued ? [0, 1, 2].map((n) => someValue(one, n)) : someValue(one, 1)]));

const everything = (): Attributes => {
  const { core, extensions } = tables.User;
  return readCreate(tables.User, { schemas: [core.urn, ...extensions.map(({ urn }) => urn)], ...every(core.attributes), ...Object.fromEntries(extensions.map(({ urn, attributes }) => [urn, every(attributes)])) }, { strict: true }).attributes;
};

const many = Array.from({ length: 500 }, (_, n) => ({ value: `${n}@x.io`, type: `t${n}`, display: `d${n}` }));

const current = {
  ann: {
    userName: "ann@corp.example", externalId: "e-1", active: true, name: { givenName: "Ann", familyName: "Lee" }, title: "Editor", roles: [{ value: "editor" }],
    emails: [{ value: "ann@corp.example", type: "work", primary: true }, { value: "a@x.io", type: "home" }], phoneNumbers: [{ value: "+1", type: "mobile" }], [enterpriseUrn]: { department: "Sales", manager: { value: "U9" } },
  },
  bare: { userName: "bob" },
  everything: everything(),
  many: readCreate(tables.User, { userName: "many", active: true, ...Object.fromEntries([...userTable.core.attributes.values()].filter(({ multiValued, type, mutability }) => multiValued && type === "complex" && mutability === "readWrite").map(({ name }) => [name, many])) }, { strict: false }).attributes,
  group: { displayName: "Eng", externalId: "g-1" },
} satisfies Record<string, Attributes>;

export type Name = keyof typeof current;
export const people: { readonly [N in Name]: Attributes } = frozen(current as { readonly [N in Name]: Attributes });

export const stored = (type: ResourceType, attributes: Attributes): StoredResource => ({ type, id: selfId, version: 3, createdMs: 1_700_000_000_000, modifiedMs: 1_700_000_001_000, attributes, groups: [], members: [], emptied: false });

export const selfId = resourceId("2819c223-7f76-453a-919d-413861904646");
export const base = "https://scim.example.com/scim/acme/v2";

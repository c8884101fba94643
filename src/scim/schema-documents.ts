/**
 * The schemas as JSON documents (RFC 7643, 7 and 8.7): scimmy's definitions, completed and put right where the RFC says otherwise.
 *
 * scimmy's own objects are shared by the whole process, so they are only read: what is changed here is a copy.
 *
 * @module
 */
import SCIMMY from "scimmy";
import type { AttributeType } from "../model/filter.ts";
import { isObject } from "../model/json.ts";
import type { Attribute } from "./schema-table.ts";

/** An attribute with complete metadata, as `/Schemas` shows it. */
export interface AttributeDocument {
  readonly name: string;
  readonly type: AttributeType;
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: Attribute["mutability"];
  readonly returned: Attribute["returned"];
  readonly uniqueness: Attribute["uniqueness"];
  /** Advice, never enforced; absent rather than empty. */
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly AttributeDocument[];
}

export interface SchemaDocument {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly AttributeDocument[];
}

/** An attribute with nothing but its name for certain. */
export type Rough = { readonly [Trait in Exclude<keyof AttributeDocument, "name" | "subAttributes">]?: AttributeDocument[Trait] | undefined } & {
  readonly name: string;
  readonly subAttributes?: readonly Rough[] | undefined;
};

/** Attribute path → what differs from scimmy. */
type Corrections = Readonly<Record<string, Partial<AttributeDocument>>>;

/** Fills in the RFC's defaults (RFC 7643, 2.2); URIs and binary values are compared exactly (2.3.6, 2.3.7) unless it says otherwise. */
export function completed(rough: Rough, corrections: Corrections = {}, path: string = rough.name): AttributeDocument {
  const { subAttributes, canonicalValues, referenceTypes, ...given }: Rough = { ...rough, ...corrections[path] };
  const type = given.type ?? "string";
  return {
    name: given.name,
    type,
    multiValued: given.multiValued ?? false,
    description: given.description || given.name,
    required: given.required ?? false,
    caseExact: given.caseExact ?? (type === "reference" || type === "binary"),
    mutability: given.mutability ?? "readWrite",
    returned: given.returned ?? "default",
    uniqueness: given.uniqueness ?? "none",
    ...(canonicalValues !== undefined && canonicalValues.length > 0 && { canonicalValues }),
    ...(referenceTypes !== undefined && referenceTypes.length > 0 && { referenceTypes }),
    ...(subAttributes !== undefined && { subAttributes: subAttributes.map((sub) => completed(sub, corrections, `${path}.${sub.name}`)) }),
  };
}

interface Definition {
  describe(): unknown;
}

function document(definition: Definition, corrections: Corrections = {}, before: readonly Rough[] = []): SchemaDocument {
  const { id, name, description, attributes } = JSON.parse(JSON.stringify(definition.describe()), withoutUriCase) as { id: string; name: string; description: string; attributes: readonly Rough[] };
  return { id, name, description, attributes: [...before, ...attributes].map((attribute) => completed(attribute, corrections)) };
}

/** scimmy calls every URI case-insensitive, because its default is for text. */
const withoutUriCase = (_name: string, value: unknown): unknown => (isObject(value) && value["type"] === "reference" ? { ...value, caseExact: undefined } : value);

/** Declared because they are returned: a client that trusts `/Schemas` alone must find them there. */
const id: Rough = { name: "id", description: "Our identifier of the resource: a UUID, never changed and never given to another one.", caseExact: true, mutability: "readOnly", returned: "always", uniqueness: "server" };
const externalId: Rough = { name: "externalId", description: "The client's identifier of the resource. Need not be unique.", caseExact: true };

/** Values that name a resource's `id` are compared like it. */
const namesAnId = { caseExact: true } as const;

/** Everybody is active or not: a create that leaves it out means true, and removing it is refused (RFC 7644, 3.5.2.2: a required attribute). */
const alwaysSaid = { required: true } as const;

export const userDocument = document(SCIMMY.Schemas.User.definition, { "groups.value": namesAnId, active: alwaysSaid }, [id, externalId]);
export const enterpriseDocument = document(SCIMMY.Schemas.EnterpriseUser.definition, { "manager.value": namesAnId });
export const groupDocument = document(SCIMMY.Schemas.Group.definition, { displayName: { uniqueness: "server" }, "members.value": namesAnId }, [id, externalId]);

const readOnly = (name: string, type: AttributeType, description: string, more: Partial<Rough> = {}): Rough => ({ name, type, description, mutability: "readOnly", ...more });

/** Not in scimmy: RFC 9865, 3 (`pagination`), and the `primary` of an authentication scheme. */
const pagination = readOnly("pagination", "complex", "How long lists are divided into pages.", {
  subAttributes: [
    readOnly("cursor", "boolean", "Whether pages can be named by a cursor.", { required: true }),
    readOnly("index", "boolean", "Whether pages can be named by startIndex.", { required: true }),
    readOnly("defaultPaginationMethod", "string", "The method used when the client names none.", { canonicalValues: ["cursor", "index"] }),
    readOnly("defaultPageSize", "integer", "Resources on a page when the client names no count."),
    readOnly("maxPageSize", "integer", "The most resources on a page."),
    readOnly("cursorTimeout", "integer", "Seconds for which a cursor stays valid."),
  ],
});
const primaryScheme = readOnly("primary", "boolean", "Whether this is the preferred scheme.");

function configDocument(): SchemaDocument {
  const plain = document(SCIMMY.Schemas.ServiceProviderConfig.definition);
  const attributes = plain.attributes.map((attribute) =>
    attribute.name === "authenticationSchemes" ? { ...attribute, subAttributes: [...(attribute.subAttributes ?? []), completed(primaryScheme)] } : attribute,
  );
  return { ...plain, attributes: [...attributes, completed(pagination)] };
}

/** The schema of schemas (RFC 7643, 8.7.2), which scimmy does not define. */
function schemaDocument(): SchemaDocument {
  const described = (subAttributes: readonly Rough[]): readonly Rough[] => [
    readOnly("name", "string", "The attribute's name.", { required: true, caseExact: true }),
    readOnly("type", "string", "The attribute's data type.", {
      required: true,
      canonicalValues: ["string", "complex", "boolean", "decimal", "integer", "dateTime", "reference", "binary"],
    }),
    ...subAttributes,
    readOnly("multiValued", "boolean", "Whether the attribute holds a list.", { required: true }),
    readOnly("description", "string", "What the attribute means.", { caseExact: true }),
    readOnly("required", "boolean", "Whether a resource must have the attribute."),
    readOnly("canonicalValues", "string", "Values that are suggested.", { multiValued: true, caseExact: true }),
    readOnly("caseExact", "boolean", "Whether letter case matters when values are compared."),
    readOnly("mutability", "string", "When the attribute can be written.", { caseExact: true, canonicalValues: ["readOnly", "readWrite", "immutable", "writeOnly"] }),
    readOnly("returned", "string", "When the attribute is part of an answer.", { caseExact: true, canonicalValues: ["always", "never", "default", "request"] }),
    readOnly("uniqueness", "string", "Within which bounds a value is unique.", { caseExact: true, canonicalValues: ["none", "server", "global"] }),
    readOnly("referenceTypes", "string", "What a reference may point at.", { multiValued: true, caseExact: true }),
  ];
  const subAttributes = readOnly("subAttributes", "complex", "The parts of a complex attribute.", { multiValued: true, subAttributes: described([]) });
  return {
    id: "urn:ietf:params:scim:schemas:core:2.0:Schema",
    name: "Schema",
    description: "Describes the schemas of this server",
    attributes: [
      readOnly("id", "string", "The URN of the schema.", { required: true, caseExact: true, returned: "always" }),
      readOnly("name", "string", "The schema's name for people.", { required: true }),
      readOnly("description", "string", "What the schema is for."),
      readOnly("attributes", "complex", "The schema's attributes.", { required: true, multiValued: true, subAttributes: described([subAttributes]) }),
    ].map((attribute) => completed(attribute)),
  };
}

/** Those that describe the server itself; User, the enterprise extension and Group stand before them in `/Schemas`. */
export const discoveryDocuments: readonly SchemaDocument[] = [configDocument(), document(SCIMMY.Schemas.ResourceType.definition), schemaDocument()];

/**
 * The vocabulary: every schema compiled once into look-up tables, and served as documents.
 *
 * @module
 */
import { fold } from "../model/fold.ts";
import type { JsonObject } from "../model/json.ts";
import type { ResourceType } from "../model/resource.ts";
import type { AttributeDocument, SchemaDocument } from "./schema-documents.ts";
import { completed, discoveryDocuments, enterpriseDocument, groupDocument, userDocument } from "./schema-documents.ts";
import type { Attribute, Schema, SchemaTable } from "./schema-table.ts";

export const userUrn = userDocument.id;
export const groupUrn = groupDocument.id;
export const enterpriseUrn = enterpriseDocument.id;

const byName = (attributes: readonly Attribute[]): ReadonlyMap<string, Attribute> => new Map(attributes.map((attribute) => [fold(attribute.name), attribute]));

const compiled = ({ name, type, multiValued, required, caseExact, mutability, returned, uniqueness, canonicalValues, subAttributes, description }: AttributeDocument): Attribute =>
  Object.freeze({ name, type, multiValued, required, caseExact, mutability, returned, uniqueness, canonicalValues: canonicalValues ?? [], sub: byName((subAttributes ?? []).map(compiled)), description });

/**
 * What every resource has beside its schema (RFC 7643, 3 and 3.1). Not in `/Schemas`, as the RFC's own documents do not show them.
 * `schemas` is compared without case: clients write URNs in capitals.
 */
const schemasAttribute: AttributeDocument = completed({ name: "schemas", type: "reference", multiValued: true, caseExact: false, mutability: "readOnly", returned: "always" });
const metaAttribute: AttributeDocument = completed({
  name: "meta",
  type: "complex",
  mutability: "readOnly",
  subAttributes: [
    { name: "resourceType", caseExact: true, mutability: "readOnly" },
    { name: "created", type: "dateTime", mutability: "readOnly" },
    { name: "lastModified", type: "dateTime", mutability: "readOnly" },
    { name: "location", type: "reference", mutability: "readOnly" },
    { name: "version", caseExact: true, mutability: "readOnly" },
  ],
});

const core = ({ id, attributes }: SchemaDocument): Schema => ({ urn: id, attributes: byName([schemasAttribute, ...attributes, metaAttribute].map(compiled)) });
const extension = ({ id, attributes }: SchemaDocument): Schema => ({ urn: id, attributes: byName(attributes.map(compiled)) });

export const userTable: SchemaTable = { type: "User", core: core(userDocument), extensions: [extension(enterpriseDocument)] };
export const groupTable: SchemaTable = { type: "Group", core: core(groupDocument), extensions: [] };

export const tableOf = (type: ResourceType): SchemaTable => (type === "User" ? userTable : groupTable);

/** The resource type that an extension belongs to: its URN ends with it, as in `urn:…:acme:2.0:User`. */
export const extendedType = ({ id }: SchemaDocument): ResourceType => (fold(id).endsWith(":group") ? "Group" : "User");

/** The table with those of the schemas added that extend its resource type. The given table stays as it is. */
export function withExtensions(table: SchemaTable, schemas: readonly SchemaDocument[]): SchemaTable {
  const more = schemas.filter((schema) => extendedType(schema) === table.type);
  return more.length === 0 ? table : { ...table, extensions: [...table.extensions, ...more.map(extension)] };
}

/** Everything that `/Schemas` shows, complete with `schemas` and `meta`. @param base without a slash at the end */
export const schemaDocuments = (base: string, custom: readonly SchemaDocument[] = []): readonly JsonObject[] =>
  [userDocument, enterpriseDocument, groupDocument, ...discoveryDocuments, ...custom].map((document) => ({
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
    ...(document as unknown as JsonObject),
    meta: { resourceType: "Schema", location: `${base}/Schemas/${document.id}` },
  }));

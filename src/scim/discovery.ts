/**
 * What the server says about itself: ServiceProviderConfig, ResourceTypes, Schemas (RFC 7643, 5 to 7; RFC 7644, 4).
 *
 * Own answers, because scimmy's discovery routes let a query write to `Object.prototype` and leave out what clients need.
 *
 * @module
 */
import { fold } from "../model/fold.ts";
import type { JsonObject } from "../model/json.ts";
import { catalogueDocuments, catalogueTypes, type Grantable } from "./catalogue.ts";
import type { SchemaDocument } from "./schema-documents.ts";
import { enterpriseUrn, extendedType, groupTable, schemaDocuments, userTable } from "./schemas.ts";

/** What this server does, from the constants that enforce it. */
export interface Features {
  readonly bulk: { readonly supported: boolean; readonly maxOperations: number; readonly maxPayloadSize: number };
  /** The most resources on a page. */
  readonly maxResults: number;
  /** RFC 9865; left out, the answer says nothing of it, as strict older clients want. */
  readonly pagination?: {
    readonly cursor: boolean;
    readonly index: boolean;
    readonly defaultPaginationMethod: "index" | "cursor";
    readonly defaultPageSize: number;
    readonly maxPageSize: number;
    /** Seconds. */
    readonly cursorTimeout?: number;
  };
  /** Ways to authenticate, the preferred one first; a bearer token where nothing is said. */
  readonly authentication?: readonly AuthenticationScheme[];
  /** Extensions of this connection beyond the standard's. */
  readonly custom?: readonly SchemaDocument[];
  /** What may be given to people, where the connection shows it (`/Roles`, `/Entitlements`). */
  readonly grantable?: readonly Grantable[];
  /** Where people read about this server; `/docs` on the same host where nothing is said. */
  readonly documentationUri?: string;
}

export type AuthenticationScheme = "oauthbearertoken" | "oauth2" | "httpbasic";

const schemes: { readonly [scheme in AuthenticationScheme]: JsonObject } = {
  oauthbearertoken: { name: "OAuth Bearer Token", description: "A token of this connection in the Authorization header", specUri: "https://www.rfc-editor.org/info/rfc6750" },
  oauth2: { name: "OAuth 2.0 Client Credentials", description: "A short-lived token from this server's token endpoint", specUri: "https://www.rfc-editor.org/info/rfc6749" },
  httpbasic: { name: "HTTP Basic", description: "Name and password in the Authorization header", specUri: "https://www.rfc-editor.org/info/rfc7617" },
};

/** @param base of the connection, without a slash at the end */
export const serviceProviderConfig = (base: string, { bulk, maxResults, pagination, authentication = ["oauthbearertoken"], documentationUri }: Features): JsonObject => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
  documentationUri: documentationUri ?? new URL("/docs", base).href,
  patch: { supported: true },
  bulk: { supported: bulk.supported, maxOperations: bulk.maxOperations, maxPayloadSize: bulk.maxPayloadSize },
  filter: { supported: true, maxResults },
  changePassword: { supported: false },
  sort: { supported: true },
  etag: { supported: true },
  authenticationSchemes: authentication.map((type, at) => ({ type, ...schemes[type], ...(at === 0 && { primary: true }) })),
  ...(pagination && { pagination: { ...pagination } }),
  meta: { resourceType: "ServiceProviderConfig", location: `${base}/ServiceProviderConfig` },
});

/** The description of User and the bare endpoint are what Postman's collections compare (suites.md, 5.8). */
function typeDocuments(base: string, custom: readonly SchemaDocument[]): readonly JsonObject[] {
  const own = [
    { table: userTable, description: "User Account", extensions: [enterpriseUrn] },
    { table: groupTable, description: "Group", extensions: [] },
  ];
  return own.map(({ table: { type, core }, description, extensions }) => {
    const urns = [...extensions, ...custom.filter((schema) => extendedType(schema) === type).map(({ id }) => id)];
    return {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
      id: type,
      name: type,
      description,
      endpoint: `/${type}s`,
      schema: core.urn,
      ...(urns.length > 0 && { schemaExtensions: urns.map((schema) => ({ schema, required: false })) }),
      meta: { resourceType: "ResourceType", location: `${base}/ResourceTypes/${type}` },
    };
  });
}

type Vocabulary = Pick<Features, "custom" | "grantable">;

const typesOf = (base: string, { custom = [], grantable }: Vocabulary): readonly JsonObject[] => [...typeDocuments(base, custom), ...(grantable ? catalogueTypes(base) : [])];
const schemasOf = (base: string, { custom = [], grantable }: Vocabulary): readonly JsonObject[] => schemaDocuments(base, [...custom, ...(grantable ? catalogueDocuments : [])]);

export const resourceTypes = (base: string, vocabulary: Vocabulary = {}): JsonObject => list(typesOf(base, vocabulary));
export const schemas = (base: string, vocabulary: Vocabulary = {}): JsonObject => list(schemasOf(base, vocabulary));

/** @param name in any letter case @returns `undefined` if there is none */
export const resourceType = (base: string, name: string, vocabulary: Vocabulary = {}): JsonObject | undefined => byId(typesOf(base, vocabulary), name);
/** @param urn in any letter case @returns `undefined` if there is none */
export const schema = (base: string, urn: string, vocabulary: Vocabulary = {}): JsonObject | undefined => byId(schemasOf(base, vocabulary), urn);

function byId(documents: readonly JsonObject[], id: string): JsonObject | undefined {
  const wanted = fold(id);
  return documents.find((document) => fold(document["id"] as string) === wanted);
}

const list = (Resources: readonly JsonObject[]): JsonObject => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
  totalResults: Resources.length,
  startIndex: 1,
  itemsPerPage: Resources.length,
  Resources,
});

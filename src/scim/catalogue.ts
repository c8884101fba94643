/**
 * What may be given to people here, as Okta's entitlement discovery reads it: `/Roles` and `/Entitlements` (idps.md 9, F40).
 *
 * Two views of one thing: the names of `roles.map` and `tags.map`, which is all that is ever sent to the vendor. Okta's shape, not
 * that of draft-ietf-scim-roles-entitlements.
 *
 * @module
 */
import { invalid } from "../model/failure.ts";
import type { JsonObject } from "../model/json.ts";
import type { SchemaDocument } from "./schema-documents.ts";
import { completed } from "./schema-documents.ts";

/** A name that an IdP may give to people. */
export interface Grantable {
  readonly name: string;
  readonly kind: "Role" | "Tag";
}

export type View = "Roles" | "Entitlements";

const id = completed({ name: "id", description: "What is written into a user's roles or entitlements.", caseExact: true, mutability: "readOnly", returned: "always", uniqueness: "server", required: true });
const displayName = completed({ name: "displayName", description: "For people.", mutability: "readOnly", required: true });
const type = completed({ name: "type", description: "Role or Tag.", mutability: "readOnly", required: true, canonicalValues: ["Role", "Tag"] });

interface ViewDocument {
  readonly view: View;
  readonly document: SchemaDocument;
}

/** With the URNs that Okta looks for. */
const views: readonly ViewDocument[] = [
  { view: "Roles", document: { id: "urn:okta:scim:schemas:core:1.0:Role", name: "Role", description: "A role that people can be given", attributes: [id, displayName] } },
  { view: "Entitlements", document: { id: "urn:okta:scim:schemas:core:1.0:Entitlement", name: "Entitlement", description: "Whatever people can be given", attributes: [id, displayName, type] } },
];

export const catalogueDocuments: readonly SchemaDocument[] = views.map(({ document }) => document);

/** @param base of the connection, without a slash at the end */
export const catalogueTypes = (base: string): readonly JsonObject[] =>
  views.map(({ view, document: { id: schema, name } }) => ({
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    id: name,
    name,
    description: name,
    endpoint: `/${view}`,
    schema,
    meta: { resourceType: "ResourceType", location: `${base}/ResourceTypes/${name}` },
  }));

/** A query; numbers are whole already. */
export interface Paging {
  readonly startIndex?: unknown;
  readonly count?: unknown;
  readonly filter?: unknown;
}

/** @throws Fault `invalidFilter` */
export function catalogue(base: string, view: View, grantable: readonly Grantable[], { startIndex, count, filter }: Paging): JsonObject {
  if (filter !== undefined) throw invalid("invalidFilter", `/${view} is a short list and cannot be filtered.`);
  const all = shownIn(base, view, grantable);
  const from = typeof startIndex === "number" ? Math.max(1, startIndex) : 1;
  const Resources = all.slice(from - 1, from - 1 + (typeof count === "number" ? Math.max(0, count) : all.length));
  return { schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], totalResults: all.length, startIndex: from, itemsPerPage: Resources.length, Resources };
}

/** @param name compared exactly, as `roles.map` is @returns `undefined` if there is none */
export const catalogueEntry = (base: string, view: View, grantable: readonly Grantable[], name: string): JsonObject | undefined => shownIn(base, view, grantable).find((entry) => entry["id"] === name);

/** A name that is both a role and a tag is one entitlement. */
function shownIn(base: string, view: View, grantable: readonly Grantable[]): readonly JsonObject[] {
  const { id: urn, name: resourceType } = (views.find((one) => one.view === view) as ViewDocument).document;
  const among = grantable.filter(({ kind }) => view === "Entitlements" || kind === "Role");
  return among.filter(({ name }, at) => among.findIndex((one) => one.name === name) === at).map(({ name, kind }) => ({
    schemas: [urn],
    id: name,
    displayName: name,
    ...(view === "Entitlements" && { type: kind }),
    meta: { resourceType, location: `${base}/${view}/${encodeURIComponent(name)}` },
  }));
}

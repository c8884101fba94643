/**
 * `POST /.search` (RFC 7644, 3.4.3): a list whose question stands in the body, so that no personal data stands in an address.
 *
 * Below a type it is that type's list. At the root it is one list over both types, users first, whose totals and pages add up;
 * scimmy's own reads the first page of each type and counts that (scimmy.md, 3.8).
 *
 * @module
 */
import { invalid } from "../model/failure.ts";
import { fold } from "../model/fold.ts";
import type { JsonObject } from "../model/json.ts";
import type { Exchange, Page } from "../scim/exchange.ts";
import type { QueryParameters } from "./query.ts";
import type { ResourceName } from "./routes.ts";

const SEARCH_REQUEST = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const DEFAULT_PAGE = 100;

/**
 * @param type `undefined` = both
 * @param maxPage rows that one answer may hold
 * @throws {Fault} `invalid`
 */
export async function search(type: ResourceName | undefined, body: JsonObject, exchange: Exchange, maxPage: number): Promise<JsonObject> {
  const query = queryIn(body);
  const page = type === undefined ? await overBoth(query, exchange, maxPage) : await exchange.bridge.list({ type, query }, exchange);
  return {
    schemas: [LIST_RESPONSE],
    totalResults: page.total,
    ...(page.startIndex !== undefined && { startIndex: page.startIndex }),
    itemsPerPage: page.resources.length,
    ...(page.nextCursor !== undefined && { nextCursor: page.nextCursor }),
    Resources: page.resources,
  };
}

async function overBoth(query: QueryParameters, exchange: Exchange, maxPage: number): Promise<Page> {
  if (query["cursor"] !== undefined) throw invalid("invalidCursor", "A search over all resources has no cursors; search /Users or /Groups, or use startIndex.");
  const startIndex = Math.max(1, Number(query["startIndex"] ?? 1));
  const count = Math.max(0, Math.min(maxPage, Number(query["count"] ?? DEFAULT_PAGE)));
  const users = await exchange.bridge.list({ type: "User", query: { ...query, startIndex, count }, among: true }, exchange);
  // Groups follow the last user: what the users' part of the list has not filled, from where it ended.
  const groupStart = Math.max(1, startIndex - users.total);
  const groups = await exchange.bridge.list({ type: "Group", query: { ...query, startIndex: groupStart, count: count - users.resources.length }, among: true }, exchange);
  return { startIndex, total: users.total + groups.total, resources: [...users.resources, ...groups.resources] };
}

/** The envelope as query parameters; names in any case, null as absent, unknown members ignored. */
function queryIn(body: JsonObject): QueryParameters {
  const query: QueryParameters = {};
  for (const [written, value] of Object.entries(body)) {
    if (value === null) continue;
    const reader = readers.get(fold(written));
    if (reader) Object.assign(query, reader(value));
  }
  return query;
}

const text = (name: string, complaint: "invalidFilter" | "invalidValue" | "invalidCursor") => (value: unknown) => {
  if (typeof value !== "string") throw invalid(complaint, `${name} must be a text.`);
  return { [name]: value };
};

const integer = (name: string) => (value: unknown) => {
  if (!Number.isInteger(value)) throw invalid("invalidValue", `${name} must be an integer.`);
  return { [name]: Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value as number)) };
};

const names = (name: string) => (value: unknown) => {
  if (!Array.isArray(value) || !value.every((element) => typeof element === "string")) throw invalid("invalidValue", `${name} must be a list of attribute names.`);
  return { [name]: value.join(",") };
};

const readers: ReadonlyMap<string, (value: unknown) => QueryParameters> = new Map(
  Object.entries({
    schemas: (value: unknown) => {
      if (!Array.isArray(value) || !value.some((urn) => typeof urn === "string" && fold(urn) === fold(SEARCH_REQUEST))) throw invalid("invalidSyntax", `schemas must name ${SEARCH_REQUEST}.`);
      return {};
    },
    filter: text("filter", "invalidFilter"),
    sortBy: text("sortBy", "invalidValue"),
    sortOrder: text("sortOrder", "invalidValue"),
    cursor: text("cursor", "invalidCursor"),
    startIndex: integer("startIndex"),
    count: integer("count"),
    attributes: names("attributes"),
    excludedAttributes: names("excludedAttributes"),
  }).map(([name, reader]) => [fold(name), reader]),
);

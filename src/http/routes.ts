/**
 * The addresses below a connection, and which methods each knows (RFC 7644, table 2).
 *
 * One table, exact spelling: what it does not name is 404, what it does not allow is 405, and both are said before a byte of
 * the body is read.
 *
 * @module
 */
import { isResourceId } from "../model/ids.ts";
import { notThere, TurnedAway, wrongMethod } from "./errors.ts";

export type Route =
  | { readonly kind: "collection"; readonly type: ResourceName }
  | { readonly kind: "item"; readonly type: ResourceName; readonly id: string }
  /** No type: over both. */
  | { readonly kind: "search"; readonly type: ResourceName | undefined }
  | { readonly kind: "bulk" }
  | { readonly kind: "serviceProviderConfig" }
  | { readonly kind: "resourceTypes"; readonly name: string | undefined }
  | { readonly kind: "schemas"; readonly urn: string | undefined }
  /** What may be given to people; there only where the connection shows it. */
  | { readonly kind: "catalogue"; readonly view: "Roles" | "Entitlements"; readonly name: string | undefined };

export type ResourceName = "User" | "Group";

const allowed: { readonly [K in Route["kind"]]: readonly string[] } = {
  collection: ["GET", "HEAD", "POST", "OPTIONS"],
  item: ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"],
  search: ["POST", "OPTIONS"],
  bulk: ["POST", "OPTIONS"],
  serviceProviderConfig: ["GET", "HEAD", "OPTIONS"],
  resourceTypes: ["GET", "HEAD", "OPTIONS"],
  schemas: ["GET", "HEAD", "OPTIONS"],
  catalogue: ["GET", "HEAD", "OPTIONS"],
};

export const isCatalogue = (word: string | undefined): boolean => word === "Roles" || word === "Entitlements";

/** The value of `Allow` for a route. */
export const allowOf = (route: Route): string => allowed[route.kind].join(", ");

/** What `/Me` is, for every method (RFC 7644, 3.11): no person stands behind a connection's token. */
export const noPerson = (): TurnedAway => new TurnedAway({ status: 501, detail: "/Me does not exist here: a connection's token stands for no person." });

/**
 * @param words the segments behind `/scim/{connection}/v2`
 * @throws {TurnedAway} 404, or 405 with `Allow`
 */
export function routeOf(words: readonly string[], method: string): Route {
  const route = named(words);
  if (!route) throw notThere();
  if (!allowed[route.kind].includes(method)) throw wrongMethod(allowOf(route));
  // Only now: a wrong method at a wrong id is a wrong method.
  if (route.kind === "item" && !isResourceId(route.id)) throw notThere(`There is no such ${route.type.toLowerCase()} on this connection.`);
  return route;
}

function named(words: readonly string[]): Route | undefined {
  const [first, second] = words;
  if (words.length === 0 || words.length > 2) return undefined;
  switch (first) {
    case "Users":
      return resource("User", second);
    case "Groups":
      return resource("Group", second);
    case ".search":
      return second === undefined ? { kind: "search", type: undefined } : undefined;
    case "Bulk":
      return second === undefined ? { kind: "bulk" } : undefined;
    case "ServiceProviderConfig":
    case "serviceConfiguration": // the name in SCIM drafts that some clients still ask for
      return second === undefined ? { kind: "serviceProviderConfig" } : undefined;
    case "ResourceTypes":
      return { kind: "resourceTypes", name: second };
    case "Schemas":
      return { kind: "schemas", urn: second };
    case "Roles":
    case "Entitlements":
      return { kind: "catalogue", view: first, name: second };
    default:
      return undefined;
  }
}

function resource(type: ResourceName, second: string | undefined): Route {
  if (second === undefined) return { kind: "collection", type };
  return second === ".search" ? { kind: "search", type } : { kind: "item", type, id: second };
}

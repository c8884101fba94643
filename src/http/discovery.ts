/**
 * The three discovery families (RFC 7644, 4), answered before scimmy's routes are reached: those write a client's
 * `attributes` into `Object.prototype` (scimmy.md, L1b).
 *
 * @module
 */
import type { Response } from "express";
import type { JsonObject } from "../model/json.ts";
import type { Features } from "../scim/discovery.ts";
import type { ScimSide } from "../scim/resources.ts";
import { notThere, SCIM_JSON, send, TurnedAway } from "./errors.ts";
import type { QueryParameters } from "./query.ts";
import type { Route } from "./routes.ts";

export type DiscoveryRoute = Extract<Route, { kind: "serviceProviderConfig" | "resourceTypes" | "schemas" }>;

export const isDiscovery = (route: Route): route is DiscoveryRoute => route.kind === "serviceProviderConfig" || route.kind === "resourceTypes" || route.kind === "schemas";

/** @throws {TurnedAway} 403 for a filter (RFC 7644, 4), 404 for a name that is not there */
export function discover(discovery: ScimSide["discovery"], base: string, features: Features, route: DiscoveryRoute, query: QueryParameters, res: Response): void {
  if (query["filter"] !== undefined) throw new TurnedAway({ status: 403, detail: "Discovery cannot be filtered." });
  const found = lookUp(discovery, base, features, route);
  if (!found) throw notThere();
  send(res, 200, SCIM_JSON, found);
}

function lookUp(discovery: ScimSide["discovery"], base: string, features: Features, route: DiscoveryRoute): JsonObject | undefined {
  switch (route.kind) {
    case "serviceProviderConfig":
      return discovery.serviceProviderConfig(base, features);
    case "resourceTypes":
      return route.name === undefined ? discovery.resourceTypes(base) : discovery.resourceType(base, route.name);
    case "schemas":
      return route.urn === undefined ? discovery.schemas(base) : discovery.schema(base, route.urn);
  }
}

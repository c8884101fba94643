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

export type DiscoveryRoute = Extract<Route, { kind: "serviceProviderConfig" | "resourceTypes" | "schemas" | "catalogue" }>;

export const isDiscovery = (route: Route): route is DiscoveryRoute => ["serviceProviderConfig", "resourceTypes", "schemas", "catalogue"].includes(route.kind);

/** @throws {TurnedAway} 403 for a filter (RFC 7644, 4), 404 for a name that is not there; Fault `invalid` for the paging of a catalogue */
export function discover(discovery: ScimSide["discovery"], base: string, features: Features, route: DiscoveryRoute, query: QueryParameters, res: Response): void {
  if (query["filter"] !== undefined && route.kind !== "catalogue") throw new TurnedAway({ status: 403, detail: "Discovery cannot be filtered." });
  const found = lookUp(discovery, base, features, route, query);
  if (!found) throw notThere();
  send(res, 200, SCIM_JSON, found);
}

function lookUp(discovery: ScimSide["discovery"], base: string, features: Features, route: DiscoveryRoute, query: QueryParameters): JsonObject | undefined {
  switch (route.kind) {
    case "serviceProviderConfig":
      return discovery.serviceProviderConfig(base, features);
    case "resourceTypes":
      return route.name === undefined ? discovery.resourceTypes(base, features) : discovery.resourceType(base, route.name, features);
    case "schemas":
      return route.urn === undefined ? discovery.schemas(base, features) : discovery.schema(base, route.urn, features);
    case "catalogue":
      if (!features.grantable) return undefined;
      return route.name === undefined ? discovery.catalogue(base, route.view, features.grantable, query) : discovery.catalogueEntry(base, route.view, features.grantable, route.name);
  }
}

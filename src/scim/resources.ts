/**
 * scimmy as router and vocabulary: our own resource classes, declared once and served by one `SCIMMYRouters`.
 *
 * Nothing of a client's text reaches scimmy's Filter or PatchOp (docs/adr/0002): the constructors parse nothing, and every
 * verb hands over to the bridge, which it finds in the exchange of the request.
 *
 * @module
 */
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";
import type { CorrelationId } from "../model/ids.ts";
import type { JsonObject } from "../model/json.ts";
import { catalogue, catalogueEntry, type Grantable, type Paging, type View } from "./catalogue.ts";
import { metaBehind } from "./project.ts";
import { type Features, resourceType, resourceTypes, schema, schemas, serviceProviderConfig } from "./discovery.ts";
import { errorBody, faceOf } from "./errors.ts";
import type { At, Exchange, Face, Query, WriteRequest } from "./exchange.ts";
import { base, during, exchange } from "./exchange.ts";

/** What the door needs from this room. */
export interface ScimSide {
  /** An express router, typed as what it is used for. */
  readonly router: (request: never, response: never, next: (error?: unknown) => void) => void;
  during(exchange: Exchange, step: () => void): void;
  faceOf(thrown: unknown): Face;
  errorBody(face: Face, correlation: CorrelationId): JsonObject;
  readonly discovery: {
    serviceProviderConfig(base: string, features: Features): JsonObject;
    resourceTypes(base: string, features: Features): JsonObject;
    resourceType(base: string, name: string, features: Features): JsonObject | undefined;
    schemas(base: string, features: Features): JsonObject;
    schema(base: string, urn: string, features: Features): JsonObject | undefined;
    catalogue(base: string, view: View, grantable: readonly Grantable[], paging: Paging): JsonObject;
    catalogueEntry(base: string, view: View, grantable: readonly Grantable[], name: string): JsonObject | undefined;
  };
}

abstract class BridgeResource extends SCIMMY.Types.Resource {
  readonly #query: Query;

  /** scimmy-routers sets this on the class at every request; we read the base of the request that we are in. */
  static override basepath(path?: string): never {
    return (path === undefined ? base() + this.endpoint : this) as never;
  }

  constructor(id?: string | Query, query?: Query) {
    super(); // never super(id, query): it would hand the client's text to scimmy's Filter
    if (typeof id === "string") this.id = id;
    this.#query = (typeof id === "string" ? query : id) ?? {};
  }

  get #at(): At {
    const type = (this.constructor as typeof BridgeResource).schema.definition.name as At["type"];
    return { type, query: this.#query, ...(this.id !== undefined && { id: this.id }) };
  }

  override read(): Promise<never> {
    return answer(async (current) => {
      if (this.id !== undefined) return shown(await current.bridge.read(this.#at, current), current);
      const { startIndex, total, resources, nextCursor } = await current.bridge.list(this.#at, current);
      // Rows given to the constructor would be cut to a page a second time.
      const list = new SCIMMY.Messages.ListResponse([], { startIndex: startIndex ?? 1, itemsPerPage: resources.length, totalResults: total });
      return Object.assign(list, startIndex === undefined && { startIndex: undefined }, { Resources: resources }, nextCursor !== undefined && { nextCursor });
    });
  }

  override write(body: unknown): Promise<never> {
    return this.#push({ method: this.id === undefined ? "POST" : "PUT", body, ...this.#at });
  }

  override patch(body: unknown): Promise<never> {
    return this.#push({ method: "PATCH", body, ...this.#at });
  }

  override dispose(): Promise<never> {
    return this.#push({ method: "DELETE", ...this.#at });
  }

  #push(push: WriteRequest): Promise<never> {
    return answer(async (current) => {
      const done = await current.bridge.write(push, current);
      return done && shown(done, current);
    });
  }
}

class UserResource extends BridgeResource {
  static override get endpoint() {
    return "/Users";
  }
  static override get schema() {
    return SCIMMY.Schemas.User;
  }
}

class GroupResource extends BridgeResource {
  static override get endpoint() {
    return "/Groups";
  }
  static override get schema() {
    return SCIMMY.Schemas.Group;
  }
}

/** Sends a resource with its ETag and its address, whatever of it is shown (RFC 7644, 3.3 and 3.14; suites.md 5.9: both headers on every single resource). */
function shown(resource: JsonObject, current: Exchange): JsonObject {
  const meta = metaBehind(resource);
  if (!meta) return resource;
  if (typeof meta["version"] === "string") current.setHeader("ETag", meta["version"]);
  if (typeof meta["location"] === "string") {
    current.setHeader("Location", meta["location"]);
    current.setHeader("Content-Location", meta["location"]);
  }
  return resource;
}

/**
 * Carries a failure past scimmy-routers. Its error route cannot say 503 and gives up before a byte is sent, so every failure
 * reaches the door's own error route, which tells the face that waits in the exchange. Pinned by the contract test.
 */
class Elsewhere extends Error {
  readonly status = 503;
}

/** Whatever goes wrong inside leaves as a face in the exchange; a bug is told to whoever logs. */
async function answer(step: (current: Exchange) => Promise<unknown>): Promise<never> {
  const current = exchange();
  try {
    return (await step(current)) as never;
  } catch (thrown) {
    current.face = faceOf(thrown);
    if (current.face.status === 500) current.crashed?.(thrown);
    throw new Elsewhere();
  }
}

let router: ScimSide["router"] | undefined;

/**
 * One router per process: to scimmy, classes, definitions and configuration are global.
 *
 */
export function scimSide(): ScimSide {
  router ??= declaredRouter();
  return {
    router,
    during,
    faceOf,
    errorBody,
    discovery: { serviceProviderConfig, resourceTypes, resourceType, schemas, schema, catalogue, catalogueEntry },
  };
}

function declaredRouter(): ScimSide["router"] {
  SCIMMY.Resources.declare(UserResource as never, "User" as never);
  SCIMMY.Resources.declare(GroupResource as never, "Group" as never);
  return new SCIMMYRouters({ type: "bearer", handler: () => "", context: () => undefined } as never) as unknown as ScimSide["router"];
}

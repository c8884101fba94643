/**
 * The way in: everything that happens to a request before SCIM does, in this order and no other.
 *
 * Each step either lets it pass or throws; whoever is turned away learns nothing that a later step knows, and has cost nothing
 * that a later step costs (reliability.md, 11: Order).
 *
 * @module
 */
import type { Request, RequestHandler, Response } from "express";
import type { ConnectionId } from "../model/ids.ts";
import type { Attempts } from "./attempts.ts";
import { authenticate } from "./authenticate.ts";
import { type BodyCaps, discardBody, disregardBody, hasBody, readBody } from "./body.ts";
import { exchangeOf } from "./carried.ts";
import { discover, isDiscovery } from "./discovery.ts";
import type { DoorOptions } from "./door.ts";
import { notThere, SCIM_JSON, send, TurnedAway, unavailable } from "./errors.ts";
import { checkHead } from "./head.ts";
import { health } from "./health.ts";
import type { Admission } from "./limits.ts";
import { sendInPieces, sendList } from "./large-answer.ts";
import { metrics } from "./metrics.ts";
import { operatorApi } from "./operator-api.ts";
import { targetOf } from "./paths.ts";
import { type QueryParameters, queryOf } from "./query.ts";
import { allowOf, isCatalogue, noPerson, type Route, routeOf } from "./routes.ts";
import { search } from "./search.ts";
import { giveToken, tokenEndpointOf } from "./token-endpoint.ts";
import { begin, type Visit, visitOf } from "./visit.ts";

/** What the requests of one server share. */
export interface House {
  readonly options: DoorOptions;
  readonly admission: Admission;
  /** Of the operator API. */
  readonly operators: Admission;
  readonly attempts: Attempts;
  /** Whoever is inside. */
  readonly visits: Set<Visit>;
  closing: boolean;
}

export const wayIn =
  (house: House): RequestHandler =>
  (req, res, next) => {
    const { options, admission, operators, attempts, visits } = house;
    const current = begin(res);
    const startedMs = options.clock.now();
    current.problems = options.operator !== undefined && /^\/api(?:[/?]|$)/.test(req.url);
    visits.add(current);
    res.on("close", () => {
      visits.delete(current);
      if (current.connection === undefined) return;
      admission.leave(current.connection);
      const { traceparent } = req.headers;
      options.served?.({ connection: current.connection, correlation: current.correlation, method: req.method, type: current.type, status: res.statusCode, startedMs, endedMs: options.clock.now(), traceparent: typeof traceparent === "string" ? traceparent : undefined });
    });
    if (house.closing) res.setHeader("connection", "close");
    checkHead(req);
    const { segments, query: asked } = targetOf(req.url);
    const word = segments.length === 1 ? segments[0] : undefined;
    if (health(options, word, house.closing, req, res)) return;
    if (house.closing) throw unavailable("The server is about to stop; another one will take over.", 5);
    if (metrics(options, word, req, res, next)) return;
    if (segments[0] === "api" && options.operator) return void operatorApi({ options, door: options.operator, admission: operators, attempts, visit: current }, segments, asked, req, res).catch(next);
    const endpoint = tokenEndpointOf(segments);
    if (endpoint !== undefined) return void giveToken(endpoint, { options, admission, attempts, visit: current, search: asked !== "" }, req, res).catch(next);
    if (segments[0] !== "scim" || segments.length < 3 || segments[2] !== "v2") return outside(options, segments, req, res, next);

    if (segments[3] === "Me") throw noPerson(); // the same for everybody, so for whoever asks (suites.md 5.4: clients try it as a person of their own making)
    const opened = authenticate(options, segments[1]!, req, (reason, status) =>
      options.log.warn("turned away at the door", { connection: segments[1]!, correlation: current.correlation, method: req.method, status, detail: reason }),
    );
    if (opened instanceof Promise) {
      // Whoever went away meanwhile has left already, so nobody would ever count them out.
      const enter = (connection: ConnectionId) => visits.has(current) && inside(house, connection, current, segments, asked, req, res, next);
      return void opened.then((by) => enter(by.connection)).catch(next);
    }
    inside(house, opened.connection, current, segments, asked, req, res, next);
  };

/** Whoever holds a credential of this connection. */
function inside({ options, admission }: House, connection: ConnectionId, current: Visit, segments: readonly string[], asked: string, req: Request, res: Response, next: (error?: unknown) => void): void {
  admission.enter(connection);
  current.connection = connection;
  if (isCatalogue(segments[3]) && !options.features(connection).grantable) throw notThere(); // whatever the method
  const route = routeOf(segments.slice(3), req.method);
  if ("type" in route) current.type = route.type ?? "other";
  const meant = req.method === "POST" || req.method === "PUT" || req.method === "PATCH";
  if (!meant && req.method !== "DELETE" && hasBody(req)) disregardBody(req, res);
  if (req.method === "OPTIONS") return void res.setHeader("allow", allowOf(route)).writeHead(204).end();
  if (route.kind === "bulk" && !options.features(connection).bulk.supported) throw new TurnedAway({ status: 501, detail: "Bulk is switched off for this connection; ServiceProviderConfig says so." });
  const query = queryOf(asked);
  res.setHeader("cache-control", "no-store");

  const serve = () => {
    const exchange = (current.exchange = exchangeOf(options, current, connection, req));
    if (isDiscovery(route)) return discover(options.scim.discovery, exchange.base, options.features(connection), route, query, res);
    if (route.kind === "bulk") return void exchange.bridge.bulk(req.body, exchange).then((done) => send(res, 200, SCIM_JSON, done)).catch(next);
    if (route.kind === "search") {
      const maxPage = options.limits?.(connection).page ?? 1000;
      return void search(route.type, req.body, exchange, maxPage).then((list) => sendList(res, list)).catch(next);
    }
    handOver(req, res, next, route, query, options, exchange.base);
  };
  if (!meant && !hasBody(req)) return serve();
  const body = meant ? readBody(req, res, capsOf(options, route, connection), admission) : discardBody(req, res, admission);
  body.then((read) => {
    req.body = read;
    serve();
  }).catch(next);
}

/** To scimmy-routers, under an address that is built anew from what was checked. */
function handOver(req: Request, res: Response, next: (error?: unknown) => void, route: Route, query: QueryParameters, options: DoorOptions, base: string): void {
  if (route.kind !== "item" && route.kind !== "collection") throw notThere();
  req.baseUrl = base.slice(options.publicUrl.length);
  req.url = route.kind === "item" ? `/${route.type}s/${route.id}` : `/${route.type}s`;
  req.query = query as Request["query"]; // a plain property: see server.ts
  if (route.type === "Group") sendInPieces(req, res);
  options.scim.during(visitOf(res).exchange!, () => options.scim.router(req as never, res as never, next));
}

const MIB = 1_048_576;

/** Only groups are ever large: a full push of 50,000 members. */
function capsOf(options: DoorOptions, route: Route, connection: ConnectionId): BodyCaps {
  const limits = options.limits?.(connection);
  const ofGroup = route.kind === "bulk" || ((route.kind === "item" || route.kind === "collection") && route.type === "Group");
  return ofGroup ? { bytes: limits?.groupBodyBytes ?? 8 * MIB, elements: 400_000 } : { bytes: limits?.userBodyBytes ?? MIB, elements: 5_000 };
}

function outside(options: DoorOptions, segments: readonly string[], req: Request, res: Response, next: (error?: unknown) => void): void {
  if (segments[0] === "scim" || !options.beside) throw notThere();
  options.beside(req, res, (thrown) => next(thrown ?? notThere()));
}

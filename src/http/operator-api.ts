/**
 * `/api/v1`: the operator's acts over HTTP, for tokens of its own. SCIM tokens do not open it, and its tokens open no connection.
 *
 * In this order, and nothing of a later step shows to whoever is turned away at an earlier one: the token, where from, the address, the
 * role, the body, the act. Whoever fails too often is not even noted any more. Until an operator token exists, a stranger finds nothing here.
 *
 * @module
 */
import type { Request, Response } from "express";
import type { ConnectionId } from "../model/ids.ts";
import { connectionId } from "../model/ids.ts";
import { mayDo } from "../model/operator.ts";
import type { OperatorToken } from "../operator/known-operators.ts";
import type { Attempts } from "./attempts.ts";
import { tokenBrought } from "./authenticate.ts";
import { disregardBody, hasBody, readBody } from "./body.ts";
import type { DoorOptions, OperatorDoor } from "./door.ts";
import { notThere, send, TurnedAway, unavailable, wrongMethod } from "./errors.ts";
import { onlyOne } from "./head.ts";
import type { Admission } from "./limits.ts";
import { isOnThisMachine } from "./metrics.ts";
import type { Visit } from "./visit.ts";

export interface ApiRequest {
  readonly options: DoorOptions;
  readonly door: OperatorDoor;
  /** Of operators; by token. */
  readonly admission: Admission;
  readonly attempts: Attempts;
  readonly visit: Visit;
}

const JSON_TYPE = "application/json; charset=utf-8";
/** No act takes more. */
const caps = { bytes: 65_536, elements: 1_000 };
/** Under this name failures are counted; no connection can have it. */
const counted = "~operators";

/** @throws {TurnedAway}, and whatever an act throws */
export async function operatorApi(asked: ApiRequest, segments: readonly string[], query: string, req: Request, res: Response): Promise<void> {
  const { options, door, admission, visit } = asked;
  res.setHeader("cache-control", "no-store");
  const { name, role } = operatorOf(asked, req);
  const key: ConnectionId = connectionId(`~${name}`);
  admission.enter(key);
  res.on("close", () => admission.leave(key));
  const words = segments.slice(2);
  if (segments[1] !== "v1") throw notThere();
  if (words.length === 1 && words[0] === "openapi.json") {
    if (req.method !== "GET" && req.method !== "HEAD") throw wrongMethod("GET, HEAD");
    return send(res, 200, JSON_TYPE, door.description());
  }
  const found = door.find(req.method, words);
  if (found.kind === "nothing") throw notThere();
  if (found.kind === "method") throw wrongMethod(found.allow);
  const { act } = found;
  if (!mayDo(role, act.needs)) {
    door.denied({ correlation: visit.correlation, status: 403, reason: `takes the role ${act.needs}`, from: options.addressOf?.(req), by: name, act: act.name });
    throw new TurnedAway({ status: 403, detail: `This takes the role ${act.needs}; yours is ${role}.` });
  }
  const body = act.takesBody && hasBody(req) ? await readBody(req, res, caps, admission) : {};
  if (!act.takesBody && hasBody(req)) disregardBody(req, res);
  const answer = await act.perform({ query, body, seen: seenIn(req) }, { name: `${name} (operator token)`, role }).catch((thrown: unknown) => {
    // What takes more only with some of its fields.
    const told = door.told(thrown);
    if (told.status === 403) door.denied({ correlation: visit.correlation, status: 403, reason: told.detail, from: options.addressOf?.(req), by: name, act: act.name });
    throw thrown;
  });
  options.log.info("an operator's act", { correlation: visit.correlation, operation: act.name, token: name, status: 200 });
  if (res.destroyed) return;
  send(res, 200, JSON_TYPE, answer, req.method !== "POST" && typeof answer["version"] === "string" ? { etag: `"${answer["version"]}"` } : {});
}

/** @throws {TurnedAway} 401, 403, 404, 429, 503 */
function operatorOf({ options, door, attempts, visit }: ApiRequest, req: Request): OperatorToken {
  const from = options.addressOf?.(req);
  const tokens = knownTo(options, door);
  if (tokens.length === 0 && !isOnThisMachine(req.socket.remoteAddress, req.headers)) throw notThere();
  const token = tokenBrought(tokens, req, options.clock.now());
  if (typeof token === "string") {
    // Who brings a right token comes in whatever others have tried from the same address: behind one proxy all have the same, and what makes
    // guessing hopeless is the length of a token.
    const pauseSeconds = attempts.pauseSeconds(counted, from ?? "");
    if (pauseSeconds > 0) throw new TurnedAway({ status: 429, detail: "Too many failed attempts from this address.", retryAfterSeconds: pauseSeconds });
    attempts.failed(counted, from ?? "");
    door.denied({ correlation: visit.correlation, status: 401, reason: token, from });
    throw new TurnedAway({ status: 401, detail: "The operator token is missing, wrong or expired; `drawbridge operator create` makes one." }, { "www-authenticate": 'Bearer realm="operator"' });
  }
  if (!door.admits(req)) {
    door.denied({ correlation: visit.correlation, status: 403, reason: "a right token from where no requests are taken from (operator.allowFrom)", from, by: token.name });
    throw new TurnedAway({ status: 403, detail: "The operator API takes no requests from where this one comes from." });
  }
  door.used(token.name);
  return token;
}

function knownTo({ log }: DoorOptions, door: OperatorDoor): readonly OperatorToken[] {
  try {
    return door.tokens();
  } catch (thrown) {
    log.error("the operator tokens cannot be looked up", { error: thrown instanceof Error ? thrown.message : "not an error" });
    throw unavailable("The server cannot look up operator tokens at the moment.", 30);
  }
}

/** A tag that is weak, or one of several, matches nothing (RFC 9110, 13.1.1); `*` asks for nothing. */
function seenIn(req: Request): string | undefined {
  const given = onlyOne(req, "if-match")?.trim() ?? (req.headers["if-match"] === undefined ? "*" : "");
  return given === "*" ? undefined : (/^"([^"]*)"$/.exec(given)?.[1] ?? given);
}

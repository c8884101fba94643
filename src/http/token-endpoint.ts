/**
 * `POST /oauth/{connection}/token`: client credentials (RFC 6749, 4.4) by secret, in the header, in the body or in both as Entra may
 * send it, or by a signed assertion (RFC 7523) where the connection trusts an issuer.
 *
 * One answer for every wrong client, wrong secret and connection that is not there. Nothing is taken from the address, where logs would see it.
 *
 * @module
 */
import type { Request, Response } from "express";
import { type ConnectionId, connectionId } from "../model/ids.ts";
import type { Attempts } from "./attempts.ts";
import { fromElsewhere } from "./authenticate.ts";
import { readForm } from "./body.ts";
import { type Client, clientOf, type OAuthError } from "./client.ts";
import type { DoorOptions } from "./door.ts";
import { keysAway, send, stranger, TurnedAway, wrongMethod } from "./errors.ts";
import type { Admission } from "./limits.ts";
import type { Visit } from "./visit.ts";

const JSON_TYPE = "application/json;charset=UTF-8";
/** RFC 6749, 3.3. */
const scopes = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/;

export interface TokenRequest {
  readonly options: DoorOptions;
  readonly admission: Admission;
  readonly attempts: Attempts;
  readonly visit: Visit;
  /** Whether the address has a query. */
  readonly search: boolean;
}

/** @returns the connection whose token endpoint an address is */
export const tokenEndpointOf = (segments: readonly string[]): ConnectionId | undefined => (segments.length === 3 && segments[0] === "oauth" && segments[2] === "token" ? connectionId(segments[1]!) : undefined);

/** @throws {TurnedAway} 403, 405, 413, 415, 429, 503 */
export async function giveToken(connection: ConnectionId, asked: TokenRequest, req: Request, res: Response): Promise<void> {
  const { options, attempts, visit } = asked;
  if (req.method !== "POST") throw wrongMethod("POST");
  res.setHeader("cache-control", "no-store");
  const from = options.addressOf?.(req) ?? "";
  const pauseSeconds = attempts.pauseSeconds(connection, from);
  if (pauseSeconds > 0) throw new TurnedAway({ status: 429, detail: "Too many failed attempts at this token endpoint.", retryAfterSeconds: pauseSeconds });

  const client = await judged(connection, asked, req, res);
  if (!client.ok && client.error === "unknown") {
    options.log.error("an assertion cannot be judged at the moment", { connection, correlation: visit.correlation, detail: client.reason });
    throw keysAway();
  }
  if (!client.ok) {
    const isClient = client.error === "invalid_client";
    if (isClient) attempts.failed(connection, from);
    options.log.warn("turned away at the token endpoint", { connection, correlation: visit.correlation, status: isClient ? 401 : 400, detail: client.reason });
    return send(res, isClient ? 401 : 400, JSON_TYPE, { error: client.error }, isClient ? { "www-authenticate": 'Basic realm="oauth"' } : {});
  }
  if (options.admits && !options.admits(connection, req)) {
    options.log.warn("turned away at the token endpoint", { connection, correlation: visit.correlation, status: 403, detail: fromElsewhere(options, req) });
    throw stranger();
  }
  const { id, by, scope, oauth } = client;
  const lifetimeMs = oauth.lifetimeMs(connection);
  const access_token = oauth.tokens.seal({ connection, client: id, by, untilMs: options.clock.now() + lifetimeMs });
  options.log.info("gave an access token", { connection, correlation: visit.correlation, token: id });
  send(res, 200, JSON_TYPE, { access_token, token_type: "Bearer", expires_in: Math.floor(lifetimeMs / 1000), ...(scope !== undefined && { scope }) });
}

type Judged = (Extract<Client, { ok: true }> & { readonly scope: string | undefined; readonly oauth: NonNullable<DoorOptions["oauth"]> }) | Extract<Client, { ok: false }>;

async function judged(connection: ConnectionId, { options, admission, search }: TokenRequest, req: Request, res: Response): Promise<Judged> {
  const form = await readForm(req, res, admission);
  const no = (error: OAuthError, reason: string): Judged => ({ ok: false, error, reason });
  const { oauth } = options;
  if (search) return no("invalid_request", "parameters in the address, where every log on the way sees them");
  if (!form) return no("invalid_request", "a form that says something twice");
  const grant = form.get("grant_type");
  if (grant !== "client_credentials") return grant === undefined ? no("invalid_request", "no grant_type") : no("unsupported_grant_type", "another grant than client_credentials");
  const scope = form.get("scope") || undefined;
  if (scope !== undefined && !scopes.test(scope)) return no("invalid_scope", "a scope that is none");
  const client = oauth && (await clientOf(oauth, connection, form, req));
  if (!client) return no("invalid_client", "no clients here");
  // Granted as asked: Entra's scope varies, and there is only one right here.
  return client.ok ? { ...client, scope, oauth } : client;
}

/**
 * `POST /oauth/{connection}/token`: client credentials (RFC 6749, 4.4) by secret, in the header, in the body or in both as Entra may
 * send it, or by a signed assertion (RFC 7523) where the connection trusts an issuer.
 *
 * One answer for every wrong client, wrong secret and connection that is not there. Nothing is taken from the address, where logs would see it.
 *
 * @module
 */
import { hash, timingSafeEqual } from "node:crypto";
import type { Request, Response } from "express";
import { type ConnectionId, connectionId } from "../model/ids.ts";
import type { AccessTokens } from "./access-token.ts";
import { readForm } from "./body.ts";
import type { DoorOptions, OAuthSide } from "./door.ts";
import { send, wrongMethod } from "./errors.ts";
import { onlyOne } from "./head.ts";
import type { Admission } from "./limits.ts";
import type { Visit } from "./visit.ts";

const JSON_TYPE = "application/json;charset=UTF-8";
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

type OAuthError = "invalid_request" | "invalid_client" | "unsupported_grant_type" | "invalid_scope";

/** @returns false: not this address */
export function tokenEndpoint(options: DoorOptions, segments: readonly string[], search: boolean, admission: Admission, visit: Visit, req: Request, res: Response, next: (error?: unknown) => void): boolean {
  if (segments.length !== 3 || segments[0] !== "oauth" || segments[2] !== "token" || !options.oauth) return false;
  if (req.method !== "POST") throw wrongMethod("POST");
  const { oauth } = options;
  const connection = connectionId(segments[1] ?? "");
  const refuse = (error: OAuthError, reason: string) => {
    options.log.warn("turned away at the token endpoint", { connection: segments[1] ?? "", correlation: visit.correlation, status: error === "invalid_client" ? 401 : 400, detail: reason });
    res.setHeader("cache-control", "no-store");
    send(res, error === "invalid_client" ? 401 : 400, JSON_TYPE, { error }, error === "invalid_client" ? { "www-authenticate": 'Basic realm="oauth"' } : {});
  };
  if (search) {
    refuse("invalid_request", "parameters in the address");
    return true;
  }
  readForm(req, res, admission).then(async (form) => {
    if (!form) return refuse("invalid_request", "a body that is no form");
    if (form.get("grant_type") !== "client_credentials") return refuse(form.has("grant_type") ? "unsupported_grant_type" : "invalid_request", "another grant type");
    const client = await clientOf(oauth, connection, form, req);
    if (!client.ok) return refuse(client.error, client.reason);
    const lifetimeMs = oauth.lifetimeMs(connection);
    const access_token = tokensOf(oauth).seal({ connection, client: client.id, by: client.by, untilMs: options.clock.now() + lifetimeMs });
    res.setHeader("cache-control", "no-store");
    send(res, 200, JSON_TYPE, { access_token, token_type: "Bearer", expires_in: Math.floor(lifetimeMs / 1000), ...(form.has("scope") && { scope: form.get("scope") ?? "" }) });
  }).catch(next);
  return true;
}

const tokensOf = ({ tokens }: OAuthSide): AccessTokens => tokens;

type Client = { readonly ok: true; readonly id: string; readonly by: string } | { readonly ok: false; readonly error: OAuthError; readonly reason: string };

const unknown = (reason: string): Client => ({ ok: false, error: "invalid_client", reason });

async function clientOf(oauth: OAuthSide, connection: ConnectionId, form: ReadonlyMap<string, string>, req: Request): Promise<Client> {
  const assertion = form.get("client_assertion");
  if (assertion !== undefined) {
    if (form.get("client_assertion_type") !== assertionType || form.has("client_secret")) return { ok: false, error: "invalid_request", reason: "an assertion beside a secret, or of an unknown type" };
    const verified = (await oauth.federated(connection, assertion)) ?? { ok: false as const, reason: "no federation on this connection" };
    return verified.ok ? { ok: true, id: verified.subject, by: federation } : unknown(verified.reason);
  }
  const header = inHeader(req);
  if (header === "broken") return unknown("an Authorization header that is no client's");
  const body = form.has("client_id") || form.has("client_secret") ? { id: form.get("client_id") ?? "", secret: form.get("client_secret") } : undefined;
  // Some send the id in the body beside the header; a second opinion about the secret is a mistake.
  if (header && body && (![header.id, decoded(header.id)].includes(body.id) || (body.secret !== undefined && ![header.secret, decoded(header.secret)].includes(body.secret)))) return { ok: false, error: "invalid_request", reason: "header and body name different clients" };
  const given = header ?? body;
  if (!given?.secret) return unknown("no credentials");
  // Some encode the halves of the header as the RFC says, and some do not.
  const prints = [given.secret, decoded(given.secret)].map(printOf);
  const live = oauth.clients(connection).filter(({ id, print }) => (isSame(id, given.id) || isSame(id, decoded(given.id))) && prints.some((one) => isSame(print, one)));
  const [first] = live;
  return first ? { ok: true, id: first.id, by: first.print } : unknown("no client of this connection");
}

/** Stands in a token in place of a secret's print: it was given for a signed assertion. */
export const federation = "federation";

/** Tells a secret from others without being one. */
export const printOf = (secret: string): string => hash("sha256", `client secret ${secret}`, "base64url");

const isSame = (one: string, other: string): boolean => timingSafeEqual(hash("sha256", one, "buffer"), hash("sha256", other, "buffer"));

/** As it stands there; RFC 6749, 2.3.1 wants both halves form-encoded. */
function inHeader(req: Request): { readonly id: string; readonly secret: string } | undefined | "broken" {
  if (req.headers.authorization === undefined) return undefined;
  const [, encoded] = /^basic[ \t]+([A-Za-z0-9+/]+={0,2})$/i.exec(onlyOne(req, "authorization")?.trim() ?? "") ?? [];
  const text = encoded === undefined ? "" : Buffer.from(encoded, "base64").toString("utf8");
  const at = text.indexOf(":");
  if (at < 1) return "broken";
  return { id: text.slice(0, at), secret: text.slice(at + 1) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

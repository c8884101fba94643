/**
 * Which client stands behind a token request: by its secret, in the header, in the body or in both, or by an assertion.
 *
 * Every known secret is compared in constant time, whatever the client's name, and one that opens nothing where there is none.
 *
 * @module
 */
import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { ConnectionId } from "../model/ids.ts";
import type { OAuthSide } from "./door.ts";
import { onlyOne } from "./head.ts";

export type OAuthError = "invalid_request" | "invalid_client" | "unsupported_grant_type" | "invalid_scope";

/** `by` is what an access token for it is bound to; `unknown`: nobody can tell at the moment. */
export type Client = { readonly ok: true; readonly id: string; readonly by: string } | { readonly ok: false; readonly error: OAuthError | "unknown"; readonly reason: string };

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const refused = (error: OAuthError | "unknown", reason: string): Client => ({ ok: false, error, reason });

export async function clientOf(oauth: OAuthSide, connection: ConnectionId, form: ReadonlyMap<string, string>, req: IncomingMessage): Promise<Client> {
  const assertion = form.get("client_assertion");
  if (assertion !== undefined) {
    if (form.get("client_assertion_type") !== assertionType) return refused("invalid_request", "an assertion of an unknown type");
    if (form.has("client_secret") || req.headers.authorization !== undefined) return refused("invalid_request", "an assertion beside other credentials");
    const trust = oauth.trust(connection);
    const verdict = trust && (await trust.verify(assertion));
    if (verdict?.kind === "right") return { ok: true, id: verdict.subject, by: trust!.print };
    return verdict ? refused(verdict.kind === "unknown" ? "unknown" : "invalid_client", verdict.reason) : refused("invalid_client", "no assertion is trusted here");
  }
  const header = inHeader(req);
  if (header === "broken") return refused("invalid_client", "an Authorization header that is no client's");
  const body = form.has("client_id") || form.has("client_secret") ? { id: form.get("client_id") ?? "", secret: form.get("client_secret") } : undefined;
  // Some repeat the client in the body beside the header; a second opinion about it is a mistake.
  if (header && body && !(meant(header.id).includes(body.id) && (body.secret === undefined || meant(header.secret).includes(body.secret)))) return refused("invalid_request", "header and body name different clients");
  const given = header ?? body;
  if (!given?.secret) return refused("invalid_client", "no credentials");
  const ids = meant(given.id);
  const prints = meant(given.secret).map(oauth.tokens.print);
  const known = oauth.clients(connection);
  let found: { readonly id: string; readonly print: string } | undefined;
  for (const client of known.length > 0 ? known : nobody) {
    const isClient = anySame(ids, client.id);
    const isSecret = anySame(prints, client.print);
    if (isClient && isSecret) found ??= client;
  }
  return found && known.length > 0 ? { ok: true, id: found.id, by: found.print } : refused("invalid_client", "no client of this connection, or not its secret");
}

/** Compared with where there is no client, so that the answer takes as long. */
const nobody = [{ id: "", print: "" }];

/** As it stands there, and form-decoded: RFC 6749, 2.3.1 wants both halves of the header encoded, and some do not. */
function meant(text: string): readonly [string, string] {
  try {
    return [text, decodeURIComponent(text.replaceAll("+", " "))];
  } catch {
    return [text, text];
  }
}

/** Takes as long for every text of the same length. */
function anySame(given: readonly string[], known: string): boolean {
  const digest = hash("sha256", known, "buffer");
  return given.map((one) => timingSafeEqual(hash("sha256", one, "buffer"), digest)).includes(true);
}

function inHeader(req: IncomingMessage): { readonly id: string; readonly secret: string } | undefined | "broken" {
  if (req.headers.authorization === undefined) return undefined;
  const [, encoded] = /^basic[ \t]+([A-Za-z0-9+/]+={0,2})$/i.exec(onlyOne(req, "authorization")?.trim() ?? "") ?? [];
  const text = encoded === undefined ? "" : Buffer.from(encoded, "base64").toString("utf8");
  const at = text.indexOf(":");
  return at < 1 ? "broken" : { id: text.slice(0, at), secret: text.slice(at + 1) };
}

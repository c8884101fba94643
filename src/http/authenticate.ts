/**
 * Token → connection, in constant time, before anything else of the request is read.
 *
 * One answer for every wrong credential and for a connection that does not exist, so a stranger learns nothing. A 401 means
 * "this token is wrong" and nothing else, because Entra quarantines the whole job on the first one: when the tokens cannot be
 * looked up, that is 503 (idps.md, 3 and 10).
 *
 * @module
 */
import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type ConnectionId, connectionId } from "../model/ids.ts";
import type { DoorOptions, DoorToken, OAuthSide } from "./door.ts";
import { keysAway, stranger, unauthorised, unavailable } from "./errors.ts";
import { onlyOne } from "./head.ts";

export interface Opened {
  readonly connection: ConnectionId;
  /** The name of the token, for logs; never the token. */
  readonly token: string;
}

type Credential = { readonly kind: "token" | "basic"; readonly text: string } | { readonly kind: "none"; readonly reason: string };

/** An issuer's assertion with many claims is long; heads are capped at 16 KiB anyway. */
const MAX_CREDENTIAL = 8_192;
const connectionName = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * @param name the connection as the path has it
 * @param refused told why, for the log; the client is not
 * @returns at once, except for an issuer's assertion, whose signature takes time
 * @throws {TurnedAway} 401, 403 for a right credential from a wrong place, or 503 when the tokens cannot be looked up
 */
export function authenticate(options: DoorOptions, name: string, req: IncomingMessage, refused: (reason: string, status: 401 | 403) => void): Opened | Promise<Opened> {
  const credential = credentialOf(req);
  const connection = connectionId(name);
  const turnAway = (reason: string): never => {
    refused(reason, 401);
    throw unauthorised(req.headers.authorization !== undefined);
  };
  const admitted = (token: string): Opened => {
    if (options.admits && !options.admits(connection, req)) {
      refused(fromElsewhere(options, req), 403);
      throw stranger();
    }
    options.tokenUsed?.(connection, token);
    return { connection, token };
  };
  if (credential.kind === "none") return turnAway(credential.reason);
  const known = connectionName.test(name) ? knownTo(options, connection, credential.kind) : undefined;
  const match = matching(known && known.length > 0 ? known : nobody, credential.text);
  if (match && known !== undefined) return match.expiresMs !== undefined && match.expiresMs <= options.clock.now() ? turnAway(`the token ${match.name} has expired`) : admitted(match.name);
  if (known !== undefined && credential.kind === "token" && options.oauth) {
    const client = clientWith(options.oauth, connection, credential.text, options.clock.now());
    if (client.ok) return admitted(client.id);
    if (client.reason !== undefined) return turnAway(client.reason);
    const trust = options.oauth.trust(connection);
    if (trust && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(credential.text)) {
      return trust.verify(credential.text).then((verdict) => {
        if (verdict.kind === "right") return admitted(verdict.subject);
        if (verdict.kind === "wrong") return turnAway(verdict.reason);
        options.log.error("a credential cannot be judged at the moment", { connection, detail: verdict.reason });
        throw keysAway();
      });
    }
  }
  return turnAway("no token of this connection");
}

/** The address is said, because who sets `auth.allowFrom` cannot learn it elsewhere; it is that of a system with a right credential. */
export const fromElsewhere = ({ addressOf }: DoorOptions, req: IncomingMessage): string => `a right credential from ${addressOf?.(req) ?? "an unknown address"}, from where this connection takes no requests (auth.allowFrom)`;

function knownTo(options: DoorOptions, connection: ConnectionId, kind: "token" | "basic"): readonly DoorToken[] | undefined {
  try {
    return kind === "basic" ? options.basic?.(connection) : options.tokens(connection);
  } catch (thrown) {
    options.log.error("the tokens cannot be looked up", { connection, error: thrown instanceof Error ? thrown.message : "not an error" });
    throw unavailable("The server cannot look up tokens at the moment.", 30);
  }
}

/** An access token of ours. `reason` is absent for what is none. */
function clientWith(oauth: OAuthSide, connection: ConnectionId, text: string, nowMs: number): { readonly ok: true; readonly id: string } | { readonly ok: false; readonly reason: string | undefined } {
  const token = oauth.tokens.open(text);
  if (!token) return { ok: false, reason: undefined };
  if (token.connection !== connection) return { ok: false, reason: "an access token of another connection" };
  if (token.untilMs <= nowMs) return { ok: false, reason: `the access token of ${token.client} has expired` };
  const isLive = token.by === oauth.trust(connection)?.print || oauth.clients(connection).some(({ id, print }) => id === token.client && print === token.by);
  return isLive ? { ok: true, id: token.client } : { ok: false, reason: `what ${token.client} had its access token for is not in the configuration any more` };
}

/** Which of these tokens was brought, or why none; for what is not a connection's. Constant time, as above. */
export function tokenBrought<Token extends DoorToken>(tokens: readonly Token[], req: IncomingMessage, nowMs: number): Token | string {
  const credential = credentialOf(req);
  if (credential.kind !== "token") return credential.kind === "none" ? credential.reason : "an authentication scheme that is not accepted";
  const match = matching<DoorToken>(tokens.length > 0 ? tokens : nobody, credential.text);
  const token = tokens.find((one) => one === match);
  if (!token) return credential.text.startsWith("dbt_") ? "a SCIM token, or one of a connection" : "no operator token";
  return token.expiresMs !== undefined && token.expiresMs <= nowMs ? `the token ${token.name} has expired` : token;
}

/** Compared with even where there is no connection, so that the answer takes as long. */
const nobody: readonly DoorToken[] = [{ name: "", hash: Buffer.alloc(32), expiresMs: undefined }];

/** All are compared, whatever the first ones say. */
function matching<Token extends DoorToken>(tokens: readonly Token[], text: string): Token | undefined {
  const digest = hash("sha256", text, "buffer");
  let found: Token | undefined;
  for (const token of tokens) if (token.hash.length === digest.length && timingSafeEqual(token.hash, digest)) found ??= token;
  return found;
}

/** What people paste: `Bearer` in any case with any number of blanks, or the bare token (Okta's header authentication). */
function credentialOf(req: IncomingMessage): Credential {
  if (req.headers.authorization === undefined) return { kind: "none", reason: "no Authorization header" };
  const value = onlyOne(req, "authorization")?.trim();
  if (value === undefined) return { kind: "none", reason: "more than one Authorization header" };
  if (value.length > MAX_CREDENTIAL) return { kind: "none", reason: "a credential that is too long" };
  const words = value.split(/[ \t]+/);
  const scheme = words[0]!.toLowerCase();
  if (scheme === "bearer" && words[1]?.toLowerCase() === "bearer") {
    return { kind: "none", reason: "'Bearer Bearer …': the word Bearer was pasted into the token field of an IdP that adds it by itself" };
  }
  if (words.length > 2) return { kind: "none", reason: "blanks inside the credential" };
  if (words.length === 1) return scheme === "" || scheme === "bearer" || scheme === "basic" ? { kind: "none", reason: "an empty credential" } : { kind: "token", text: value };
  if (scheme === "bearer") return { kind: "token", text: words[1]! };
  if (scheme !== "basic") return { kind: "none", reason: "an authentication scheme that is not accepted" };
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(words[1]!)) return { kind: "none", reason: "Basic credentials that are no base64" };
  return { kind: "basic", text: Buffer.from(words[1]!, "base64").toString("utf8") };
}

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
import type { DoorOptions, DoorToken } from "./door.ts";
import { unauthorised, unavailable } from "./errors.ts";
import { onlyOne } from "./head.ts";

export interface Opened {
  readonly connection: ConnectionId;
  /** The name of the token, for logs; never the token. */
  readonly token: string;
}

type Credential = { readonly kind: "token" | "basic"; readonly text: string } | { readonly kind: "none"; readonly reason: string };

const MAX_CREDENTIAL = 4096;
const connectionName = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * @param name the connection as the path has it
 * @param refused told why, for the log; the client is not
 * @throws {TurnedAway} 401, or 503 when the tokens cannot be looked up
 */
export function authenticate(options: DoorOptions, name: string, req: IncomingMessage, refused: (reason: string) => void): Opened {
  const credential = credentialOf(req);
  const connection = connectionId(name);
  let known: readonly DoorToken[] | undefined;
  try {
    if (connectionName.test(name) && credential.kind !== "none") known = credential.kind === "basic" ? options.basic?.(connection) : options.tokens(connection);
  } catch (thrown) {
    options.log.error("the tokens cannot be looked up", { connection: name, error: thrown instanceof Error ? thrown.message : "not an error" });
    throw unavailable("The server cannot look up tokens at the moment.", 30);
  }
  if (credential.kind === "none") {
    refused(credential.reason);
    throw unauthorised();
  }
  const match = matching(known ?? nobody, credential.text);
  if (!match || known === undefined) {
    refused("no token of this connection");
    throw unauthorised();
  }
  if (match.expiresMs !== undefined && match.expiresMs <= options.clock.now()) {
    refused(`the token ${match.name} has expired`);
    throw unauthorised();
  }
  options.tokenUsed?.(connection, match.name);
  return { connection, token: match.name };
}

/** Whether one of these tokens was brought; for what is not a connection's. Constant time, as above. */
export function holdsToken(tokens: readonly DoorToken[], req: IncomingMessage): boolean {
  const credential = credentialOf(req);
  return credential.kind === "token" && matching(tokens.length > 0 ? tokens : nobody, credential.text) !== undefined && tokens.length > 0;
}

/** Compared with even where there is no connection, so that the answer takes as long. */
const nobody: readonly DoorToken[] = [{ name: "", hash: Buffer.alloc(32), expiresMs: undefined }];

/** All are compared, whatever the first ones say. */
function matching(tokens: readonly DoorToken[], text: string): DoorToken | undefined {
  const digest = hash("sha256", text, "buffer");
  let found: DoorToken | undefined;
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

/**
 * What the door itself says no to, and how every no is written.
 *
 * Faults of the standard have their table in `scim/errors.ts`; here are the ones that only HTTP knows: framing, address, token,
 * size, media type, method. One sentence each, never a word of the client's, never a reason that a stranger could learn from.
 *
 * @module
 */
import type { ServerResponse } from "node:http";
import type { ScimType } from "../model/failure.ts";
import type { JsonObject } from "../model/json.ts";
import type { Face } from "../scim/exchange.ts";

/** Headers that a refusal needs beside its body. */
export type FaceHeaders = Readonly<Record<string, string>>;

/** Thrown by a step at the door; the last error route writes it. */
export class TurnedAway extends Error {
  readonly face: Face;
  readonly headers: FaceHeaders;
  constructor(face: Face, headers: FaceHeaders = {}) {
    super(face.detail);
    this.name = "TurnedAway";
    this.face = face;
    this.headers = headers;
  }
}

export const badRequest = (detail: string, scimType?: ScimType): TurnedAway => new TurnedAway({ status: 400, detail, ...(scimType && { scimType }) });

/**
 * The same words for every reason and for a connection that does not exist. The challenge alone tells a request that brought nothing from
 * one that brought something wrong (RFC 6750, 3.1): the client knows that anyway, and who looks for a proxy that takes the header away
 * does not.
 *
 * @param brought there was an Authorization header
 */
export const unauthorised = (brought: boolean): TurnedAway =>
  new TurnedAway({ status: 401, detail: "The token is missing, wrong or expired for this connection." }, { "www-authenticate": brought ? 'Bearer realm="scim", error="invalid_token"' : 'Bearer realm="scim"' });

/** Ours, not the client's: a 401 here would make Entra quarantine the whole job (idps.md, 3). */
export const unavailable = (detail: string, retryAfterSeconds: number): TurnedAway => new TurnedAway({ status: 503, detail, retryAfterSeconds });

/** Only for who has shown a right credential. Not 401, which means that the credential is wrong. */
export const stranger = (): TurnedAway => new TurnedAway({ status: 403, detail: "This connection takes no requests from where this one comes from." });

export const keysAway = (): TurnedAway => unavailable("The server cannot look up the issuer's keys at the moment.", 30);

export const notThere = (detail = "There is nothing at this address."): TurnedAway => new TurnedAway({ status: 404, detail });

export const wrongMethod = (allow: string): TurnedAway => new TurnedAway({ status: 405, detail: `This address does not know that method; it knows ${allow}.` }, { allow });

export const tooLarge = (limitBytes: number): TurnedAway => new TurnedAway({ status: 413, detail: `The body is larger than the ${limitBytes} bytes that are accepted here.` });

export const unsupportedMedia = (detail: string): TurnedAway => new TurnedAway({ status: 415, detail });

export const PROBLEM_JSON = "application/problem+json; charset=utf-8";
export const SCIM_JSON = "application/scim+json; charset=utf-8";

/** Writes JSON and ends the answer; `HEAD` gets the head only. */
export function send(res: ServerResponse, status: number, contentType: string, body: JsonObject, headers: FaceHeaders = {}): void {
  const text = JSON.stringify(body);
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.setHeader("content-type", contentType);
  res.setHeader("content-length", Buffer.byteLength(text));
  res.end(text);
}

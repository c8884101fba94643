/**
 * Access tokens of our own token endpoint: sealed, not stored, so that every replica knows them at once.
 *
 * One says which client of which connection may come in until when. It is bound to the secret that it was given for: take that secret
 * out of the configuration, and the tokens that it bought are worth nothing.
 *
 * @module
 */
import { createHmac, timingSafeEqual } from "node:crypto";

export interface Admitted {
  readonly connection: string;
  /** For logs and "last used". */
  readonly client: string;
  /** Which of the client's secrets, or which federation, it was given for: `printOf` of it. */
  readonly by: string;
  /** ms since 1970. */
  readonly untilMs: number;
}

export interface AccessTokens {
  seal(admitted: Admitted): string;
  /** @returns `undefined` for anything that is not ours; whether it is still good is the caller's to judge */
  open(token: string): Admitted | undefined;
}

const prefix = "dba_";
const macBytes = 32;

/** @param key of this installation, the same on every process */
export function openAccessTokens(key: string): AccessTokens {
  const mac = (text: string): Buffer => createHmac("sha256", key).update(text).digest();
  return {
    seal({ connection, client, by, untilMs }) {
      const text = JSON.stringify([connection, client, by, untilMs]);
      return prefix + Buffer.concat([mac(text), Buffer.from(text)]).toString("base64url");
    },
    open(token) {
      if (!token.startsWith(prefix)) return undefined;
      const bytes = Buffer.from(token.slice(prefix.length), "base64url");
      const text = bytes.subarray(macBytes).toString();
      if (bytes.length <= macBytes || bytes.toString("base64url") !== token.slice(prefix.length) || !timingSafeEqual(bytes.subarray(0, macBytes), mac(text))) return undefined;
      const [connection, client, by, untilMs] = JSON.parse(text) as [string, string, string, number];
      return { connection, client, by, untilMs };
    },
  };
}

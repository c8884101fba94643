/**
 * Access tokens of our own token endpoint: sealed, not stored, so that every replica knows them at once.
 *
 * One says which client of which connection may come in until when. It is bound to what it was given for, a client's secret or the
 * trust in an issuer: take that out of the configuration, and the tokens that it bought are worth nothing.
 *
 * @module
 */
import { createHmac, timingSafeEqual } from "node:crypto";

export interface Admitted {
  readonly connection: string;
  /** For logs. */
  readonly client: string;
  /** `print` of the secret, or of the trust, that it was given for. */
  readonly by: string;
  /** ms since 1970. */
  readonly untilMs: number;
}

export interface AccessTokens {
  seal(admitted: Admitted): string;
  /** @returns `undefined` for anything that is not ours; whether it is still good is the caller's to judge */
  open(token: string): Admitted | undefined;
  /** Tells one secret from others. Whoever reads it in a token cannot try out secrets against it: that takes our key. */
  print(text: string): string;
}

const prefix = "dba_";
const macBytes = 32;

/** @param key of this installation, the same on every process */
export function openAccessTokens(key: string): AccessTokens {
  const mac = (use: "token" | "print", text: string): Buffer => createHmac("sha256", key).update(`${use} ${text}`).digest();
  return {
    seal({ connection, client, by, untilMs }) {
      const text = JSON.stringify([connection, client, by, untilMs]);
      return prefix + Buffer.concat([mac("token", text), Buffer.from(text)]).toString("base64url");
    },
    open(token) {
      if (!token.startsWith(prefix)) return undefined;
      const bytes = Buffer.from(token.slice(prefix.length), "base64url");
      const text = bytes.subarray(macBytes).toString();
      // One token has one spelling: base64url ignores stray bits and letters.
      if (bytes.length <= macBytes || bytes.toString("base64url") !== token.slice(prefix.length) || !timingSafeEqual(bytes.subarray(0, macBytes), mac("token", text))) return undefined;
      const [connection, client, by, untilMs] = JSON.parse(text) as [string, string, string, number];
      return { connection, client, by, untilMs };
    },
    print: (text) => mac("print", text).toString("base64url"),
  };
}

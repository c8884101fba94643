/**
 * Posts a signed message to the operator's webhook, in the form of the Standard Webhooks specification (standardwebhooks.com, version 1,
 * symmetric): headers `webhook-id`, `webhook-timestamp` (seconds), `webhook-signature: v1,<base64 of HMAC-SHA256 over id.timestamp.body>`.
 *
 * Bound to one origin and behind the egress guard like every other call; no redirect is followed, the answer's body is of no interest, and
 * a receiver that says nothing is given up after the time limit.
 *
 * @module
 */
import { createHmac } from "node:crypto";
import type { Secret } from "../../runtime/secret.ts";
import type { Egress } from "./egress.ts";
import { openTransport } from "./transport.ts";

export interface WebhookOptions {
  readonly url: URL;
  /** As it is, or in the specification's own form: `whsec_` and the key in base64. */
  readonly secret: Secret;
  readonly egress: Egress;
  readonly timeoutMs: number;
}

export interface Webhook {
  /** Once. Never throws; the reason holds no word of the receiver's. */
  post(letter: { readonly id: string; readonly atMs: number; readonly body: string }, signal: AbortSignal): Promise<{ readonly taken: true } | { readonly taken: false; readonly reason: string }>;
  close(): Promise<void>;
}

const maxAnswerBytes = 65_536;

export function openWebhook({ url, secret, egress, timeoutMs }: WebhookOptions): Webhook {
  const transport = openTransport({ origin: url, egress, connectTimeoutMs: timeoutMs, maxAnswerBytes });
  return {
    async post({ id, atMs, body }, signal) {
      const timestamp = String(Math.floor(atMs / 1000));
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const headers = { "content-type": "application/json", "user-agent": "drawbridge", "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature(secret, id, timestamp, body)}` };
      const sent = await transport.send({ method: "POST", path: url.pathname + url.search, headers, body }, limit);
      if (sent.kind === "silent") return { taken: false, reason: sent.reason };
      // The head says it all: whoever breaks off the body of a yes has said yes.
      return sent.status >= 200 && sent.status < 300 ? { taken: true } : { taken: false, reason: `answered ${sent.status}` };
    },
    close: () => transport.close(),
  };
}

const signature = (secret: Secret, id: string, timestamp: string, body: string): string => createHmac("sha256", keyOf(secret.reveal())).update(`${id}.${timestamp}.${body}`).digest("base64");

const keyOf = (text: string): Buffer => (text.startsWith("whsec_") ? Buffer.from(text.slice("whsec_".length), "base64") : Buffer.from(text, "utf8"));

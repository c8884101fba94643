/**
 * One HTTP request, sent at most once, over a pool that is tied to one origin: the only place with undici.
 *
 * It tells "never sent" from "perhaps done": `sent` is true from the moment in which the request was handed to a
 * connected socket. A request that is to be started a second time, for whatever reason, is aborted before its first byte.
 * No redirect is followed, nothing is decompressed, HTTP/1.1 only, one request at a time per socket.
 *
 * @module
 */
import { Pool } from "undici";
import type { Dispatcher } from "undici";
import type { Egress } from "./egress.ts";
import { EGRESS_REFUSED } from "./egress.ts";

export interface Outgoing {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query, starting with one slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export type Sent =
  | { readonly kind: "answered"; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly bytes: Buffer }
  /** The head of an answer came, the rest did not (cut off, or larger than allowed). */
  | { readonly kind: "cut"; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly reason: string; readonly tooLarge: boolean }
  | { readonly kind: "silent"; readonly sent: boolean; readonly reason: string };

export interface Transport {
  send(request: Outgoing, signal: AbortSignal): Promise<Sent>;
  /** Ends idle connections; requests under way are broken off. */
  close(): Promise<void>;
}

export interface TransportOptions {
  readonly origin: URL;
  readonly egress: Egress;
  readonly connectTimeoutMs: number;
  readonly maxAnswerBytes: number;
}

export function openTransport({ origin, egress, connectTimeoutMs, maxAnswerBytes }: TransportOptions): Transport {
  const pool = new Pool(origin.origin, {
    connections: 8,
    pipelining: 1,
    allowH2: false,
    // The signal of each request is the clock; undici's own are coarse.
    headersTimeout: 0,
    bodyTimeout: 0,
    // Short: the longer a socket idles, the likelier the vendor has closed it when a write goes out.
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 10_000,
    maxHeaderSize: 16_384,
    connect: { timeout: connectTimeoutMs, lookup: egress.lookupFor(origin) as never },
  });
  return {
    async send(request, signal) {
      const refusal = egress.refusal(origin);
      if (refusal !== undefined) return { kind: "silent", sent: false, reason: refusal };
      if (signal.aborted) return { kind: "silent", sent: false, reason: "no time left" };
      return dispatchOnce(pool, request, signal, maxAnswerBytes);
    },
    close: () => pool.destroy(),
  };
}

function dispatchOnce(pool: Dispatcher, request: Outgoing, signal: AbortSignal, maxBytes: number): Promise<Sent> {
  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | undefined;
    let status: number | undefined;
    let headers: Readonly<Record<string, string>> = {};
    let size = 0;
    let tooLarge = false;
    let over = false;
    const chunks: Buffer[] = [];

    const settle = (result: Sent) => {
      if (over) return;
      over = true;
      signal.removeEventListener("abort", giveUp);
      resolve(result);
    };
    const broken = (reason: string) => settle(status === undefined ? { kind: "silent", sent: controller !== undefined, reason } : { kind: "cut", status, headers, reason, tooLarge });
    const giveUp = () => {
      broken(controller === undefined ? "no connection in time" : "no answer in time");
      controller?.abort(new Error("given up"));
    };
    signal.addEventListener("abort", giveUp);

    pool.dispatch(
      { method: request.method, path: request.path, headers: { ...request.headers, "accept-encoding": "identity" }, body: request.body ?? null, idempotent: false },
      {
        onRequestStart(started) {
          // Aborting here stops undici before the first byte: given up while waiting, or about to be sent again.
          if (over || controller !== undefined) return started.abort(new Error("not sent"));
          controller = started;
        },
        onResponseStart(_, statusCode, raw) {
          if (statusCode < 200) return;
          status = statusCode;
          headers = Object.fromEntries(Object.entries(raw).flatMap(([name, value]) => (value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(", ") : String(value)]])));
        },
        onResponseData(receiving, chunk) {
          size += chunk.length;
          if (size > maxBytes) {
            tooLarge = true;
            broken(`an answer of more than ${maxBytes} bytes`);
            return receiving.abort(new Error("too large"));
          }
          chunks.push(chunk);
        },
        onResponseEnd() {
          if (status === undefined) broken("an answer without a status");
          else settle({ kind: "answered", status, headers, bytes: Buffer.concat(chunks) });
        },
        onResponseError(_, error) {
          broken(reasonOf(error));
        },
      },
    );
  });
}

/** A word for what broke: the system's code, or the class of failure; never the text of a foreign error. */
function reasonOf(error: unknown): string {
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: readonly NodeJS.ErrnoException[] };
  if (code === EGRESS_REFUSED) return message;
  const word = code ?? errors?.[0]?.code;
  return word === undefined ? "the connection failed" : (words[word] ?? word);
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection closed",
  ENOTFOUND: "name not found",
  EAI_AGAIN: "name server does not answer",
  ETIMEDOUT: "no connection in time",
  UND_ERR_CONNECT_TIMEOUT: "no connection in time",
  UND_ERR_SOCKET: "connection closed",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "answer cut off",
  CERT_HAS_EXPIRED: "certificate expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate cannot be verified",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate is for another name",
};

/**
 * One HTTP exchange as an IdP would make it: no redirect is followed, no certificate excused, one socket for one request.
 *
 * @module
 */
import { request as plain } from "node:http";
import { request as secure } from "node:https";
import type { LookupFunction } from "node:net";

export interface Asking {
  readonly method: string;
  readonly url: URL;
  /** As it goes over the wire; default: path and query of `url`. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** PEM; default: Node's own. */
  readonly authorities?: readonly string[] | undefined;
  readonly lookup?: LookupFunction;
}

export type Answered =
  | { readonly kind: "answered"; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string; /** By the clock of whoever answered, ms. */ readonly dateMs: number | undefined }
  /** `code`: `ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`, …; `TIMEOUT` and `ABORTED` are ours. */
  | { readonly kind: "silent"; readonly code: string };

const largest = 1_048_576;

/** Never rejects. */
export function exchange({ method, url, path, headers = {}, body, timeoutMs, signal, authorities, lookup }: Asking): Promise<Answered> {
  return new Promise((resolve) => {
    const isSecure = url.protocol === "https:";
    const request = (isSecure ? secure : plain)(
      url,
      {
        method,
        agent: false,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        headers: { ...headers, ...(body !== undefined && { "content-length": String(Buffer.byteLength(body)) }) },
        ...(path !== undefined && { path }),
        ...(lookup && { lookup }),
        ...(isSecure && authorities && { ca: [...authorities] }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size <= largest) chunks.push(chunk);
        });
        const answered = () => resolve({ kind: "answered", status: response.statusCode ?? 0, headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])), text: Buffer.concat(chunks).toString("utf8"), dateMs: dateOf(response.headers.date) });
        response.on("end", answered).on("error", answered);
      },
    );
    request.on("error", (thrown) => resolve({ kind: "silent", code: codeOf(thrown, signal) }));
    request.end(body);
  });
}

function codeOf(thrown: Error & { readonly code?: string; readonly errors?: readonly { readonly code?: string }[]; readonly cause?: unknown }, signal: AbortSignal): string {
  if (thrown.name === "AbortError" || thrown.code === "ABORT_ERR" || thrown.name === "TimeoutError") return signal.aborted ? "ABORTED" : "TIMEOUT";
  return thrown.code ?? thrown.errors?.[0]?.code ?? "UNKNOWN";
}

function dateOf(header: string | undefined): number | undefined {
  const ms = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(ms) ? undefined : ms;
}

/** The parsed body, or `undefined` for whatever is no JSON object. */
export function jsonOf(answer: Answered): Readonly<Record<string, unknown>> | undefined {
  if (answer.kind !== "answered") return undefined;
  try {
    const value = JSON.parse(answer.text) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Every answer of a Drawbridge has one; nobody else's has. */
export const isDrawbridge = (answer: Answered): boolean => answer.kind === "answered" && /^c-[0-9a-z]{12}$/.test(answer.headers["x-correlation-id"] ?? "");

/** A word for why there was no answer, for a sentence that goes on. */
export const silence = (code: string): string => words[code] ?? code;

const words: Readonly<Record<string, string>> = {
  TIMEOUT: "no answer in time",
  ABORTED: "it was broken off here",
  ECONNREFUSED: "the connection is refused",
  ECONNRESET: "the connection is reset",
  EPIPE: "the connection is closed",
  ENOTFOUND: "the name is not known to DNS",
  EAI_AGAIN: "the name server does not answer",
  EHOSTUNREACH: "there is no route to it",
  ENETUNREACH: "there is no route to it",
  ETIMEDOUT: "no connection in time",
  EPROTO: "it does not speak TLS there",
  CERT_HAS_EXPIRED: "the certificate has expired",
  CERT_NOT_YET_VALID: "the certificate is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "the certificate comes from an authority that is not public",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the certificate cannot be verified",
  UNABLE_TO_GET_ISSUER_CERT: "the certificate cannot be verified",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the certificate cannot be verified",
  ERR_TLS_CERT_ALTNAME_INVALID: "the certificate is for another name",
  EGRESS_REFUSED: "it leads to no address that may be called",
};

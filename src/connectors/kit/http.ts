/**
 * A call to a vendor: sent once, judged, written down.
 *
 * Nothing here repeats a request. Credentials are put into the header at the last moment and appear nowhere else.
 *
 * @module
 */
import type { Call } from "../connector.ts";
import { Fault } from "../../model/failure.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { Clock } from "../../runtime/clock.ts";
import { systemClock } from "../../runtime/clock.ts";
import type { Egress } from "./egress.ts";
import type { Accept, Asked, ErrorRules } from "./judge.ts";
import { judge } from "./judge.ts";
import { maskBody } from "./mask.ts";
import type { Outgoing } from "./transport.ts";
import { openTransport } from "./transport.ts";

export interface HttpOptions {
  readonly vendor: string;
  /** Scheme, host and port; nothing else of it is used. */
  readonly origin: URL;
  readonly egress: Egress;
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  /** Made anew for every request, so that a secret leaves its box only for the moment. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly errors: ErrorRules;
  readonly requestId: readonly string[];
  readonly retryAfter: readonly string[];
  /** Names of body fields that are masked wherever an exchange is written down. */
  readonly neverLog: readonly string[];
  /** Names of answer fields that nobody gets to see. */
  readonly neverKeep?: readonly string[];
  readonly clock?: Clock;
}

export interface HttpRequest {
  readonly call: string;
  readonly method: Outgoing["method"];
  /** Path and query, filled and encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: JsonObject | undefined;
  readonly needsBody: boolean;
  /** Whether 204 is a yes all the same. */
  readonly noContent?: boolean;
  readonly accept: readonly Accept[];
  /** Something odd about a good answer that whoever reads the record should know. */
  readonly remark?: (value: Json | undefined) => string | undefined;
}

export interface Http {
  /**
   * @returns the body of a 2xx that shows what the manifest demands; `undefined` = no body
   * @throws Fault per the table in `judge.ts`
   */
  request(request: HttpRequest, call: Call): Promise<Json | undefined>;
  close(): Promise<void>;
}

export function openHttp(options: HttpOptions): Http {
  const { origin, egress, timeoutMs, maxAnswerBytes, neverLog, clock = systemClock } = options;
  const transport = openTransport({ origin, egress, connectTimeoutMs: timeoutMs, maxAnswerBytes });
  return {
    async request(request, call) {
      const { method, path } = request;
      if (!staysInside(path, origin)) throw new Fault({ kind: "internal", detail: `The path of the vendor call "${request.call}" leaves its origin` });
      const headers = { ...options.headers(), ...request.headers };
      await call.admit?.({ write: method !== "GET" });
      const startedMs = clock.now();
      const body = request.body === undefined ? undefined : JSON.stringify(request.body);
      const limit = limited(call.signal, timeoutMs);
      const sent = await transport.send({ method, path, headers, body }, limit.signal).finally(limit.over);
      const asked: Asked = {
        vendor: options.vendor,
        call: request.call,
        isRead: method === "GET",
        needsBody: request.needsBody,
        noContent: request.noContent ?? false,
        accept: request.accept,
        errors: options.errors,
        requestId: options.requestId,
        retryAfter: options.retryAfter,
        secrets: [...secretsIn(headers), ...secretsInBody(request.body, neverLog)],
        neverKeep: options.neverKeep ?? [],
        nowMs: clock.now(),
      };
      const judgement = judge(sent, asked);
      call.record({
        method,
        path,
        body: request.body === undefined ? undefined : maskBody(request.body, neverLog),
        status: judgement.status,
        durationMs: Math.max(0, clock.now() - startedMs),
        call: request.call,
        failure: judgement.ok ? request.remark?.(judgement.value) : judgement.failure.kind,
      });
      if (!judgement.ok) throw new Fault(judgement.failure);
      return judgement.value;
    },
    close: () => transport.close(),
  };
}

/**
 * A signal that aborts when the call is given up or its time is over. AbortSignal.timeout would keep its timer, and whatever hangs on
 * it, for the whole of the time after every answer.
 */
function limited(givenUp: AbortSignal, timeoutMs: number): { readonly signal: AbortSignal; over(): void } {
  const either = new AbortController();
  const abort = () => either.abort("given up"); // a reason of its own: the default one is an error with a stack
  const timer = setTimeout(abort, timeoutMs).unref();
  if (givenUp.aborted) abort();
  else givenUp.addEventListener("abort", abort);
  return {
    signal: either.signal,
    over() {
      clearTimeout(timer);
      givenUp.removeEventListener("abort", abort);
    },
  };
}

/** A path of ours cannot name another host, climb, or be split by a control character. */
function staysInside(path: string, origin: URL): boolean {
  if (!/^\/(?!\/)[\x21-\x7e]*$/.test(path) || path.includes("\\") || path.includes("#")) return false;
  const [route = ""] = path.split("?");
  if (route.split("/").some((segment) => /^(\.|%2e){1,2}$/i.test(segment))) return false;
  return new URL(path, origin).origin === origin.origin;
}

/** The credential without the word that names its kind; of `Basic`, what it was made of as well. */
function secretsIn(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (/^(accept|content-type|user-agent)$/i.test(name)) return [];
    const [, kind = "", credential = value] = /^([a-z]+) +(.+)$/i.exec(value) ?? [];
    return [credential, ...(/^basic$/i.test(kind) ? Buffer.from(credential, "base64").toString().split(":") : [])];
  });
}

/** The same fields as `maskBody` covers, and everything in them. */
function secretsInBody(value: Json | undefined, neverLog: readonly string[], isSecret = false): readonly string[] {
  if (typeof value === "string") return isSecret ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => secretsInBody(part as Json, neverLog, isSecret || neverLog.includes(name)));
}

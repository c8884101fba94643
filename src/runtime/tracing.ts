/**
 * Traces: OpenTelemetry behind a small face, loaded only where the configuration asks for it.
 *
 *     PATCH /scim/{connection}/v2/Users     the request; its ids follow from the correlation id
 *     ├─ converge                           one run under a lease, in the request or, later and elsewhere, in a worker
 *     │  ├─ look                            one exchange with the vendor
 *     │  └─ deactivate
 *     └─ converge …
 *
 * A span is made when its work is over. Its ids are digests of what is known wherever that work is done, so a worker that takes over
 * after a restart, or on another replica, continues the trace of the push without a word having been kept for it: whoever has a
 * correlation id has the trace. A caller's own `traceparent` becomes a link.
 *
 * Attributes hold ids and closed sets of words; no name, address, path, query or body.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type Attributes, type Link, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Tracer } from "@opentelemetry/api";
import type { Secret } from "./secret.ts";

/** Times are ms since 1970. */
interface Timed {
  readonly connection: string;
  readonly correlation: string;
  readonly startedMs: number;
  readonly endedMs: number;
}

export interface ServedRequest extends Timed {
  readonly method: string;
  readonly type: "User" | "Group" | "other";
  readonly status: number;
  /** What the client sent as `traceparent` (W3C Trace Context). */
  readonly traceparent: string | undefined;
}

/** One run of converge; resource and epoch tell it from every other one. */
export interface RunId {
  readonly resource: string;
  readonly epoch: number;
}

export interface ConvergedRun extends Timed, RunId {
  readonly lane: string | undefined;
  readonly by: "request" | "worker";
  readonly outcome: string;
  /** The kind of the failure. */
  readonly failure: string | undefined;
}

export interface VendorCall extends Timed {
  readonly operation: string;
  /** The call's name in the manifest. */
  readonly call: string;
  readonly method: string;
  readonly status: number | undefined;
  readonly failure: string | undefined;
  /** `undefined` = a look-up or a probe, outside every run. */
  readonly run: RunId | undefined;
}

export interface Tracing {
  served(request: ServedRequest): void;
  converged(run: ConvergedRun): void;
  called(call: VendorCall): void;
  /** Sends what is left, for a few seconds at most. */
  stop(): Promise<void>;
}

export interface TracingOptions {
  /** The collector's OTLP/HTTP address, such as http://127.0.0.1:4318/v1/traces. */
  readonly url: string;
  readonly headers: Readonly<Record<string, Secret>>;
  /** 0 to 1: the share of traces that are sent; every server takes the same ones. */
  readonly share: number;
}

const stopWithinMs = 3_000;
const digest = (text: string, characters: number): string => createHash("sha256").update(text).digest("hex").slice(0, characters);
const traceIdOf = (correlation: string): string => digest(`trace ${correlation}`, 32);
const requestIdOf = (correlation: string): string => digest(`request ${correlation}`, 16);
const runIdOf = (connection: string, { resource, epoch }: RunId): string => digest(`run ${connection} ${resource} ${epoch}`, 16);

export async function openTracing({ url, headers, share }: TracingOptions): Promise<Tracing> {
  const [{ BatchSpanProcessor, TraceIdRatioBasedSampler, TracerProvider }, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  const exporter = new OTLPTraceExporter({ url, headers: Object.fromEntries(Object.entries(headers).map(([name, secret]) => [name, secret.reveal()])) });
  let next = { traceId: "", spanId: "" };
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "drawbridge" }),
    sampler: new TraceIdRatioBasedSampler(share),
    idGenerator: { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId },
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer("drawbridge");
  const made = spanMaker(tracer, (ids) => (next = ids));
  return {
    served({ correlation, connection, method, type, status, traceparent, ...times }) {
      const route = `/scim/{connection}/v2${type === "other" ? "" : `/${type}s`}`;
      const attributes = { "http.request.method": method, "http.route": route, "http.response.status_code": status };
      made({ ...times, connection, correlation, name: `${method} ${route}`, kind: SpanKind.SERVER, spanId: requestIdOf(correlation), parentId: undefined, attributes, links: linksTo(traceparent), error: status >= 500 ? String(status) : undefined });
    },
    converged({ correlation, connection, resource, epoch, lane, by, outcome, failure, ...times }) {
      const attributes = { "drawbridge.resource": resource, "drawbridge.outcome": outcome, "drawbridge.by": by, ...(lane !== undefined && { "drawbridge.lane": lane }) };
      made({ ...times, connection, correlation, name: "converge", kind: SpanKind.INTERNAL, spanId: runIdOf(connection, { resource, epoch }), parentId: requestIdOf(correlation), attributes, links: [], error: failure });
    },
    called({ correlation, connection, operation, call, method, status, failure, run, ...times }) {
      const attributes = { "http.request.method": method, "drawbridge.operation": operation, "drawbridge.call": call, ...(status !== undefined && { "http.response.status_code": status }) };
      const spanId = digest(`call ${Math.random()} ${performance.now()}`, 16);
      made({ ...times, connection, correlation, name: operation, kind: SpanKind.CLIENT, spanId, parentId: run ? runIdOf(connection, run) : requestIdOf(correlation), attributes, links: [], error: failure });
    },
    async stop() {
      const waited = new AbortController();
      const late = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, stopWithinMs);
        waited.signal.addEventListener("abort", () => (clearTimeout(timer), resolve()));
      });
      await Promise.race([provider.shutdown().catch(() => {}), late]);
      waited.abort();
    },
  };
}

interface Made extends Timed {
  readonly name: string;
  readonly kind: SpanKind;
  readonly spanId: string;
  /** `undefined` = the request itself. */
  readonly parentId: string | undefined;
  readonly attributes: Attributes;
  readonly links: readonly Link[];
  /** A status or the kind of a failure; its presence makes the span an error. */
  readonly error: string | undefined;
}

function spanMaker(tracer: Tracer, take: (ids: { traceId: string; spanId: string }) => void): (span: Made) => void {
  return ({ name, kind, connection, correlation, spanId, parentId, attributes, links, error, startedMs, endedMs }) => {
    const traceId = traceIdOf(correlation);
    take({ traceId, spanId });
    const parent = parentId === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: parentId, traceFlags: TraceFlags.SAMPLED, isRemote: true });
    const its = { ...attributes, "drawbridge.connection": connection, "drawbridge.correlation_id": correlation, ...(error !== undefined && { "error.type": error }) };
    const span = tracer.startSpan(name, { kind, startTime: startedMs, attributes: its, links: [...links] }, parent);
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(Math.max(startedMs, endedMs));
  };
}

const traceparentForm = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

function linksTo(traceparent: string | undefined): readonly Link[] {
  const [, traceId, spanId, flags] = traceparentForm.exec(traceparent ?? "") ?? [];
  if (!traceId || !spanId || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return [];
  return [{ context: { traceId, spanId, traceFlags: Number.parseInt(flags ?? "0", 16), isRemote: true } }];
}

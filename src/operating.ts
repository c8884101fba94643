/**
 * What the operator sees and hears: alarms and their webhook, `/readyz`, `/metrics`. Wired here and not in `app.ts`, so that each stays a
 * page.
 *
 * @module
 */
import type { Config } from "./config.ts";
import { hash } from "node:crypto";
import { openEgress } from "./connectors/kit/egress.ts";
import { openWebhook, type Webhook } from "./connectors/kit/webhook.ts";
import { startSender } from "./delivery/notices.ts";
import type { Outages } from "./delivery/outage.ts";
import type { Site, Works } from "./delivery/site.ts";
import { type Thresholds, watchLate } from "./delivery/watch.ts";
import type { DoorOptions } from "./http/door.ts";
import { failureKinds } from "./model/failure.ts";
import type { ConnectionId } from "./model/ids.ts";
import type { JsonObject } from "./model/json.ts";
import type { Mode } from "./model/mode.ts";
import type { Clock } from "./runtime/clock.ts";
import type { Log } from "./runtime/log.ts";
import { type Metrics, openMetrics } from "./runtime/metrics.ts";
import { openTracing, type Tracing } from "./runtime/tracing.ts";
import type { Store } from "./store/store.ts";

/** Shorter than a notice is claimed for; a receiver that takes longer has not taken it. */
const webhookTimeoutMs = 10_000;

export interface Operating {
  /** Opens what a configuration asks for; whoever calls `use` then cannot fail any more. @throws Error when the webhook may not be called */
  prepare(config: Config): Promise<{ use(): void }>;
  ready(): Promise<{ readonly ok: boolean; readonly detail: JsonObject }>;
  readonly metrics: Omit<NonNullable<DoorOptions["metrics"]>, "tokens">;
  readonly served: NonNullable<DoorOptions["served"]>;
  exchanged(connection: ConnectionId): NonNullable<Site["exchanged"]>;
  readonly converged: NonNullable<Works["converged"]>;
  readonly reconciled: Metrics["reconciled"];
  stop(): Promise<void>;
}

export interface OperatingNeeds {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly outages: Outages;
  random(): number;
  /** The connections of the configuration in force. */
  connections(): readonly ConnectionId[];
}

export function openOperating({ store, clock, log, outages, random, connections }: OperatingNeeds): Operating {
  const metrics = openMetrics();
  let webhook: Webhook | undefined;
  let thresholds: Thresholds | undefined;
  let tracing: { readonly as: string; readonly to: Tracing } | undefined;
  let watch: ReturnType<typeof watchLate> | undefined;
  const sender = startSender({ store, clock, log, random, poster: () => webhook?.post, counted: metrics.noticed });

  const age = (nowMs: number, sinceMs: number | undefined): number => (sinceMs === undefined ? 0 : Math.max(0, Math.round((nowMs - sinceMs) / 1000)));

  return {
    async prepare({ alarms, egressAllow, tracing: traced }) {
      const as = traced && JSON.stringify([traced.url, traced.share, Object.entries(traced.headers).map(([name, secret]) => [name, hash("sha256", secret.reveal())])]);
      const nextTracing = as === undefined || !traced ? undefined : as === tracing?.as ? tracing : { as, to: await openTracing(traced) };
      const next = alarms.webhook && opened(alarms.webhook, egressAllow);
      return {
        use() {
          void webhook?.close();
          webhook = next;
          thresholds = alarms;
          store.keepNotices(next !== undefined);
          if (nextTracing !== tracing) void tracing?.to.stop();
          tracing = nextTracing;
          watch ??= watchLate({ store, clock, log }, () => thresholds ?? alarms);
        },
      };
    },

    async ready() {
      try {
        await store.ping();
        const configured = connections();
        const since = await store.oldestDenials(configured);
        const nowMs = await store.now();
        const late = [...since].map(([connection, sinceMs]) => [connection, age(nowMs, sinceMs)] as const);
        const detail = {
          store: "ok",
          worker: "ok",
          oldestDenialSeconds: Math.max(0, ...late.map(([, seconds]) => seconds)),
          denials: Object.fromEntries(late),
          vendorsDown: outages.down().filter((connection) => configured.includes(connection)),
          ...halted(await store.modes(), configured),
          openHolds: await store.openHolds(),
          unsentNotices: await store.unsentNotices(),
        };
        return { ok: true, detail };
      } catch {
        return { ok: false, detail: { store: "away" } };
      }
    },

    metrics: {
      async page() {
        const nowMs = await store.now();
        const read = connections().map(async (connection) => {
          const { oldestDenialMs, ...reading } = await store.reading(connection);
          const { findings, completeMs, failures } = await store.driftReading(connection);
          const drift = { drift: findings, reconciledAtSeconds: Math.floor((completeMs ?? 0) / 1_000), reconcileFailures: failures };
          return { connection, vendorDown: outages.isDown(connection), oldestDenialSeconds: age(nowMs, oldestDenialMs), ...reading, ...drift };
        });
        return { contentType: metrics.contentType, text: await metrics.page({ unsentNotices: await store.unsentNotices(), connections: await Promise.all(read) }) };
      },
    },
    served(request) {
      metrics.served(request);
      tracing?.to.served(request);
      const { connection, correlation, method, type, status, startedMs, endedMs } = request;
      if (isWrite(method) || status >= 400) log.info("answered a request", { connection, correlation, method, type, status, ms: endedMs - startedMs });
    },
    exchanged: (connection) => (operation, { call, method, status, failure, durationMs: ms }, { correlation, resource, epoch }) => {
      const kind = failure !== undefined && failureKinds.has(failure) ? failure : undefined;
      const run = resource === undefined || epoch === undefined ? undefined : { resource, epoch };
      metrics.called({ connection, operation, result: kind ?? "ok", ms });
      tracing?.to.called({ connection, correlation, operation, call, method, status, failure: kind, run, startedMs: clock.now() - ms, endedMs: clock.now() });
      log.info("called the vendor", { connection, correlation, operation, step: call, method, ms, ...(resource && { resource }), ...(status !== undefined && { status }), ...(kind && { failure: kind }) });
    },
    reconciled: metrics.reconciled,
    converged({ outcome, ...run }) {
      const failure = "failure" in outcome ? outcome.failure?.kind : undefined;
      tracing?.to.converged({ ...run, outcome: outcome.kind, failure });
      const { connection, correlation, resource, lane, by, startedMs, endedMs } = run;
      log.info("converged", { connection, correlation, resource, operation: by, step: outcome.kind, ms: endedMs - startedMs, ...(lane && { lane }), ...(failure && { failure }) });
    },

    async stop() {
      await Promise.all([watch?.stop(), sender.stop()]);
      await Promise.all([webhook?.close(), tracing?.to.stop()]);
    },
  };
}

const isWrite = (method: string): boolean => method !== "GET" && method !== "HEAD" && method !== "OPTIONS";

/** Said only where there is something to say. */
function halted(modes: readonly Mode[], configured: readonly ConnectionId[]): { readonly frozen?: readonly ConnectionId[]; readonly observing?: readonly ConnectionId[] } {
  const known = modes.filter(({ connection }) => configured.includes(connection));
  const frozen = known.filter((mode) => mode.frozen).map(({ connection }) => connection);
  const observing = known.filter((mode) => mode.observes).map(({ connection }) => connection);
  return { ...(frozen.length > 0 && { frozen }), ...(observing.length > 0 && { observing }) };
}

function opened({ url, secret }: NonNullable<Config["alarms"]["webhook"]>, egressAllow: readonly string[]): Webhook {
  const egress = openEgress(egressAllow);
  const refusal = egress.refusal(new URL(url));
  if (refusal !== undefined) throw new Error(`alarms.webhook.url: ${refusal}`);
  return openWebhook({ url: new URL(url), secret, egress, timeoutMs: webhookTimeoutMs });
}

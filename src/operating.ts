/**
 * What the operator sees and hears: alarms and their webhook, `/readyz`, `/metrics`. Wired here and not in `app.ts`, so that each stays a
 * page.
 *
 * @module
 */
import type { Config } from "./config.ts";
import type { Exchanged } from "./connectors/connector.ts";
import { openEgress } from "./connectors/kit/egress.ts";
import { openWebhook, type Webhook } from "./connectors/kit/webhook.ts";
import { startSender } from "./delivery/notices.ts";
import type { Outages } from "./delivery/outage.ts";
import { type Thresholds, watchLate } from "./delivery/watch.ts";
import type { DoorOptions } from "./http/door.ts";
import { failureKinds } from "./model/failure.ts";
import type { ConnectionId } from "./model/ids.ts";
import type { JsonObject } from "./model/json.ts";
import type { Mode } from "./model/mode.ts";
import type { Clock } from "./runtime/clock.ts";
import type { Log } from "./runtime/log.ts";
import { openMetrics } from "./runtime/metrics.ts";
import type { Store } from "./store/store.ts";

/** Shorter than a notice is claimed for; a receiver that takes longer has not taken it. */
const webhookTimeoutMs = 10_000;

export interface Operating {
  /** Opens what a configuration asks for; whoever calls `use` then cannot fail any more. @throws Error when the webhook may not be called */
  prepare(config: Config): { use(): void };
  ready(): Promise<{ readonly ok: boolean; readonly detail: JsonObject }>;
  readonly metrics: Omit<NonNullable<DoorOptions["metrics"]>, "tokens">;
  readonly served: NonNullable<DoorOptions["served"]>;
  exchanged(connection: ConnectionId): (operation: string, exchange: Exchanged) => void;
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
  let watch: ReturnType<typeof watchLate> | undefined;
  const sender = startSender({ store, clock, log, random, poster: () => webhook?.post, counted: metrics.noticed });

  const age = (nowMs: number, sinceMs: number | undefined): number => (sinceMs === undefined ? 0 : Math.max(0, Math.round((nowMs - sinceMs) / 1000)));

  return {
    prepare({ alarms, egressAllow }) {
      const next = alarms.webhook && opened(alarms.webhook, egressAllow);
      return {
        use() {
          void webhook?.close();
          webhook = next;
          thresholds = alarms;
          store.keepNotices(next !== undefined);
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
          return { connection, vendorDown: outages.isDown(connection), oldestDenialSeconds: age(nowMs, oldestDenialMs), ...reading };
        });
        return { contentType: metrics.contentType, text: await metrics.page({ unsentNotices: await store.unsentNotices(), connections: await Promise.all(read) }) };
      },
    },
    served: metrics.served,
    exchanged: (connection) => (operation, { failure, durationMs }) => metrics.called({ connection, operation, result: failure !== undefined && failureKinds.has(failure) ? failure : "ok", ms: durationMs }),

    async stop() {
      await Promise.all([watch?.stop(), sender.stop()]);
      await webhook?.close();
    },
  };
}

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

/**
 * Connections and how they are: what waits, whether the vendor answers, whether it still takes our credential, when the IdP came last.
 *
 * @module
 */
import { z } from "zod";
import { callFor } from "../delivery/call.ts";
import { failureOf, type Failure } from "../model/failure.ts";
import type { ConnectionId } from "../model/ids.ts";
import { isObject } from "../model/json.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { JournalRow } from "../store/store.ts";
import { act, connectionIn, type World } from "./act.ts";
import { connectionField, iso, isoOrNull, pageOf, paging, time } from "./fields.ts";
import { pageOfAll } from "./pages.ts";
import { listTokens } from "./tokens.ts";

const item = z.strictObject({
  id: z.string(),
  vendor: z.string(),
  baseUrl: z.string().describe("What is given to the IdP."),
  mode: z.enum(["delivers", "observes", "frozen"]),
  modeReason: z.string(),
  modeBy: z.string(),
  modeSince: time.nullable(),
  vendorDown: z.boolean().describe("The breaker is open: nobody calls the vendor but a probe, until it answers."),
  downSince: time.nullable(),
  nextProbe: time.nullable(),
  credential: z.enum(["accepted", "refused", "unknown"]).describe("Whether the vendor took our credential when it was called last."),
  credentialAt: time.nullable(),
  oldestDenialSeconds: z.int().nullable().describe("null = no denial is open."),
  backlog: z.strictObject({ deny: z.int(), grant: z.int(), profile: z.int(), reconcile: z.int() }).describe("Due work by lane; counts end at 10,000."),
  failed: z.int().describe("Given up until a push or a person."),
  openHolds: z.int(),
  heldPushes: z.int(),
  openTasks: z.int(),
  journalRows: z.int(),
  lastPush: time.nullable(),
});
type Item = z.output<typeof item>;

export const listConnections = act({
  name: "connections.list",
  says: "The connections and how they are.",
  needs: "viewer",
  route: { method: "GET", path: "/connections" },
  command: "connections list",
  input: z.strictObject(paging),
  output: pageOf(item),
  async run(page, _, world) {
    const { items, next } = pageOfAll(world.connections, (connection) => connection, page);
    return { items: await Promise.all(items.map((connection) => healthOf(connection, world))), next };
  },
});

export const showConnection = act({
  name: "connections.show",
  says: "One connection, how it is, and the SCIM tokens that were made for it.",
  needs: "viewer",
  route: { method: "GET", path: "/connections/{connection}" },
  command: "connections show",
  input: z.strictObject({ connection: connectionField }),
  output: item.extend({ can: z.array(z.string()).describe("What can be done at this vendor."), tokens: listTokens.output.shape.items }),
  async run(input, by, world) {
    const connection = connectionIn(world, input.connection);
    const { vendor } = await world.site(connection);
    const { items } = await listTokens.run({ connection, limit: 500 }, by, world);
    return { ...(await healthOf(connection, world)), can: [...vendor.can], tokens: items };
  },
});

export const checkConnection = act({
  name: "connections.check",
  says: "Asks the vendor now, with one read, whether it is there and takes our credential.",
  needs: "operator",
  route: { method: "POST", path: "/connections/{connection}/check" },
  command: "connections check",
  input: z.strictObject({ connection: connectionField }),
  output: z.strictObject({ connection: z.string(), ok: z.boolean(), failure: z.strictObject({ kind: z.string(), detail: z.string() }).nullable() }),
  async run(input, _, world) {
    const site = await world.site(connectionIn(world, input.connection));
    const call = callFor(undefined, { correlation: newCorrelationId(), exchanges: [], untilMs: world.clock.now() + patienceMs }, site);
    try {
      await site.connector.check(call);
      return { connection: site.connection, ok: true, failure: null };
    } catch (thrown) {
      const { kind, detail } = failureOf(thrown);
      return { connection: site.connection, ok: false, failure: { kind, detail } };
    } finally {
      call.end();
    }
  },
});

/** How long a check waits for its turn in the vendor's budget. */
const patienceMs = 10_000;

/** Rows that are looked at for the last push and the vendor's last word. */
const reach = 5_000;

export async function healthOf(connection: ConnectionId, { store, site, publicUrl }: World): Promise<Item> {
  const [{ vendor }, mode, outage, reading, pushes, outcomes, nowMs] = await Promise.all([
    site(connection), store.mode(connection), store.outage(connection), store.reading(connection),
    store.newest(connection, { kinds: ["push"], among: reach, limit: 1 }), store.newest(connection, { kinds: ["outcome", "decision"], among: reach, limit: 50 }), store.now(),
  ]);
  const word = credentialWord(outcomes);
  return {
    id: connection, vendor: vendor.title, baseUrl: `${publicUrl}/scim/${connection}/v2`,
    mode: mode.frozen ? "frozen" : mode.observes ? "observes" : "delivers", modeReason: mode.reason, modeBy: mode.by, modeSince: mode.frozen || mode.observes ? iso(mode.sinceMs) : null,
    vendorDown: outage !== undefined, downSince: isoOrNull(outage?.sinceMs), nextProbe: isoOrNull(outage?.probeMs),
    credential: word?.is ?? "unknown", credentialAt: isoOrNull(word?.atMs),
    oldestDenialSeconds: reading.oldestDenialMs === undefined ? null : Math.max(0, Math.floor((nowMs - reading.oldestDenialMs) / 1_000)),
    backlog: { ...reading.due }, failed: reading.failed, openHolds: reading.openHolds, heldPushes: reading.heldPushes, openTasks: reading.openTasks, journalRows: reading.journalRows,
    lastPush: isoOrNull(pushes[0]?.atMs),
  };
}

/** What each ending of a call says of our credential; `undefined` = nothing. */
const says: { readonly [K in Failure["kind"] | "done"]: "accepted" | "refused" | undefined } = {
  done: "accepted", conflict: "accepted", notFound: "accepted", refused: "accepted", throttled: undefined, credentials: "refused",
  invalid: undefined, unsupported: undefined, unreachable: undefined, uncertain: undefined, protocol: undefined, held: undefined, internal: undefined,
};

/** The newest row in which the vendor was called and said something that tells. */
function credentialWord(rows: readonly JournalRow[]): { readonly is: "accepted" | "refused"; readonly atMs: number } | undefined {
  for (const { data, atMs } of rows) {
    if (!isObject(data) || typeof data["result"] !== "string" || !Array.isArray(data["calls"]) || data["calls"].length === 0) continue;
    const is = says[data["result"] as keyof typeof says];
    if (is !== undefined) return { is, atMs };
  }
  return undefined;
}

/**
 * The page that Prometheus reads, line by line, and what `/readyz` says besides yes.
 *
 * @module
 */
import { afterEach, expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json.ts";
import { connectionId, correlationId } from "../../src/model/ids.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { watchOutages } from "../../src/delivery/outage.ts";
import { openOperating } from "../../src/operating.ts";
import { openStore } from "../../src/store/open-store.ts";
import { openAlarmedHouse } from "../support/alarmed-house.ts";
import { ada, eventually, patch } from "../support/house.ts";

const acme = connectionId("acme");
const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end();
});

async function open(top: JsonObject = {}) {
  const vendor = await startPeopleLens();
  ended.push(() => vendor.stop());
  const quick = { delivery: { deadline: "600ms", settle: "900ms" }, vendor: { timeout: "400ms" } };
  const house = await openAlarmedHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, store: "file::memory:", clock: systemClock, log: silentLog, top, connection: quick });
  ended.push(() => house.stop());
  return { vendor, house, scrape: async (headers: Record<string, string> = {}) => fetch(`${house.origin}/metrics`, { headers }) };
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The text format, strictly: every line is a comment of the two known kinds or a sample whose metric was announced. */
function parsed(page: string): readonly Sample[] {
  expect(page.endsWith("\n")).toBe(true);
  const announced = new Set<string>();
  return page.split("\n").flatMap((line): readonly Sample[] => {
    if (line === "") return [];
    const type = /^# (HELP|TYPE) ([a-z_:][a-z0-9_:]*) \S/.exec(line);
    if (type) return void announced.add(type[2]!), [];
    const sample = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/i.exec(line);
    expect(sample, line).not.toBeNull();
    const [, name = "", written = "", value = ""] = sample!;
    expect(announced.has(name) || announced.has(name.replace(/_(bucket|sum|count)$/, "")), line).toBe(true);
    const labels = Object.fromEntries([...written.matchAll(/([a-z_]+)="([^"\\]*)",?/g)].map(([, key = "", text = ""]): [string, string] => [key, text]));
    expect(Object.entries(labels).map(([key, text]) => `${key}="${text}"`).join(","), line).toBe(written);
    expect(Number.isNaN(Number(value.replace("+Inf", "Infinity"))) && value !== "Nan", line).toBe(false);
    return [{ name, labels, value: Number(value) }];
  });
}

const valueOf = (samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}) =>
  samples.filter((sample) => sample.name === name && Object.entries(labels).every(([key, text]) => sample.labels[key] === text)).reduce((sum, { value }) => sum + value, 0);

test("the page tells of pushes, vendor calls, work, holds, tasks and the process, and of nobody", async () => {
  const { vendor, house, scrape } = await open();
  const { body } = await house.scim("POST", "/Users", ada());
  await house.scim("GET", `/Users/${String(body["id"])}`);
  await house.scim("GET", "/Users/nobody-of-this-name");
  await house.scim("POST", "/Groups", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Secret project" });
  await vendor.setSwitches({ down: "on" });
  await house.scim("PATCH", `/Users/${String(body["id"])}`, patch({ op: "replace", path: "active", value: false }));
  await house.house.store.openTask({ connection: acme, resource: undefined, account: undefined, title: "t", steps: "s" });
  await eventually(async () => valueOf(parsed(await (await scrape()).text()), "drawbridge_oldest_denial_age_seconds") >= 1);

  const answer = await scrape();
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  const samples = parsed(await answer.text());
  const one = { connection: "acme" };
  expect(valueOf(samples, "drawbridge_pushes_total", { ...one, method: "POST", type: "User", status: "2xx" })).toBe(1);
  expect(valueOf(samples, "drawbridge_pushes_total", { ...one, method: "POST", type: "Group", status: "2xx" })).toBe(1);
  expect(valueOf(samples, "drawbridge_pushes_total", { ...one, method: "PATCH", type: "User", status: "2xx" })).toBe(1);
  expect(valueOf(samples, "drawbridge_reads_total", { ...one, method: "GET", type: "User", status: "2xx" })).toBe(1);
  expect(valueOf(samples, "drawbridge_reads_total", { ...one, method: "GET", status: "4xx" })).toBe(1);
  expect(valueOf(samples, "drawbridge_vendor_calls_total", { ...one, operation: "create", result: "ok" })).toBeGreaterThanOrEqual(2);
  expect(valueOf(samples, "drawbridge_vendor_calls_total", { ...one, operation: "deactivate" })).toBeGreaterThanOrEqual(1);
  expect(valueOf(samples, "drawbridge_vendor_call_duration_seconds_count", one)).toBe(valueOf(samples, "drawbridge_vendor_calls_total", one));
  expect(valueOf(samples, "drawbridge_due", { ...one, lane: "deny" })).toBe(1);
  expect(valueOf(samples, "drawbridge_due", { ...one, lane: "grant" })).toBe(0);
  expect(valueOf(samples, "drawbridge_tasks_open", one)).toBe(1);
  expect(valueOf(samples, "drawbridge_holds_open", one)).toBe(0);
  expect(valueOf(samples, "drawbridge_journal_rows", one)).toBe((await house.house.store.journal(acme, { limit: 1_000 })).length);
  for (const name of ["drawbridge_notices_unsent", "drawbridge_vendor_down", "drawbridge_held_pushes", "drawbridge_failed", "drawbridge_nodejs_eventloop_lag_seconds", "drawbridge_process_resident_memory_bytes"]) {
    expect(samples.some((sample) => sample.name === name), name).toBe(true);
  }
  expect(samples.filter(({ name }) => !name.startsWith("drawbridge_"))).toEqual([]);
  for (const { labels } of samples) {
    for (const text of Object.values(labels)) expect(text).not.toMatch(/@|[0-9a-f]{8}-[0-9a-f]{4}|usr-|\/|127\.0\.0\.1|nobody|Secret/);
  }
});

test("the vendor that is down is said to be, and again when it is not", async () => {
  const { vendor, house, scrape } = await open();
  const { body } = await house.scim("POST", "/Users", ada());
  await vendor.setSwitches({ down: "on" });
  await house.scim("PATCH", `/Users/${String(body["id"])}`, patch({ op: "replace", path: "active", value: false }));
  const down = async () => valueOf(parsed(await (await scrape()).text()), "drawbridge_vendor_down", { connection: "acme" });
  await eventually(async () => (await down()) === 1, 20_000);
  const ready = await fetch(`${house.origin}/readyz`);
  expect(ready.status).toBe(200);
  const told = (await ready.json()) as { detail: { oldestDenialSeconds: number; denials: Record<string, number> } };
  expect(told).toEqual({ ok: true, detail: { store: "ok", worker: "ok", oldestDenialSeconds: expect.any(Number) as number, denials: { acme: expect.any(Number) as number }, vendorsDown: ["acme"], openHolds: 0, unsentNotices: 0 } });
  expect(told.detail.denials["acme"]).toBe(told.detail.oldestDenialSeconds);
  expect(told.detail.oldestDenialSeconds).toBeGreaterThan(0);
  await vendor.setSwitches({ down: "off" });
  await eventually(async () => (await down()) === 0, 20_000);
}, 60_000);

test("a connection that is no longer configured is no longer on the page", async () => {
  const { house, scrape } = await open();
  expect(parsed(await (await scrape()).text()).some(({ labels }) => labels["connection"] === "acme")).toBe(true);
  await house.house.reload({ ...(await import("../../src/config.ts").then(({ readConfig }) => readConfig("x.yaml", { env: {}, readFile: async () => JSON.stringify({ publicUrl: "http://scim.test", store: "file::memory:", connections: {} }) }))) });
  const gauges = parsed(await (await scrape()).text()).filter(({ name, labels }) => labels["connection"] === "acme" && !/_total$|_duration_seconds/.test(name));
  expect(gauges).toEqual([]);
});

test("what a connector remarks on a good answer becomes no label", async () => {
  const store = await openStore({ url: "file::memory:", clock: systemClock });
  const operating = openOperating({ store, clock: systemClock, log: silentLog, outages: watchOutages(), random: Math.random, connections: () => [acme] });
  ended.push(async () => (await operating.stop(), store.close()));
  for (const failure of [undefined, "the list may be cut off at ada@acme.example", "throttled"]) operating.exchanged(acme)("look", { method: "GET", path: "/api/users", body: undefined, status: 200, durationMs: 5, call: "list", failure }, { correlation: correlationId("c-test"), resource: undefined, epoch: undefined });
  const samples = parsed((await operating.metrics.page()).text).filter(({ name }) => name === "drawbridge_vendor_calls_total");
  expect(samples.map(({ labels, value }) => [labels["result"], value])).toEqual([["ok", 2], ["throttled", 1]]);
});

test("with an operator token in the configuration the page wants it", async () => {
  const token = "operator-token-0123456789-0123456789-0123";
  const { scrape } = await open({ operator: { bearer: [{ name: "prometheus", token }] } });
  expect((await scrape()).status).toBe(401);
  expect((await scrape({ authorization: `Bearer ${token}` })).status).toBe(200);
  expect((await scrape({ authorization: `Bearer ${token.toUpperCase()}` })).status).toBe(401);
});

/**
 * Traces, as a collector sees them, and one line of the log for each step.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { keptLog, openAlarmedHouse } from "../support/alarmed-house.ts";
import { ada, eventually, patch, token } from "../support/house.ts";

const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end();
});

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly seconds: number;
}

interface Written {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly status: { readonly code?: number };
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

const spanOf = ({ name, traceId, spanId, parentSpanId, attributes, status, links = [], startTimeUnixNano, endTimeUnixNano }: Written): Span => ({
  name, traceId, spanId,
  parentSpanId: parentSpanId === "" ? undefined : parentSpanId,
  attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
  isError: status.code === 2,
  links: links.map(({ traceId: its, spanId: own }) => ({ traceId: its, spanId: own })),
  seconds: (Number(endTimeUnixNano) - Number(startTimeUnixNano)) / 1e9,
});

async function startCollector() {
  const texts: string[] = [];
  const spans: Span[] = [];
  const keys: (string | undefined)[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      texts.push(text);
      keys.push(req.headers["x-api-key"] as string | undefined);
      const document = JSON.parse(text) as { readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Written[] }[] }[] };
      spans.push(...document.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((one) => one.spans.map(spanOf))));
      res.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ended.push(() => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, spans, texts, keys };
}

async function open(top: JsonObject, vendor?: Awaited<ReturnType<typeof startPeopleLens>>, store = "file::memory:") {
  const its = vendor ?? (await startPeopleLens());
  if (!vendor) ended.push(() => its.stop());
  const quick = { delivery: { deadline: "600ms", settle: "900ms" }, vendor: { timeout: "400ms" } };
  const log = keptLog();
  const house = await openAlarmedHouse({ vendorUrl: its.url, apiKey: its.apiKey, store, clock: systemClock, log, top, connection: quick });
  let open = true;
  const stop = async () => (open ? ((open = false), house.stop()) : undefined);
  ended.push(stop);
  const push = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${house.origin}/scim/acme/v2${path}`, { method, headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json", ...headers }, ...(body !== undefined && { body: JSON.stringify(body) }) });
    return { status: answer.status, correlation: answer.headers.get("x-correlation-id") ?? "", body: (await answer.json()) as { readonly id: string } };
  };
  return { vendor: its, house, log, stop, push };
}

describe("a collector", () => {
  test("sees a push as one tree: the request, converge within it, and each exchange with the vendor within that", async () => {
    const collector = await startCollector();
    const { push, stop } = await open({ tracing: { url: collector.url, headers: { "x-api-key": "canary-collector-key" } } });
    const theirs = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
    const { correlation, body } = await push("POST", "/Users", ada(), { traceparent: `00-${theirs.traceId}-${theirs.spanId}-01` });
    await stop();
    const its = collector.spans.filter(({ attributes }) => attributes["drawbridge.correlation_id"] === correlation);
    const [request, run] = [its.find(({ name }) => name === "POST /scim/{connection}/v2/Users")!, its.find(({ name }) => name === "converge")!];
    expect(request).toMatchObject({ parentSpanId: undefined, attributes: { "http.response.status_code": 201, "drawbridge.connection": "acme" }, links: [theirs], isError: false });
    expect(run).toMatchObject({ parentSpanId: request.spanId, attributes: { "drawbridge.resource": body.id, "drawbridge.outcome": "done", "drawbridge.by": "request" } });
    const calls = its.filter((span) => span !== request && span !== run);
    expect(calls.map(({ name }) => name)).toContain("create");
    expect(new Set(calls.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([run.spanId]));
    expect(new Set(its.map(({ traceId }) => traceId))).toEqual(new Set([request.traceId]));
    expect(new Set(its.map(({ spanId }) => spanId)).size).toBe(its.length);
    expect(Math.min(...its.map(({ seconds }) => seconds))).toBeGreaterThanOrEqual(0);
    expect(collector.keys.every((key) => key === "canary-collector-key")).toBe(true);
  });

  test("sees what a worker does for a push after a restart in the trace of that push, failures by their kind", async () => {
    const collector = await startCollector();
    const folder = await mkdtemp(join(tmpdir(), "drawbridge-tracing-"));
    ended.push(() => rm(folder, { recursive: true, force: true }));
    const store = `file:${join(folder, "test.db")}`;
    const vendor = await startPeopleLens();
    ended.push(() => vendor.stop());
    const first = await open({ tracing: { url: collector.url } }, vendor, store);
    const { body } = await first.push("POST", "/Users", ada());
    await vendor.setSwitches({ down: "on" });
    const { status, correlation } = await first.push("PATCH", `/Users/${body.id}`, patch({ op: "replace", value: { active: false } }));
    expect(status).toBe(200);
    await first.stop();
    await vendor.setSwitches({ down: "off" });
    const second = await open({ tracing: { url: collector.url } }, vendor, store);
    await eventually(() => vendor.state().users.every(({ is_enabled }) => !is_enabled));
    await eventually(async () => (await second.house.house.store.openWork("acme" as never, 10)).length === 0);
    await second.stop();
    const its = collector.spans.filter(({ attributes }) => attributes["drawbridge.correlation_id"] === correlation);
    const request = its.find(({ name }) => name.startsWith("PATCH"))!;
    const runs = its.filter(({ name }) => name === "converge");
    expect(runs.some(({ attributes }) => attributes["drawbridge.outcome"] === "pending" && attributes["error.type"] === "unreachable")).toBe(true);
    const last = runs.find(({ attributes }) => attributes["drawbridge.outcome"] === "done")!;
    expect(last).toMatchObject({ traceId: request.traceId, parentSpanId: request.spanId, attributes: { "drawbridge.by": "worker", "drawbridge.lane": "deny" } });
    expect(its.find(({ name, parentSpanId }) => name === "deactivate" && parentSpanId === last.spanId)).toMatchObject({ isError: false, attributes: { "http.response.status_code": 200 } });
  });

  test("is told no name, no address, no path and no secret", async () => {
    const collector = await startCollector();
    const { push, stop, vendor } = await open({ tracing: { url: collector.url } });
    const { body } = await push("POST", "/Users", ada());
    await push("PATCH", `/Users/${body.id}`, patch({ op: "replace", value: { name: { givenName: "Augusta" } } }));
    await stop();
    const all = collector.texts.join("\n");
    expect(all).toContain("create");
    for (const word of ["ada@", "acme.example", "Lovelace", "Augusta", "ext-ada", token, vendor.apiKey, "/api/"]) expect(all.includes(word), word).toBe(false);
  });

  test("gets nothing of a share of 0", async () => {
    const collector = await startCollector();
    const none = await open({ tracing: { url: collector.url, share: 0 } });
    expect((await none.push("POST", "/Users", ada())).status).toBe(201);
    await none.stop();
    expect(collector.spans).toEqual([]);
  });

  test("that does not answer costs no push anything", async () => {
    const { push, stop } = await open({ tracing: { url: "http://127.0.0.1:9/v1/traces" } });
    expect((await push("POST", "/Users", ada())).status).toBe(201);
    const began = performance.now();
    await stop();
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

test("the log has one line for each step, under one correlation id: the answer, the run, each exchange", async () => {
  const { push, log, stop } = await open({});
  const { correlation, body } = await push("POST", "/Users", ada());
  await push("GET", `/Users/${body.id}`);
  await stop();
  const lines = log.lines.filter((line) => line.correlation === correlation);
  expect(lines.find(({ message }) => message === "answered a request")).toMatchObject({ connection: "acme", method: "POST", type: "User", status: 201, ms: expect.any(Number) as number });
  expect(lines.find(({ message }) => message === "converged")).toMatchObject({ resource: body.id, operation: "request", step: "done" });
  expect(lines.filter(({ message }) => message === "called the vendor").map(({ operation }) => operation)).toContain("create");
  expect(log.lines.filter(({ message }) => message === "answered a request").map(({ method }) => method)).toEqual(["POST"]);
  expect(JSON.stringify(log.lines)).not.toContain("ada@acme.example");
});

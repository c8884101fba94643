/**
 * The vendor's own port: reads a request, writes it down, and has it played.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Json } from "../../../model/json.ts";
import type { Answer } from "./definition.ts";
import type { FaultList } from "./faults.ts";
import type { Journal } from "./journal.ts";
import type { Stage } from "./play.ts";
import { play } from "./play.ts";
import type { Tenant, Unrouted } from "./tenant.ts";
import type { VendorClock } from "./vendor-clock.ts";
import * as wire from "./wire.ts";

export interface VendorPort {
  readonly tenant: Pick<Tenant<unknown>, "decide" | "commit" | "error">;
  readonly journal: Journal;
  readonly faults: FaultList;
  readonly clock: VendorClock;
  credentialIn(request: IncomingMessage): { readonly name: string | undefined; readonly shown: string };
  /** Seconds to wait and whose 429 says so, or `undefined`. */
  throttled(credential: string): { readonly retryAfterSeconds: number; readonly as: "vendor" | "proxy" } | undefined;
  pullPlug(ms: number | undefined): void;
}

const proxyPage = "<!doctype html><html><head><title>429 Too Many Requests</title></head><body><h1>429 Too Many Requests</h1></body></html>";

/** Answers one request of a vendor's client. Never rejects. */
export async function answerVendorRequest(port: VendorPort, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = await wire.readText(request);
  if (text === undefined) return;
  const { method = "GET", url: target = "/" } = request;
  const read = text === "tooLarge" ? "broken" : wire.readJson(text);
  const { name: credential, shown } = port.credentialIn(request);
  const fault = port.faults.take(method, target);
  const body: Json | undefined = read === "broken" ? undefined : read.json;
  const entry = port.journal.open({
    at: new Date(port.clock.now()).toISOString(), method, path: target, credential: shown, contentType: request.headers["content-type"] ?? null, body: body ?? null, fault: fault?.kind ?? null,
  });
  response.on("finish", () => (entry.status = response.statusCode));

  const [path = "/", query = ""] = target.split(/\?(.*)/s, 2);
  const asked: Unrouted = { method, path, query: new URLSearchParams(query), headers: request.headers, body, credential };
  const decide = (staleMs?: number): Answer => {
    if (text === "tooLarge") return port.tenant.error(413, "Request too large");
    return read === "broken" ? port.tenant.error(400, "Malformed JSON") : port.tenant.decide(asked, staleMs);
  };
  const tooMany = (as: "vendor" | "proxy"): wire.Outgoing => (as === "proxy" ? { status: 429, body: proxyPage } : port.tenant.error(429, "Too many requests"));

  const wait = port.throttled(shown);
  if (wait) {
    const outgoing = tooMany(wait.as);
    return wire.send(response, { ...outgoing, headers: { ...outgoing.headers, "retry-after": String(wait.retryAfterSeconds) } });
  }
  const stage: Stage = {
    decide, tooMany,
    commit: (answer) => void (entry.committed = port.tenant.commit(answer) || entry.committed),
    nowMs: port.clock.now, after: port.clock.after, pause: port.clock.pause, pullPlug: port.pullPlug,
  };
  try {
    await play(fault, stage, response);
  } catch (thrown) {
    // A mistake of the simulator's must be seen by whoever tests with it, not hang.
    if (response.headersSent) return wire.drop(response);
    wire.send(response, { status: 500, body: `The simulator failed: ${thrown instanceof Error ? thrown.message : String(thrown)}` });
  }
}

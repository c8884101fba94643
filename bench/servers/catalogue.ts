/**
 * Plays the hostile catalogue against a house in this process, and says for how long its event loop was kept and during which request.
 *
 *     node bench/servers/catalogue.ts [STORE]
 *
 * @module
 */
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { openUsual, play, toolOf } from "../../test/compliance/suites/hostile.ts";
import { median } from "../gates/pace.ts";
import { watchTurns } from "./turns.ts";

export interface CatalogueTurns {
  readonly entries: number;
  readonly passed: number;
  readonly requests: number;
  readonly over: number;
  readonly longestMs: number;
  /** Of each request, however often it was asked: the middle one of the longest turns from its start to the next one's. */
  readonly byRequest: Readonly<Record<string, number>>;
}

const mostMs = 50;
let [requests, over, longestMs] = [0, 0, 0];
let watched = false;
/** Of every time that a request was asked. */
const turns = new Map<string, number[]>();
let ofRequest: number[] = [];

// What is random in an address, so that the same request is told again in the next run.
const plain = (url: string): string => url.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27,}/gi, "ID").replaceAll(/[0-9a-f]{8,}/gi, "HEX").replaceAll(/\d+/g, "N").slice(0, 120);

subscribe("http.server.request.start", (message) => {
  const { method, url = "", headers } = (message as { readonly request: IncomingMessage }).request;
  if (url.startsWith("/api") || url.startsWith("/state")) return; // a vendor's
  requests += 1;
  const request = `${method} ${plain(url)} (${headers["content-length"] ?? "no"} bytes)`;
  ofRequest = turns.get(request) ?? [];
  turns.set(request, ofRequest);
  ofRequest.push(0);
});
watchTurns((ms) => {
  if (!watched) return;
  longestMs = Math.max(longestMs, ms);
  if (ms > mostMs) over += 1;
  if (ofRequest.length > 0) ofRequest[ofRequest.length - 1] = Math.max(ofRequest.at(-1)!, ms);
});

const { stage, words, stop } = await openUsual(process.argv[2]);
watched = true;
const checks = await play(toolOf(), stage, words);
watched = false;
await stop();
const byRequest = Object.fromEntries([...turns].map(([request, each]) => [request, median(each)]));
const counted = checks.filter(({ result }) => result !== "skipped");
process.stdout.write(JSON.stringify({ entries: counted.length, passed: counted.filter(({ result }) => result === "passed").length, requests, over, longestMs, byRequest } satisfies CatalogueTurns), () => process.exit(0));

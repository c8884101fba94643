/**
 * A house whose alarms are looked at: every log line kept, and a webhook receiver that checks each signature as the Standard Webhooks
 * specification has it.
 *
 * @module
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type House, openHouse } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { isObject, type JsonObject } from "../../src/model/json.ts";
import type { Clock } from "../../src/runtime/clock.ts";
import type { Log, LogFields } from "../../src/runtime/log.ts";
import { token } from "./house.ts";

export interface Line extends LogFields {
  readonly level: keyof Log;
  readonly message: string;
}

export function keptLog(): Log & { readonly lines: Line[] } {
  const lines: Line[] = [];
  const keep = (level: keyof Log) => (message: string, fields?: LogFields) => void lines.push({ level, message, ...fields });
  return { lines, info: keep("info"), warn: keep("warn"), error: keep("error"), alarm: keep("alarm") };
}

export const secret = "whsec_" + Buffer.from("canary-webhook-secret-0123456789").toString("base64");

/** What a receiver does with a message. `hang`: never answers. */
export type Reaction = number | "hang";

export interface Received {
  readonly id: string;
  readonly isSigned: boolean;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
  readonly reaction: Reaction;
}

export async function startReceiver(react: (nth: number) => Reaction = () => 204) {
  const received: Received[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const header = (name: string) => String(req.headers[name]);
      const id = header("webhook-id");
      const expected = createHmac("sha256", Buffer.from(secret.slice("whsec_".length), "base64")).update(`${id}.${header("webhook-timestamp")}.${text}`).digest();
      const [version, given = ""] = header("webhook-signature").split(",");
      const bytes = Buffer.from(given, "base64");
      const reaction = react(received.length);
      received.push({ id, isSigned: version === "v1" && bytes.length === 32 && timingSafeEqual(bytes, expected), body: JSON.parse(text), reaction });
      if (reaction !== "hang") res.writeHead(reaction).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alarms?from=drawbridge`,
    received,
    /** Those that were taken. */
    taken: () => received.filter(({ reaction }) => typeof reaction === "number" && reaction < 300),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface AlarmedWish {
  readonly vendorUrl: string;
  readonly apiKey: string;
  readonly store: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The file's top level, besides what a test always needs. */
  readonly top?: JsonObject;
  readonly connection?: JsonObject;
}

export async function openAlarmedHouse({ vendorUrl, apiKey, store, clock, log, top = {}, connection = {} }: AlarmedWish) {
  const acme = {
    connector: "peoplelens",
    auth: { bearer: [{ name: "test", token }] },
    settings: { baseUrl: vendorUrl, apiKey },
    roles: { map: [{ idp: "Everyone", vendor: "User" }], fallback: "User" },
    rails: { massDeprovision: { count: 1000 } },
    budget: { requestsPerSecond: 1000, burst: 1000 },
    ...connection,
  };
  const document = { listen: { host: "127.0.0.1", port: 0 }, publicUrl: "http://scim.test", store, egress: { allow: ["127.0.0.1"] }, ...top, connections: { acme } };
  const config = await readConfig("test.yaml", { env: {}, readFile: async () => JSON.stringify(document) });
  const house: House = await openHouse(config, { log, clock });
  const { port } = await house.door.listen("127.0.0.1", 0);
  const origin = `http://127.0.0.1:${port}`;
  return {
    house,
    origin,
    async scim(method: string, path: string, body?: unknown) {
      const answer = await fetch(`${origin}/scim/acme/v2${path}`, { method, headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/scim+json" }, ...(body !== undefined && { body: JSON.stringify(body) }) });
      const text = await answer.text();
      const read: unknown = text === "" ? {} : JSON.parse(text);
      return { status: answer.status, body: isObject(read) ? read : {} };
    },
    stop: () => house.stop(),
  };
}

export type AlarmedHouse = Awaited<ReturnType<typeof openAlarmedHouse>>;

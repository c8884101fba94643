/**
 * A door with little behind it: a router that shows what reached it, and a bridge whose lists the test chooses.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { connect } from "node:net";
import express from "express";
import type { DoorOptions, DoorToken } from "../../src/http/door.ts";
import { openDoor } from "../../src/http/server.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { errorBody, faceOf } from "../../src/scim/errors.ts";
import type { Features } from "../../src/scim/discovery.ts";
import type { Answers, Exchange, Page } from "../../src/scim/exchange.ts";
import { during, exchange } from "../../src/scim/exchange.ts";
import type { ScimSide } from "../../src/scim/resources.ts";

export const token = "dbt_right-token-of-acme";
export const base = "/scim/acme/v2";
export const publicUrl = "https://scim.example.com";
export const userId = "2819c223-7f76-453a-919d-413861904646";

export const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
export const aToken = (text: string, more: Partial<DoorToken> = {}): DoorToken => ({ name: "first", hash: digest(text), expiresMs: undefined, ...more });

/** What reached the router behind the door. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly baseUrl: string;
  readonly query: unknown;
  readonly body: unknown;
  readonly exchange: Exchange;
}

export interface FakeSide extends ScimSide {
  readonly seen: Seen[];
  /** What the router does with a request; it answers 200 with what it saw unless the test says otherwise. */
  serve: (req: express.Request, res: express.Response, next: express.NextFunction) => void;
}

export function aSide(): FakeSide {
  const seen: Seen[] = [];
  const side: FakeSide = {
    seen,
    serve: (req, res) => void res.type("application/scim+json").send({ method: req.method, query: req.query, body: req.body ?? null }),
    router: ((req: express.Request, res: express.Response, next: express.NextFunction) => {
      seen.push({ method: req.method, url: req.url, baseUrl: req.baseUrl, query: req.query, body: req.body, exchange: exchange() });
      side.serve(req, res, next);
    }) as unknown as ScimSide["router"],
    during,
    faceOf,
    errorBody,
    discovery: {
      serviceProviderConfig: (at) => ({ patch: { supported: true }, meta: { location: `${at}/ServiceProviderConfig` } }),
      resourceTypes: () => ({ totalResults: 2 }),
      resourceType: (_at, name) => (name === "User" ? { id: "User" } : undefined),
      schemas: () => ({ totalResults: 3 }),
      catalogue: () => ({ totalResults: 0 }),
      catalogueEntry: () => undefined,
      schema: (_at, urn) => (urn === "urn:ietf:params:scim:schemas:core:2.0:User" ? { id: urn } : undefined),
    },
  };
  return side;
}

const emptyPage: Page = { startIndex: 1, total: 0, resources: [] };

export const aBridge = (list: Answers["list"] = async () => emptyPage): Answers => ({
  read: async () => ({}),
  list,
  write: async () => undefined,
  bulk: async () => ({}),
});

export const features = (bulk = true): Features => ({ bulk: { supported: bulk, maxOperations: 1_000, maxPayloadSize: 8_388_608 }, maxResults: 1_000 });

export function aDoor(options: Partial<DoorOptions> = {}, side: FakeSide = aSide()) {
  const door = openDoor({
    publicUrl,
    scim: side,
    bridge: () => aBridge(),
    tokens: (connection) => (connection === "acme" ? [aToken(token)] : connection === "other" ? [aToken("dbt_other")] : undefined),
    features: () => features(),
    ready: async () => ({ ok: true, detail: {} }),
    log: silentLog,
    clock: systemClock,
    ...options,
  });
  return { door, side, seen: side.seen };
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly all: string;
}

/** Sends bytes as they are and reads until the peer closes, or `quietMs` pass without a byte. Status 0: closed without an answer. */
export function raw(port: number, bytes: string | Buffer, quietMs = 300, localAddress = "127.0.0.1"): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", localAddress });
    const chunks: Buffer[] = [];
    const end = () => {
      socket.destroy();
      resolve(answerIn(Buffer.concat(chunks).toString("latin1")));
    };
    socket.setTimeout(quietMs, end);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("close", end).on("error", () => {});
    socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  });
}

function answerIn(all: string): RawAnswer {
  const split = all.indexOf("\r\n\r\n");
  const [first = "", ...lines] = all.slice(0, Math.max(0, split)).split("\r\n");
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? 0), headers, body: split < 0 ? "" : all.slice(split + 4), all };
}

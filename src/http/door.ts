/**
 * What the door needs and what it gives: the contract between `http/` and whoever wires the house together.
 *
 * Everything that may change while the server runs (tokens, limits, the bridge of a connection) is asked for at each request,
 * so a reload swaps what stands behind these functions and loses no request.
 *
 * @module
 */
import type { IncomingMessage, Server } from "node:http";
import type { Express, RequestHandler } from "express";
import type { ConnectionId, CorrelationId } from "../model/ids.ts";
import type { JsonObject } from "../model/json.ts";
import type { Limits } from "../model/policy.ts";
import type { Denied } from "../operator/denied.ts";
import type { OperatorToken } from "../operator/known-operators.ts";
import type { Problem, Told } from "../operator/problem.ts";
import type { Found } from "../operator/side.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { AccessTokens } from "./access-token.ts";
import type { Verdict } from "./federation.ts";
import type { Features } from "../scim/discovery.ts";
import type { Answers } from "../scim/exchange.ts";
import type { ScimSide } from "../scim/resources.ts";

export interface DoorOptions {
  /** `https://scim.example.com`, without a slash at the end. The only source of addresses in answers; never Host or a forwarded header. */
  readonly publicUrl: string;
  readonly scim: ScimSide;
  /** The bridge of a connection; asked only after its token was right. */
  bridge(connection: ConnectionId): Answers;
  /** What opens a connection; `undefined` = there is none of that name. May throw when the tokens cannot be known: 503, never 401. */
  tokens(connection: ConnectionId): readonly DoorToken[] | undefined;
  /** Name and password pairs of a connection that takes Basic (Okta); none = it does not. */
  basic?(connection: ConnectionId): readonly DoorToken[] | undefined;
  /** The clients of our own token endpoint, and the assertions of issuers that connections trust; without it every client is unknown. */
  readonly oauth?: OAuthSide;
  /** Whether a connection takes requests from where this one comes from; asked once the credential was right. */
  admits?(connection: ConnectionId, req: IncomingMessage): boolean;
  /** Where a request comes from, as far as the proxies before us are trusted. */
  addressOf?(req: IncomingMessage): string | undefined;
  /** Told of every use of a token, for "last used". Must not throw and must not wait. */
  tokenUsed?(connection: ConnectionId, name: string): void;
  /** Sizes of a connection; default: users and searches 1 MiB, groups and Bulk 8 MiB, 1,000 rows a page. */
  limits?(connection: ConnectionId): Pick<Limits, "userBodyBytes" | "groupBodyBytes" | "page">;
  /** What a connection offers and says of itself in ServiceProviderConfig. */
  features(connection: ConnectionId): Features;
  /** Whether the server can do its work. A vendor that is down leaves it ready. Names no person and no secret. */
  ready(): Promise<{ readonly ok: boolean; readonly detail: JsonObject }>;
  /** `/metrics`; without it there is nothing at that address. The tokens are the operator's, asked for at each request; none = this machine only. */
  readonly metrics?: {
    page(): Promise<{ readonly contentType: string; readonly text: string }>;
    tokens(): readonly DoorToken[];
  };
  /** Told of every SCIM request that was let in, once it is answered. Must not throw and must not wait. */
  served?(request: Served): void;
  /** The operator API; without it there is nothing below `/api`. */
  readonly operator?: OperatorDoor;
  /** Routes outside `/scim` and the health checks, asked before the 404. */
  readonly beside?: RequestHandler;
  readonly log: Log;
  readonly clock: Clock;
  readonly tuning?: Partial<Tuning>;
}

/** A request that was let in, and its answer. Times are ms since 1970. */
export interface Served {
  readonly connection: ConnectionId;
  readonly correlation: CorrelationId;
  readonly method: string;
  readonly type: "User" | "Group" | "other";
  readonly status: number;
  readonly startedMs: number;
  readonly endedMs: number;
  /** As the client sent it. */
  readonly traceparent: string | undefined;
}

/** What stands behind `/api/v1`. */
export interface OperatorDoor {
  /** What opens it, asked for at each request; none = nobody, and to strangers there is nothing here. May throw when they cannot be known: 503. */
  tokens(): readonly OperatorToken[];
  /** Told of every use. Must not throw and must not wait. */
  used(name: string): void;
  /** Whether requests are taken from where this one comes from; asked once the token was right. */
  admits(req: IncomingMessage): boolean;
  /** @param words the segments behind `/api/v1` */
  find(method: string, words: readonly string[]): Found;
  description(): JsonObject;
  /** Must not throw and must not wait. */
  denied(denied: Denied): void;
  told(thrown: unknown): Told;
  problem(told: Told, correlation: CorrelationId): Problem;
}

/** OAuth at the door (idps.md, 10). */
export interface OAuthSide {
  readonly tokens: AccessTokens;
  /** The clients of a connection, each with the print of one live secret; several rows with one id = several live secrets. */
  clients(connection: ConnectionId): readonly { readonly id: string; readonly print: string }[];
  /** The issuer that a connection trusts; `print` tells this trust from every other one. */
  trust(connection: ConnectionId): { readonly print: string; verify(assertion: string): Promise<Verdict> } | undefined;
  lifetimeMs(connection: ConnectionId): number;
}

export interface DoorToken {
  readonly name: string;
  /** SHA-256 of the token; for Basic, of `name:password`. */
  readonly hash: Buffer;
  /** ms since 1970; `undefined` = never. */
  readonly expiresMs: number | undefined;
}

/** Time and size limits of the server as a whole. */
export interface Tuning {
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly maxHeaderBytes: number;
  /** Sockets at once; more are dropped. */
  readonly maxSockets: number;
  /** Requests at once per connection; more are 503. */
  readonly maxAtOnce: number;
  /** Bytes of bodies held at once over all connections; more are 503. */
  readonly maxBodyBytesAtOnce: number;
  /** How long requests may take to end once the door closes. */
  readonly drainMs: number;
}

export const tuning: Tuning = {
  headersTimeoutMs: 9_000, // slow heads are looked for twice a second, so a socket is free again within 10 s
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000, // longer than the 60 s after which the usual load balancers drop an idle connection
  maxHeaderBytes: 16_384,
  maxSockets: 4096,
  maxAtOnce: 512,
  maxBodyBytesAtOnce: 67_108_864,
  drainMs: 25_000,
};

export interface Door {
  readonly app: Express;
  readonly server: Server;
  /** Resolves once connections are accepted; `port` 0 takes a free one. */
  listen(host: string, port: number): Promise<{ readonly port: number }>;
  /** Stops accepting, lets what is under way end, then cuts what is left. Safe to call twice. */
  close(): Promise<void>;
}

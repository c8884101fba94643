/**
 * What one HTTP request carries through scimmy, and the interface behind which the bridge answers.
 *
 * scimmy keeps everything in process-wide state; what differs per request travels in an `AsyncLocalStorage` instead. The door
 * (`http/`) fills an `Exchange` in, the resource classes read it; no express type gets in here.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { CorrelationId } from "../model/ids.ts";
import type { JsonObject } from "../model/json.ts";
import type { ScimType } from "../model/failure.ts";

export interface Exchange {
  readonly bridge: Answers;
  /** `https://scim.example.com/scim/peoplelens-prod/v2`, without a slash at the end. */
  readonly base: string;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly correlation: CorrelationId;
  /** When whoever asks must be answered (ms since 1970), if sooner than a single push would be. */
  readonly untilMs?: number;
  /** Resolves true once the answer was written out, false if the client was gone before. */
  readonly answered: Promise<boolean>;
  /** For ETag, Location and Retry-After: scimmy-routers sends what we return and nothing else. */
  setHeader(name: string, value: string): void;
  /** Told of anything thrown that nobody threw on purpose: a bug, for the log. */
  crashed?(thrown: unknown): void;
  /** How the request failed, for the error middleware behind scimmy-routers. */
  face: Face | undefined;
}

/** A failure as HTTP shows it. */
export interface Face {
  readonly status: number;
  readonly detail: string;
  readonly scimType?: ScimType;
  readonly retryAfterSeconds?: number;
}

/** Query parameters as the client wrote them: strings; `startIndex` and `count` may have become numbers on their way. */
export type Query = Readonly<Record<string, unknown>>;

export interface At {
  readonly type: "User" | "Group";
  readonly id?: string;
  readonly query: Query;
  /** Lists: the same question goes to the other type, too, so its attributes are no unknown names here. */
  readonly among?: true;
}

/** The bridge as the SCIM side sees it. Resources go out as finished JSON: projected, with `schemas`, `id` and `meta`. */
export interface Answers {
  read(at: At, exchange: Exchange): Promise<JsonObject>;
  list(at: At, exchange: Exchange): Promise<Page>;
  /** `undefined` = done, and nothing to show (204). */
  write(push: WriteRequest, exchange: Exchange): Promise<JsonObject | undefined>;
  /** The BulkResponse; thrown only when the envelope is wrong and nothing was done. */
  bulk(body: unknown, exchange: Exchange): Promise<JsonObject>;
}

export interface WriteRequest extends At {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: unknown;
}

export interface Page {
  /** Left out where the list is paged by cursor. */
  readonly startIndex?: number;
  readonly total: number;
  readonly resources: readonly JsonObject[];
  readonly nextCursor?: string;
}

const carried = new AsyncLocalStorage<Exchange>();

/** Runs `step` with the exchange in reach of everything it awaits. */
export const during = (exchange: Exchange, step: () => void): void => carried.run(exchange, step);

/** The exchange of the request that we are in; a bug outside one. */
export function exchange(): Exchange {
  const current = carried.getStore();
  if (!current) throw new Error("no exchange: called outside a request");
  return current;
}

/** The base address of the request that we are in; empty outside one. */
export const base = (): string => carried.getStore()?.base ?? "";

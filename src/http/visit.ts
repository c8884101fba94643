/**
 * One request from the door's opening to its answer: who came, with which correlation id, and what the log is told.
 *
 * @module
 */
import type { Response } from "express";
import type { ConnectionId, CorrelationId } from "../model/ids.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { Exchange } from "../scim/exchange.ts";
import { setHeaders } from "./headers.ts";

export interface Visit {
  readonly correlation: CorrelationId;
  readonly res: Response;
  /** Once the token was right. */
  connection: ConnectionId | undefined;
  /** What the request is about, once its address is understood. */
  type: "User" | "Group" | "other";
  /** Not SCIM's words for a failure, but those of RFC 9457. */
  problems: boolean;
  /** Once the SCIM side is asked. */
  exchange: Exchange | undefined;
}

const key = "visit";

/** Begins a visit: from here on every answer carries its correlation id and the headers that all have. */
export function begin(res: Response): Visit {
  const begun: Visit = { correlation: newCorrelationId(), res, connection: undefined, type: "other", problems: false, exchange: undefined };
  res.locals[key] = begun;
  setHeaders(res);
  res.setHeader("x-correlation-id", begun.correlation);
  return begun;
}

/** The visit that an answer belongs to; begins one for a request that failed before its own began. */
export const visitOf = (res: Response): Visit => (res.locals[key] as Visit | undefined) ?? begin(res);

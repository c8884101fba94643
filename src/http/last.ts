/**
 * The last error route: every failure of a request leaves through here, once.
 *
 * @module
 */
import type { ErrorRequestHandler, Request, Response } from "express";
import type { Face } from "../scim/exchange.ts";
import { Gone, hasBody } from "./body.ts";
import type { DoorOptions } from "./door.ts";
import { type FaceHeaders, SCIM_JSON, TurnedAway } from "./errors.ts";
import { visitOf } from "./visit.ts";

export const lastRoute =
  (options: DoorOptions): ErrorRequestHandler =>
  (thrown: unknown, req, res, _next) => {
    if (res.headersSent) return; // scimmy-routers has sent its 5xx and only then called next(error)
    if (thrown instanceof Gone) return;
    const { correlation, connection, exchange } = visitOf(res);
    const face = exchange?.face ?? (thrown instanceof TurnedAway ? thrown.face : options.scim.faceOf(thrown));
    if (thrown instanceof TurnedAway) {
      // The reason for these was logged where it is known.
      if (face.status !== 401 && face.status !== 403) options.log.info("turned away at the door", { ...(connection && { connection }), correlation, method: req.method, status: face.status, detail: face.detail });
    } else if (exchange?.face === undefined && face.status === 500) {
      options.log.error("a bug answered 500", { ...(connection && { connection }), correlation, error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
    }
    refuse(req, res, face, JSON.stringify(options.scim.errorBody(face, correlation)), thrown instanceof TurnedAway ? thrown.headers : {});
  };

function refuse(req: Request, res: Response, face: Face, text: string, headers: FaceHeaders): void {
  res.statusCode = face.status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  if (face.retryAfterSeconds !== undefined) res.setHeader("retry-after", Math.max(1, Math.ceil(face.retryAfterSeconds)));
  res.setHeader("cache-control", "no-store");
  res.setHeader("content-type", SCIM_JSON);
  res.setHeader("content-length", Buffer.byteLength(text));
  if (hasBody(req) && !req.complete && !isSmall(req)) return answerAndLinger(req, res, text);
  res.end(text);
}

const LINGER_BYTES = 1_048_576;
const LINGER_MS = 1000;

/** A body that Node may take off the wire by itself, so that the connection lives on. */
const isSmall = (req: Request): boolean => req.headers.expect === undefined && Number(req.headers["content-length"] ?? Infinity) <= 65_536;

/**
 * The answer goes out at once; the socket closes a little later. Closing it while the client still sends would reset the
 * connection, and many clients lose the answer with it. What arrives meanwhile is dropped, up to a limit.
 */
function answerAndLinger(req: Request, res: Response, text: string): void {
  res.setHeader("connection", "close");
  res.flushHeaders();
  if (req.method !== "HEAD") res.write(text);
  let left = LINGER_BYTES;
  const over = () => {
    clearTimeout(timer);
    if (!res.writableEnded) res.end();
  };
  const timer = setTimeout(over, LINGER_MS);
  req.on("data", (chunk: Buffer) => (left -= chunk.length) < 0 && over());
  req.on("end", over).on("error", over).on("close", over);
  req.resume();
}

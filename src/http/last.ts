/**
 * The last error route: every failure of a request leaves through here, once.
 *
 * @module
 */
import type { ErrorRequestHandler, Request, Response } from "express";
import type { CorrelationId } from "../model/ids.ts";
import type { Told } from "../operator/problem.ts";
import type { Face } from "../scim/exchange.ts";
import { Gone, hasBody } from "./body.ts";
import type { DoorOptions, OperatorDoor } from "./door.ts";
import { type FaceHeaders, PROBLEM_JSON, SCIM_JSON, TurnedAway } from "./errors.ts";
import { visitOf } from "./visit.ts";

export const lastRoute =
  (options: DoorOptions): ErrorRequestHandler =>
  (thrown: unknown, req, res, _next) => {
    if (res.headersSent) return; // scimmy-routers has sent its 5xx and only then called next(error)
    if (thrown instanceof Gone) return;
    const { correlation, connection, exchange, problems } = visitOf(res);
    if (problems && options.operator) return refuseAct(options, options.operator, thrown, correlation, req, res);
    const face = exchange?.face ?? (thrown instanceof TurnedAway ? thrown.face : options.scim.faceOf(thrown));
    if (thrown instanceof TurnedAway) {
      // The reason for these was logged where it is known.
      if (face.status !== 401 && face.status !== 403) options.log.info("turned away at the door", { ...(connection && { connection }), correlation, method: req.method, status: face.status, detail: face.detail });
    } else if (exchange?.face === undefined && face.status === 500) {
      options.log.error("a bug answered 500", { ...(connection && { connection }), correlation, error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
    }
    refuse(req, res, face, SCIM_JSON, JSON.stringify(options.scim.errorBody(face, correlation)), thrown instanceof TurnedAway ? thrown.headers : {});
  };

/** What the door itself says no to, as a word for scripts. */
const kinds: Readonly<Record<number, string>> = { 400: "invalid", 401: "unauthorised", 403: "forbidden", 404: "notFound", 405: "method", 413: "tooLarge", 415: "mediaType", 429: "tooMany", 503: "unavailable" };

/** The operator API's failures, as problems (RFC 9457). */
function refuseAct({ log }: DoorOptions, door: OperatorDoor, thrown: unknown, correlation: CorrelationId, req: Request, res: Response): void {
  const told: Told = thrown instanceof TurnedAway ? { ...thrown.face, kind: kinds[thrown.face.status] ?? "refused" } : door.told(thrown);
  if (told.status === 500) log.error("a bug answered 500", { correlation, error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
  refuse(req, res, told, PROBLEM_JSON, JSON.stringify(door.problem(told, correlation)), thrown instanceof TurnedAway ? thrown.headers : {});
}

function refuse(req: Request, res: Response, face: Pick<Face, "status" | "retryAfterSeconds">, type: string, text: string, headers: FaceHeaders): void {
  res.statusCode = face.status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  if (face.retryAfterSeconds !== undefined) res.setHeader("retry-after", Math.max(1, Math.ceil(face.retryAfterSeconds)));
  res.setHeader("cache-control", "no-store");
  res.setHeader("content-type", type);
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

/**
 * `/metrics`, for the operator's Prometheus and nobody else.
 *
 * With operator tokens, configured or made by command, one of them opens it. Without, only a peer on this machine may read: the socket's own address counts,
 * and a request that says that somebody has forwarded it comes from elsewhere, whatever the socket says. To a stranger there is nothing
 * at this address.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { Request, Response } from "express";
import { tokenBrought } from "./authenticate.ts";
import type { DoorOptions, DoorToken } from "./door.ts";
import { notThere, unauthorised, wrongMethod } from "./errors.ts";

/** @returns false: not this address */
export function metrics(options: DoorOptions, word: string | undefined, req: Request, res: Response, next: (error?: unknown) => void): boolean {
  if (word !== "metrics" || !options.metrics) return false;
  admitOperator(options.metrics.tokens(), req, options.clock.now());
  if (req.method !== "GET" && req.method !== "HEAD") throw wrongMethod("GET, HEAD");
  res.setHeader("cache-control", "no-store");
  options.metrics.page().then(({ contentType, text }) => {
    if (res.destroyed) return;
    res.statusCode = 200;
    res.setHeader("content-type", contentType);
    res.setHeader("content-length", Buffer.byteLength(text));
    res.end(text);
  }, next);
  return true;
}

/** @throws {TurnedAway} 401 for a wrong or missing token, 404 for a stranger where there are no tokens */
export function admitOperator(tokens: readonly DoorToken[], req: IncomingMessage, nowMs: number): void {
  if (tokens.length > 0) {
    if (typeof tokenBrought(tokens, req, nowMs) === "string") throw unauthorised(req.headers.authorization !== undefined);
    return;
  }
  if (!isOnThisMachine(req.socket.remoteAddress, req.headers)) throw notThere();
}

const forwarding = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/** @param peer the socket's own idea of who is there; `undefined` once it is closed */
export function isOnThisMachine(peer: string | undefined, headers: IncomingMessage["headers"]): boolean {
  if (forwarding.some((name) => headers[name] !== undefined)) return false;
  return peer === "::1" || /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(peer ?? "");
}

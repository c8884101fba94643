/**
 * What must be true of a request's head before anybody looks at what it asks for.
 *
 * Node's parser has refused most of what is malformed by now. What it lets through, or resolves silently (it keeps the first
 * of two Host headers, serves HTTP/0.9, hands over any Transfer-Encoding), is refused here: a proxy in front may have resolved
 * it otherwise.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import { badRequest, TurnedAway } from "./errors.ts";

const MAX_HEADERS = 100;

/** @throws {TurnedAway} 400, 417, 431 or 501 */
export function checkHead(req: IncomingMessage): void {
  if (req.httpVersion !== "1.1" && req.httpVersion !== "1.0") throw badRequest("This server speaks HTTP/1.1.");
  const { rawHeaders } = req;
  if (rawHeaders.length > 2 * MAX_HEADERS) throw new TurnedAway({ status: 431, detail: `The request has more than ${MAX_HEADERS} headers.` });
  let hosts = 0;
  let types = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 4 && name.toLowerCase() === "host") hosts++;
    else if (name.length === 12 && name.toLowerCase() === "content-type") types++;
  }
  if (hosts > 1 || (hosts === 0 && req.httpVersion === "1.1")) throw badRequest("The request must have exactly one Host header.");
  if (types > 1) throw badRequest("The request has more than one Content-Type.");
  const { expect, upgrade } = req.headers;
  if (expect !== undefined && expect.toLowerCase() !== "100-continue") throw new TurnedAway({ status: 417, detail: "The only expectation that can be met is 100-continue." });
  // h2c may be ignored (RFC 9110, 7.8), and some Java clients offer it with every first request.
  if (upgrade !== undefined && upgrade.toLowerCase() !== "h2c") throw badRequest("This server does not change protocols.");
  const coding = req.headers["transfer-encoding"];
  if (coding !== undefined && coding.toLowerCase() !== "chunked") throw new TurnedAway({ status: 501, detail: "The only transfer coding that is accepted is chunked." });
}

/** The one value of a header that Node would have picked silently from several; `undefined` if there is none, or not exactly one. */
export function onlyOne(req: IncomingMessage, wanted: string): string | undefined {
  let found: string | undefined;
  for (let at = 0; at < req.rawHeaders.length; at += 2) {
    const name = req.rawHeaders[at]!;
    if (name.length !== wanted.length || name.toLowerCase() !== wanted) continue;
    if (found !== undefined) return undefined;
    found = req.rawHeaders[at + 1]!;
  }
  return found;
}

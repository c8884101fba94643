/**
 * The body of a request: its media type, its bytes, its JSON.
 *
 * Counted as it arrives, never inflated, never decoded leniently. `100 Continue` is said here and nowhere else, so it is said
 * only to somebody whose token was right and whose body may be as large as announced.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isObject, type JsonObject } from "../model/json.ts";
import { badRequest, tooLarge, unsupportedMedia } from "./errors.ts";
import type { Admission } from "./limits.ts";
import { readJsonInTurns } from "./strict-json.ts";

export interface BodyCaps {
  readonly bytes: number;
  readonly elements: number;
}

/** How large a body may be that nobody will look at. */
const UNREAD_BYTES = 65_536;

export const hasBody = (req: IncomingMessage): boolean => req.headers["transfer-encoding"] !== undefined || announced(req) > 0;

const announced = (req: IncomingMessage): number => Number(req.headers["content-length"] ?? 0);

/** @throws {TurnedAway} 400, 413, 415, 503; the client's going away rejects with `Gone` */
export async function readBody(req: IncomingMessage, res: ServerResponse, caps: BodyCaps, admission: Admission): Promise<JsonObject> {
  if (!hasBody(req)) throw badRequest("The request has no body.", "invalidSyntax");
  checkMedia(req);
  const body = await withBytes(req, res, caps.bytes, admission, (bytes) => readJsonInTurns(bytes, caps.elements));
  if (!isObject(body)) throw badRequest("The body must be a JSON object.", "invalidSyntax");
  return body;
}

/** How large a token request may be; an assertion with a long chain of claims fits. */
const FORM_BYTES = 16_384;

/** A form (`application/x-www-form-urlencoded`), each parameter once. @returns `undefined` for anything else. @throws {TurnedAway} 413, 415, 503 */
export async function readForm(req: IncomingMessage, res: ServerResponse, admission: Admission): Promise<ReadonlyMap<string, string> | undefined> {
  const media = (req.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (media !== "application/x-www-form-urlencoded") throw unsupportedMedia("A token request is a form: application/x-www-form-urlencoded.");
  if (req.headers["content-encoding"] !== undefined) throw unsupportedMedia("Compressed bodies are not accepted.");
  return withBytes(req, res, FORM_BYTES, admission, (bytes) => {
    const pairs = [...new URLSearchParams(bytes.toString("utf8"))];
    const form = new Map(pairs);
    return form.size === pairs.length ? form : undefined;
  });
}

/** Takes a body that has no meaning (of a DELETE) off the wire. @throws {TurnedAway} 413 */
export async function discardBody(req: IncomingMessage, res: ServerResponse, admission: Admission): Promise<void> {
  await withBytes(req, res, UNREAD_BYTES, admission, () => undefined);
}

/**
 * The body of a GET: nobody waits for it and nobody sees it, scimmy's own body parser neither. The connection ends with the
 * answer, so that nothing of it can pass for the next request.
 */
export function disregardBody(req: IncomingMessage, res: ServerResponse): void {
  delete req.headers["content-length"];
  delete req.headers["transfer-encoding"];
  res.setHeader("connection", "close");
}

/** The client went away in the middle of its body: there is nobody to answer. */
export class Gone extends Error {}

async function withBytes<T>(req: IncomingMessage, res: ServerResponse, limit: number, admission: Admission, use: (bytes: Buffer) => T | Promise<T>): Promise<T> {
  if (announced(req) > limit) throw tooLarge(limit);
  if (req.headers.expect !== undefined) res.writeContinue();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    await new Promise<void>((resolve, reject) => {
      const stop = (why: unknown) => {
        req.off("data", take).off("end", resolve);
        reject(why as Error);
      };
      const take = (chunk: Buffer) => {
        try {
          if (size + chunk.length > limit) throw tooLarge(limit);
          admission.hold(chunk.length);
          size += chunk.length;
          chunks.push(chunk);
        } catch (thrown) {
          stop(thrown);
        }
      };
      req.on("data", take).on("end", resolve);
      req.on("error", () => stop(new Gone("gone"))); // Node's word for a client that went away
    });
    return await use(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
  } finally {
    admission.release(size);
  }
}

const accepted: ReadonlySet<string> = new Set(["application/scim+json", "application/json"]);
const usual: ReadonlySet<string> = new Set([...accepted].flatMap((type) => [type, `${type}; charset=utf-8`, `${type};charset=utf-8`, `${type}; charset=UTF-8`]));

/**
 * What fetch writes when its caller states no type for a text (WHATWG Fetch, "extract a body"): no statement at all, and taken as
 * none. A browser's page cannot use it against us: it has no way to add our token.
 */
const unstated = "text/plain;charset=UTF-8";

function checkMedia(req: IncomingMessage): void {
  const { "content-type": type, "content-encoding": coding } = req.headers;
  if (coding !== undefined && coding.toLowerCase() !== "identity") throw unsupportedMedia("Compressed bodies are not accepted.");
  if (type === undefined || type === "" || type === unstated || usual.has(type)) return;
  const [media, ...parameters] = type.split(";").map((part) => part.trim().toLowerCase());
  if (!accepted.has(media!)) throw unsupportedMedia("The body must be application/scim+json or application/json.");
  for (const parameter of parameters) {
    const [name, value = ""] = parameter.split("=");
    if (name!.trim() === "charset" && value.trim().replaceAll('"', "") !== "utf-8") throw unsupportedMedia("The charset of the body must be utf-8.");
  }
}

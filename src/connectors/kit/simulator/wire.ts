/**
 * How answers go out, whole or broken.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Json } from "../../../model/json.ts";
import type { Answer } from "./definition.ts";

/** Larger requests are answered 413. */
const largestBody = 1024 * 1024;

/** @returns `"tooLarge"`, or the text; `undefined` when the client went away in the middle */
export async function readText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= largestBody) chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return length > largestBody ? "tooLarge" : Buffer.concat(chunks).toString("utf8");
}

/** @returns `"broken"` for a text that is no JSON; `undefined` for an empty one */
export function readJson(text: string): { readonly json: Json | undefined } | "broken" {
  if (text.trim() === "") return { json: undefined };
  try {
    return { json: JSON.parse(text) as Json };
  } catch {
    return "broken";
  }
}

/** The bytes of an answer and their type. Text that begins with `<` is HTML. */
export function bytesOf(body: unknown): { readonly bytes: Buffer; readonly type: string } {
  if (body === undefined) return { bytes: Buffer.alloc(0), type: "application/json" };
  if (typeof body === "string") return { bytes: Buffer.from(body), type: body.trimStart().startsWith("<") ? "text/html; charset=utf-8" : "text/plain; charset=utf-8" };
  return { bytes: Buffer.from(JSON.stringify(body)), type: "application/json; charset=utf-8" };
}

export interface Outgoing {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

function head(response: ServerResponse, { status, headers }: Outgoing, type: string, length: number): void {
  response.writeHead(status, { "content-type": type, "content-length": length, ...headers });
}

export function send(response: ServerResponse, outgoing: Outgoing): void {
  const { bytes, type } = bytesOf(outgoing.body);
  head(response, outgoing, type, bytes.length);
  response.end(bytes);
}

/** A reset, not an orderly end: the client must not be able to mistake it for an answer. */
export const drop = (response: ServerResponse): void => void response.socket?.resetAndDestroy();

/** Half of the body. `clean` announces only that half; otherwise the connection breaks where the rest is due. */
export function sendHalf(response: ServerResponse, answer: Answer, clean: boolean): void {
  const { bytes, type } = bytesOf(answer.body);
  const half = bytes.subarray(0, Math.floor(bytes.length / 2));
  head(response, answer, type, clean ? half.length : bytes.length);
  if (clean) return void response.end(half);
  response.write(half, () => response.socket?.destroy());
}

export async function sendSlowly(response: ServerResponse, answer: Answer, bytesAtOnce: number, pause: () => Promise<void>): Promise<void> {
  const { bytes, type } = bytesOf(answer.body);
  head(response, answer, type, bytes.length);
  for (let from = 0; from < bytes.length && !response.destroyed; from += bytesAtOnce) {
    response.write(bytes.subarray(from, from + bytesAtOnce));
    await pause();
  }
  response.end();
}

/** White space first: valid JSON, for a client that reads to the end. */
export async function sendBehindPadding(response: ServerResponse, answer: Answer, padding: number): Promise<void> {
  const { bytes, type } = bytesOf(answer.body);
  response.writeHead(answer.status, { "content-type": type });
  const chunk = Buffer.alloc(64 * 1024, " ");
  for (let left = padding; left > 0 && !response.destroyed; left -= chunk.length) {
    if (!response.write(chunk.subarray(0, Math.min(left, chunk.length)))) await drained(response);
  }
  response.end(bytes);
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const over = () => {
      response.off("drain", over).off("close", over);
      resolve();
    };
    response.on("drain", over).on("close", over);
  });

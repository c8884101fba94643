/**
 * Answers with many members go out in pieces: a group of 50,000 is 4 MB of JSON, and to write it in one go would keep everybody else
 * waiting for as long as it takes.
 *
 * @module
 */
import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import type { Request, Response } from "express";
import { isObject, type Json, type JsonObject } from "../model/json.ts";
import { SCIM_JSON, send } from "./errors.ts";

/** Up to so many members altogether an answer goes out in one piece. */
const fewMembers = 5_000;
const membersInPiece = 2_000;

/** Lets `res.send` write a large answer in pieces; all others go out as they always do. */
export function sendInPieces(req: Request, res: Response): void {
  const send = res.send.bind(res);
  res.send = (body?: unknown) => {
    if (!isObject(body) || !isLarge(body)) return send(body);
    if (req.fresh) return send({}); // 304: nobody will see it
    void written(res, body, req.method === "HEAD");
    return res;
  };
}

/** A list that is no resource's own route, in pieces where it is large. */
export function sendList(res: Response, list: JsonObject): void {
  if (isLarge(list)) void written(res, list, false);
  else send(res, 200, SCIM_JSON, list);
}

const pieceLength = 65_536;

/** Whoever is gone meanwhile needs no more of it. */
async function written(res: Response, body: JsonObject, headOnly: boolean): Promise<void> {
  if (!res.hasHeader("content-type")) res.setHeader("content-type", SCIM_JSON);
  let held = "";
  for (const piece of headOnly ? [] : piecesOf(body)) {
    held += piece;
    if (held.length < pieceLength) continue;
    if (res.destroyed) return;
    if (!res.write(held)) await drained(res);
    held = "";
    await turn();
  }
  res.end(held);
}

/** Until the client has taken what was written, or is gone. */
async function drained(res: Response): Promise<void> {
  const over = new AbortController();
  await Promise.race(["drain", "close"].map((event) => once(res, event, { signal: over.signal }).catch(() => undefined)));
  over.abort();
}

const isLarge = ({ members, Resources }: JsonObject): boolean =>
  lengthOf(members) > fewMembers || (Array.isArray(Resources) && (Resources as readonly JsonObject[]).reduce((sum, { members: its }) => sum + lengthOf(its), 0) > fewMembers);

const lengthOf = (list: Json | undefined): number => (Array.isArray(list) ? list.length : 0);

/** The text of `JSON.stringify(body)`, cut into pieces. */
export function* piecesOf(body: JsonObject): Generator<string> {
  const { Resources } = body;
  if (!Array.isArray(Resources)) return yield* resource(body);
  yield* around(body, "Resources", function* () {
    let between = "";
    for (const one of Resources as readonly JsonObject[]) {
      if (between !== "") yield between;
      between = ",";
      yield* resource(one);
    }
  });
}

function* resource(one: JsonObject): Generator<string> {
  const { members } = one;
  if (!Array.isArray(members) || members.length <= membersInPiece) return yield JSON.stringify(one);
  yield* around(one, "members", function* () {
    for (let at = 0; at < members.length; at += membersInPiece) yield `${at === 0 ? "" : ","}${JSON.stringify(members.slice(at, at + membersInPiece)).slice(1, -1)}`;
  });
}

/** An object in the order of its names, one of whose lists comes in pieces. */
function* around(object: JsonObject, list: string, pieces: () => Generator<string>): Generator<string> {
  let begun = "{";
  for (const [name, value] of Object.entries(object)) {
    if (value === undefined) continue; // ListResponse has them where a list is paged by cursor
    yield `${begun}${JSON.stringify(name)}:${name === list ? "[" : JSON.stringify(value)}`;
    begun = ",";
    if (name !== list) continue;
    yield* pieces();
    yield "]";
  }
  yield "}";
}

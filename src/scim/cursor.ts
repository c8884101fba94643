/**
 * Cursors (RFC 9865): a position in a list, sealed so that only this server's own words come back.
 *
 * Nothing is kept here between two pages. A cursor says where the page ended, to which question, on which connection, and when; an HMAC
 * over it keeps anybody from writing one. One for another question or connection reads like one that was made up.
 *
 * @module
 */
import { createHmac, hash, timingSafeEqual } from "node:crypto";
import { invalid } from "../model/failure.ts";

/** Seconds for which a cursor is good; advertised as `cursorTimeout`. */
export const cursorSeconds = 3_600;

const macBytes = 16;
/** Far below what a request target may be long; a position is longer only where people are sorted by very long texts. */
const longest = 4_096;

export interface Cursors {
  /** @param question everything that must stay the same from page to page */
  seal(question: readonly unknown[], position: string, nowMs: number): string;
  /** @throws Fault `invalidCursor`, `expiredCursor` */
  open(question: readonly unknown[], cursor: string, nowMs: number): string;
}

/** @param key of this installation, the same on every process */
export function openCursors(key: string): Cursors {
  const mac = (text: string): Buffer => createHmac("sha256", key).update(text).digest().subarray(0, macBytes);
  const digest = (question: readonly unknown[]): string => hash("sha256", JSON.stringify(question), "base64url").slice(0, 22);

  return {
    seal(question, position, nowMs) {
      const text = JSON.stringify([Math.floor(nowMs / 1000), digest(question), position]);
      const cursor = Buffer.concat([mac(text), Buffer.from(text)]).toString("base64url");
      if (cursor.length > longest) throw invalid("invalidValue", "People cannot be paged by a cursor in this order, because a value to sort by is too long; use startIndex.");
      return cursor;
    },
    open(question, cursor, nowMs) {
      const bytes = cursor.length > longest || !/^[\w-]+$/.test(cursor) ? Buffer.alloc(0) : Buffer.from(cursor, "base64url");
      const text = bytes.subarray(macBytes).toString();
      if (bytes.length <= macBytes || bytes.toString("base64url") !== cursor || !timingSafeEqual(bytes.subarray(0, macBytes), mac(text))) throw unknown();
      const [madeSeconds, asked, position] = JSON.parse(text) as [number, string, string];
      if (asked !== digest(question)) throw unknown();
      if (nowMs / 1000 - madeSeconds > cursorSeconds) throw invalid("expiredCursor", "The cursor is more than an hour old. Begin again with an empty cursor.");
      return position;
    },
  };
}

const unknown = () => invalid("invalidCursor", "This cursor is not one of this list's: filter, order and count must stay the same from page to page.");

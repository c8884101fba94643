/**
 * Cursors (RFC 9865): only our own words come back, and only to the question that they were an answer to.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { Fault } from "../../src/model/failure.ts";
import { cursorSeconds, openCursors } from "../../src/scim/cursor.ts";

const cursors = openCursors("a key");
const question = ["acme", "User", 10, "userName sw \"a\"", null];
const at = 1_700_000_000_000;
const cursor = cursors.seal(question, '["b",7]', at);
const complaint = (step: () => unknown): unknown => {
  try {
    return step();
  } catch (thrown) {
    return thrown instanceof Fault && thrown.failure.kind === "invalid" ? thrown.failure.scimType : thrown;
  }
};

describe("a cursor", () => {
  test("gives the position back to the same question, on any process with the key", () => {
    expect(openCursors("a key").open([...question], cursor, at + 1_000)).toBe('["b",7]');
  });

  test("is made of unreserved characters and says nothing in clear that a client could take for a name", () => {
    expect(cursor).toMatch(/^[A-Za-z0-9._~-]+$/);
  });

  test("of an hour ago is expired, a moment before it is not", () => {
    expect(complaint(() => cursors.open(question, cursor, at + (cursorSeconds + 1) * 1_000))).toBe("expiredCursor");
    expect(cursors.open(question, cursor, at + (cursorSeconds - 1) * 1_000)).toBe('["b",7]');
  });

  test.each([
    ["another connection", ["other", ...question.slice(1)], cursor],
    ["another filter", [...question.slice(0, 3), 'userName sw "b"', null], cursor],
    ["another count", ["acme", "User", 11, ...question.slice(3)], cursor],
    ["another server's key", question, openCursors("another key").seal(question, '["b",7]', at)],
    ["a made-up one", question, "AAAA"],
    ["a statement", question, "' OR 1=1--"],
    ["ten kilobytes", question, "A".repeat(10_240)],
    ["one with something behind it", question, `${cursor}A`],
    ["one in padded form", question, `${cursor}=`],
  ])("%s is invalid", (_, asked, given) => {
    expect(complaint(() => cursors.open(asked, given, at))).toBe("invalidCursor");
  });

  test("with any one bit turned is invalid", () => {
    const bytes = Buffer.from(cursor, "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const turned = Buffer.from(bytes);
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(complaint(() => cursors.open(question, turned.toString("base64url"), at))).toBe("invalidCursor");
    }
  });
});

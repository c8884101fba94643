import { describe, expect, test } from "vitest";
import { type Load, nextTurns } from "../../src/delivery/lanes.ts";
import { connectionId } from "../../src/model/ids.ts";
import type { Lane } from "../../src/model/operation.ts";
import type { Head } from "../../src/store/store.ts";

const load = (connection: string, more: Partial<Load> = {}): Load => ({ connection: connectionId(connection), places: { all: 8, lesser: 6 }, busy: { deny: 0, lesser: 0 }, isDown: false, isTrying: false, isResting: false, servedAt: 0, forMs: 1, ...more });
const heads = (...due: readonly (readonly [string, Lane])[]): Head[] => due.map(([connection, lane]) => ({ connection: connectionId(connection), lane, dueAtMs: 0, isDue: true }));
const asked = (asks: ReturnType<typeof nextTurns>) => asks.map(({ connection, lane, limit }) => `${connection} ${lane} ${limit}`);

describe("who is next", () => {
  test("denials of all connections come before grants, before profiles, before reconciliation", () => {
    const due = heads(["a", "reconcile"], ["a", "profile"], ["b", "grant"], ["b", "deny"], ["a", "deny"]);
    expect(asked(nextTurns(due, [load("a"), load("b")], { all: 99, lesser: 99 }))).toEqual(["a deny 8", "b deny 8"]);
    const roomy = { places: { all: 99, lesser: 2 } };
    expect(asked(nextTurns(due, [load("a", { places: { all: 5, lesser: 3 }, busy: { deny: 4, lesser: 0 } }), load("b", roomy)], { all: 9, lesser: 2 }))).toEqual(["b deny 4", "a deny 1"]);
    expect(asked(nextTurns(heads(["a", "reconcile"], ["a", "profile"], ["b", "grant"]), [load("a"), load("b", { busy: { deny: 0, lesser: 4 } })], { all: 99, lesser: 99 }))).toEqual(["b grant 2", "a profile 6"]);
  });

  test.each<[string, Partial<Load>, Lane, readonly string[]]>([
    ["lesser work has six of eight places", {}, "profile", ["a profile 6"]],
    ["a denial has all of them", {}, "deny", ["a deny 8"]],
    ["a denial finds a place where all lesser work hangs", { busy: { deny: 0, lesser: 6 } }, "deny", ["a deny 2"]],
    ["lesser work does not take the denials' places", { busy: { deny: 0, lesser: 6 } }, "grant", []],
    ["a vendor that is down gets nothing", { isDown: true }, "deny", []],
    ["one that has just come back gets one", { isTrying: true }, "deny", ["a deny 1"]],
    ["and no second one before that has ended", { isTrying: true, busy: { deny: 0, lesser: 1 } }, "deny", []],
    ["one that rests gets denials one by one", { isResting: true }, "deny", ["a deny 1"]],
    ["and nothing else", { isResting: true }, "grant", []],
  ])("%s", (_, more, lane, expected) => expect(asked(nextTurns(heads(["a", lane]), [load("a", more)]))).toEqual(expected));

  test("where the house is nearly full, connections share what is left, the least served first, and denials have their own part", () => {
    const loads = [load("greedy", { busy: { deny: 0, lesser: 4 }, servedAt: 9 }), load("a", { servedAt: 3 }), load("b", { servedAt: 2 })];
    const due = heads(["greedy", "profile"], ["a", "profile"], ["b", "profile"]);
    expect(asked(nextTurns(due, loads, { all: 10, lesser: 7 }))).toEqual(["b profile 2", "a profile 1"]);
    expect(asked(nextTurns([...due, ...heads(["a", "deny"])], loads, { all: 10, lesser: 4 }))).toEqual(["a deny 6"]);
  });

  test("a hundred connections that are all busy leave no slot to lesser work that denials would need", () => {
    const loads = Array.from({ length: 100 }, (_, n) => load(`c${n}`));
    const asks = nextTurns(heads(...loads.map(({ connection }) => [connection, "profile"] as const)), loads);
    expect(asks.reduce((sum, { limit }) => sum + limit, 0)).toBe(192);
    expect(Math.max(...asks.map(({ limit }) => limit)) - Math.min(...asks.map(({ limit }) => limit))).toBeLessThanOrEqual(1);
  });
});

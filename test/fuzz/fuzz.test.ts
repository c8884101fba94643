/**
 * A few seconds of the fuzz, the same inputs every time; `npm run fuzz` plays millions (docs/fuzz.md).
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Case, playCases } from "./cases.ts";
import { realCode } from "./code.ts";
import { type Ground, openGround } from "./ground.ts";
import { play } from "./play.ts";
import { sharesOf } from "./shares.ts";
import { allTargets, type Weighted } from "./targets/all.ts";

let ground: Ground;
let targets: readonly Weighted[] = [];
beforeAll(async () => {
  ground = await openGround();
  targets = allTargets(ground);
});
afterAll(() => ground.close());

const names = ["filter", "patch", "path", "body", "json", "address", "bulk and cursor"];
const counts: Readonly<Record<string, number>> = { filter: 3_000, patch: 2_500, path: 2_000, body: 800, json: 1_000, address: 1_500, "bulk and cursor": 500 };

test("every target is among those that are played", () => {
  expect(targets.map(({ target }) => target.name)).toEqual(names);
});

test.each(names)("%s: no crash, no hang, no polluted prototype, and everything that must hold holds", (name) => {
  const { target } = targets.find((one) => one.target.name === name)!;
  const { inputs, accepted, failure } = play(target, realCode, { seed: 20_261_122, inputs: counts[name]! });
  expect(failure).toBeUndefined();
  expect(inputs).toBe(counts[name]);
  // Inputs of which all or none are accepted would look at half of the code.
  expect(accepted / inputs).toBeGreaterThan(0.03);
  expect(accepted / inputs).toBeLessThan(0.8);
});

const kept = JSON.parse(readFileSync(new URL("cases.json", import.meta.url), "utf8")) as readonly Case[];

test("what once failed does not fail any more", () => {
  expect(kept.length).toBeGreaterThan(0);
  expect(playCases(kept, targets, realCode).filter(({ wrong }) => wrong !== undefined)).toEqual([]);
});

describe("a run in shares", () => {
  const shares = (inputs: number) => [...sharesOf({ seed: 5, inputs }, targets)];
  test("holds every input once, and every target by its weight", () => {
    expect(shares(12_345).map(({ inputs }) => inputs)).toEqual([5_000, 5_000, 2_345]);
    const turns = shares(500_000).map(({ target }) => target.name);
    for (const { target, weight } of targets) expect(turns.filter((name) => name === target.name)).toHaveLength(weight);
  });
  test("is the same for the same seed, and each share has a seed of its own", () => {
    expect(shares(500_000).map(({ seed }) => seed)).toEqual(shares(500_000).map(({ seed }) => seed));
    expect(new Set(shares(500_000).map(({ seed }) => seed)).size).toBe(100);
  });
});

/**
 * A small kill −9 loop for every change; `npm run kills` has as many kills as one likes, on both engines.
 *
 * @module
 */
import { expect, test } from "vitest";
import { killLoop } from "./kills/loop.ts";

test("a server killed again and again while an IdP pushes: nothing acknowledged is lost, nobody is there twice, every vendor write was intended", async () => {
  const ended = await killLoop({ engine: "sqlite", kills: 8, seed: 11, people: 12 });
  expect(ended.violations).toEqual([]);
  expect(ended.kills).toBeGreaterThanOrEqual(8);
  expect(ended.acked).toBeGreaterThan(8);
}, 180_000);

/**
 * The sender's pauses, its bound, and a receiver that throws its work away.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { alarmEntry } from "../../src/model/alarm.ts";
import { mostUnsent, type NoticeEnd, pauseSeconds, startSender } from "../../src/delivery/notices.ts";
import { ago } from "../../src/delivery/watch.ts";
import { connectionId, correlationId } from "../../src/model/ids.ts";
import { openStore } from "../../src/store/open-store.ts";
import { keptLog } from "../support/alarmed-house.ts";
import { virtualClock } from "../support/virtual-clock.ts";

const acme = connectionId("acme");
const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end();
});

test("the table in the docstring is what the function does", () => {
  const text = readFileSync(new URL("../../src/delivery/notices.ts", import.meta.url), "utf8");
  const row = /\* +pause +(.*)/.exec(text)?.[1]?.match(/\d+/g)?.map(Number);
  expect(row).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(pauseSeconds));
  expect(pauseSeconds(10_000)).toBe(300);
});

test("of more notices than may wait the oldest are dropped and counted, and pages stay", async () => {
  const clock = virtualClock();
  const log = keptLog();
  const store = await openStore({ url: "file::memory:", clock });
  ended.push(() => store.close());
  store.keepNotices(true);
  const ends: Record<NoticeEnd, number> = { sent: 0, failed: 0, givenUp: 0, dropped: 0 };
  const alarm = (n: number) => alarmEntry({ connection: acme, kind: "other", severity: n === 0 ? "page" : "alarm", resource: undefined, correlation: correlationId("c-1"), text: `${n}` });
  await store.append(acme, Array.from({ length: mostUnsent + 50 }, (_, n) => alarm(n)));
  const tried: string[] = [];
  const sender = startSender({
    store, clock, log, random: () => 0,
    poster: () => async ({ body }) => {
      tried.push((JSON.parse(body) as { text: string }).text);
      return { taken: false, reason: "no" };
    },
    counted: (end, count) => void (ends[end] += count),
  });
  ended.push(() => sender.stop());
  await clock.pass(3_000);
  expect(ends).toMatchObject({ dropped: 50, sent: 0 });
  expect(await store.unsentNotices()).toBe(mostUnsent);
  expect(tried[0]).toBe("0");
  expect(tried).not.toContain("1");
  expect(log.lines.filter(({ message }) => message.includes("dropped"))).toMatchObject([{ level: "error", count: 50 }]);
});

test.each([
  { ms: 75_900, text: "75 s" },
  { ms: 720_000, text: "12 min" },
  { ms: 108_000_000, text: "30 h" },
  { ms: -5, text: "0 s" },
])("$ms ms are told as $text", ({ ms, text }) => {
  expect(ago(ms)).toBe(text);
});

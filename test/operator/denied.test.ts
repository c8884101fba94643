/**
 * Nobody fills the database by knocking.
 *
 * @module
 */
import { expect, test } from "vitest";
import type { JournalEntry } from "../../src/model/resource.ts";
import { newCorrelationId } from "../../src/runtime/new-id.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { noteDenials } from "../../src/operator/denied.ts";
import type { Store } from "../../src/store/store.ts";

test("sixty rows a minute are written, and the rest as a number with the next one", async () => {
  let now = 0;
  const rows: JournalEntry[] = [];
  const store = { append: async (connection: string, entries: readonly JournalEntry[]) => (expect(connection).toBe("~operators"), void rows.push(...entries)) } as unknown as Store;
  const notes = noteDenials(store, { now: () => now, sleep: () => Promise.resolve() }, silentLog);
  const knock = () => notes.note({ correlation: newCorrelationId(), status: 401, reason: "no operator token", from: "203.0.113.9" });
  for (let count = 0; count < 500; count++) knock();
  await notes.flush();
  expect([rows.length, rows.at(-1)?.data]).toEqual([60, { denied: "no operator token", status: 401, from: "203.0.113.9" }]);
  now += 60_000;
  knock();
  knock();
  await notes.flush();
  expect(rows.slice(60).map(({ data }) => (data as { more?: number }).more)).toEqual([440, undefined]);
});

test("a store that is away stops nothing", async () => {
  const said: string[] = [];
  const notes = noteDenials({ append: () => Promise.reject(new Error("away")) } as unknown as Store, { now: () => 0, sleep: () => Promise.resolve() }, { ...silentLog, error: (message) => void said.push(message) });
  notes.note({ correlation: newCorrelationId(), status: 403, reason: "takes the role approver", from: undefined, by: "kim", act: "holds.approve" });
  await notes.flush();
  expect(said).toEqual(["a denied attempt could not be journalled"]);
});

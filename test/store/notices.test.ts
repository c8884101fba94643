/**
 * Alarms become notices with the row that tells of them, and every notice is somebody's once.
 *
 * @module
 */
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { alarmEntry, type Alarm } from "../../src/model/alarm.ts";
import { correlationId } from "../../src/model/ids.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { engines, type TestPlace } from "../support/stores.ts";
import { acme, deny, entry, keep, rival, user } from "./people.ts";

const alarm = (more: Partial<Alarm> = {}) => alarmEntry({ connection: acme, kind: "delivery.failed", severity: "alarm", resource: newResourceId(), correlation: correlationId("c-1"), text: "it failed", ...more });

describe.each(engines)("on $name", ({ place }) => {
  const opened: { store: Store; at: TestPlace }[] = [];
  let store: Store;
  let at: TestPlace;
  beforeEach(async () => {
    at = await place();
    store = await openStore({ url: at.url, clock: systemClock });
    store.keepNotices(true);
    opened.push({ store, at });
  });
  afterAll(async () => {
    for (const { store, at } of opened) {
      await store.close();
      await at.remove();
    }
  });

  test("an alarm in the journal is a notice, in the same transaction or not at all", async () => {
    const resource = newResourceId();
    await store.append(acme, [entry("decision", resource, { text: "no alarm" }), alarm({ resource, severity: "page" })]);
    expect(await store.takeNotices(10, 60_000)).toEqual([
      { id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string, connection: acme, kind: "delivery.failed", severity: "page", resource, correlation: "c-1", text: "it failed", atMs: expect.any(Number) as number, attempts: 1 },
    ]);
    const { id, lease } = await keep(store, user("ann"), { due: deny("w") });
    const stale = { ...lease!, epoch: lease!.epoch + 1 };
    expect(await store.record(stale, { journal: [alarm({ resource: id })], due: { kind: "keep" } })).toBe(false);
    expect(await store.unsentNotices()).toBe(1);
    expect(await store.record(lease!, { journal: [alarm({ resource: id })], due: { kind: "keep" } })).toBe(true);
    expect(await store.unsentNotices()).toBe(2);
  });

  test("without anybody to send them there are none", async () => {
    store.keepNotices(false);
    await store.append(acme, [alarm()]);
    expect(await store.unsentNotices()).toBe(0);
    expect(await store.journal(acme, { limit: 10 })).toHaveLength(1);
  });

  test("the same failure of the same person is one notice for a while, and another person's another", async () => {
    const resource = newResourceId();
    for (let n = 0; n < 3; n++) await store.append(acme, [alarm({ resource })]);
    await store.append(acme, [alarm({ resource, kind: "delivery.stuck" })]);
    await store.append(acme, [alarm()]);
    await store.append(rival, [alarm({ resource })]);
    expect(await store.unsentNotices()).toBe(4);
    await at.query("update notices set at_ms = at_ms - 600000");
    await store.append(acme, [alarm({ resource })]);
    expect(await store.unsentNotices()).toBe(5);
  });

  test("a row of a room that names no kind is told of as well, without what a vendor said and whom it named", async () => {
    await store.append(acme, [entry("alarm", undefined, { text: 'deactivate is refused: Acme answered 403 to "update" (it says: "Ada (ada@acme.example) is the owner") for <ada@acme.example>, Bearer abc' })]);
    expect(await store.takeNotices(1, 1)).toMatchObject([{ kind: "other", severity: "alarm", text: 'deactivate is refused: Acme answered 403 to "update" for <[address]>, Bearer [secret]' }]);
  });

  test("a freeze is a notice: a page where Drawbridge itself found a breach", async () => {
    await store.freeze(acme, { by: "drawbridge", reason: "the journal is not what was written" });
    await store.freeze(rival, { by: "ann@acme.example", reason: "looking into it" });
    expect((await store.takeNotices(10, 1)).map(({ connection, kind, severity, text }) => ({ connection, kind, severity, text })).toSorted((a, b) => (a.connection < b.connection ? -1 : 1))).toEqual([
      { connection: acme, kind: "connection.frozen", severity: "page", text: "the connection was frozen by drawbridge: the journal is not what was written" },
      { connection: rival, kind: "connection.frozen", severity: "alarm", text: "the connection was frozen by [address]: looking into it" },
    ]);
  });

  test("ten that claim at once get each notice once, pages first", async () => {
    await store.append(acme, Array.from({ length: 20 }, (_, n) => alarm({ severity: n === 19 ? "page" : "alarm", text: `${n}` })));
    const [first] = await store.takeNotices(1, 60_000);
    expect(first).toMatchObject({ severity: "page", text: "19" });
    const other = await openStore({ url: at.url, clock: systemClock });
    const taken = (await Promise.all(Array.from({ length: 10 }, (_, n) => (n % 2 ? store : other).takeNotices(3, 60_000)))).flat();
    await other.close();
    const rest = await store.takeNotices(100, 60_000);
    const all = [...taken, ...rest].map(({ text }) => text);
    expect(all.toSorted()).toEqual(Array.from({ length: 19 }, (_, n) => `${n}`).toSorted());
    expect(await store.takeNotices(100, 60_000)).toEqual([]);
  });

  test("a claim that runs out is somebody else's, and the first one's word no longer counts", async () => {
    await store.append(acme, [alarm()]);
    const [lost] = await store.takeNotices(1, -1);
    const [again] = await store.takeNotices(1, 60_000);
    expect(again).toMatchObject({ id: lost!.id, attempts: 2 });
    expect(await store.endNotice(lost!, "sent")).toBe(false);
    expect(await store.putOffNotice(lost!, 5)).toBe(false);
    expect(await store.putOffNotice(again!, -1)).toBe(true);
    const [third] = await store.takeNotices(1, 60_000);
    expect(await store.endNotice(third!, "sent")).toBe(true);
    expect(await store.endNotice(third!, "sent")).toBe(false);
    expect(await store.nextNoticeMs()).toBeUndefined();
  });

  test("too many are dropped: the oldest, and pages last", async () => {
    await store.append(acme, Array.from({ length: 10 }, (_, n) => alarm({ severity: n < 2 ? "page" : "alarm", text: `${n}` })));
    expect(await store.dropNotices(5)).toBe(5);
    expect((await store.takeNotices(100, 1)).map(({ text }) => text).toSorted()).toEqual(["0", "1", "7", "8", "9"]);
    expect(await store.dropNotices(1)).toBe(4);
    expect(await store.dropNotices(1)).toBe(0);
    await store.forgetNotices(60_000);
    expect(await at.query("select count(*) as n from notices")).toMatchObject([{ n: expect.anything() as unknown }]);
    expect(Number((await at.query("select count(*) as n from notices"))[0]?.["n"])).toBe(10);
    await store.forgetNotices(-60_000);
    expect(Number((await at.query("select count(*) as n from notices"))[0]?.["n"])).toBe(1);
  });
});

/**
 * Whoever is on duty is told: once at each threshold, by one server, with a signature, until it is over (I2).
 *
 * @module
 */
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { connectionId } from "../../src/model/ids.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { type AlarmedHouse, keptLog, openAlarmedHouse, type Reaction, secret, startReceiver } from "../support/alarmed-house.ts";
import { ada, eventually, patch } from "../support/house.ts";
import { temporaryFolder } from "../support/postgres.ts";
import { engines } from "../support/stores.ts";
import { virtualClock } from "../support/virtual-clock.ts";

const acme = connectionId("acme");
const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end();
});

function freshFile(): string {
  const folder = temporaryFolder();
  ended.push(() => folder.remove());
  return `file:${join(folder.path, "test.db")}`;
}

async function aVendor() {
  const vendor = await startPeopleLens();
  ended.push(() => vendor.stop());
  return vendor;
}

async function aReceiver(react?: (nth: number) => Reaction) {
  const receiver = await startReceiver(react);
  ended.push(() => receiver.stop());
  return receiver;
}

const leave = (id: unknown) => ["PATCH", `/Users/${String(id)}`, patch({ op: "replace", path: "active", value: false })] as const;
/** The alarms of the watch, as a reader of the journal finds them. */
const told = async ({ house }: AlarmedHouse) =>
  (await house.store.journal(acme, { limit: 5_000 })).filter(({ kind }) => kind === "alarm").map(({ data }) => data as { alarm: string; severity: string; text: string }).map(({ alarm, severity }) => `${alarm} ${severity}`).filter((one) => one.startsWith("denial") || one.startsWith("tasks"));

describe("a leaver at a vendor that is dead", () => {
  test("is one alarm at 60 s, one page at 5 min, a reminder every 15 min and one all clear, whatever restarts in between", async () => {
    const clock = virtualClock();
    const log = keptLog();
    const vendor = await aVendor();
    const receiver = await aReceiver();
    const open = () => openAlarmedHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, store, clock, log, top: { alarms: { webhook: { url: receiver.url, secret } } } });
    const store = freshFile();
    let house = await open();
    const restart = async () => {
      const stopping = house.stop();
      await clock.pass(5_000);
      await stopping;
      house = await open();
    };
    ended.push(() => house.stop());
    const { body } = await house.scim("POST", "/Users", ada());

    await vendor.setSwitches({ down: "on" });
    const answer = house.scim(...leave(body["id"]));
    await clock.pass(12_000);
    expect((await answer).status).toBe(200);
    await clock.pass(46_000);
    expect(await told(house)).toEqual([]);
    await clock.pass(4_000);
    expect(await told(house)).toEqual(["denial.late alarm"]);
    await clock.pass(60_000);
    await restart();
    await clock.pass(60_000);
    expect(await told(house)).toEqual(["denial.late alarm"]);
    await clock.pass(130_000);
    expect(await told(house)).toEqual(["denial.late alarm", "denial.late page"]);
    await restart();
    await clock.pass(500_000);
    expect(await told(house)).toHaveLength(2);
    await clock.pass(240_000);
    expect(await told(house)).toEqual(["denial.late alarm", "denial.late page", "denial.reminder alarm"]);
    await clock.pass(900_000);
    expect(await told(house)).toHaveLength(4);

    await vendor.setSwitches({ down: "off" });
    await clock.pass(90_000);
    expect(await told(house)).toEqual(["denial.late alarm", "denial.late page", "denial.reminder alarm", "denial.reminder alarm", "denial.clear clear"]);
    await clock.pass(1_000_000);
    expect(await told(house)).toHaveLength(5);

    expect(log.lines.filter(({ level, kind }) => level === "alarm" && kind?.startsWith("denial")).map(({ kind, severity }) => `${kind} ${severity}`)).toEqual(["denial.late alarm", "denial.late page", "denial.reminder alarm", "denial.reminder alarm"]);
    const notices = receiver.taken().filter(({ body }) => String(body.kind).startsWith("denial"));
    expect(notices.map(({ body }) => `${body.kind} ${body.severity}`)).toEqual(await told(house));
    expect(notices.every(({ isSigned }) => isSigned)).toBe(true);
    expect(notices[0]?.body).toEqual({
      id: notices[0]?.id,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      connection: "acme",
      kind: "denial.late",
      severity: "alarm",
      resource: body["id"],
      text: expect.stringMatching(/^a denial has not been carried out for 6\d s; it is being retried$/) as string,
      correlation: expect.stringMatching(/^c-/) as string,
    });
    expect(notices[2]?.body).toMatchObject({ resource: null, text: expect.stringMatching(/^1 denial has still not been carried out, the oldest for 1\d min$/) as string });
    expect(JSON.stringify(receiver.received)).not.toMatch(/ada@|Lovelace/);
    await house.stop();
  }, 60_000);

  test("of whom there are many at one moment is one notice, and an alarm on each person's timeline", async () => {
    const clock = virtualClock();
    const log = keptLog();
    const vendor = await aVendor();
    const receiver = await aReceiver();
    const house = await openAlarmedHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, store: freshFile(), clock, log, top: { alarms: { webhook: { url: receiver.url, secret } } } });
    ended.push(() => house.stop());
    const people = await Promise.all(Array.from({ length: 25 }, (_, n) => house.scim("POST", "/Users", ada({ userName: `p${n}@acme.example`, externalId: `p${n}` }))));
    await vendor.setSwitches({ down: "on" });
    const answers = people.map(({ body }) => house.scim(...leave(body["id"])));
    await clock.pass(70_000);
    await Promise.all(answers);
    const late = (await house.house.store.journal(acme, { limit: 5_000 })).filter(({ data }) => (data as { alarm?: string }).alarm === "denial.late");
    expect(new Set(late.flatMap(({ resource }) => (resource ? [resource] : []))).size).toBe(25);
    const notices = receiver.taken().filter(({ body }) => body.kind === "denial.late");
    expect(notices.length).toBeLessThan(25);
    expect(log.lines.filter(({ kind }) => kind === "denial.late")).toHaveLength(notices.length);
    expect(notices.some(({ body }) => body.resource === null && /^\d+ denials have not been carried out/.test(body.text))).toBe(true);
  }, 30_000);

  test("a task that nobody closes for a day is said once a day, as a count", async () => {
    const clock = virtualClock(undefined, 60_000);
    const vendor = await aVendor();
    const house = await openAlarmedHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, store: freshFile(), clock, log: keptLog() });
    ended.push(() => house.stop());
    const task = await house.house.store.openTask({ connection: acme, resource: undefined, account: undefined, title: "a title", steps: "steps" });
    await clock.pass(86_000_000);
    expect(await told(house)).toEqual([]);
    await clock.pass(1_000_000);
    expect(await told(house)).toEqual(["tasks.open alarm"]);
    await clock.pass(86_500_000);
    expect(await told(house)).toHaveLength(2);
    await house.house.store.closeTask(task.id);
    await clock.pass(200_000_000);
    expect(await told(house)).toHaveLength(2);
  }, 60_000);
});

describe("two servers on one PostgreSQL", () => {
  test("tell of a late denial once, and post it once", async () => {
    const postgres = engines.find(({ name }) => name === "postgres")!;
    const place = await postgres.place();
    ended.push(() => place.remove());
    const vendor = await aVendor();
    const receiver = await aReceiver();
    const wish = { vendorUrl: vendor.url, apiKey: vendor.apiKey, store: place.url, clock: systemClock, top: { alarms: { webhook: { url: receiver.url, secret }, denialAfter: "1s", pageAfter: "3s" } }, connection: { delivery: { deadline: "600ms", settle: "900ms" }, vendor: { timeout: "400ms" } } };
    const logs = [keptLog(), keptLog()];
    const houses = await Promise.all(logs.map((log) => openAlarmedHouse({ ...wish, log })));
    for (const house of houses) ended.push(() => house.stop());
    const { body } = await houses[0]!.scim("POST", "/Users", ada());
    await vendor.setSwitches({ down: "on" });
    expect((await houses[1]!.scim(...leave(body["id"]))).status).toBe(200);
    await eventually(async () => (await told(houses[0]!)).includes("denial.late page"), 15_000);
    await vendor.setSwitches({ down: "off" });
    await eventually(() => receiver.taken().some(({ body }) => body.kind === "denial.clear"), 30_000);
    expect(await told(houses[0]!)).toEqual(["denial.late alarm", "denial.late page", "denial.clear clear"]);
    expect(receiver.received.filter(({ body }) => String(body.kind).startsWith("denial")).map(({ body }) => `${body.kind} ${body.severity}`)).toEqual(["denial.late alarm", "denial.late page", "denial.clear clear"]);
    expect(logs.flatMap(({ lines }) => lines).filter(({ kind }) => kind?.startsWith("denial"))).toHaveLength(3);
  }, 60_000);
});

describe("the webhook", () => {
  /** One alarm in a house of its own, by the journal: whoever raises it does no more. */
  async function withAlarm(react: (nth: number) => Reaction, stepMs = 1_000) {
    const clock = virtualClock(undefined, stepMs);
    const log = keptLog();
    const vendor = await aVendor();
    const receiver = await aReceiver(react);
    const house = await openAlarmedHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, store: freshFile(), clock, log, top: { alarms: { webhook: { url: receiver.url, secret } } } });
    ended.push(() => house.stop());
    await house.house.store.append(acme, [{ kind: "alarm", resource: undefined, correlation: "c-000000000000" as never, data: { text: "something is wrong" } }]);
    return { clock, log, receiver, house, vendor };
  }

  test("that fails twice is told the same thing again, under the same id, until it takes it", async () => {
    const { clock, receiver, log, house } = await withAlarm((nth) => [500, 503][nth] ?? 200);
    await clock.pass(10_000);
    expect(receiver.received.map(({ reaction }) => reaction)).toEqual([500, 503, 200]);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
    expect(receiver.received.every(({ isSigned }) => isSigned)).toBe(true);
    await clock.pass(60_000);
    expect(receiver.received).toHaveLength(3);
    expect(await house.house.store.unsentNotices()).toBe(0);
    expect(log.lines.filter(({ message }) => message.includes("webhook"))).toHaveLength(1);
  }, 30_000);

  test("that redirects has taken nothing, and nobody follows", async () => {
    const elsewhere = await aReceiver();
    const { clock, receiver } = await withAlarm(() => 307);
    await clock.pass(5_000);
    expect(receiver.received.length).toBeGreaterThan(1);
    expect(elsewhere.received).toEqual([]);
  });

  test("that says nothing costs nothing else: pushes are carried out meanwhile", async () => {
    const { receiver, house, vendor, clock } = await withAlarm(() => "hang");
    await clock.pass(3_000);
    expect(receiver.received).toHaveLength(1);
    const created = await house.scim("POST", "/Users", ada());
    expect([created.status, (await house.scim(...leave(created.body["id"]))).status]).toEqual([201, 200]);
    expect((vendor.state() as { users: { is_enabled: boolean }[] }).users.at(-1)?.is_enabled).toBe(false);
    expect(await house.house.store.unsentNotices()).toBe(1);
    await house.stop(); // breaks off the post that hangs: no 10 s of waiting
    ended.splice(ended.length - 1);
  }, 8_000);

  test("that takes nothing for a day is given up on, with a line", async () => {
    const { receiver, house, clock, log } = await withAlarm(() => 500, 60_000);
    await clock.pass(3_600_000);
    expect(receiver.received.length).toBeGreaterThan(10);
    expect(receiver.received.length).toBeLessThan(25);
    await clock.pass(22.5 * 3_600_000);
    expect(await house.house.store.unsentNotices()).toBe(1);
    await clock.pass(3_600_000);
    expect(await house.house.store.unsentNotices()).toBe(0);
    expect(log.lines.filter(({ message }) => message.includes("given up"))).toMatchObject([{ level: "error", connection: "acme", detail: "answered 500" }]);
  }, 60_000);

  test("its secret is in no line of the log, no notice, no journal row and no answer", async () => {
    const { clock, receiver, log, house } = await withAlarm(() => 500);
    await clock.pass(5_000);
    const scrape = await (await fetch(`${house.origin}/metrics`)).text();
    const ready = await (await fetch(`${house.origin}/readyz`)).text();
    const everything = [inspect(log.lines, { depth: 9 }), JSON.stringify(receiver.received), JSON.stringify(await house.house.store.journal(acme, { limit: 100 })), scrape, ready].join("\n");
    expect(everything).toContain("something is wrong");
    for (const part of [secret, "canary-webhook-secret", secret.slice(6, 30)]) expect(everything).not.toContain(part);
  });
});

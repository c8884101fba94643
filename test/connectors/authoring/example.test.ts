/**
 * The example connector is data only, and works: against a small courier written by hand, not derived from its manifest.
 *
 * @module
 */
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Connector, Target } from "../../../src/connectors/connector.ts";
import { checkSetup, openConnector } from "../../../src/connectors/registry.ts";
import type { ConnectorSetup } from "../../../src/connectors/setup.ts";
import { failureOf } from "../../../src/model/failure.ts";
import { accountId, roleId } from "../../../src/model/ids.ts";
import type { Vendor } from "../support/vendor.ts";
import { aCall, json, startVendor } from "../support/vendor.ts";

// oxlint-disable-next-line no-explicit-any
type Loose = any;

const folder = fileURLToPath(new URL("../../../examples/connectors/parcelpost/", import.meta.url));
const pin = "scanner-pin-4711";
let vendor: Vendor;
let staff: Loose[];
/** Switched by a test: the courier says yes and does nothing. */
let lies = false;

const member = (number: number, name: string, roleIdOf = "clerk", more: Loose = {}): Loose => ({
  number, kind: "person", badges: ["gate"], suspendedAt: null, duty: { roleId: roleIdOf },
  card: { email: `${name}@acme.example`, first: name, last: "Lee", position: null, phone: null, home: { country: "RO" }, language: null }, ...more,
});

beforeEach(async () => {
  lies = false;
  staff = [...Array.from({ length: 60 }, (_, index) => member(2000 + index, `person${index}`)), member(3001, "ann"), member(3002, "joann"), member(3003, "boss", "postmaster"), member(3004, "cara", "carrier", { kind: "van" })];
  vendor = await startVendor(({ method, url, body, headers }, response) => {
    const { pathname, searchParams } = new URL(url, "http://x");
    const sent: Loose = body === "" ? {} : JSON.parse(body);
    const say = (status: number, code: string, text: string, more: Loose = {}) => json(response, status, { trace: { code, text, id: "t-1", ...more } });
    if (headers["x-parcelpost-token"] !== "ppt_secret-1" || headers["x-depot"] !== "cluj") return say(401, "PP-01", "no token");
    if (pathname === "/roles") return json(response, 200, [{ id: "clerk", label: "Clerk" }, { id: "driver", label: "Driver" }, { id: "postmaster", label: "Postmaster" }]);
    const [, number, deed] = /^\/depots\/cluj\/staff(?:\/(\d+))?(?:\/(\w+))?$/.exec(pathname) ?? [];
    if (method === "GET" && number === undefined) {
      const [page, size] = [Number(searchParams.get("page")), Number(searchParams.get("size"))];
      return json(response, 200, { staff: staff.slice(page * size, (page + 1) * size), trace: { code: "PP-00", total: staff.length } });
    }
    if (method === "POST" && number === undefined) {
      if (staff.some(({ card }) => card.email === sent.card.email)) return say(200, "PP-17", "on the books already");
      if (sent.card.last === "Locker") return say(200, "PP-40", "no lockers");
      if (sent.card.last === "Odd") return say(422, "PP-22", "look again", { fields: { "card.last": "is odd" } });
      const made = { ...member(4000 + staff.length, "x"), ...sent, card: { ...sent.card } };
      staff.push(made);
      return json(response, 201, { member: { ...made, scannerPin: pin }, scannerPin: pin, trace: { code: "PP-00" } });
    }
    const one = staff.find((each) => String(each.number) === number);
    if (!one) return say(404, "PP-04", "nobody");
    if (method === "GET") return json(response, 200, { member: one });
    if (!lies) {
      if (method === "DELETE") staff = staff.filter((each) => each !== one);
      else if (deed === "card") one.card = { email: one.card.email, ...sent.card };
      else if (deed === "suspend") one.suspendedAt = "2026-05-01";
      else if (deed === "resume") one.suspendedAt = null;
      else Object.assign(one, sent);
    }
    return void response.writeHead(204).end();
  });
});
afterEach(() => vendor.stop());

const setup = (change: Partial<ConnectorSetup> = {}): ConnectorSetup => ({
  connector: `${folder}manifest.yaml`, endpoints: "observed", denyEndpoints: "inferred", onDeactivate: undefined, onDelete: undefined, egressAllow: ["127.0.0.1"], timeoutMs: 2_000, managedRoles: ["clerk", "driver"], ...change,
  settings: { baseUrl: vendor.origin, token: "ppt_secret-1", depotId: "cluj", homeCountry: "RO", locales: ["ro", "en"], ...change.settings },
});
const open = (change?: Partial<ConnectorSetup>): Promise<Connector> => openConnector(setup(change));
const target = (id: number): Target => ({ account: accountId(String(id)), kind: "account", email: undefined });
const failing = async (run: Promise<unknown> | undefined) => failureOf(await Promise.resolve(run).then(() => { throw new Error("it did not fail"); }, (thrown: unknown) => thrown));
const sent = () => vendor.seen.map(({ method, url }) => `${method} ${url}`);
const found = (number: number): Loose => staff.find((one) => one.number === number);

test("there is no code in it", () => {
  expect(readdirSync(folder)).toEqual(["manifest.yaml"]);
  expect(existsSync(`${folder}hooks.ts`)).toBe(false);
});

test("its settings are checked like any other's", async () => {
  expect(await checkSetup(setup())).toEqual([]);
  expect((await checkSetup(setup({ settings: { token: "Bearer x", homeCountry: "Romania" } }))).map(({ path }) => path)).toEqual(["settings.token", "settings.homeCountry"]);
});

describe("reading", () => {
  test("the check passes, and a wrong token is found", async () => {
    await (await open()).check(aCall());
    expect((await failing((await open({ settings: { token: "ppt_wrong" } })).check(aCall()))).kind).toBe("credentials");
  });

  test("the list is read to its end, from page 0, without vans and without roles that are not ours", async () => {
    const ids: string[] = [];
    for await (const { id } of (await open()).list?.(aCall()) ?? []) ids.push(id);
    expect(ids).toEqual([...Array.from({ length: 60 }, (_, index) => String(2000 + index)), "3001", "3002"]);
    expect(sent()).toEqual(["GET /depots/cluj/staff?page=0&size=50", "GET /depots/cluj/staff?page=1&size=50"]);
  });

  test("a lookup scans once for everybody who asks", async () => {
    const connector = await open();
    const [ann, boss, nobody] = await Promise.all(["ANN@acme.example", "boss@acme.example", "an@acme.example"].map(async (email) => connector.find?.(email, aCall())));
    expect(ann).toMatchObject([{ id: "3001", role: "clerk", active: true, profile: { "name.givenName": "ann", "address.country": "RO" }, tags: ["gate"] }]);
    expect([boss?.length, nobody]).toEqual([1, []]);
    expect(sent()).toHaveLength(2);
  });

  test("roles come from a bare list", async () => {
    expect(await (await open()).listRoles?.(aCall())).toContainEqual({ id: "driver", name: "Driver" });
  });
});

describe("hiring", () => {
  const newcomer = (familyName: string) => ({ email: "new@acme.example", profile: { "name.givenName": "Eve", "name.familyName": familyName, phone: "0712 345 678", locale: "en-US", "address.streetAddress": "Str. 1\nSc. B", "address.region": "CJ" }, role: undefined, password: undefined });

  test("one call, every part in its place; the PIN in the answer goes nowhere", async () => {
    const call = aCall();
    const made = await (await open()).create?.(newcomer("Low"), call);
    expect(made).toMatchObject({ kind: "created", account: { id: "4064", email: "new@acme.example", role: "clerk", profile: { phone: "+40712345678", locale: "en", "address.region": "RO-CJ", "address.streetAddress": "Str. 1\nSc. B" } } });
    expect(JSON.parse(vendor.seen.at(-1)?.body ?? "")).toEqual({
      card: { email: "new@acme.example", first: "Eve", last: "Low", phone: { digits: "712345678", country: "RO" }, home: { country: "RO", line1: "Str. 1", line2: "Sc. B", iso: "RO-CJ" }, language: "en" },
      duty: { roleId: "clerk" },
    });
    expect(vendor.seen.at(-1)?.headers["x-once"]).toMatch(/^c-test/);
    expect(JSON.stringify([made, call.exchanges])).not.toContain(pin);
  });

  test("business codes count, whatever the status", async () => {
    const connector = await open();
    expect(await connector.create?.({ ...newcomer("Low"), email: "ann@acme.example" }, aCall())).toEqual({ kind: "exists" });
    expect(await failing(connector.create?.(newcomer("Locker"), aCall()))).toMatchObject({ kind: "refused", detail: expect.stringContaining("no free lockers") });
    expect(await failing(connector.create?.(newcomer("Odd"), aCall()))).toMatchObject({ kind: "invalid", detail: expect.stringContaining("card.last: is odd") });
  });
});

describe("changing", () => {
  test("a card is written whole", async () => {
    found(3001).card.position = "Sorter";
    expect(await (await open()).updateProfile?.(target(3001), { "name.familyName": "Low" }, aCall())).toEqual({ confirmed: true, complete: true });
    expect(found(3001).card).toMatchObject({ email: "ann@acme.example", first: "ann", last: "Low", position: "Sorter" });
  });

  test("role and badges, each read back", async () => {
    const connector = await open();
    expect(await connector.setRole?.(target(3001), roleId("driver"), aCall())).toEqual({ confirmed: true, complete: true });
    expect(await connector.setTags?.(target(3001), ["yard", "gate"], aCall())).toEqual({ confirmed: true, complete: true });
    expect(found(3001)).toMatchObject({ duty: { roleId: "driver" }, badges: ["yard", "gate"] });
    lies = true;
    expect((await failing(connector.setTags?.(target(3001), ["yard"], aCall()))).kind).toBe("protocol");
  });

  test("the postmaster is never touched", async () => {
    const connector = await open({ managedRoles: ["clerk", "postmaster"] });
    for (const run of [connector.setRole?.(target(3003), roleId("clerk"), aCall()), connector.deactivate?.(target(3003), aCall()), connector.delete?.(target(3003), aCall())]) {
      expect(await failing(run)).toMatchObject({ kind: "refused", detail: expect.stringContaining("one postmaster") });
    }
    expect(vendor.seen.every(({ method }) => method === "GET")).toBe(true);
  });
});

describe("leaving and coming back", () => {
  test("suspended by a call without a body, seen to be so, and back again", async () => {
    const connector = await open();
    expect(await connector.deactivate?.(target(3001), aCall())).toEqual({ confirmed: true, complete: true, by: "suspend" });
    expect(found(3001).suspendedAt).toBe("2026-05-01");
    expect(await connector.reactivate?.(target(3001), undefined, aCall())).toEqual({ confirmed: true, complete: true });
    expect(found(3001).suspendedAt).toBeNull();
  });

  test("a courier that only says yes is found out", async () => {
    lies = true;
    const connector = await open();
    for (const verb of ["deactivate", "delete"] as const) expect((await failing(connector[verb]?.(target(3001), aCall()))).kind).toBe("protocol");
  });

  test("dismissed, where the operator allows a call that nobody documents; else suspended", async () => {
    expect(await (await open()).delete?.(target(3001), aCall())).toEqual({ confirmed: true, complete: true, gone: true, by: "dismiss" });
    expect(await (await open({ denyEndpoints: "public" })).delete?.(target(3002), aCall())).toEqual({ confirmed: true, complete: true, by: "suspend" });
  });
});

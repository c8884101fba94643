/**
 * A push that changes more than one facet of somebody, and one of them fails: what was done for the other, what the IdP is told, and
 * what is true in the end. On the simulated PeopleLens, where each facet is a call of its own.
 *
 * @module
 */
import { afterEach, describe, expect, test } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import { ada, eventually, openWithVendor, patch } from "../support/house.ts";

const acme = connectionId("acme");
const roles = { map: [{ idp: "Admins", vendor: "Admin", privileged: true }, { idp: "Editors", vendor: "Editor" }, { idp: "Everyone", vendor: "User" }], fallback: "User" };
let house: Awaited<ReturnType<typeof openWithVendor>>;
afterEach(() => house.stop());

const account = () => house.vendor.state().users.map(({ role, first_name, is_enabled }) => `${role} ${first_name} ${is_enabled ? "on" : "off"}`).join();
const here = async (id: string) => {
  const { body } = await house.scim("GET", `/Users/${id}`);
  return `${body.roles?.[0]?.value ?? "–"} ${body.name.givenName} ${body.active ? "on" : "off"}`;
};
const replace = (path: string, value: unknown) => ({ op: "replace", path, value });
const role = (value: string) => replace("roles", [{ value }]);
const name = replace("name.givenName", "Augusta");
const quick = { delivery: { deadline: "400ms", settle: "700ms" }, vendor: { timeout: "300ms" } };

async function open(before: string): Promise<string> {
  house = await openWithVendor({ roles, ...quick });
  const { body } = await house.scim("POST", "/Users", ada({ roles: [{ value: before }] }));
  return body.id as string;
}
const push = (id: string, ...operations: readonly object[]) => house.scim("PATCH", `/Users/${id}`, patch(...operations));
const refuse = (nth: number) => house.vendor.addFault({ kind: "status", status: 422, body: { error: "no" }, match: { method: "PATCH", nth, times: 1 } });
const nothingIsDue = () => eventually(async () => (await house.house.store.openWork(acme, 10)).every(({ due }) => due.dueAtMs === undefined));
const alarms = async () => (await house.house.store.journal(acme, { limit: 100 })).filter(({ kind }) => kind === "alarm").length;

interface Row {
  readonly what: string;
  readonly before: string;
  readonly operations: readonly object[];
  /** The vendor refuses its how-manieth PATCH. */
  readonly refused: number;
  readonly status: number;
  readonly desired: string;
  readonly vendor: string;
  readonly alarms: number;
}
const rows: readonly Row[] = [
  { what: "a higher role and a name, which is refused: nothing of it", before: "Everyone", operations: [role("Editors"), name], refused: 1, status: 400, desired: "Everyone Ada on", vendor: "User Ada on", alarms: 0 },
  { what: "a name, and a higher role which is refused: nothing of it, so the name that was told already goes back", before: "Everyone", operations: [role("Editors"), name], refused: 2, status: 400, desired: "Everyone Ada on", vendor: "User Ada on", alarms: 0 },
  { what: "a lower role, and a name which is refused: the role is lower and stays so, the name is failed and alarmed", before: "Editors", operations: [role("Everyone"), name], refused: 2, status: 200, desired: "Everyone Augusta on", vendor: "User Ada on", alarms: 1 },
  { what: "a name, and a lower role which is refused: 502, kept and done, and the name with it", before: "Editors", operations: [role("Everyone"), name], refused: 1, status: 502, desired: "Everyone Augusta on", vendor: "User Augusta on", alarms: 1 },
  { what: "a name, and a denial which is refused: 502, kept and done; the name waits for a return", before: "Editors", operations: [replace("active", false), name], refused: 1, status: 502, desired: "Editors Augusta off", vendor: "Editor Ada off", alarms: 1 },
];

describe("refused by the vendor", () => {
  test.each(rows)("$what", async (row) => {
    const id = await open(row.before);
    refuse(row.refused);
    expect((await push(id, ...row.operations)).status).toBe(row.status);
    expect(await here(id)).toBe(row.desired);
    await eventually(() => account() === row.vendor);
    await nothingIsDue();
    expect([account(), await here(id), await alarms()]).toEqual([row.vendor, row.desired, row.alarms]);
  });
});

describe("the vendor goes away in the middle", () => {
  test.each([
    ["after the lower role", "Editors", [role("Everyone"), name], "User Ada on", "User Augusta on"],
    ["after the name", "Everyone", [role("Editors"), name], "User Augusta on", "Editor Augusta on"],
  ] as const)("%s: 200, what is done is not done again, and the rest when it is back", async (_, before, operations, meanwhile, after) => {
    const id = await open(before);
    const from = house.vendor.journal().length;
    house.vendor.addFault({ kind: "down", match: { method: "PATCH", nth: 2 } });
    expect((await push(id, ...operations)).status).toBe(200);
    expect(account()).toBe(meanwhile);
    const link = (await house.house.store.hold(acme, id as never))?.link;
    expect([link?.applied.rolesVersion, link?.applied.profileVersion]).toEqual(before === "Editors" ? [2, 1] : [1, 2]);
    await house.vendor.clearFaults();
    await eventually(() => account() === after);
    await nothingIsDue();
    const told = house.vendor.journal().slice(from).filter(({ method, committed }) => method === "PATCH" && committed);
    expect(told.map(({ body }) => Object.keys(body as object).join())).toEqual(before === "Editors" ? ["role", "first_name"] : ["first_name", "role"]);
  });
});

describe("a joiner with a privileged role, which is a call after the account", () => {
  test.each([["is refused", { kind: "status", status: 422, body: { error: "no" } }], ["meets an error", { kind: "status", status: 500, body: { error: "no" } }], ["is not answered", { kind: "timeout" }]] as const)("and %s: 201 with the least role, failed and alarmed; another push gives it", async (_, fault) => {
    house = await openWithVendor({ roles, ...quick });
    house.vendor.addFault({ ...fault, match: { method: "PATCH", times: 1 } });
    const { status, body } = await house.scim("POST", "/Users", ada({ roles: [{ value: "Admins" }] }));
    expect([status, account()]).toEqual([201, "User Ada on"]);
    await nothingIsDue();
    expect([account(), await alarms()]).toEqual(["User Ada on", 1]);
    expect((await push(body.id as string, name)).status).toBe(200);
    expect(account()).toBe("Admin Augusta on");
  });
});

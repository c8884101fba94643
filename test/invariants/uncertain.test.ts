/**
 * I13: when an answer is lost, a denial is repeated at once, and a grant not before the settle time is over and somebody looked.
 *
 * @module
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { Rig, settleSeconds } from "../machine/rig.ts";
import { ada, patch } from "../support/house.ts";

let rig: Rig;
beforeEach(async () => void (rig = await Rig.open()));
afterEach(() => rig.stop());

const active = (value: boolean) => patch({ op: "replace", path: "active", value });
const roles = (...values: string[]) => patch({ op: "replace", path: "roles", value: values.map((value) => ({ value })) });

interface Row {
  readonly operation: string;
  /** Pushes that make the person ready. */
  readonly ready: readonly object[];
  readonly push: readonly [method: string, body?: object];
  readonly sends: string;
  readonly body?: object;
  readonly isDenial: boolean;
}
const rows: readonly Row[] = [
  { operation: "deactivate", ready: [], push: ["PATCH", active(false)], sends: "PATCH", body: { is_enabled: false }, isDenial: true },
  { operation: "role down", ready: [roles("g-editors")], push: ["PATCH", roles()], sends: "PATCH", body: { role: "User" }, isDenial: true },
  { operation: "delete", ready: [active(false)], push: ["DELETE"], sends: "DELETE", isDenial: true },
  { operation: "reactivate", ready: [active(false)], push: ["PATCH", active(true)], sends: "PATCH", body: { is_enabled: true }, isDenial: false },
  { operation: "role up", ready: [], push: ["PATCH", roles("g-editors")], sends: "PATCH", body: { role: "Editor" }, isDenial: false },
  { operation: "profile", ready: [], push: ["PATCH", patch({ op: "replace", path: "name.givenName", value: "Augusta" })], sends: "PATCH", body: { first_name: "Augusta" }, isDenial: false },
];
const lost = [{ kind: "resetBefore" }, { kind: "resetAfter" }, { kind: "lateCommit", ms: 20_000 }, { kind: "garbage200" }, { kind: "status", status: 500, body: { error: "no" } }] as const;

test.each(rows.flatMap((row) => lost.map((fault) => ({ ...row, fault, how: fault.kind }))))("$operation, $how", async ({ ready, push: [method, body], sends, body: sent, isDenial, fault }) => {
  const id = String((await rig.scim("POST", "/Users", ada()))?.body.id);
  for (const one of ready) expect((await rig.scim("PATCH", `/Users/${id}`, one))?.status).toBe(200);
  const from = rig.vendor.journal().length;
  const since = rig.time.now();
  rig.vendor.addFault({ ...fault, match: { method: sends, times: 1 } });
  const answer = await rig.scim(method, `/Users/${id}`, body);
  expect(answer?.status).toBeLessThan(300);
  await rig.time.advance((settleSeconds + 30) * 1_000);

  const calls = rig.vendor.journal().slice(from);
  const writes = calls.filter((call) => call.method === sends);
  expect(writes.length).toBeLessThanOrEqual(isDenial ? 3 : 2);
  if (sent !== undefined) for (const write of writes) expect(write.body).toEqual(sent);
  const [first, second] = writes;
  if (isDenial) {
    expect(second).toBeDefined();
    expect(Date.parse(second!.at) - since).toBeLessThan(settleSeconds * 1_000);
  } else {
    const look = calls.find((call) => call.method === "GET" && Date.parse(call.at) >= since + settleSeconds * 1_000);
    expect(look).toBeDefined();
    // Looked first; sent again only where the look shows that it was not carried out.
    if (second) expect(second.number).toBeGreaterThan(look!.number);
    if (first?.committed) expect(second).toBeUndefined();
  }
  // I11: each of them is in our own journal too, with what came of it.
  const outcomes = (await rig.house.store.journal("acme" as never, { resource: id as never, limit: 1_000 })).filter(({ kind }) => kind === "outcome").map(({ data }) => data as { result: string; calls: { method: string; body?: object }[] });
  const sentWrites = outcomes.flatMap(({ calls: made }) => made).filter((call) => call.method !== "GET");
  expect(sentWrites.length).toBe(rig.vendor.journal().filter((call) => call.method !== "GET").length);
  expect(outcomes.filter(({ result }) => result !== "done").map(({ result }) => result)).toEqual(["uncertain"]);
  const user = rig.vendor.state().users.find(({ email }) => email === "ada@acme.example");
  if (sends === "DELETE") expect(user).toBeUndefined();
  else expect(user).toMatchObject(sent ?? {});
  expect(await rig.house.store.openWork("acme" as never, 10)).toEqual([]);
});

test.each(lost.filter(({ kind }) => kind !== "resetBefore").map((fault) => ({ fault, how: fault.kind })))("create, $how: looked for after the settle time; never two", async ({ fault }) => {
  const since = rig.time.now();
  rig.vendor.addFault({ ...fault, match: { method: "POST", times: 1 } });
  expect((await rig.scim("POST", "/Users", ada()))?.status).toBe(201);
  await rig.time.advance((settleSeconds + 30) * 1_000);
  const posts = rig.vendor.journal().filter(({ method }) => method === "POST");
  const wasMade = posts[0]?.committed;
  expect(posts).toHaveLength(wasMade ? 1 : 2);
  if (posts[1]) expect(Date.parse(posts[1].at)).toBeGreaterThanOrEqual(since + settleSeconds * 1_000);
  expect(rig.vendor.state().users.filter(({ email }) => email === "ada@acme.example")).toHaveLength(1);
});

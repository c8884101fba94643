/**
 * Who may do what: each act with each role.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operatorsJournal, roles } from "../../src/model/operator.ts";
import { acts } from "../../src/operator/acts.ts";
import { eventually } from "../support/house.ts";
import { complaints } from "./described.ts";
import { type Desk, openDesk } from "./desk.ts";

const [yes, no] = [true, false];

/** Written down by hand: who changes what an act needs must change it here. */
const table: Readonly<Record<string, readonly [viewer: boolean, operator: boolean, approver: boolean]>> = {
  whoami: [yes, yes, yes],
  status: [yes, yes, yes],
  "connections.list": [yes, yes, yes],
  "connections.show": [yes, yes, yes],
  "connections.check": [no, yes, yes],
  "people.search": [yes, yes, yes],
  "people.timeline": [yes, yes, yes],
  "people.resetMfa": [no, no, yes],
  "operations.list": [yes, yes, yes],
  "operations.show": [yes, yes, yes],
  "operations.retry": [no, yes, yes],
  "operations.retryAll": [no, yes, yes],
  "holds.list": [yes, yes, yes],
  "holds.show": [yes, yes, yes],
  "holds.approve": [no, no, yes],
  "holds.reject": [no, no, yes],
  "tasks.list": [yes, yes, yes],
  "tasks.show": [yes, yes, yes],
  "tasks.done": [no, yes, yes],
  "modes.freeze": [no, yes, yes],
  "modes.unfreeze": [no, no, yes],
  "modes.observe": [no, yes, yes],
  "modes.plan": [no, yes, yes],
  "modes.promote": [no, no, yes],
  "undo.plan": [no, yes, yes],
  "undo.write": [no, no, yes],
  "reconcile.start": [no, yes, yes], // more than the connection's own policy: below
  "reconcile.list": [yes, yes, yes],
  "reconcile.show": [yes, yes, yes],
  "drift.list": [yes, yes, yes],
  "drift.orphans": [yes, yes, yes],
  "drift.show": [yes, yes, yes],
  "drift.repair": [no, no, yes],
  "audit.verify": [no, yes, yes],
  "audit.export": [no, yes, yes],
  "audit.list": [yes, yes, yes],
  "tokens.list": [yes, yes, yes],
  "tokens.create": [no, no, yes],
  "tokens.revoke": [no, no, yes],
  "operators.list": [no, yes, yes],
  "operators.create": [no, no, yes],
  "operators.revoke": [no, no, yes],
};

test("the table names every act, and no other", () => {
  expect(Object.keys(table).toSorted()).toEqual(acts.map(({ name }) => name).toSorted());
});

describe("over the API", () => {
  let desk: Desk;
  beforeAll(async () => void (desk = await openDesk()));
  afterAll(() => desk.stop());

  /** An address of the act about nothing that exists, so that nothing happens. */
  const pathOf = (path: string) => path.replace("{connection}", "nowhere").replace(/\{\w+\}/g, "nothing");
  const rows = acts.flatMap(({ name, route }) => roles.map((role, at) => ({ name, route, role, may: table[name]?.[at] ?? no })));

  test.each(rows)("$name as $role: $may", async ({ name, route, role, may }) => {
    const { status, body } = await desk.api(role, route.method, pathOf(route.path), route.method === "POST" ? {} : undefined);
    if (may) return expect([200, 400, 404, 409]).toContain(status);
    expect([status, body.kind, complaints("Problem", body)]).toEqual([403, "forbidden", []]);
    expect(body.detail).toMatch(/^This takes the role (operator|approver); yours is (viewer|operator)\. \[c-\w{12}\]$/);
    const denied = await eventually(async () => (await desk.store.newest(operatorsJournal, { correlation: body.correlation, among: 1_000, limit: 1 }))[0]);
    expect(denied.data).toMatchObject({ status: 403, by: `the ${role}`, act: name, from: "127.0.0.1" });
  });

  test.each([[{ policy: "repair" }, no], [{ policy: "denials" }, no], [{ mostMissing: 3 }, no], [{ policy: "report" }, yes], [{}, yes]])("reconcile.start with %j as operator: %s", async (body, may) => {
    const { status, body: answer } = await desk.api("operator", "POST", "/connections/link/reconciliations", body);
    expect(status).toBe(may ? 200 : 403);
    if (may) return;
    const denied = await eventually(async () => (await desk.store.newest(operatorsJournal, { correlation: answer.correlation, among: 1_000, limit: 1 }))[0]);
    expect(denied.data).toMatchObject({ status: 403, by: "the operator", act: "reconcile.start" });
  });
});

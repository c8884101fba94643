/**
 * `drawbridge reset-mfa`: an operator's command and nobody else's.
 *
 * @module
 */
import { userInfo } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { capabilitiesOf } from "../../src/connectors/connector.ts";
import { openConnector } from "../../src/connectors/registry.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { roleIds, type TransactionLinkState } from "../../src/connectors/transactionlink/simulated/state.ts";
import { startTransactionLink } from "../../src/connectors/transactionlink/simulator.ts";
import { connectionId, resourceId } from "../../src/model/ids.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { type Beside, openBeside } from "../support/command.ts";
import { ada, patch } from "../support/house.ts";

const acme = connectionId("acme");
const email = "ada@acme.example";
let vendor: RunningSimulator<TransactionLinkState>;
let beside: Beside;
const section = (more: JsonObject = {}, credential = vendor.apiKey): JsonObject => ({
  connector: "transactionlink", settings: { baseUrl: vendor.url, token: credential, defaultRoleId: roleIds.member },
  roles: { map: [{ idp: "Everyone", vendor: roleIds.member }], fallback: roleIds.member }, rails: { massDeprovision: { count: 1000 } }, budget: { requestsPerSecond: 1000, burst: 1000 }, ...more,
});
beforeEach(async () => {
  vendor = await startTransactionLink();
  beside = await openBeside(section());
});
afterEach(async () => {
  await beside.stop();
  await vendor.stop();
});

const joinAs = async (more: object = {}) => String((await beside.house.scim("POST", "/Users", ada(more))).body.id);
const member = () => vendor.state().users.find((user) => user.email === email);
const resets = () => vendor.journal().filter(({ path }) => path.endsWith("/reset-mfa"));
const seeded = async () => {
  vendor.seed({ users: [{ email, firstName: "Ada", lastName: "Lovelace" }] });
  return joinAs();
};
const rows = async (id: string) => (await beside.house.house.store.journal(acme, { resource: resourceId(id), limit: 1_000 })).filter(({ data }) => JSON.stringify(data).includes("resetMfa"));
const reset = (person: string, ...more: readonly string[]) => beside.run("reset-mfa", person, "--connection", "acme", ...more);

describe("reset-mfa", () => {
  test("resets the second factor of one linked member, once; intent before and outcome after say who ordered it", async () => {
    const id = await seeded();
    const { code, out } = await reset(email, "--yes", "--json");
    expect([code, JSON.parse(out)]).toMatchObject([0, { person: id, account: member()?.id, email, done: true }]);
    expect([member()?.mfaResets, resets().map(({ method, path }) => `${method} ${path}`)]).toEqual([1, [`POST /organizations/users/${member()?.id}/reset-mfa`]]);
    const by = userInfo().username;
    expect(await rows(id)).toMatchObject([
      { kind: "intent", data: { operator: "resetMfa", by, account: member()?.id } },
      { kind: "outcome", data: { operator: "resetMfa", by, result: "done", calls: [{ method: "POST", status: 204, call: "resetMfa" }] } },
    ]);
    const timeline = await beside.run("timeline", email, "--connection", "acme");
    expect(timeline.out).toContain(`intent resetMfa, ordered by ${by}`);
    expect(timeline.out).not.toContain(vendor.apiKey);
  });

  test("without a terminal and without --yes nothing happens, and the exit code is 2", async () => {
    const id = await seeded();
    expect(await reset(email)).toMatchObject({ code: 2, out: "", err: expect.stringMatching(/^Reset the second factor of ada@acme\.example .* say --yes\. Nothing was done\.\n$/) as string });
    expect([member()?.mfaResets, await rows(id)]).toEqual([0, []]);
  });

  test("somebody who is only invited, who is deleted, or who is nobody is refused without a call", async () => {
    const invited = await joinAs({ userName: "eve@acme.example", externalId: "eve" });
    expect(await reset(invited, "--yes")).toMatchObject({ code: 1, err: expect.stringContaining("only invited to TransactionLink") as string });
    const id = await seeded();
    await beside.house.scim("DELETE", `/Users/${id}`);
    expect(await reset(id, "--yes")).toMatchObject({ code: 1, err: expect.stringContaining("deleted") as string });
    expect(await reset("nobody", "--yes")).toMatchObject({ code: 1, err: expect.stringContaining("Nobody on the connection") as string });
    expect([resets(), await rows(id), await rows(invited)]).toEqual([[], [], []]);
  });

  test("a token without the permission: said by its name, journalled as failed, not repeated", async () => {
    const id = await seeded();
    // The simulator goes by the token's name: this one may manage people, and reset nobody's second factor.
    const weak = await beside.runWith(section({}, vendor.apiKeys["people"]), "reset-mfa", email, "--connection", "acme", "--yes");
    expect(weak).toMatchObject({ code: 1, err: "TransactionLink refuses our credential. For this it needs the permission can_reset_2fa.\n" });
    expect([member()?.mfaResets, resets().length]).toEqual([0, 1]);
    expect(await rows(id)).toMatchObject([{ kind: "intent" }, { kind: "outcome", data: { result: "credentials", detail: expect.stringContaining("can_reset_2fa") as string, calls: [{ status: 403 }] } }]);
  });

  test("a call without an answer is not repeated, and the journal says that nobody knows", async () => {
    const id = await seeded();
    vendor.addFault({ kind: "resetAfter", match: { path: `/organizations/users/${member()?.id}/reset-mfa`, method: "POST" } });
    expect((await reset(email, "--yes")).code).toBe(1);
    expect([member()?.mfaResets, resets().length]).toEqual([1, 1]);
    expect(await rows(id)).toMatchObject([{ kind: "intent" }, { kind: "outcome", data: { result: "uncertain" } }]);
  });

  test.each(["peoplelens", "enlivy", "applivery"])("%s has no such call, and the command says so", async (connector) => {
    const id = await seeded();
    const settings: Record<string, JsonObject> = {
      peoplelens: { baseUrl: vendor.url, apiKey: "key" },
      enlivy: { baseUrl: vendor.url, token: "key", organizationId: "org_1", defaultRoleId: "org_userrole_employee", noAccessRoleId: "org_userrole_leaver", defaultCountry: "RO" },
      applivery: { baseUrl: vendor.url, apiKey: "key", organizationId: "acme" },
    };
    const other = await beside.runWith({ connector, settings: settings[connector] as JsonObject }, "reset-mfa", id, "--connection", "acme", "--yes");
    expect(other).toMatchObject({ code: 1, err: expect.stringMatching(/^No call to .+ resets a second factor: .+ has no call for it\.\n$/) as string });
    expect(await rows(id)).toEqual([]);
  });
});

test("no push leads to it, whatever it says", async () => {
  const id = await seeded();
  for (const path of ["resetMfa", "mfa", "urn:ietf:params:scim:schemas:core:2.0:User:resetMfa"]) await beside.house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path, value: true }));
  await beside.house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false }));
  await beside.house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: true }));
  await beside.house.scim("DELETE", `/Users/${id}`);
  expect([resets(), member()?.mfaResets]).toEqual([[], 0]);
});

test("it is no capability, so no plan knows it", async () => {
  const connector = await openConnector({ connector: "transactionlink", settings: { baseUrl: vendor.url, token: vendor.apiKey, defaultRoleId: roleIds.member }, endpoints: "inferred", denyEndpoints: "inferred", onDeactivate: undefined, onDelete: undefined, egressAllow: ["127.0.0.1"], timeoutMs: 1_000 });
  expect(connector.operator?.resetMfa).toBeDefined();
  expect([...capabilitiesOf(connector)].map(String)).not.toContain("resetMfa");
});

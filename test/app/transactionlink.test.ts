/**
 * The whole house in front of a simulated TransactionLink: people who are invited, accept, leave too early and come back.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startTransactionLink } from "../../src/connectors/transactionlink/simulator.ts";
import { invitationLifeMs, roleIds, type TransactionLinkState } from "../../src/connectors/transactionlink/simulated/state.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { connectionId } from "../../src/model/ids.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { ada, eventually, openTestHouse, patch, type TestHouse } from "../support/house.ts";

let vendor: RunningSimulator<TransactionLinkState>;
let house: TestHouse;
async function open(connection: JsonObject = {}, switches: Record<string, string> = {}): Promise<void> {
  vendor = await startTransactionLink({ switches });
  house = await openTestHouse({
    vendorUrl: vendor.url, apiKey: "", connection: {
      connector: "transactionlink",
      settings: { baseUrl: vendor.url, token: vendor.apiKey, defaultRoleId: roleIds.member },
      roles: { map: [{ idp: "Admins", vendor: roleIds.admin, privileged: true }, { idp: "Everyone", vendor: roleIds.member }], fallback: roleIds.member },
      delivery: { settle: "300ms" }, vendor: { timeout: "250ms" },
      ...connection,
    },
  });
}
beforeEach(() => void (vendor = undefined as never));
afterEach(async () => {
  await house.stop();
  await vendor.stop();
});

const email = "ada@acme.example";
const member = () => vendor.state().users.find((user) => user.email.toLowerCase() === email);
const letters = () => vendor.state().enrollments;
const sent = () => vendor.journal().map(({ method, path }) => `${method} ${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ":id").replace(/\?.*/, "")}`);
const writes = () => sent().filter((line) => !line.startsWith("GET"));
const join = async () => (await house.scim("POST", "/Users", ada())).body.id as string;
const push = (id: string, ...operations: readonly object[]) => house.scim("PATCH", `/Users/${id}`, patch(...operations));
const off = { op: "replace", path: "active", value: false };
const on = { op: "replace", path: "active", value: true };
const title = (value: string) => ({ op: "replace", path: "title", value });


describe("joining", () => {
  test("is one look at members, one at invitations, one invitation; the same again calls nobody", async () => {
    await open();
    const { status, body } = await house.scim("POST", "/Users", ada());
    expect([status, body.active]).toEqual([201, true]);
    expect(sent()).toEqual(["GET /organizations/users", "GET /organizations/enrollments", "POST /organizations/enrollments"]);
    expect(letters()).toMatchObject([{ email, roleId: roleIds.member, profile: { firstName: "Ada", lastName: "Lovelace" }, status: "PENDING" }]);
  });

  test("with endpoints: seed is 501 and a task for who is no member, and a link for who is", async () => {
    await open({ endpoints: "seed" });
    vendor.seed({ users: [{ email: "bo@acme.example", firstName: "Bo", lastName: "Lee" }] });
    expect((await house.scim("POST", "/Users", ada())).status).toBe(501);
    expect((await house.scim("POST", "/Users", ada({ userName: "bo@acme.example", externalId: "bo", name: { givenName: "Bo", familyName: "Lee" } }))).status).toBe(201);
    expect(writes()).toEqual([]);
  });

  test("somebody whom a person has invited already is linked to that invitation, and gets no second letter", async () => {
    await open();
    vendor.seed({ enrollments: [{ email }] });
    expect((await house.scim("POST", "/Users", ada())).status).toBe(201);
    expect(letters()).toHaveLength(1);
  });

  test("with a lost answer leads to one letter, which is linked", async () => {
    await open();
    vendor.addFault({ kind: "resetAfter", match: { method: "POST", path: "/organizations/enrollments" } });
    const id = await join();
    await new Promise((resolve) => setTimeout(resolve, 600));
    await push(id, off);
    await eventually(() => letters().every(({ status }) => status === "CANCELLED"), 2_000);
    expect(letters()).toHaveLength(1);
  });
});


test("somebody else's invitation to a privileged role is not ours once it is accepted", async () => {
  await open();
  vendor.seed({ enrollments: [{ email, role: "owner", firstName: "Ada", lastName: "Lovelace" }] });
  const id = await join();
  vendor.seed({ accept: [email] });
  await push(id, title("Countess"));
  await push(id, off);
  expect(writes()).toEqual([]);
});

test("an invitation that runs out is said to a person", async () => {
  await open();
  const id = await join();
  vendor.advance(invitationLifeMs + 1_000);
  await push(id, title("Countess"));
  expect(await house.house.store.tasks(connectionId("acme"), { open: true })).toHaveLength(1);
});

describe("while the invitation is open", () => {
  test("a new title waits: 200, echoed, not sent; once accepted it is delivered with the next push", async () => {
    await open();
    const id = await join();
    expect((await push(id, title("Countess"))).body.title).toBe("Countess");
    expect(writes()).toEqual(["POST /organizations/enrollments"]);
    vendor.seed({ accept: [email] });
    expect((await push(id, title("Enchantress"))).status).toBe(200);
    await eventually(() => member()?.profile.title === "Enchantress", 2_000);
    expect(member()?.profile).toEqual({ firstName: "Ada", lastName: "Lovelace", title: "Enchantress" });
  });

  test("a role waits as well", async () => {
    await open();
    const id = await join();
    vendor.seed({ accept: [email] });
    expect((await push(id, { op: "add", path: "roles", value: [{ value: "Admins" }] })).status).toBe(200);
    await eventually(() => member()?.roleId === roleIds.admin, 2_000);
  });
});

describe("leaving", () => {
  test("before the answer: the invitation is cancelled", async () => {
    await open();
    const id = await join();
    expect((await push(id, off)).status).toBe(200);
    expect(letters()).toMatchObject([{ status: "CANCELLED" }]);
  });

  test("after it: the account that came of it is terminated, and only once", async () => {
    await open({}, { acceptCase: "other case", statusShown: "top level" });
    const id = await join();
    vendor.seed({ accept: [email] });
    expect((await push(id, off)).status).toBe(200);
    expect(member()?.status).toBe("TERMINATED");
    const before = vendor.journal().length;
    expect((await push(id, off)).status).toBe(200);
    expect(vendor.journal()).toHaveLength(before);
  });

  test("with an acceptance that arrives after all was read: terminated after the settle time", async () => {
    await open();
    const id = await join();
    await push(id, off);
    vendor.seed({ acceptInFlight: [email] });
    await eventually(() => member()?.status === "TERMINATED", 2_000);
  });

  test("by DELETE terminates once", async () => {
    await open();
    vendor.seed({ users: [{ email, firstName: "Ada", lastName: "Lovelace" }] });
    const id = await join();
    expect((await house.scim("DELETE", `/Users/${id}`)).status).toBe(204);
    expect(writes()).toEqual(["POST /organizations/users/:id/terminate"]);
    expect(member()?.status).toBe("TERMINATED");
  });
});

describe("returning", () => {
  test("after a withdrawn invitation: invited again, and that invitation is what the link points at", async () => {
    await open();
    const id = await join();
    await push(id, off);
    expect((await push(id, on)).status).toBe(200);
    expect(letters().map(({ status }) => status)).toEqual(["CANCELLED", "PENDING"]);
    await push(id, off);
    expect(letters().map(({ status }) => status)).toEqual(["CANCELLED", "CANCELLED"]);
  });

  test("after an accepted one that was terminated: reinstated", async () => {
    await open();
    const id = await join();
    vendor.seed({ accept: [email] });
    await push(id, off);
    expect((await push(id, on)).status).toBe(200);
    expect(member()?.status).toBe("ACTIVE");
  });
});

test("a vendor that shows no profile is not emptied by a new title", async () => {
  await open({}, { profileShown: "empty" });
  vendor.seed({ users: [{ email, firstName: "Ada", lastName: "Lovelace" }] });
  const id = await join();
  await push(id, title("Countess"));
  expect(member()?.profile).toEqual({ firstName: "Ada", lastName: "Lovelace", title: "Countess" });
});

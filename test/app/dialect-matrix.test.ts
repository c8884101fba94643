/**
 * Every spelling of the same wish (idps.md 7) against every vendor: the same end there, or no 2xx (reliability.md 9.11).
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AppliveryState } from "../../src/connectors/applivery/simulated/state.ts";
import type { EnlivyState } from "../../src/connectors/enlivy/simulated/state.ts";
import type { PeopleLensState } from "../../src/connectors/peoplelens/simulated/state.ts";
import { roleIds, type TransactionLinkState } from "../../src/connectors/transactionlink/simulated/state.ts";
import { activeSpellings, leaveSpellings, replaceSpellings, roleSpellings } from "../machine/model.ts";
import { ada, openTestHouse, patch, type TestHouse } from "../support/house.ts";
import { trials } from "../support/leaver.ts";

/** What the vendor holds of a person. */
type Held = { readonly access: boolean; readonly role: string | undefined };
const nobody: Held = { access: false, role: undefined };

const held: { readonly [vendor in Exclude<keyof typeof trials, "blind">]: (state: never, email: string) => Held } = {
  peoplelens({ users }: PeopleLensState, email) {
    const user = users.find((one) => one.email === email);
    return user ? { access: user.is_enabled, role: user.role } : nobody;
  },
  transactionlink({ users }: TransactionLinkState, email) {
    const user = users.find((one) => one.email === email);
    return user ? { access: user.status === "ACTIVE", role: user.roleId } : nobody;
  },
  enlivy({ users }: EnlivyState, email) {
    const user = users.find((one) => one.email === email && one.deleted_at === null);
    const role = user?.organization_user_role_id ?? undefined;
    return user ? { access: role !== "org_userrole_leaver", role } : nobody;
  },
  applivery({ accounts, collaborators }: AppliveryState, email) {
    const collaborator = collaborators.find(({ account }) => accounts.find(({ id }) => id === account)?.email === email);
    return collaborator ? { access: true, role: collaborator.role } : nobody;
  },
};
const admin = { peoplelens: "Admin", transactionlink: roleIds.admin, enlivy: "org_userrole_admin", applivery: "admin" } as const;

interface Push {
  readonly method: string;
  readonly body: unknown;
}
type Spelling = readonly [name: string, push: (email: string) => Push];

const user = (email: string, more: object) => ada({ userName: email, externalId: email, ...more });
const put = (name: string, more: object): Spelling => [name, (email) => ({ method: "PUT", body: user(email, more) })];
const patches = (list: readonly object[]): readonly Spelling[] => list.map((body) => [JSON.stringify((body as { Operations: unknown }).Operations), () => ({ method: "PATCH", body })]);

const setting = (active: boolean): readonly Spelling[] => [
  ...patches(activeSpellings.map((spelling) => spelling(active))),
  put("PUT", { active }),
  put("PUT with a word", { active: active ? "True" : "False" }),
  put("PUT as OneLogin writes it", { schemas: ["urn:scim:schemas:core:1.0"], active: String(active) }),
];

const granting: readonly Spelling[] = [
  ...patches([
    ...roleSpellings.map((spelling) => spelling(["Admins"])),
    patch({ op: "Add", path: "roles", value: [{ value: JSON.stringify({ id: "06b07648", value: "Admins", displayName: "Role1234" }) }] }),
    patch({ op: "Add", path: 'roles[primary eq "True"].value', value: "Admins" }),
    patch({ op: "add", path: "roles", value: [{ primary: false, type: "WindowsAzureActiveDirectoryRole", displayName: "Admins", value: "Admins" }, { value: "nothing that is mapped" }] }),
    patch({ op: "add", value: { roles: [{ value: "Admins" }] } }),
  ]),
  put("PUT", { roles: [{ value: "Admins" }] }),
];
const takingRoles: readonly Spelling[] = [
  ...patches([...roleSpellings.map((spelling) => spelling(["Everyone"])), patch({ op: "remove", path: "roles" }), patch({ op: "remove", path: 'roles[value eq "Admins"]' }), patch({ op: "replace", path: "roles", value: [] }), patch({ op: "replace", value: { roles: null } }, { op: "remove", path: "roles" })]),
  put("PUT", { roles: [{ value: "Everyone" }] }),
];

type GroupSpelling = readonly [name: string, push: (member: string) => Push];
const leaving: readonly GroupSpelling[] = [
  ...leaveSpellings.map((spelling, at): GroupSpelling => [`leaves, ${at}`, (member) => ({ method: "PATCH", body: spelling([member]) })]),
  ...replaceSpellings.map((spelling, at): GroupSpelling => [`replaced by nobody, ${at}`, () => ({ method: "PATCH", body: spelling([]) })]),
  ["the attribute removed", () => ({ method: "PATCH", body: patch({ op: "remove", path: "members" }) })],
  ["replaced by a stranger", () => ({ method: "PATCH", body: patch({ op: "Replace", path: "members", value: [{ value: "00000000-0000-4000-8000-000000000000" }] }) })],
  ["Okta's path-less form with its id", () => ({ method: "PATCH", body: patch({ op: "replace", value: { displayName: "Admins", members: [] } }) })],
  ["PUT", () => ({ method: "PUT", body: { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Admins", members: [] } })],
  ["DELETE", () => ({ method: "DELETE", body: undefined })],
];

const refused: string[] = [];

describe.each(Object.keys(held) as (keyof typeof held)[])("at %s", (name) => {
  const trial = trials[name];
  let house: TestHouse;
  let vendor: Awaited<ReturnType<typeof trial.start>>["vendor"];
  let number = 0;
  const now = (email: string) => held[name](vendor.state() as never, email);

  beforeAll(async () => {
    ({ vendor } = await trial.start());
    if (name === "applivery") await vendor.setSwitches({ createAfterRemove: "200" }); // else nobody returns there, in any dialect
    house = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, connection: { ...trial.connection(vendor.url, vendor.apiKey), endpoints: "observed" } });
  });
  afterAll(async () => {
    await house.stop();
    await vendor.stop();
  });

  /** A person with access and the ordinary role, then made ready by these pushes. */
  async function person(...ready: readonly object[]): Promise<{ readonly id: string; readonly email: string; readonly joined: Held }> {
    const email = `p${++number}@acme.example`;
    if (name === "transactionlink") vendor.seed({ users: [{ email, firstName: "Ada", lastName: "Lovelace" }] }); // else they would be invited, and wait
    const { body, status } = await house.scim("POST", "/Users", user(email, {}));
    expect(status).toBe(201);
    const id = String(body.id);
    const joined = now(email);
    expect(joined.access).toBe(true);
    for (const operation of ready) expect((await house.scim("PATCH", `/Users/${id}`, patch(operation))).status).toBe(200);
    return { id, email, joined };
  }

  /** @returns whether it was accepted */
  async function push(path: string, { method, body }: Push): Promise<boolean> {
    const { status } = await house.scim(method, path, body);
    expect(status).not.toBe(202);
    if (status >= 300) refused.push(`${name}: ${status} ${JSON.stringify(body)}`);
    return status < 300;
  }

  test.each(setting(false))("disabled: %s", async (_, spelt) => {
    const { id, email } = await person();
    if (await push(`/Users/${id}`, spelt(email))) expect(now(email).access).toBe(false);
    else expect((await house.scim("GET", `/Users/${id}`)).body.active).toBe(true);
  });

  test.each(setting(true))("enabled: %s", async (_, spelt) => {
    const { id, email, joined } = await person({ op: "replace", path: "active", value: false });
    expect(now(email).access).toBe(false);
    if (await push(`/Users/${id}`, spelt(email))) expect(now(email)).toEqual(joined);
  });

  test.each(granting)("given a role: %s", async (_, spelt) => {
    const { id, email } = await person();
    if (await push(`/Users/${id}`, spelt(email))) expect(now(email)).toEqual({ access: true, role: admin[name] });
  });

  test.each(takingRoles)("a role taken away: %s", async (_, spelt) => {
    const { id, email, joined } = await person({ op: "add", path: "roles", value: [{ value: "Admins" }] });
    expect(now(email).role).toBe(admin[name]);
    if (await push(`/Users/${id}`, spelt(email))) expect(now(email)).toEqual(joined);
  });

  test.each(leaving)("a membership taken away: %s", async (_, spelt) => {
    const { id, email, joined } = await person();
    const group = String((await house.scim("POST", "/Groups", { displayName: "Admins", members: [{ value: id }] })).body.id);
    expect(now(email).role).toBe(admin[name]);
    if (await push(`/Groups/${group}`, spelt(id))) expect(now(email)).toEqual(joined);
    await house.scim("DELETE", `/Groups/${group}`);
  });
});

test("none of it is refused anywhere: all of these are ways in which real IdPs write", () => {
  expect(refused).toEqual([]);
});

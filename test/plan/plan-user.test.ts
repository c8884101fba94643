import { describe, expect, test } from "vitest";
import { accountId, connectionId, roleId } from "../../src/model/ids.ts";
import { type Link, nothingApplied } from "../../src/model/link.ts";
import type { Capability } from "../../src/model/capability.ts";
import type { Policy } from "../../src/model/policy.ts";
import { planUser } from "../../src/plan/plan-user.ts";
import type { Vendor } from "../../src/plan/vendor.ts";
import { wantedOf } from "../../src/plan/wanted.ts";

const policy: Policy = {
  connection: connectionId("acme"),
  adopt: "byEmail",
  identity: "auto",
  roles: { map: [{ idp: "Admins", vendor: roleId("Admin"), privileged: true }, { idp: "Editors", vendor: roleId("Editor"), privileged: false }, { idp: "Everyone", vendor: roleId("User"), privileged: false }], fallback: roleId("User"), serveAsGroups: false, serveAsEntitlements: false },
  tags: [{ idp: "Blue team", vendor: "blue" }, { idp: "Red team", vendor: "red" }],
  onEmailChange: "refuse",
  onIncomplete: "wait",
  endpoints: "public",
  denyEndpoints: "inferred",
  delivery: { deadlineMs: 10_000, settleMs: 30_000, vendorTimeoutMs: 10_000, onOutage: "accept" },
  bulk: true,
  cursors: true,
  strict: false,
  limits: { userBodyBytes: 1, groupBodyBytes: 1, operations: 1, filterLength: 1, page: 1 },
  domains: [],
  protectedEmails: [], protectedAccounts: [],
  brake: { windowMs: 1, count: 1, deletes: { count: 5, share: 0.05 }, share: 1 },
  reconcile: { everyMs: undefined, policy: "report", detail: "full", limit: { count: 10, share: 0.1 } },
};

const all: readonly Capability[] = ["find", "get", "list", "create", "updateProfile", "setRole", "deactivate", "reactivate", "delete"];
const part = (name: string) => ({ part: name, onCreate: true, onUpdate: true, required: true, clearable: false, same: (a: string, b: string) => a === b });
const vendorWith = (can: readonly Capability[]): Vendor => ({
  title: "Vendor",
  can: new Set(can),
  emailChange: "impossible",
  parts: [part("name.givenName"), part("name.familyName"), { ...part("phone"), required: false, clearable: true }],
  defaultRole: roleId("User"),
  steps: (capability) => `do ${capability} by hand`,
  missing: () => undefined,
});
const vendor = vendorWith(all);
const lacking = (...without: readonly Capability[]) => vendorWith(all.filter((capability) => !without.includes(capability)));

const ada = { userName: "ada@acme.example", name: { givenName: "Ada", familyName: "Lovelace" }, active: true };
const wanted = (more: object = {}) => wantedOf({ ...ada, ...more } as never, "auto");
const linked = (more: Partial<Link["applied"]> = {}): Link => ({
  account: accountId("usr-1"),
  kind: "account",
  origin: "created",
  login: "ada@acme.example",
  applied: { ...nothingApplied, access: "active", role: roleId("User"), wantedRole: roleId("User"), profile: { "name.givenName": "Ada", "name.familyName": "Lovelace" }, ...more },
  unknownAt: undefined,
  verifyAt: undefined,
});
const kinds = (...args: Parameters<typeof planUser>) => planUser(...args).plan.map(({ kind }) => kind);

describe("given a person without an account", () => {
  test("an active one is created, with the default role and why", () => {
    expect(planUser(wanted(), undefined, vendor, policy).plan).toEqual([{ kind: "create", email: "ada@acme.example", profile: { "name.givenName": "Ada", "name.familyName": "Lovelace" }, role: "User", reason: "User, the default role" }]);
  });
  test("a mapped role goes along, and the first of the list wins over the order of the values", () => {
    const roles = [{ value: "Everyone" }, { value: "Editors" }];
    expect(planUser(wanted({ roles }), undefined, vendor, policy).plan).toMatchObject([{ kind: "create", role: "Editor", reason: 'Editor, because "Editors" is rank 2 in roles.map' }]);
  });
  test("a value outside the map is never sent", () => {
    expect(planUser(wanted({ roles: [{ value: "Owner" }, { value: "admins" }, { value: " Admins" }] }), undefined, vendor, policy).plan).toMatchObject([{ role: "User" }]);
  });
  test("an inactive one is not created, a deleted one is nothing", () => {
    expect(kinds(wanted({ active: false }), undefined, vendor, policy)).toEqual([]);
    expect(kinds(undefined, undefined, vendor, policy)).toEqual([]);
  });
  test("one without an address or a name waits, and it is said what for", () => {
    expect(planUser(wanted({ userName: "ada", name: { givenName: "Ada" } }), undefined, vendor, policy)).toMatchObject({ plan: [], waitsFor: ["an e-mail address", "name.familyName"] });
  });
});

describe("given a linked person", () => {
  test("what is as applied needs nothing", () => {
    expect(kinds(wanted(), linked(), vendor, policy)).toEqual([]);
  });
  test("when the IdP wants them inactive and renamed, the denial goes alone", () => {
    expect(kinds(wanted({ active: false, name: { givenName: "Augusta", familyName: "King" } }), linked(), vendor, policy)).toEqual(["deactivate"]);
  });
  test("when they are inactive there already, a new title wakes nobody", () => {
    expect(kinds(wanted({ active: false, name: { givenName: "Augusta", familyName: "King" } }), linked({ access: "inactive" }), vendor, policy)).toEqual([]);
  });
  test("off and on again before delivery is nothing to do", () => {
    expect(kinds(wanted({ active: true }), linked({ access: "active" }), vendor, policy)).toEqual([]);
  });
  test("a lower role comes first, a higher one last, the profile in between", () => {
    const name = { givenName: "Augusta", familyName: "Lovelace" };
    expect(kinds(wanted({ name, roles: [{ value: "Everyone" }] }), linked({ role: roleId("Editor"), wantedRole: roleId("Editor") }), vendor, policy)).toEqual(["setRole", "updateProfile"]);
    expect(kinds(wanted({ name, roles: [{ value: "Editors" }] }), linked(), vendor, policy)).toEqual(["updateProfile", "setRole"]);
  });
  test("an emptied part is cleared only where the vendor can", () => {
    const link = linked({ profile: { "name.givenName": "Ada", "name.familyName": "Lovelace", phone: "+1" } });
    expect(planUser(wanted({ name: { familyName: "Lovelace" } }), link, vendor, policy).plan).toEqual([{ kind: "updateProfile", changes: { phone: null } }]);
  });
  test("losing the last mapped role leads to the fallback, or ends the access", () => {
    const editor = linked({ role: roleId("Editor"), wantedRole: roleId("Editor") });
    expect(planUser(wanted({ roles: [{ value: "nothing" }] }), editor, vendor, policy).plan).toMatchObject([{ kind: "setRole", role: "User", direction: "down" }]);
    const ends: Policy = { ...policy, roles: { ...policy.roles, fallback: "deactivate" } };
    expect(kinds(wanted(), editor, vendor, ends)).toEqual(["deactivate"]);
  });
  test("the default role is no mapped one: without a value nothing is lost, and a value that leads to it is only remembered", () => {
    const byDefault = linked({ byDefault: true });
    for (const fallback of ["deactivate", roleId("Editor")] as const) expect(kinds(wanted(), byDefault, vendor, { ...policy, roles: { ...policy.roles, fallback } })).toEqual([]);
    expect(planUser(wanted({ roles: [{ value: "Everyone" }] }), byDefault, vendor, policy)).toMatchObject({ plan: [], nowMapped: true });
    expect(planUser(wanted({ roles: [{ value: "Everyone" }] }), linked(), vendor, policy)).toMatchObject({ plan: [], nowMapped: false });
  });
  test("an adopted account keeps its role until the IdP wants another one", () => {
    const adopted = linked({ role: roleId("Editor"), wantedRole: roleId("User") });
    expect(kinds(wanted({ roles: [{ value: "Everyone" }] }), adopted, vendor, policy)).toEqual([]);
  });
  test("one who returns gets the last role, but never a privileged one", () => {
    expect(planUser(wanted({ roles: [{ value: "Editors" }] }), linked({ access: "inactive", role: roleId("Editor"), wantedRole: roleId("Editor") }), vendor, policy).plan).toEqual([{ kind: "reactivate", role: "Editor", reason: "Editor, the last role, which a return restores" }]);
    const admin = linked({ access: "inactive", role: roleId("Admin"), wantedRole: roleId("Admin") });
    expect(planUser(wanted({ roles: [{ value: "Admins" }] }), admin, vendor, policy).plan).toMatchObject([{ kind: "setRole", role: "User", direction: "down" }, { kind: "reactivate", role: "User", reason: "User, because a privileged role is never restored on return" }]);
  });
  test("a new address is refused, or kept apart where the operator says so", () => {
    const moved = wanted({ userName: "augusta@acme.example" });
    expect(() => planUser(moved, linked(), vendor, policy)).toThrow(/cannot change a person's e-mail/);
    expect(planUser(moved, linked(), vendor, { ...policy, onEmailChange: "keepLogin" })).toMatchObject({ plan: [], notes: [expect.stringContaining("keeps its former address")] });
    expect(kinds(wanted({ userName: "augusta@acme.example", active: false }), linked(), vendor, policy)).toEqual(["deactivate"]);
  });
  test("deleted in the IdP: access goes first, then the account", () => {
    expect(kinds(undefined, linked(), vendor, policy)).toEqual(["deactivate", "delete"]);
    expect(kinds(undefined, linked({ access: "inactive" }), vendor, policy)).toEqual(["delete"]);
    expect(kinds(undefined, linked(), lacking("delete"), policy)).toEqual(["deactivate"]);
  });
  test("an account that vanished is denied already, and never created again silently", () => {
    const gone = linked({ access: "gone" });
    expect(kinds(wanted({ active: false }), gone, vendor, policy)).toEqual([]);
    expect(kinds(undefined, gone, vendor, policy)).toEqual([]);
    expect(() => planUser(wanted(), gone, vendor, policy)).toThrow(/removed in Vendor/);
  });
  test("an uncertain create is looked for before it is denied", () => {
    const perhaps: Link = { ...linked({ access: undefined }), account: undefined, unknownAt: 1 };
    expect(kinds(wanted({ active: false }), perhaps, vendor, policy)).toEqual(["deactivate"]);
  });
});

describe("given a vendor that cannot do it", () => {
  test("the operation stays in the plan, for an account may be there and a person may have done it; delivery tells", () => {
    expect(kinds(wanted({ active: false }), linked(), lacking("deactivate"), policy)).toEqual(["deactivate"]);
    expect(kinds(wanted(), undefined, lacking("create"), policy)).toEqual(["create"]);
    expect(kinds(undefined, linked(), lacking("deactivate", "delete"), policy)).toEqual(["deactivate"]);
  });
  test("a profile that cannot be changed is kept here and said", () => {
    expect(planUser(wanted({ name: { givenName: "Augusta", familyName: "L" } }), linked(), lacking("updateProfile"), policy)).toMatchObject({ plan: [], notes: [expect.stringContaining("not sent")] });
  });
});

describe("given an invitation", () => {
  const invited: Link = { ...linked(), kind: "invitation" };
  test("role and profile wait for its acceptance, a denial does not", () => {
    expect(kinds(wanted({ name: { givenName: "Augusta", familyName: "L" }, roles: [{ value: "Editors" }] }), invited, vendor, policy)).toEqual([]);
    expect(kinds(wanted({ active: false }), invited, vendor, policy)).toEqual(["deactivate"]);
    const withdrawn: Link = { ...invited, applied: { ...invited.applied, access: "inactive" } };
    expect(kinds(wanted({ name: { givenName: "Augusta", familyName: "L" } }), withdrawn, vendor, policy)).toEqual(["reactivate"]);
  });
});

test("where the vendor can change an address, the new one is part of the profile", () => {
  const able: Vendor = { ...vendor, emailChange: "possible" };
  expect(planUser(wanted({ userName: "augusta@acme.example" }), linked(), able, policy).plan).toEqual([{ kind: "updateProfile", changes: { email: "augusta@acme.example" } }]);
});

describe("groups that lead to tags", () => {
  const inGroups = (...names: string[]) => wantedOf(ada as never, "auto", names.map((display) => ({ value: "g" as never, display })));
  test("are a set of their own beside the role; one more is a grant, one less a denial", () => {
    expect(planUser(inGroups("Red team", "Blue team"), linked(), vendor, policy).plan).toEqual([{ kind: "setTags", tags: ["blue", "red"], direction: "up" }]);
    expect(planUser(inGroups("Red team"), linked({ tags: ["blue", "red"] }), vendor, policy).plan).toEqual([{ kind: "setTags", tags: ["red"], direction: "down" }]);
    expect(kinds(inGroups("Red team", "Blue team"), linked({ tags: ["blue", "red"] }), vendor, policy)).toEqual([]);
  });
});

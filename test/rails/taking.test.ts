/**
 * What a change takes from one person: a table over what is wanted before and after, and what the vendor holds.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { takesNothing, type Taking } from "../../src/model/hold.ts";
import { type AccountId, accountId, connectionId, resourceId, roleId } from "../../src/model/ids.ts";
import { type Applied, type Link, nothingApplied } from "../../src/model/link.ts";
import type { Policy } from "../../src/model/policy.ts";
import type { Attributes, Due, GroupRef } from "../../src/model/resource.ts";
import type { Vendor } from "../../src/plan/vendor.ts";
import { deniesAnew, type Desired, takingOf } from "../../src/rails/taking.ts";

const policy = (fallback: Policy["roles"]["fallback"], protectedEmails: readonly string[] = [], protectedAccounts: readonly AccountId[] = []): Policy => ({
  connection: connectionId("acme"), adopt: "byEmail", identity: "auto", tags: [], onEmailChange: "refuse", onIncomplete: "wait", endpoints: "public", denyEndpoints: "inferred",
  roles: { map: [{ idp: "Admins", vendor: roleId("Admin"), privileged: true }, { idp: "Editors", vendor: roleId("Editor"), privileged: false }, { idp: "Everyone", vendor: roleId("User"), privileged: false }], fallback, serveAsGroups: false, serveAsEntitlements: false },
  delivery: { deadlineMs: 1, settleMs: 1, vendorTimeoutMs: 1, onOutage: "accept" }, strict: false, bulk: true, cursors: true, domains: [], protectedEmails, protectedAccounts,
  limits: { userBodyBytes: 1, groupBodyBytes: 1, operations: 1, filterLength: 1, page: 1 },
  brake: { windowMs: 1, count: 1, share: 1, deletes: { count: 1, share: 1 } },
  reconcile: { everyMs: undefined, policy: "report", detail: "full", limit: { count: 10, share: 0.1 } },
});
const vendor: Vendor = { title: "Vendor", can: new Set(["deactivate", "delete", "setRole", "create", "updateProfile"]), emailChange: "possible", parts: [], defaultRole: roleId("User"), deletesForGood: true, steps: () => "", missing: () => undefined };

const ada: Attributes = { userName: "ada@acme.example", active: true, roles: [{ value: "Editors" }] };
const off = { ...ada, active: false };
const held = (applied: Partial<Applied> = {}): Link => ({
  account: accountId("a-1"), kind: "account", origin: "created", login: "ada@acme.example", unknownAt: undefined, verifyAt: undefined,
  applied: { ...nothingApplied, access: "active", role: roleId("Editor"), wantedRole: roleId("Editor"), ...applied },
});
const due = (dueAtMs: number | undefined): Due => ({ lane: "grant", dueAtMs, attempts: 0, sinceMs: 0, grantSinceMs: undefined, warnedMs: undefined, failure: undefined, correlation: undefined });
const group = (display: string): GroupRef => ({ value: resourceId("g"), display });

interface Case {
  readonly when: string;
  readonly before?: Attributes | "deleted";
  readonly after: Attributes | undefined;
  readonly groups?: readonly [before: readonly GroupRef[], after: readonly GroupRef[]];
  readonly link?: Link | undefined;
  readonly due?: Due;
  readonly fallback?: Policy["roles"]["fallback"];
  readonly protects?: readonly string[];
  readonly protectsAccounts?: readonly string[];
  readonly takes: Partial<Taking>;
}

const without = (attributes: Attributes, name: string): Attributes => Object.fromEntries(Object.entries(attributes).filter(([key]) => key !== name));
const admin = { ...ada, roles: [{ value: "Admins" }] };
const asAdmin = held({ role: roleId("Admin"), wantedRole: roleId("Admin") });

const cases: readonly Case[] = [
  { when: "switched off", after: off, takes: { access: true } },
  { when: "deleted", after: undefined, takes: { access: true, record: true } },
  { when: "deleted, who had no access any more", before: off, after: undefined, link: held({ access: "inactive" }), takes: { record: true } },
  { when: "deleted while the denial is on its way", before: off, after: undefined, takes: { record: true } },
  { when: "switched off once more", before: off, after: { ...off, title: "x" }, takes: {} },
  { when: "switched off, with a denial done in part", after: off, link: held({ access: "partly" }), takes: { access: true } },
  { when: "switched off while the create is under way", after: off, link: undefined, due: due(1), takes: { access: true } },
  { when: "switched off while the return is under way", after: off, link: held({ access: "inactive" }), due: due(1), takes: { access: true } },
  { when: "switched off after the create was given up", after: off, link: undefined, due: due(undefined), takes: {} },
  { when: "switched off, who waits for an address", after: off, link: undefined, takes: {} },
  { when: "switched off, whose account is gone", after: off, link: held({ access: "gone" }), due: due(1), takes: {} },
  { when: "losing the last mapped role, fallback deactivate", after: without(ada, "roles"), fallback: "deactivate", takes: { access: true } },
  { when: "losing the last mapped role, with a fallback", after: without(ada, "roles"), fallback: roleId("User"), takes: {} },
  { when: "leaving the last mapped group, fallback deactivate", before: without(ada, "roles"), after: without(ada, "roles"), groups: [[group("Editors")], []], fallback: "deactivate", takes: { access: true } },
  { when: "leaving one of two mapped groups", before: without(ada, "roles"), after: without(ada, "roles"), groups: [[group("Editors"), group("Everyone")], [group("Everyone")]], fallback: "deactivate", takes: {} },
  { when: "given another title", after: { ...ada, title: "Countess" }, takes: {} },
  { when: "an administrator switched off", before: admin, after: { ...admin, active: false }, link: asAdmin, takes: { access: true, administrator: true } },
  { when: "an administrator stepping down", before: admin, after: ada, link: asAdmin, takes: { administrator: true } },
  { when: "an administrator given another title", before: admin, after: { ...admin, title: "x" }, link: asAdmin, takes: {} },
  { when: "an administrator's demotion under way, and another title", before: ada, after: { ...ada, title: "x" }, link: asAdmin, takes: {} },
  { when: "a protected person switched off", after: off, protects: ["ada@acme.example"], takes: { access: true, fromProtected: true } },
  { when: "a protected person stepping down", after: { ...ada, roles: [{ value: "Everyone" }] }, protects: ["ada@acme.example"], takes: { fromProtected: true } },
  { when: "a protected person stepping up", after: admin, protects: ["ada@acme.example"], takes: {} },
  { when: "a protected person given another address", after: { ...ada, userName: "eve@acme.example" }, protects: ["ada@acme.example"], takes: { fromProtected: true } },
  { when: "switched off, whose account is protected by its id", after: off, protectsAccounts: ["a-1"], takes: { access: true, fromProtected: true } },
  { when: "given another title, whose account is protected by its id", after: { ...ada, title: "Countess" }, protectsAccounts: ["a-1"], takes: {} },
  { when: "switched off, whose account's id only begins like a protected one", after: off, protectsAccounts: ["a-11", "A-1"], takes: { access: true } },
  { when: "somebody else given a protected address", after: { ...ada, userName: "break-glass@acme.example" }, protects: ["break-glass@acme.example"], takes: {} },
];

const desired = (attributes: Attributes | undefined, groups: readonly GroupRef[], its: Policy): Desired => ({ attributes, groups, policy: its });

test.each(cases)("a person $when", ({ before = ada, after, groups = [[], []], fallback, protects, protectsAccounts = [], takes, ...person }) => {
  const its = policy(fallback, protects, protectsAccounts.map(accountId));
  const link = "link" in person ? person.link : held();
  expect(takingOf(desired(before === "deleted" ? undefined : before, groups[0], its), desired(after, groups[1], its), { link, due: person.due }, vendor)).toEqual({ ...takesNothing, ...takes });
});

describe("a role policy that changes", () => {
  const [former, next] = [policy(roleId("User")), policy("deactivate")];
  const plain = without(ada, "roles");
  const fallen = { link: held({ role: roleId("User"), wantedRole: roleId("User") }), due: undefined };

  test("takes access from those who live on the fallback", () => expect(takingOf(desired(plain, [], former), desired(plain, [], next), fallen, vendor).access).toBe(true));
  test("takes nothing from those who have a mapped role", () => expect(takingOf(desired(ada, [], former), desired(ada, [], next), { link: held(), due: undefined }, vendor)).toEqual(takesNothing));
  test("denies anew only what was not denied before", () => {
    expect(deniesAnew(desired(plain, [], former), desired(plain, [], next), fallen, vendor)).toBe(true);
    expect(deniesAnew(desired(plain, [], next), desired(plain, [], next), fallen, vendor)).toBe(false);
  });
});

test("what the worker asks, without a before: a denial that must be carried out takes access from whoever has it", () => {
  const its = policy(undefined);
  expect(takingOf(undefined, desired(off, [], its), { link: held(), due: undefined }, vendor).access).toBe(true);
  expect(takingOf(undefined, desired(off, [], its), { link: held({ access: "inactive" }), due: undefined }, vendor).access).toBe(false);
});

/**
 * What counts as a difference, and what a repair of it would do.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { accountId, connectionId, resourceId, roleId } from "../../src/model/ids.ts";
import { type Applied, type Link, nothingApplied } from "../../src/model/link.ts";
import type { Account } from "../../src/model/person.ts";
import type { Policy } from "../../src/model/policy.ts";
import type { Attributes, Held } from "../../src/model/resource.ts";
import type { Vendor } from "../../src/plan/vendor.ts";
import { differencesOf, type Known } from "../../src/reconcile/compare.ts";
import { planAfterLook, remedyFor } from "../../src/reconcile/remedy.ts";
import { policyOf } from "../delivery/support/works.ts";

const part = (name: string, more: object = {}) => ({ part: name, onCreate: true, onUpdate: true, required: false, clearable: true, same: (a: string, b: string) => a.toLowerCase() === b.toLowerCase(), ...more });
const vendor: Vendor = {
  title: "Vendor", can: new Set(["get", "list", "create", "updateProfile", "setRole", "setTags", "deactivate", "reactivate"]), emailChange: "impossible", defaultRole: roleId("User"),
  parts: [part("title"), part("locale"), part("badge", { onCreate: false, onUpdate: false }), part("nick", { onUpdate: false })], steps: () => "", missing: () => undefined,
};
const policy = (more: Partial<Policy> = {}): Policy => policyOf(connectionId("acme"), { tags: [{ idp: "Blue", vendor: "blue" }, { idp: "Red", vendor: "red" }], ...more });
const known = (more: Partial<Known> = {}): Known => ({ vendor, policy: policy(), managed: undefined, parts: new Set(["title"]), ...more });

const link = (applied: Partial<Applied> = {}, more: Partial<Link> = {}): Link => ({
  account: accountId("acc"), kind: "account", origin: "created", login: "ann@acme.example", unknownAt: undefined, verifyAt: undefined,
  applied: { ...nothingApplied, access: "active", role: roleId("User"), wantedRole: roleId("User"), confirmed: true, ...applied }, ...more,
});
const account = (more: Partial<Account> = {}): Account => ({ id: accountId("acc"), kind: "account", email: "ann@acme.example", role: roleId("User"), active: true, profile: {}, ...more });

describe("no difference is", () => {
  test.each<{ what: string; applied?: Partial<Applied>; shown: Partial<Account>; its?: Partial<Known> }>([
    { what: "what the vendor does not show", applied: { tags: ["blue"], profile: { locale: "de" } }, shown: { active: undefined, role: undefined, email: undefined } },
    { what: "what the connector calls equal", applied: { profile: { title: "Analyst" } }, shown: { profile: { title: "ANALYST" } } },
    { what: "an address in another letter case", shown: { email: "Ann@ACME.example" } },
    { what: "what was never applied", shown: { profile: { title: "Given there" } } },
    { what: "what only the vendor writes", applied: { profile: { badge: "1" } }, shown: { profile: { badge: "2" } } },
    { what: "a part that the vendor shows of nobody", applied: { profile: { locale: "de" } }, shown: {} },
    { what: "a tag that nobody has mapped", applied: { tags: ["blue"] }, shown: { tags: ["blue", "own"] } },
    { what: "the role, address and name of somebody without access", applied: { access: "inactive", profile: { title: "x" } }, shown: { active: false, role: roleId("Leaver"), email: "gone@x.example", profile: { title: "y" } } },
    { what: "somebody without access whose status is not shown", applied: { access: "inactive" }, shown: { active: undefined } },
  ])("$what", ({ applied, shown, its }) => {
    expect(differencesOf(link(applied), account(shown), known(its))).toEqual([]);
  });
});

test.each<{ what: string; applied?: Partial<Applied>; shown: Partial<Account>; kind: string; from?: string; to?: string }>([
  { what: "a part that is shown of others and not of this one", applied: { profile: { title: "x" } }, shown: {}, kind: "profileCleared", from: "x" },
  { what: "a mapped tag more, beside one of nobody's", applied: { tags: [] }, shown: { tags: ["red", "own"] }, kind: "tagsAdded", from: "", to: "red" },
  { what: "access in part that is whole again", applied: { access: "partly" }, shown: {}, kind: "reenabled", from: "partly", to: "active" },
  { what: "a role of another rank", applied: { role: roleId("Editor") }, shown: { role: roleId("User") }, kind: "roleLowered", from: "Editor", to: "User" },
  { what: "a role that nobody here knows, whatever its name", shown: { role: roleId("Owner") }, kind: "foreignRole", from: "User", to: "Owner" },
])("$what is $kind", ({ applied, shown, kind, from, to }) => {
  expect(differencesOf(link(applied), account(shown), known())).toEqual([expect.objectContaining({ kind, from, to })]);
});

describe("a repair", () => {
  const held = (attributes: Attributes | undefined, its: Link, more: Partial<Held> = {}): Held & { readonly link: Link } => ({ type: "User", id: resourceId("r"), version: 1, createdMs: 0, modifiedMs: 0, attributes, groups: [], due: undefined, ...more, link: its });
  const ann = (more: Attributes = {}): Attributes => ({ userName: "ann@acme.example", active: true, ...more });
  const remedy = (attributes: Attributes | undefined, its: Link, shown: Account, more: Partial<Held> = {}, place = policy()) => {
    const person = held(attributes, its, more);
    const planned = planAfterLook(person, shown, { vendor, policy: place });
    return differencesOf(its, shown, known({ policy: place })).map((difference) => remedyFor(difference, planned, person, shown, { vendor, policy: place }));
  };
  const roles = (value: string) => ({ roles: [{ value }] });

  test("never gives a privileged role, though the IdP wants it: nobody asks for it at this moment", () => {
    // Wanted and never given, because its time was over; then somebody gave another one there.
    expect(remedy(ann(roles("Admins")), link(), account({ role: roleId("Editor") }))).toEqual([{ by: "person", because: expect.stringContaining("only while an IdP asks") }]);
  });

  test("takes away in the lane of denials and gives in the last one", () => {
    expect(remedy(ann(roles("Editors")), link({ role: roleId("Editor"), wantedRole: roleId("Editor") }), account({ role: roleId("Admin") }))).toEqual([{ by: "look", lane: "deny", does: "set the role Editor", administrator: true }]);
    expect(remedy(ann(roles("Editors")), link({ role: roleId("Editor"), wantedRole: roleId("Editor") }), account({ role: roleId("User") }))).toEqual([{ by: "look", lane: "reconcile", does: "set the role Editor" }]);
    expect(remedy(ann({ active: false }), link({ access: "inactive" }), account())).toEqual([{ by: "look", lane: "deny", does: "take the access away" }]);
  });

  test("is for a person where an address cannot be changed, a part has no way, the account is protected, a push waits or the IdP has deleted them", () => {
    const because = (text: string) => [{ by: "person", because: expect.stringContaining(text) }];
    expect(remedy(ann(), link(), account({ email: "other@acme.example" }))).toEqual(because("no way to change it"));
    expect(remedy(ann(), link(), account({ email: "other@acme.example" }), {}, policy({ onEmailChange: "refuse" }))).toEqual(because("cannot change a person's e-mail"));
    expect(remedy(ann(), link({ profile: { nick: "x" } }), account({ profile: { nick: "y" } }))).toEqual(because("no way to change it"));
    expect(remedy(ann({ active: false }), link({ access: "inactive" }), account(), {}, policy({ protectedEmails: ["ann@acme.example"] }))).toEqual(because("protected"));
    expect(remedy(ann({ active: false }), link({ access: "inactive" }), account(), { waiting: { seq: 1, hold: "h-1" as never, rail: "brake", detail: "", approved: false, kept: { type: "Work" } } })).toEqual(because("waits in hold h-1"));
    expect(remedy(undefined, link({ access: "inactive" }), account())).toEqual(because("deleted the person"));
  });
});

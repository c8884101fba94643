/**
 * What the plan must know about a vendor, read off its manifest.
 *
 * @module
 */
import type { Capability, Evidence } from "../model/capability.ts";
import { isAllowed } from "../model/capability.ts";
import type { RoleId } from "../model/ids.ts";
import { roleId } from "../model/ids.ts";
import type { PartTrait, Traits } from "./connector.ts";
import { fill } from "./kit/template.ts";
import { transforms } from "./kit/transforms.ts";
import { apart } from "./manifest-account.ts";
import { fieldsOn } from "./manifest-body.ts";
import type { Manifest } from "./manifest-schema.ts";
import type { Settings } from "./manifest-settings.ts";

export function defaultRoleOf(manifest: Manifest, settings: Settings): RoleId | undefined {
  const role = manifest.roles.default === undefined ? undefined : fill(manifest.roles.default, settings.open);
  return role === undefined ? undefined : roleId(role);
}

/** @param missing why a capability is not there; absent = it is there */
export function traitsOf(manifest: Manifest, settings: Settings, endpoints: Evidence, missing: ReadonlyMap<Capability, string>): Traits {
  return {
    connector: manifest.connector,
    title: manifest.title,
    emailIsKey: manifest.account.emailIsKey,
    emailChange: fieldsOn(manifest, "update", endpoints).some(({ scim }) => scim === "email") ? "possible" : "impossible",
    parts: manifest.fields.filter(({ scim }) => !apart.has(scim)).map((field) => partOf(field, endpoints)),
    defaultRole: defaultRoleOf(manifest, settings),
    steps: (capability, person) => stepsFor(manifest, settings, capability, person),
    missing: (capability) => missing.get(capability),
  };
}

function partOf({ scim, sentOn, required, clear, transform, evidence }: Manifest["fields"][number], endpoints: Evidence): PartTrait {
  const allowed = isAllowed(evidence, endpoints);
  return {
    part: scim,
    onCreate: allowed && sentOn.includes("create"),
    onUpdate: allowed && sentOn.includes("update"),
    required,
    clearable: clear !== "never",
    same: (a, b) => transforms[transform].same(a, b),
  };
}

function stepsFor(manifest: Manifest, settings: Settings, capability: Capability, { email, name, role }: Parameters<Traits["steps"]>[1]): string {
  const values = { ...settings.open, name: name ?? email ?? "the person", email: email ?? "address unknown", role: role ?? defaultRoleOf(manifest, settings) ?? "as agreed" };
  const own = manifest.manual[capability];
  return (own === undefined ? undefined : fill(own, values)) ?? `In ${manifest.title}, ${deeds[capability]} ${values.name} <${values.email}>, then mark this task as done.`;
}

const deeds: { readonly [K in Capability]: string } = {
  find: "look for",
  get: "look at the account of",
  list: "look at the list of users for",
  create: "add",
  updateProfile: "correct the profile of",
  setRole: "change the role of",
  setTags: "change the tags of",
  listRoles: "look up the roles for",
  deactivate: "end the access of",
  reactivate: "give access again to",
  delete: "remove",
};

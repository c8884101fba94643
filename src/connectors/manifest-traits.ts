/**
 * What the plan must know about a vendor, read off its manifest.
 *
 * @module
 */
import type { Capability, Evidence, OperatorAction } from "../model/capability.ts";
import { isAllowed } from "../model/capability.ts";
import type { RoleId } from "../model/ids.ts";
import { roleId } from "../model/ids.ts";
import type { PartTrait, Traits } from "./connector.ts";
import { fill } from "./kit/template.ts";
import { apart, fieldsOn, placesOf, samePart } from "./manifest-fields.ts";
import type { Manifest, ManifestField } from "./manifest-schema.ts";
import type { Settings } from "./manifest-settings.ts";

export function defaultRoleOf(manifest: Manifest, settings: Settings): RoleId | undefined {
  const role = manifest.roles.default === undefined ? undefined : fill(manifest.roles.default, settings.open);
  return role === undefined ? undefined : roleId(role);
}

/** @param missing why a capability is not there; absent = it is there */
export function traitsOf(manifest: Manifest, settings: Settings, endpoints: Evidence, missing: ReadonlyMap<Capability | OperatorAction, string>, managedRoles?: ReadonlySet<RoleId>): Traits {
  return {
    connector: manifest.connector,
    title: manifest.title,
    emailIsKey: manifest.account.emailIsKey,
    emailChange: fieldsOn(manifest, "update", endpoints).some(({ scim }) => scim === "email") ? "possible" : "impossible",
    parts: manifest.fields.filter(({ scim, sentOn }) => !apart.has(scim) || (scim === "email" && sentOn.includes("update"))).map((field) => partOf(field, settings, endpoints)),
    defaultRole: defaultRoleOf(manifest, settings),
    ...(managedRoles && { managedRoles }),
    steps: (capability, person) => stepsFor(manifest, settings, capability, person),
    missing: (capability) => missing.get(capability),
  };
}

function partOf(field: ManifestField, settings: Settings, endpoints: Evidence): PartTrait {
  const { scim, sentOn, required, evidence, default: standard } = field;
  const allowed = isAllowed(evidence, endpoints);
  return {
    part: scim,
    onCreate: allowed && sentOn.includes("create"),
    onUpdate: allowed && sentOn.includes("update"),
    // What a default fills need not come from the IdP.
    required: required && (standard === undefined || fill(standard, settings.open) === undefined),
    clearable: placesOf(field).some((place) => place.clear !== "never" && isAllowed(place.evidence, endpoints)),
    same: (a, b) => samePart(field, settings, endpoints, a, b),
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

/**
 * Our values → a vendor's body, by the manifest's fields.
 *
 * @module
 */
import type { Evidence } from "../model/capability.ts";
import { isAllowed } from "../model/capability.ts";
import { Fault } from "../model/failure.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { ProfileChange } from "../model/person.ts";
import type { NewAccount } from "./connector.ts";
import { at, put } from "./kit/json-path.ts";
import { randomPassword } from "./kit/random.ts";
import { fill } from "./kit/template.ts";
import { transforms } from "./kit/transforms.ts";
import { apart, vendorPaths } from "./manifest-account.ts";
import type { Manifest, ManifestField, ValueSource } from "./manifest-schema.ts";
import type { Settings } from "./manifest-settings.ts";

/** The fields that may be sent, given how weak an evidence the operator allows. */
export const fieldsOn = (manifest: Manifest, when: "create" | "update", allowed: Evidence): readonly ManifestField[] =>
  manifest.fields.filter((field) => field.sentOn.includes(when) && isAllowed(field.evidence, allowed));

/** @throws Fault `invalid` when something required is missing or a value does not fit */
export function createBody(manifest: Manifest, settings: Settings, allowed: Evidence, wanted: NewAccount): JsonObject {
  const body: Record<string, Json> = {};
  for (const field of fieldsOn(manifest, "create", allowed)) {
    const source = sourceBySetting(field, settings);
    const value = source === undefined ? (given(field.scim, wanted) ?? (field.default === undefined ? undefined : fill(field.default, settings.open))) : sourced(source, wanted);
    if (value !== undefined && value.trim() !== "") write(manifest, field, value, body);
    else if (field.required) throw missing(manifest, field);
  }
  return body;
}

/** Only what changes. @throws Fault `invalid` when the vendor has no way to it */
export function changedBody(manifest: Manifest, allowed: Evidence, changes: ProfileChange): JsonObject {
  const fields = fieldsOn(manifest, "update", allowed);
  const body: Record<string, Json> = {};
  for (const [part, value] of Object.entries(changes)) {
    const field = fields.find(({ scim }) => scim === part);
    if (!field) throw new Fault({ kind: "invalid", scimType: "mutability", field: part, detail: manifest.immutable[part] ?? `${manifest.title} has no way to change ${part}` });
    if (value !== null) write(manifest, field, value, body);
    else clear(manifest, field, body);
  }
  return body;
}

/** Everything that travels together: the change, else what the vendor holds now. */
export function mergedBody(manifest: Manifest, allowed: Evidence, changes: ProfileChange, current: Json | undefined): JsonObject {
  const body: Record<string, Json> = {};
  for (const field of fieldsOn(manifest, "update", allowed)) {
    if (apart.has(field.scim) && !Object.hasOwn(changes, field.scim)) continue;
    const paths = vendorPaths(field);
    const reads = field.from === undefined ? paths : [field.from];
    if (!Object.hasOwn(changes, field.scim)) for (const [index, path] of paths.entries()) put(body, path, at(current, reads[index] ?? "") ?? null);
  }
  const changed = changedBody(manifest, allowed, changes);
  for (const field of fieldsOn(manifest, "update", allowed)) {
    for (const path of vendorPaths(field)) {
      const value = at(changed, path);
      if (value !== undefined) put(body, path, value);
    }
  }
  return body;
}

function given(scim: string, { email, profile, role, password }: NewAccount): string | undefined {
  if (scim === "email") return email;
  if (scim === "role") return role;
  if (scim === "password") return password;
  return Object.hasOwn(profile, scim) ? profile[scim] : undefined;
}

function sourceBySetting({ bySetting = {} }: ManifestField, settings: Settings): ValueSource | undefined {
  for (const [name, choices] of Object.entries(bySetting)) {
    const choice = settings.open[name];
    if (typeof choice === "string" && Object.hasOwn(choices, choice)) return choices[choice];
  }
  return undefined;
}

function sourced(source: ValueSource, wanted: NewAccount): string | undefined {
  if (source === "none") return undefined;
  if ("random" in source) return randomPassword(source.random.length);
  return wanted.password ?? (source.else === undefined ? undefined : sourced(source.else, wanted));
}

function write(manifest: Manifest, field: ManifestField, value: string, body: Record<string, Json>): void {
  // A password is taken as it is: blanks around it belong to it.
  const texts = field.scim === "password" ? [value] : transforms[field.transform].write(value);
  const main = texts[0] ?? "";
  if (main === "" && field.required) throw missing(manifest, field);
  if (main === "") return clear(manifest, field, body);
  if (field.max !== undefined && [...main].length > field.max) throw new Fault({ kind: "invalid", scimType: "invalidValue", field: field.scim, detail: `${manifest.title} takes at most ${field.max} characters for ${field.scim}` });
  if (field.pattern !== undefined && !new RegExp(field.pattern, "u").test(main)) throw new Fault({ kind: "invalid", scimType: "invalidValue", field: field.scim, detail: `${manifest.title} does not take this value for ${field.scim}` });
  for (const [index, path] of vendorPaths(field).entries()) {
    const text = texts[index];
    if (text !== undefined) put(body, path, text);
  }
}

function clear(manifest: Manifest, field: ManifestField, body: Record<string, Json>): void {
  if (field.clear === "never") throw new Fault({ kind: "invalid", scimType: "invalidValue", field: field.scim, detail: `${manifest.title} has no way to empty ${field.scim}` });
  for (const path of vendorPaths(field)) put(body, path, field.clear === "null" ? null : "");
}

const missing = (manifest: Manifest, field: ManifestField): Fault => new Fault({ kind: "invalid", scimType: "invalidValue", field: field.scim, detail: `${manifest.title} demands ${field.scim}` });

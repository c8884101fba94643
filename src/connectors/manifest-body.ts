/**
 * Our values → a vendor's body, by the manifest's fields.
 *
 * @module
 */
import type { Evidence } from "../model/capability.ts";
import { Fault } from "../model/failure.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { Profile, ProfileChange } from "../model/person.ts";
import type { NewAccount } from "./connector.ts";
import { at, put } from "./kit/json-path.ts";
import { randomPassword } from "./kit/random.ts";
import { fill } from "./kit/template.ts";
import { isUnfit } from "./kit/transform.ts";
import { apart, fieldsOn, hintsFor, openPlaces, placesOf, readAt, transformOf } from "./manifest-fields.ts";
import type { Manifest, ManifestField, ValueSource } from "./manifest-schema.ts";
import type { Settings } from "./manifest-settings.ts";

/** What a body is made with. */
export interface Making {
  readonly manifest: Manifest;
  readonly settings: Settings;
  /** The weakest evidence of a field that may be sent. */
  readonly endpoints: Evidence;
  /** Told what had to be left out. */
  readonly remark: (text: string) => void;
}

/** @throws Fault `invalid` when something required is missing or a value does not fit */
export function createBody(making: Making, wanted: NewAccount): JsonObject {
  const { manifest, settings, endpoints } = making;
  const body: Record<string, Json> = {};
  const standard = (field: ManifestField) => (field.default === undefined ? undefined : fill(field.default, settings.open));
  const part = (name: string) => given(name, wanted) ?? manifest.fields.filter(({ scim }) => scim === name).map(standard)[0];
  for (const field of fieldsOn(manifest, "create", endpoints)) {
    const source = sourceBySetting(field, settings);
    const value = source === undefined ? (given(field.scim, wanted) ?? standard(field)) : sourced(source, wanted);
    if (value !== undefined && value.trim() !== "") write(making, field, value, part, body, "create");
    else if (field.required) throw missing(manifest, field);
  }
  return body;
}

/**
 * Only what changes.
 *
 * @param known what else is known of the person, for fields that lean on others
 * @throws Fault `invalid` when the vendor has no way to it
 */
export function changedBody(making: Making, changes: ProfileChange, known: Profile = {}): JsonObject {
  const { manifest, endpoints } = making;
  const fields = fieldsOn(manifest, "update", endpoints);
  const body: Record<string, Json> = {};
  const part = (name: string) => (Object.hasOwn(changes, name) ? (changes[name] ?? undefined) : known[name]);
  for (const [name, value] of Object.entries(changes)) {
    const field = fields.find(({ scim }) => scim === name);
    if (!field) throw new Fault({ kind: "invalid", scimType: "mutability", field: name, detail: manifest.immutable[name] ?? `${manifest.title} has no way to change ${name}` });
    if (value !== null) write(making, field, value, part, body, "update");
    else clear(making, field, body);
  }
  return body;
}

/**
 * Everything that travels together: the change, else what the vendor holds now, else what was last applied.
 *
 * @param known what was last applied, for vendors that do not show what they hold
 */
export function mergedBody(making: Making, changes: ProfileChange, current: Json | undefined, known: Profile = {}): JsonObject {
  const { manifest, endpoints } = making;
  const body: Record<string, Json> = {};
  const fields = fieldsOn(manifest, "update", endpoints).filter(({ scim }) => !apart.has(scim) || Object.hasOwn(changes, scim));
  for (const field of fields) {
    if (Object.hasOwn(changes, field.scim)) continue;
    const places = openPlaces(field, endpoints);
    const reads = readAt(field);
    const held = places.map((_, index) => at(current, reads[index] ?? ""));
    const kept = held.every((value) => (value ?? null) === null) ? known[field.scim] : undefined;
    if (kept !== undefined) write(making, field, kept, (name) => known[name], body, "update");
    else for (const [index, place] of places.entries()) put(body, place.at, held[index] ?? null);
  }
  const changed = changedBody(making, changes, known);
  for (const field of fields) {
    for (const place of placesOf(field)) {
      const value = at(changed, place.at);
      if (value !== undefined) put(body, place.at, value);
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

function write(making: Making, field: ManifestField, value: string, part: (name: string) => string | undefined, body: Record<string, Json>, when: "create" | "update"): void {
  const { manifest, settings, endpoints, remark } = making;
  const places = openPlaces(field, endpoints);
  // A password is taken as it is: blanks around it belong to it.
  const texts = field.scim === "password" ? [value] : transformOf(field).write(value, hintsFor(field, settings, places.length, part));
  if (isUnfit(texts)) return unfit(making, field, texts.unfit);
  const told = texts.filter((text) => typeof text === "string");
  const [main = ""] = told;
  if (main === "" && field.required) throw missing(manifest, field);
  if (main === "") return clear(making, field, body);
  if (field.max !== undefined && told.some((text) => [...text].length > (field.max ?? 0))) return unfit(making, field, `takes at most ${field.max} characters`);
  if (field.pattern !== undefined && !new RegExp(field.pattern, "u").test(main)) return unfit(making, field, "does not take this value");
  for (const [index, place] of places.entries()) {
    const text = texts[index];
    if (typeof text === "string") put(body, place.at, text);
    else if (text === null && when === "update" && place.clear === "never") remark(`${manifest.title} has no way to empty "${place.at}"`);
    else if (text === null && when === "update") put(body, place.at, place.clear === "null" ? null : "");
  }
}

/** @throws Fault `invalid`, unless the manifest says that such a value is left out */
function unfit({ manifest, remark }: Making, field: ManifestField, because: string): void {
  const ours = because.startsWith("is ");
  if (field.unfit === "leaveOut") return remark(`${field.scim} was left out: ${ours ? `it ${because}` : `${manifest.title} ${because}`}`);
  throw new Fault({ kind: "invalid", scimType: "invalidValue", field: field.scim, detail: ours ? `${field.scim} ${because}, which ${manifest.title} needs` : `${manifest.title} ${because} for ${field.scim}` });
}

function clear({ manifest, endpoints }: Making, field: ManifestField, body: Record<string, Json>): void {
  const places = openPlaces(field, endpoints).filter((place) => place.clear !== "never");
  if (places.length === 0) throw new Fault({ kind: "invalid", scimType: "invalidValue", field: field.scim, detail: `${manifest.title} has no way to empty ${field.scim}` });
  for (const place of places) put(body, place.at, place.clear === "null" ? null : "");
}

const missing = (manifest: Manifest, field: ManifestField): Fault => new Fault({ kind: "invalid", scimType: "invalidValue", field: field.scim, detail: `${manifest.title} demands ${field.scim}` });

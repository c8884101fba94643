/**
 * Records as the vendor of a manifest would keep them, made and changed by what the manifest says about reading.
 *
 * @module
 */
import type { Json, JsonObject } from "../../model/json.ts";
import { isObject } from "../../model/json.ts";
import type { Profile } from "../../model/person.ts";
import { at, put } from "../kit/json-path.ts";
import { fillJson, placeholdersIn } from "../kit/template.ts";
import { isUnfit } from "../kit/transform.ts";
import { fits } from "../manifest-account.ts";
import { apart, hintsFor, placesOf, readAt, transformOf } from "../manifest-fields.ts";
import type { Confirm, Manifest, ManifestField } from "../manifest-schema.ts";
import type { Settings } from "../manifest-settings.ts";
import { samplePart } from "./samples.ts";

export type VendorRecord = Record<string, Json>;

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly role: string;
  readonly active: boolean;
}

/** A write of the manifest: its body, and what its read-back must show. */
export interface Deed {
  readonly call: string;
  readonly body: JsonObject | undefined;
  readonly confirm: Confirm;
}

/** @param profile default: made up; a part that it lacks is not there */
export function recordOf(manifest: Manifest, settings: Settings, deeds: readonly Deed[], { id, email, role, active }: Person, profile?: Profile): VendorRecord {
  const { account } = manifest;
  const record: VendorRecord = {};
  for (const field of manifest.fields) {
    const value = profile ? profile[field.scim] : samplePart(field.scim);
    if (value !== undefined && !apart.has(field.scim) && !field.writeOnly) putPart(field, settings, record, value);
  }
  put(record, account.id, id);
  put(record, account.email, email);
  if (account.role !== undefined) put(record, account.role, role);
  if (account.tags !== undefined) put(record, account.tags, []);
  setActive(manifest, settings, record, active);
  const carried = deeds.flatMap(({ body = {} }) => leaves(body)).flatMap(([, value]) => (typeof value === "string" ? placeholdersIn(value) : [])).flatMap((name) => /^current\.(.+)$/.exec(name)?.[1] ?? []);
  for (const path of carried) if (at(record, path) === undefined) put(record, path, []);
  for (const path of manifest.operations.check.flatMap(({ everyItemHas }) => everyItemHas)) if (at(record, path) === undefined) put(record, path, "present");
  return record;
}

function putPart(field: ManifestField, settings: Settings, record: VendorRecord, value: string): void {
  const places = readAt(field);
  const hints = hintsFor(field, settings, places.length);
  const written = transformOf(field).write(hints.oneOf?.[0] ?? value, hints);
  if (!isUnfit(written)) for (const [index, text] of written.entries()) if (typeof text === "string") put(record, places[index] ?? "", text);
}

/** Makes the record show that somebody is active, or is not. */
export function setActive({ account }: Manifest, settings: Settings, record: VendorRecord, active: boolean): void {
  for (const [index, rule] of account.active.entries()) {
    const path = typeof rule.at === "string" ? rule.at : (rule.at[0] ?? "");
    if ((fits(record, rule, settings) ?? rule.absent !== "inactive") === active && (active || index === 0) && at(record, path) !== undefined) continue;
    if (!active && index > 0) continue; // one that says no is enough
    const wanted = rule.equals === undefined ? undefined : (fillJson(rule.equals, settings.open) ?? null);
    const refused = rule.notEquals === undefined ? undefined : (fillJson(rule.notEquals, settings.open) ?? null);
    if (rule.isNull !== undefined) put(record, path, rule.isNull === active ? null : "2026-01-01T00:00:00Z");
    else if (wanted !== undefined) put(record, path, active ? wanted : typeof wanted === "boolean" ? !wanted : "switched-off");
    else if (refused !== undefined && !active) put(record, path, refused);
    else if (fits(record, rule, settings) !== true) put(record, path, "active");
  }
}

/**
 * What the vendor does with a body: each value goes to where it is read, which may be elsewhere than where it is written.
 *
 * @returns the places that were written
 */
export function absorb(manifest: Manifest, deeds: readonly Deed[], record: VendorRecord, body: Json | undefined): ReadonlySet<string> {
  const elsewhere = new Map<string, string>();
  const reads: Readonly<Record<string, string | undefined>> = { email: manifest.account.email, role: manifest.account.role, tags: manifest.account.tags };
  for (const field of manifest.fields) {
    const places = apart.has(field.scim) ? [reads[field.scim]] : readAt(field);
    for (const [index, { at: path }] of placesOf(field).entries()) {
      const place = places[index];
      if (place !== undefined) elsewhere.set(path, place);
    }
  }
  for (const { body: template } of deeds) {
    for (const [path, value] of leaves(template ?? {})) {
      const name = typeof value === "string" ? placeholdersIn(value)[0] : undefined;
      const place = name === undefined ? undefined : reads[name];
      if (place !== undefined) elsewhere.set(path, place);
    }
  }
  const written = leaves(body ?? {}).map(([path, value]) => [elsewhere.get(path) ?? path, value] as const);
  for (const [path, value] of written) put(record, path, value);
  return new Set(written.map(([path]) => path));
}

/** Dotted paths to everything in a tree that is no object. */
export function leaves(tree: Json, before = ""): readonly (readonly [string, Json])[] {
  if (!isObject(tree)) return before === "" ? [] : [[before, tree as Json]];
  return Object.entries(tree).flatMap(([name, value]) => leaves(value, before === "" ? name : `${before}.${name}`));
}

/** Whether a body could have been made from this template. */
export function isMadeFrom(template: JsonObject | undefined, body: Json | undefined): boolean {
  const [wanted, found] = [leaves(template ?? {}), new Map(leaves(body ?? {}))];
  return wanted.length === found.size && wanted.every(([path, value]) => found.has(path) && (typeof value === "string" && placeholdersIn(value).length > 0 ? true : sameLeaf(found.get(path), value)));
}

const sameLeaf = (a: Json | undefined, b: Json): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * A vendor's record → an account in our words.
 *
 * @module
 */
import { Fault } from "../model/failure.ts";
import type { RoleId } from "../model/ids.ts";
import { accountId, roleId } from "../model/ids.ts";
import type { Json } from "../model/json.ts";
import { isObject } from "../model/json.ts";
import type { Account, Profile } from "../model/person.ts";
import { at, firstText } from "./kit/json-path.ts";
import { fillJson } from "./kit/template.ts";
import type { Fence } from "./manifest-fence.ts";
import { openFence } from "./manifest-fence.ts";
import { apart, hintsFor, readAt, transformOf } from "./manifest-fields.ts";
import type { Condition, Manifest, ManifestField } from "./manifest-schema.ts";
import type { Settings } from "./manifest-settings.ts";

export interface Records {
  /** `undefined` = the record is nobody (excluded by the manifest). @throws Fault `protocol` when it is no usable record */
  account(record: Json): Account | undefined;
  /** Why access and role of this record are never changed. */
  protectedBecause(record: Json): string | undefined;
  /** Why nothing of this record is ever changed: it is outside the fence. */
  outsideBecause(record: Json): string | undefined;
  readonly fence: Fence;
}

/** @param mappedRoles the vendor roles that the connection's role policy names, if known here */
export function openRecords(manifest: Manifest, settings: Settings, mappedRoles?: readonly string[]): Records {
  const { account: rules, title } = manifest;
  const idPattern = rules.idPattern === undefined ? undefined : new RegExp(rules.idPattern, "u");
  const read: readonly ManifestField[] = manifest.fields.filter(({ scim, writeOnly }) => !writeOnly && !apart.has(scim));
  const fence = openFence(manifest, settings, mappedRoles);
  const rule = (record: Json, from: Manifest["account"]["protect"]) => from.find(({ at: path, in: values }) => values.some((value) => fillJson(value, settings.open) === (at(record, path) ?? null)));
  const roleOf = (record: Json): RoleId | undefined => {
    const role = rules.role === undefined ? undefined : firstText(record, [rules.role]);
    return role === undefined ? undefined : roleId(role);
  };
  const outside = (record: Json) => fence.outside(roleOf(record));

  const idOf = (record: Json): string => {
    const found = at(record, rules.id);
    const id = typeof found === "number" && Number.isSafeInteger(found) ? String(found) : found;
    if (typeof id !== "string" || !isSaneId(id) || (idPattern && !idPattern.test(id))) throw new Fault({ kind: "protocol", detail: `${title} shows an account without a usable id` });
    return id;
  };

  return {
    account(record) {
      if (!isObject(record)) throw new Fault({ kind: "protocol", detail: `${title} shows an account that is no record` });
      if (rule(record, rules.exclude)) return undefined;
      const tags = rules.tags === undefined ? undefined : tagsIn(at(record, rules.tags));
      return {
        id: accountId(idOf(record)),
        kind: "account",
        email: firstText(record, [rules.email])?.trim(),
        role: roleOf(record),
        active: activeIn(record, rules.active, settings),
        profile: profileIn(record, read, settings),
        ...(tags && { tags }),
      };
    },
    protectedBecause: (record) => rule(record, rules.protect)?.because ?? outside(record),
    outsideBecause: outside,
    fence,
  };
}

/** Fit for a path, a log line and a database key: no blanks, slashes, controls, dots alone. */
const isSaneId = (id: string): boolean => /^[A-Za-z0-9._~:@+=|-]{1,200}$/.test(id) && !/^\.+$/.test(id);

function profileIn(record: Json, fields: readonly ManifestField[], settings: Settings): Profile {
  const profile: Record<string, string> = {};
  for (const field of fields) {
    const values = readAt(field).map((path) => at(record, path));
    const value = transformOf(field).read(values, hintsFor(field, settings, values.length));
    if (value !== undefined) profile[field.scim] = value;
  }
  return profile;
}

/** `undefined` where the vendor does not show them. */
function tagsIn(found: Json | undefined): readonly string[] | undefined {
  if (!Array.isArray(found)) return undefined;
  return (found as readonly Json[]).flatMap((tag) => firstText(isObject(tag) ? at(tag, "id") : tag, [""]) ?? []);
}

/** One rule that says no is enough; what no rule can tell is unknown. */
function activeIn(record: Json, rules: Manifest["account"]["active"], settings: Settings): boolean | undefined {
  let known = true;
  for (const rule of rules) {
    const fitting = fits(record, rule, settings);
    if (fitting === false || (fitting === undefined && rule.absent === "inactive")) return false;
    if (fitting === undefined && rule.absent === "unknown") known = false;
  }
  return known ? true : undefined;
}

/** `undefined` = the record does not show it. */
export function fits(record: Json, { at: places, equals, notEquals, isNull }: Condition, settings: Settings): boolean | undefined {
  const found = (typeof places === "string" ? [places] : places).map((place) => at(record, place)).find((value) => value !== undefined);
  if (found === undefined) return undefined;
  if (isNull !== undefined) return (found === null) === isNull;
  if (equals !== undefined) return found === fillJson(equals, settings.open);
  // A condition about a setting that is not set says nothing.
  return notEquals === undefined || found !== fillJson(notEquals, settings.open);
}

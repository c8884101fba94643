/**
 * A vendor's record → an account in our words.
 *
 * @module
 */
import { Fault } from "../model/failure.ts";
import { accountId, roleId } from "../model/ids.ts";
import type { Json } from "../model/json.ts";
import { isObject } from "../model/json.ts";
import type { Account, Profile } from "../model/person.ts";
import { at, firstText } from "./kit/json-path.ts";
import { fillJson } from "./kit/template.ts";
import { transforms } from "./kit/transforms.ts";
import type { Manifest, ManifestField } from "./manifest-schema.ts";
import type { Settings } from "./manifest-settings.ts";

/** What a field carries that is no part of the profile. */
export const apart: ReadonlySet<string> = new Set(["email", "role", "tags", "password"]);

export const vendorPaths = ({ to }: Pick<ManifestField, "to">): readonly string[] => (typeof to === "string" ? [to] : to);

export interface Records {
  /** `undefined` = the record is nobody (excluded by the manifest). @throws Fault `protocol` when it is no usable record */
  account(record: Json): Account | undefined;
  /** Why access and role of this record are never changed. */
  protectedBecause(record: Json): string | undefined;
}

export function openRecords(manifest: Manifest, settings: Settings): Records {
  const { account: rules, title } = manifest;
  const idPattern = rules.idPattern === undefined ? undefined : new RegExp(rules.idPattern, "u");
  const read: readonly ManifestField[] = manifest.fields.filter(({ scim, writeOnly }) => !writeOnly && !apart.has(scim));
  const rule = (record: Json, from: Manifest["account"]["protect"]) => from.find(({ at: path, in: values }) => values.some((value) => value === (at(record, path) ?? null)));

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
      const role = rules.role === undefined ? undefined : firstText(record, [rules.role]);
      return {
        id: accountId(idOf(record)),
        kind: "account",
        email: firstText(record, [rules.email])?.trim(),
        role: role === undefined ? undefined : roleId(role),
        active: activeIn(record, rules.active, settings),
        profile: profileIn(record, read),
      };
    },
    protectedBecause: (record) => rule(record, rules.protect)?.because,
  };
}

/** Fit for a path, a log line and a database key: no blanks, slashes, controls, dots alone. */
const isSaneId = (id: string): boolean => /^[A-Za-z0-9._~:@+=|-]{1,200}$/.test(id) && !/^\.+$/.test(id);

function profileIn(record: Json, fields: readonly ManifestField[]): Profile {
  const profile: Record<string, string> = {};
  for (const field of fields) {
    const value = transforms[field.transform].read((field.from === undefined ? vendorPaths(field) : [field.from]).map((path) => at(record, path)));
    if (value !== undefined) profile[field.scim] = value;
  }
  return profile;
}

/** One rule that says no is enough; what no rule can tell is unknown. */
function activeIn(record: Json, rules: Manifest["account"]["active"], settings: Settings): boolean | undefined {
  let known = true;
  for (const { at: path, equals, notEquals, isNull, absent } of rules) {
    const found = at(record, path);
    if (found === undefined) {
      if (absent === "inactive") return false;
      if (absent === "unknown") known = false;
      continue;
    }
    if (isNull !== undefined && (found === null) !== isNull) return false;
    if (equals !== undefined && found !== equals) return false;
    // A rule about a setting that is not set says nothing.
    if (notEquals !== undefined && found === fillJson(notEquals, settings.open)) return false;
  }
  return known ? true : undefined;
}

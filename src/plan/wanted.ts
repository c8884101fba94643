/**
 * Reads off a resource what the vendor is to hold: address, parts, and the raw material for the role.
 *
 * @module
 */
import type { JsonObject, Json } from "../model/json.ts";
import { isObject } from "../model/json.ts";
import type { Profile } from "../model/person.ts";
import type { Policy, RolePolicy } from "../model/policy.ts";
import type { Attributes, GroupRef } from "../model/resource.ts";

/** A person as the IdP wants them at the vendor. */
export interface Wanted {
  readonly active: boolean;
  /** Trimmed, case kept; `undefined` = the IdP gave no address. */
  readonly email: string | undefined;
  readonly profile: Profile;
  /** The values of `roles`, then the names and externalIds of the groups, as written: what `roles.map` is compared with. */
  readonly roles: readonly string[];
  /** The values of `entitlements`, which count only where the connection says so. */
  readonly entitlements: readonly string[];
  readonly name: string | undefined;
}

export function wantedOf(attributes: Attributes, identity: Policy["identity"], groups: readonly GroupRef[] = []): Wanted {
  const profile = profileOf(attributes);
  return {
    active: attributes["active"] !== false,
    email: emailOf(attributes, identity),
    profile,
    roles: [
      ...valuesOf(attributes["roles"]),
      ...groups.flatMap(({ display, externalId }) => [display, ...(externalId === undefined ? [] : [externalId])]),
    ],
    entitlements: valuesOf(attributes["entitlements"]),
    name: profile["displayName"] ?? ([profile["name.givenName"], profile["name.familyName"]].filter(Boolean).join(" ") || undefined),
  };
}

/** What `roles.map` and `tags.map` are compared with. */
export const grantsOf = ({ roles, entitlements }: Pick<Wanted, "roles" | "entitlements">, { serveAsEntitlements }: Pick<RolePolicy, "serveAsEntitlements">): readonly string[] => (serveAsEntitlements ? [...roles, ...entitlements] : roles);

const valuesOf = (list: Json | undefined): readonly string[] => elements(list).flatMap((element) => (typeof element["value"] === "string" ? [element["value"]] : []));

/** Exactly one address; what hides a second one was refused at the door. */
export const isAddress = (text: string): boolean => /^[^@\s]+@[^@\s]+$/.test(text);

/** `userName` where it is an address, else the primary work e-mail, else the first (DESIGN 8, "Pinned"). */
export function emailOf(attributes: Attributes, identity: Policy["identity"]): string | undefined {
  const userName = text(attributes["userName"]);
  const named = userName !== undefined && isAddress(userName) ? userName : undefined;
  if (identity === "userName") return named;
  const emails = elements(attributes["emails"]).filter((email) => isAddress(text(email["value"]) ?? ""));
  const work = emails.filter((email) => text(email["type"])?.toLowerCase() === "work");
  const best = work.find(isPrimary) ?? work[0] ?? emails.find(isPrimary) ?? emails[0];
  const written = best && text(best["value"]);
  return identity === "workEmail" ? (written ?? named) : (named ?? written);
}

/** The parts that vendors can hold, by their SCIM names; of several phones or addresses the work one, else the primary, else the first. */
export function profileOf(attributes: Attributes): Profile {
  const name = isObject(attributes["name"]) ? attributes["name"] : {};
  const address = chosen(attributes["addresses"], "work");
  const phone = chosen(attributes["phoneNumbers"], "work", "mobile");
  const parts: [string, Json | undefined][] = [
    ["name.givenName", name["givenName"]],
    ["name.familyName", name["familyName"]],
    ["displayName", attributes["displayName"]],
    ["title", attributes["title"]],
    ["phone", phone?.["value"]],
    ["locale", attributes["locale"] ?? attributes["preferredLanguage"]],
    ["timezone", attributes["timezone"]],
    ...["country", "streetAddress", "locality", "region", "postalCode"].map((part): [string, Json | undefined] => [`address.${part}`, address?.[part]]),
  ];
  const profile: Record<string, string> = {};
  for (const [part, value] of parts) {
    const said = text(value);
    if (said !== undefined) profile[part] = said;
  }
  return profile;
}

function chosen(list: Json | undefined, ...types: readonly string[]): JsonObject | undefined {
  const all = elements(list);
  return types.map((type) => all.find((element) => text(element["type"])?.toLowerCase() === type)).find(Boolean) ?? all.find(isPrimary) ?? all[0];
}

const isPrimary = (element: JsonObject): boolean => element["primary"] === true;
const elements = (list: Json | undefined): readonly JsonObject[] => (Array.isArray(list) ? list.filter(isObject) : []);
const text = (value: Json | undefined): string | undefined => (typeof value === "string" && value.trim() !== "" ? value.trim() : undefined);

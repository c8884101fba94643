/**
 * What the simulated Enlivy finds wrong with a body: the rules that its documents and its SDK name.
 *
 * @module
 */
import type { Json, JsonObject } from "../../../model/json.ts";
import type { Complaints, Organization } from "./answers.ts";
import type { User } from "./state.ts";
import { kept } from "./state.ts";

/** Only these may be emptied. */
export const nullable = ["address_city", "address_county", "address_state", "timezone"] as const;

export const writable = [
  "organization_user_role_id", "first_name", "last_name", "name", "email", "phone_number", "phone_number_country_code", "country_code", "address_line_1", "address_line_2", "address_city",
  "address_county", "address_state", "address_zip_code", "address_iso_3166", "locale", "timezone", "birthdate", "organization_type", "organization_information",
] as const satisfies readonly (keyof User)[];

type Field = (typeof writable)[number];

/** Fields that a server of the documented nine drops without a word. */
const beyondTheDocument: readonly string[] = ["email", "phone_number", "phone_number_country_code"];

/** What the vendor takes notice of in a body, and what a replacing edit empties. */
export const isNoticed = (name: string, world: Organization): boolean => (writable as readonly string[]).includes(name) && (world.position("seedOnlyServer") === "off" || !beyondTheDocument.includes(name));

export const noticed = (sent: JsonObject, world: Organization): JsonObject => Object.fromEntries(Object.entries(sent).filter(([name]) => isNoticed(name, world)));

const isName = (text: string): boolean => /^[\p{L}\p{M}][\p{L}\p{M}'’ .-]*$/u.test(text);

const forms: Readonly<Partial<Record<Field, { readonly fits: (text: string) => boolean; readonly say: string }>>> = {
  first_name: { fits: isName, say: "The first name format is invalid." },
  last_name: { fits: isName, say: "The last name format is invalid." },
  email: { fits: (text) => /^[^@\s]+@[^@\s]+$/.test(text), say: "The email must be a valid email address." },
  phone_number: { fits: (text) => /^\d{4,14}$/.test(text), say: "The phone number format is invalid." },
  phone_number_country_code: { fits: (text) => /^[A-Z]{2}$/.test(text), say: "The selected phone number country code is invalid." },
  country_code: { fits: (text) => /^[A-Z]{2}$/.test(text), say: "The selected country code is invalid." },
  address_iso_3166: { fits: (text) => /^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(text), say: "The address iso 3166 format is invalid." },
  timezone: { fits: (text) => text === "UTC" || /^[A-Za-z]+\/[A-Za-z_/-]+$/.test(text), say: "The timezone must be a valid zone." },
};

/** @param before the record that is changed; `undefined` = it is to be made. @param whole whether what a new record needs must be there */
export function complaintsAbout(sent: JsonObject, before: User | undefined, whole: boolean, world: Organization): Complaints {
  const bad: Record<string, string> = {};
  const say = (field: string, text: string) => void (bad[field] ??= text);
  for (const [name, value] of Object.entries(sent) as [Field, Json][]) {
    if (value === null) {
      if (!(nullable as readonly string[]).includes(name)) say(name, `The ${worded(name)} field is required.`);
    } else if (typeof value !== "string") say(name, `The ${worded(name)} must be a string.`);
    else if (value.trim() === "") say(name, `The ${worded(name)} field is required.`);
    else if (forms[name] && !forms[name].fits(value)) say(name, forms[name].say);
  }
  if (whole) for (const name of requiredOf(sent, before, world)) if (sent[name] === undefined) say(name, `The ${worded(name)} field is required.`);
  const { organization_user_role_id: role, locale, email, phone_number, phone_number_country_code } = sent;
  if (typeof role === "string" && !world.state.roles.some(({ id }) => id === role)) say("organization_user_role_id", "The selected organization user role id is invalid.");
  // A language that was taken away from the organisation may stay with whoever has it.
  if (typeof locale === "string" && !world.state.locales.includes(locale) && locale !== before?.locale) say("locale", "The selected locale is invalid.");
  if (typeof phone_number === "string" && typeof (phone_number_country_code ?? before?.phone_number_country_code) !== "string") say("phone_number_country_code", "The phone number country code field is required.");
  if (typeof email === "string" && email.toLowerCase() !== before?.email?.toLowerCase() && isTaken(email, before, world)) say("email", "The email has already been taken.");
  return bad;
}

function requiredOf(sent: JsonObject, before: User | undefined, world: Organization): readonly Field[] {
  const id = sent["organization_user_role_id"] ?? before?.organization_user_role_id;
  const business = world.state.roles.find((role) => role.id === id)?.is_business_entity ?? false;
  return ["organization_user_role_id", "country_code", ...(business ? (["name", "organization_type", "organization_information"] as const) : (["first_name", "last_name"] as const))];
}

function isTaken(email: string, before: User | undefined, world: Organization): boolean {
  const counted = kept(world).filter(({ deleted_at }) => deleted_at === null || world.position("uniqueCountsTrash") === "true");
  return [...counted, world.state.owner].some((user) => user.id !== before?.id && user.email?.toLowerCase() === email.toLowerCase());
}

const worded = (name: string): string => name.replaceAll("_", " ");

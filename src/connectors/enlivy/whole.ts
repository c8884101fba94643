/**
 * An edit that the vendor wants whole. The SDK's example sends what changes; that an edit is partial is inferred. A vendor that
 * replaces must refuse a body without the fields that every record needs, and then the record is read and sent with the change.
 *
 * @module
 */
import { failureOf } from "../../model/failure.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { Call, Target } from "../connector.ts";
import type { HookKit } from "../hooks.ts";
import { at } from "../kit/json-path.ts";
import { unknown } from "./trash.ts";

/** What a record must have, so what a replacing edit complains about. */
const needed: readonly string[] = ["organization_user_role_id", "country_code", "first_name", "last_name"];

/** Everything that an edit may hold. */
const writable: readonly string[] = [
  ...needed, "email", "phone_number", "phone_number_country_code", "address_line_1", "address_line_2", "address_city", "address_county", "address_state", "address_zip_code", "address_iso_3166",
  "locale", "timezone", "birthdate",
];

/** Whether the refusal is about a field that was not sent at all. Surely nothing was carried out then. */
export function wantsWhole(thrown: unknown, sent: JsonObject): boolean {
  const failure = failureOf(thrown);
  return failure.kind === "invalid" && failure.field !== undefined && needed.includes(failure.field) && !Object.hasOwn(sent, failure.field);
}

/** The language is the organisation's choice, and the list of its languages is nowhere to be read. */
export function refusesLanguage(thrown: unknown): boolean {
  const failure = failureOf(thrown);
  return failure.kind === "invalid" && failure.field === "locale";
}

/** The change, and whatever else the record holds now. */
export async function editWhole(kit: HookKit, target: Target, body: JsonObject, call: Call): Promise<void> {
  const shown = await kit.lookUp("get", target.account, call);
  if (!shown) throw unknown(kit);
  const held = writable.flatMap((name): readonly (readonly [string, Json])[] => {
    const value = at(shown.record, name) ?? null;
    return value === null ? [] : [[name, value]];
  });
  await kit.run("update", { values: { id: target.account }, body: { ...Object.fromEntries(held), ...body } }, call);
}

/** Partial first; whole only if the vendor asks for it. */
export async function edit(kit: HookKit, target: Target, body: JsonObject, call: Call): Promise<void> {
  try {
    await kit.run("update", { values: { id: target.account }, body }, call);
  } catch (thrown) {
    if (!wantsWhole(thrown, body)) throw thrown;
    await editWhole(kit, target, body, call);
  }
}

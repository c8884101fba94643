/**
 * Records that tests begin with: given ones, plain ones by number, and those who must not be mistaken for one another.
 *
 * @module
 */
import { Fault } from "../../../model/failure.ts";
import type { Json, JsonObject } from "../../../model/json.ts";
import { isObject } from "../../../model/json.ts";
import type { World } from "../../kit/simulator/definition.ts";
import type { EnlivyState, User } from "./state.ts";
import { blank, nameOf } from "./state.ts";

/** `{ users: […], count, locales }`; a user may be empty. `count` adds that many plain people. */
export function seedUsers(records: JsonObject, world: World<EnlivyState>): void {
  const { users = [], count = 0, locales, ...unknown } = records;
  const stray = Object.keys(unknown)[0];
  if (stray !== undefined || !Array.isArray(users) || typeof count !== "number" || !(locales === undefined || isTexts(locales)))
    throw new Fault({ kind: "invalid", ...(stray === undefined ? {} : { field: stray }), detail: "Enlivy is seeded with { users: [{ email, … }], count, locales }, or { named }" });
  if (isTexts(locales)) world.state.locales = [...locales];
  for (const user of users as readonly Json[]) world.state.users.push(seededUser(user, world));
  for (let number = 1; number <= count; number += 1) world.state.users.push(seededUser({ email: `person${number}@plain.example`, first_name: "Person", last_name: `Plain${"abcdefghij"[number % 10]}` }, world));
}

const isTexts = (value: Json | undefined): value is readonly string[] => Array.isArray(value) && value.every((one: Json) => typeof one === "string");
const isText = (value: Json | undefined): boolean => typeof value === "string";

function seededUser(wanted: Json, world: World<EnlivyState>): User {
  const at = new Date(world.now).toISOString();
  const plain = { ...blank, id: `org_user_${world.random.hex(20)}`, organization_user_role_id: "org_userrole_employee", first_name: "Pat", last_name: "Doe", created_at: at, updated_at: at };
  const given = isObject(wanted) ? wanted : {};
  const user = { ...plain, ...given } as unknown as User;
  const wrong = Object.entries(given).find(([name, value]) => {
    if (!Object.hasOwn(plain, name)) return true;
    if (name === "tag_ids") return !isTexts(value);
    return !isText(value) && !(value === null && Object.hasOwn(blank, name));
  });
  if (wrong) throw new Fault({ kind: "invalid", field: wrong[0], detail: `A seeded user's "${wrong[0]}" is wrong or unknown; possible: ${Object.keys(plain).join(", ")}` });
  if (!world.state.roles.some(({ id }) => id === user.organization_user_role_id)) throw new Fault({ kind: "invalid", field: "organization_user_role_id", detail: `A seeded user's role is unknown; possible: ${world.state.roles.map(({ id }) => id).join(", ")}` });
  if (world.state.users.some(({ id }) => id === user.id)) throw new Fault({ kind: "invalid", field: "id", detail: "A seeded user's id is taken" });
  return { ...user, name: nameOf(user), tag_ids: [...user.tag_ids] };
}

/** Who must not be mistaken for whom: 53 records, so that pages of 20, 30 and 50 all end in the middle. */
export const traps: JsonObject = {
  users: [
    // A customer who has the new employee's address.
    { email: "ann@acme.example", first_name: "Ann", last_name: "Lee", organization_user_role_id: "org_userrole_customer" },
    { email: "joann@acme.example", first_name: "Joann", last_name: "Lee" },
    { email: "office@supplier.example", name: "Supplier SRL", first_name: null, last_name: null, organization_user_role_id: "org_userrole_company", organization_type: "company", organization_information: "RO123456" },
    // Whoever was created from the documented fields alone has no address.
    { email: null, first_name: "Noel", last_name: "Nomail" },
    { email: null, first_name: "Nora", last_name: "Nomail" },
    { email: "conan@acme.example", first_name: "Conan", last_name: "O'Brien" },
    { email: "ioana@acme.example", first_name: "Ioana", last_name: "Ștefănescu", locale: "ro", country_code: "RO", address_iso_3166: "RO-B", address_county: "București", address_city: "SECTOR1", address_line_1: "Str. 1", timezone: "Europe/Bucharest" },
    { email: "Mixed.Case@Acme.Example", first_name: "Mixed", last_name: "Case" },
    { email: "boss@acme.example", first_name: "Bo", last_name: "Ss", organization_user_role_id: "org_userrole_admin" },
    { email: "left@acme.example", first_name: "Left", last_name: "Lately", organization_user_role_id: "org_userrole_leaver" },
    ...Array.from({ length: 43 }, (_, index) => ({ email: `person${index + 1}@acme.example`, first_name: "Person", last_name: "Plain", organization_user_role_id: index % 3 === 0 ? "org_userrole_customer" : "org_userrole_employee" })),
  ],
};

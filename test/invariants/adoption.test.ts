/**
 * I4: an account is adopted only where exactly one has the very address, nobody owns it, and its role is one that the connection
 * manages and that is not privileged. The first contact changes neither e-mail nor role.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Rig } from "../machine/rig.ts";
import { ada, patch } from "../support/house.ts";

let rig: Rig;
beforeEach(async () => void (rig = await Rig.open()));
afterEach(() => rig.stop());

const email = "ann@acme.example";
const record = (more: object = {}) => ({ email, first_name: "Ann", last_name: "Lee", ...more });
const writes = () => rig.vendor.journal().filter(({ method }) => method !== "GET").map(({ method, body }) => [method, body]);
const ours = () => rig.vendor.state().users.filter((user) => user.email.toLowerCase().includes("ann@acme.example") || user.email === "ann.lee@acme.example");
const tasks = async () => (await rig.house.store.tasks(undefined, { open: true })).length;
const byName = `/Users?filter=${encodeURIComponent(`userName eq "${email}"`)}`;
const ann = (more: object = {}) => ada({ userName: email, externalId: "ann", name: { givenName: "Anna", familyName: "Lee-Jones" }, ...more });

/** What stands at the vendor · whether the first contact links it · whether a person is asked. */
const cases = [
  { what: "nobody", seed: [], adopted: false, refused: false },
  { what: "one who matches", seed: [record()], adopted: true, refused: false },
  { what: "one in another letter case", seed: [record({ email: "Ann@Acme.Example" })], adopted: true, refused: false },
  { what: "one in another managed role", seed: [record({ role: "Editor" })], adopted: true, refused: false },
  { what: "one who is switched off", seed: [record({ is_enabled: false })], adopted: true, refused: false },
  { what: "one whose address only begins like it", seed: [record({ email: `${email}.evil` })], adopted: false, refused: false },
  { what: "one whose address only ends like it", seed: [record({ email: `jo${email}` })], adopted: false, refused: false },
  { what: "one who has it as a name", seed: [record({ email: "ann.lee@acme.example", first_name: email })], adopted: false, refused: false },
  { what: "two that differ in letter case", seed: [record(), record({ email: "ANN@acme.example" })], adopted: false, refused: true },
  { what: "a privileged one", seed: [record({ role: "Admin" })], adopted: false, refused: true },
  { what: "one in a role that is not managed", seed: [record({ role: "Viewer" })], adopted: false, refused: true },
];

describe.each(cases)("$what", ({ seed, adopted, refused }) => {
  beforeEach(async () => {
    await rig.vendor.setSwitches({ emailUniqueCase: "sensitive" });
    rig.vendor.seed({ users: seed });
  });

  test("at a look-up", async () => {
    const before = rig.vendor.state().users;
    const answer = await rig.scim("GET", byName);
    expect(answer?.body.totalResults).toBe(adopted ? 1 : 0);
    expect(rig.vendor.state().users).toEqual(before);
    expect(writes()).toEqual([]);
  });

  test("at a create", async () => {
    const before = ours();
    const answer = await rig.scim("POST", "/Users", ann({ roles: [{ value: "Admins" }] }));
    expect([answer?.status, await tasks()]).toEqual(refused ? [409, 1] : [201, 0]);
    const created = ours().filter(({ id }) => !before.some((one) => one.id === id));
    expect(created).toHaveLength(adopted || refused ? 0 : 1);
    for (const one of before) expect(ours().find(({ id }) => id === one.id)).toMatchObject({ email: one.email, role: one.role });
    const linked = await Promise.all(before.map(({ id }) => rig.house.store.linkedTo("acme" as never, id as never)));
    expect(linked.filter(Boolean)).toHaveLength(adopted ? 1 : 0);
  });
});

test("one that another person of the connection owns", async () => {
  rig.vendor.seed({ users: [record()] });
  const first = await rig.scim("POST", "/Users", ann());
  await rig.scim("PATCH", `/Users/${first?.body.id}`, patch({ op: "replace", path: "userName", value: "ann-the-first" }));
  const before = ours();
  const second = await rig.scim("POST", "/Users", ann({ externalId: "another" }));
  expect([second?.status, second?.body.scimType]).toEqual([409, "uniqueness"]);
  expect(ours()).toEqual(before);
});

test("with adopt: never nobody is linked, and nobody is made beside them", async () => {
  await rig.stop();
  rig = await Rig.open({ adopt: "never" });
  rig.vendor.seed({ users: [record()] });
  expect((await rig.scim("GET", byName))?.body.totalResults).toBe(0);
  expect((await rig.scim("POST", "/Users", ann()))?.status).toBe(409);
  expect([ours().length, writes()]).toEqual([1, []]);
});

/**
 * What only Enlivy gives rise to: a trash, roles that open nothing, customers among the people, edits that may want the whole.
 *
 * @module
 */
import { expect } from "vitest";
import type { EnlivyState, User } from "../../../src/connectors/enlivy/simulated/state.ts";
import type { RunningSimulator } from "../../../src/connectors/kit/simulator/running.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { roleId } from "../../../src/model/ids.ts";
import type { Law } from "../law.ts";
import type { Stage } from "../stage.ts";
import { targetOf } from "../stage.ts";

const [employee, lead, leaver, customer] = ["org_userrole_employee", "org_userrole_lead", "org_userrole_leaver", "org_userrole_customer"].map(roleId) as [ReturnType<typeof roleId>, ReturnType<typeof roleId>, ReturnType<typeof roleId>, ReturnType<typeof roleId>];

const usersIn = (simulator: RunningSimulator): readonly User[] => (simulator.state() as EnlivyState).users;

/** Seeds one record in the vendor's own words. */
function record({ simulator }: Stage, fields: JsonObject): User & { readonly email: string } {
  simulator.seed({ users: [{ email: "ann@acme.example", first_name: "Ann", last_name: "Lee", ...fields }] });
  return usersIn(simulator).at(-1) as User & { readonly email: string };
}

const inTrash = { deleted_at: new Date().toISOString() };

export const enlivyLaws: readonly Law[] = [
  {
    name: "whoever lies in the trash is found, shown switched off, and not among the list",
    holds: async (stage) => {
      const { connector, call, all } = stage;
      const ann = record(stage, { ...inTrash, organization_user_role_id: lead });
      expect(await connector.find(ann.email, call)).toMatchObject([{ id: ann.id, active: false, role: lead }]);
      expect(await connector.get(targetOf(ann), call)).toMatchObject({ id: ann.id, active: false, role: lead });
      expect(await all(connector.list(call))).toEqual([]);
    },
  },
  {
    name: "whoever comes back from the trash is restored and keeps the role, or gets the one that is asked for",
    holds: async (stage) => {
      const { connector, call, simulator } = stage;
      for (const [own, asked, then] of [[lead, lead, lead], [lead, undefined, lead], [leaver, employee, employee], [leaver, undefined, employee], [leaver, leaver, employee], [lead, employee, employee]] as const) {
        const ann = record(stage, { ...inTrash, email: `${own}-${asked}-${then}@acme.example`, organization_user_role_id: own });
        expect(await connector.reactivate(targetOf(ann), asked, call), `${own} ${asked}`).toMatchObject({ confirmed: true, complete: true });
        expect(usersIn(simulator).at(-1), `${own} ${asked}`).toMatchObject({ deleted_at: null, organization_user_role_id: then });
      }
    },
  },
  {
    name: "whoever had the role without access returns with one edit and its proof",
    holds: async (stage) => {
      const { connector, call, simulator, requests, facts } = stage;
      const ann = record(stage, { organization_user_role_id: leaver });
      await simulator.setSwitches({ put: "partial" });
      await connector.reactivate(targetOf(ann), lead, call);
      expect(usersIn(simulator)[0]).toMatchObject({ organization_user_role_id: lead });
      expect(requests().map(({ method }) => method)).toEqual(["PUT", "GET"]);
      expect(facts.lies).toBe(false);
    },
  },
  {
    name: "whom the sweep has taken from the trash is not known any more, and nothing else happens",
    holds: async (stage) => {
      const { connector, call, simulator, failure } = stage;
      const ann = record(stage, inTrash);
      simulator.advance(31 * 86_400_000);
      const before = usersIn(simulator);
      expect((await failure(connector.reactivate(targetOf(ann), lead, call))).kind).toBe("notFound");
      expect(await connector.get(targetOf(ann), call)).toBeUndefined();
      expect(usersIn(simulator)).toEqual(before);
    },
  },
  {
    name: "a denial of somebody who lies in the trash is done, by either strategy, and changes nothing",
    holds: async (stage) => {
      const { open, call, simulator } = stage;
      const ann = record(stage, inTrash);
      for (const strategy of ["noAccessRole", "delete"]) {
        expect(await (await open({ onDeactivate: [strategy] })).deactivate(targetOf(ann), call)).toMatchObject({ confirmed: true, complete: true, by: strategy });
      }
      expect(usersIn(simulator)).toEqual([ann]);
    },
  },
  {
    name: "a removal is not the end: the account can still be read, so it is not said to be gone",
    holds: async (stage) => {
      const { connector, call } = stage;
      const ann = record(stage, {});
      expect((await connector.delete(targetOf(ann), call)).gone ?? false).toBe(false);
      expect(await connector.get(targetOf(ann), call)).toMatchObject({ active: false });
    },
  },
  {
    name: "a yes without effect is a lie, for denials, roles and returns alike",
    holds: async (stage) => {
      const { connector, open, call, simulator, subject, failure } = stage;
      const [ann, left] = [record(stage, {}), record(stage, { email: "left@acme.example", organization_user_role_id: leaver })];
      const before = usersIn(simulator);
      const asks = {
        noAccessRole: [ann, () => connector.deactivate(targetOf(ann), call)],
        delete: [ann, async () => (await open({ onDeactivate: ["delete"] })).deactivate(targetOf(ann), call)],
        setRole: [ann, () => connector.setRole(targetOf(ann), lead, call)],
        reactivate: [left, () => connector.reactivate(targetOf(left), lead, call)],
      } as const;
      for (const [name, [who, ask]] of Object.entries(asks)) {
        for (const method of ["PUT", "DELETE", "POST"]) simulator.addFault({ kind: "status", status: 200, body: { data: { ...who, organization_user_role_id: lead } }, match: { method, path: subject.calls.change(who.id).path } });
        expect((await failure(ask())).kind, name).toBe("protocol");
        await simulator.clearFaults();
      }
      expect(usersIn(simulator)).toEqual(before);
    },
  },
  {
    name: "a customer with the address is shown with that role, and is left out of the list once a fence is drawn",
    holds: async (stage) => {
      const { connector, open, call, all } = stage;
      const ann = record(stage, { organization_user_role_id: customer });
      const bob = record(stage, { email: "bob@acme.example" });
      expect(await connector.find(ann.email, call)).toMatchObject([{ id: ann.id, role: customer }]);
      for (const fence of [{ managedRoles: [lead] }, { settings: { managedRoleIds: [employee, lead] } }]) {
        const fenced = await open(fence);
        expect(fenced.traits.managedRoles).toEqual(new Set([employee, lead, leaver]));
        expect((await all(fenced.list(call))).map(({ id }) => String(id))).toEqual([bob.id]);
        expect(await fenced.find(ann.email, call)).toMatchObject([{ role: customer }]);
      }
    },
  },
  {
    name: "with endpoints: seed a person is created from the nine documented fields, and nobody is ever edited",
    holds: async (stage) => {
      const { open, call, newcomer, requests, subject, simulator } = stage;
      const seeded = await open({ endpoints: "seed", denyEndpoints: "seed" });
      const profile = { ...subject.profile, phone: "+40712345678", timezone: "Europe/Bucharest", locale: "ro", "address.postalCode": "010101", "address.streetAddress": "Str. 1\nSc. B", "address.locality": "SECTOR1", "address.region": "RO-B", "address.country": "RO" };
      expect(await seeded.create(newcomer("ada@acme.example", { profile }), call)).toMatchObject({ kind: "created" });
      expect(requests(subject.calls.create)[0]?.body).toEqual({
        organization_user_role_id: employee, first_name: "Ada", last_name: "Byron", country_code: "RO", locale: "ro", address_line_1: "Str. 1, Sc. B", address_city: "SECTOR1", address_iso_3166: "RO-B",
      });
      expect(usersIn(simulator)[0]?.email).toBeNull();
      expect(await seeded.find("ada@acme.example", call)).toEqual([]); // nobody can be found by an address that was never sent
      const known = record(stage, {});
      expect(await seeded.find(known.email, call)).toMatchObject([{ id: known.id }]);
      expect(requests().filter(({ method }) => method === "PUT" || method === "DELETE")).toEqual([]);
    },
  },
  {
    name: "the documented edit, which has no id, is never used: whom it would change is unknown",
    holds: async (stage) => {
      const { connector, call, newcomer, requests, simulator } = stage;
      const ann = record(stage, {});
      await connector.create(newcomer("ada@acme.example"), call);
      await connector.updateProfile(targetOf(ann), { "name.givenName": "Anna" }, call);
      await connector.setRole(targetOf(ann), lead, call);
      await connector.deactivate(targetOf(ann), call);
      await connector.reactivate(targetOf(ann), lead, call);
      expect(requests({ method: "PUT", path: "/users(\\?|$)" })).toEqual([]);
      expect((simulator.state() as EnlivyState).owner.first_name).toBe("Olga");
    },
  },
  {
    name: "phone, address, language and time zone arrive in the vendor's form, and come back in ours",
    holds: async ({ connector, call, newcomer, simulator, subject }) => {
      const profile = { ...subject.profile, phone: "tel:+40-712-345-678", locale: "ro-RO", timezone: "Europe/Bucharest", "address.country": "ro", "address.streetAddress": "Str. Lungă 1\nSc. B\nAp. 2", "address.locality": "București", "address.region": "B", "address.postalCode": "010101" };
      const created = await connector.create(newcomer("ada@acme.example", { profile }), call);
      const dropped = simulator.options().switches["seedOnlyServer"] !== "off";
      expect(usersIn(simulator)[0]).toMatchObject({
        ...(dropped ? { phone_number: null } : { phone_number: "712345678", phone_number_country_code: "RO" }), country_code: "RO", locale: "ro", timezone: "Europe/Bucharest",
        address_line_1: "Str. Lungă 1", address_line_2: "Sc. B, Ap. 2", address_city: "București", address_iso_3166: "RO-B", address_zip_code: "010101",
      });
      const shown = created.kind === "created" ? created.account.profile : {};
      for (const { part, same } of connector.traits.parts.filter(({ part: name }) => name in profile && !(dropped && name === "phone"))) {
        expect(same(shown[part] ?? "", (profile as Readonly<Record<string, string>>)[part] ?? ""), part).toBe(true);
      }
    },
  },
  {
    name: "a language that the organisation does not have holds up neither a create nor a new name",
    holds: async (stage) => {
      const { connector, open, call, newcomer, simulator, subject, requests } = stage;
      expect(await connector.create(newcomer("ada@acme.example", { profile: { ...subject.profile, locale: "fr-FR" } }), call)).toMatchObject({ kind: "created" });
      expect(usersIn(simulator)).toMatchObject([{ first_name: "Ada", locale: "en" }]);
      const ada = { ...usersIn(simulator)[0]!, email: "ada@acme.example" };
      expect(await connector.updateProfile(targetOf(ada), { "name.givenName": "Augusta", locale: "fr" }, call)).toMatchObject({ complete: true, note: expect.stringContaining('"fr"') as string });
      expect(usersIn(simulator)).toMatchObject([{ first_name: "Augusta", locale: "en" }]);
      // Who tells the connector which languages there are saves the refused calls.
      stage.forget();
      await (await open({ settings: { locales: ["en", "ro"] } })).create(newcomer("bea@acme.example", { profile: { ...subject.profile, locale: "fr" } }), call);
      expect(requests(subject.calls.create)).toHaveLength(1);
    },
  },
  {
    name: "a refused field is named, in the vendor's own words",
    holds: async (stage) => {
      const { connector, call, newcomer, subject, failure, everybody } = stage;
      const refused = await failure(connector.create(newcomer("ada@acme.example", { profile: { ...subject.profile, "name.givenName": "4da" } }), call));
      expect(refused).toMatchObject({ kind: "invalid", field: "first_name", detail: expect.stringContaining("The first name format is invalid.") as string });
      expect(everybody()).toEqual([]);
    },
  },
  {
    name: "where a filter looks at letter case, the vendor's own rule still keeps a second account away",
    holds: async (stage) => {
      const { connector, call, newcomer, simulator, everybody } = stage;
      record(stage, { email: "Ada@Acme.example" });
      await simulator.setSwitches({ emailFilter: "exact case-exact", seedOnlyServer: "off" });
      expect(await connector.find("ada@acme.example", call)).toEqual([]);
      expect(await connector.create(newcomer("ada@acme.example"), call)).toEqual({ kind: "exists" });
      expect(everybody()).toHaveLength(1);
    },
  },
  {
    name: "on a server that drops addresses, a person is still linked and denied by id",
    holds: async ({ connector, call, newcomer, simulator, everybody }) => {
      await simulator.setSwitches({ seedOnlyServer: "drops email and phone" });
      const created = await connector.create(newcomer("ada@acme.example"), call);
      expect(created).toMatchObject({ kind: "created", account: { id: everybody()[0]?.id } });
      expect(await connector.deactivate(targetOf({ id: everybody()[0]!.id, email: "ada@acme.example" }), call)).toMatchObject({ confirmed: true });
    },
  },
  {
    name: "where an edit replaces the record, it is refused once, then sent whole, and nothing is lost",
    holds: async (stage) => {
      const { connector, call, simulator, requests, forget } = stage;
      await simulator.setSwitches({ put: "full replace", seedOnlyServer: "off" });
      const fields = { country_code: "RO", address_city: "București", address_line_1: "Str. 1", timezone: "Europe/Bucharest", locale: "ro", birthdate: "1990-01-01", organization_user_role_id: employee };
      const ann = record(stage, fields);
      const asks = [
        [() => connector.updateProfile(targetOf(ann), { "name.givenName": "Anna" }, call), { first_name: "Anna" }],
        [() => connector.setRole(targetOf(ann), lead, call), { organization_user_role_id: lead }],
        [() => connector.deactivate(targetOf(ann), call), { organization_user_role_id: leaver }],
        [() => connector.reactivate(targetOf(ann), employee, call), { organization_user_role_id: employee }],
      ] as const;
      let expected: object = { ...ann };
      for (const [ask, change] of asks) {
        forget();
        await ask();
        expected = { ...expected, ...change, name: "Anna Lee" };
        expect(usersIn(simulator)).toMatchObject([{ ...expected, updated_at: expect.anything() as string }]);
        expect(requests({ method: "PUT" })).toHaveLength(2);
      }
    },
  },
  {
    name: "the check finds a role that does not exist, that is for companies, or that opens the back office to leavers",
    holds: async ({ open, call, failure }) => {
      for (const [setting, id, says] of [
        ["defaultRoleId", "org_userrole_none", "does not have"], ["noAccessRoleId", "org_userrole_none", "does not have"], ["managedRoleIds", ["org_userrole_none"], "does not have"],
        ["defaultRoleId", "org_userrole_company", "companies"], ["managedRoleIds", ["org_userrole_company"], "companies"], ["noAccessRoleId", "org_userrole_lead", "back office"],
      ] as const) {
        const found = await failure((await open({ settings: { [setting]: id } })).check(call));
        expect(found, `${setting} ${String(id)}`).toMatchObject({ kind: "invalid", field: setting, detail: expect.stringContaining(says) as string });
      }
      await (await open({ settings: { managedRoleIds: [employee, lead] } })).check(call);
    },
  },
  {
    name: "tags become exactly those that are asked for, one call for each that comes or goes",
    holds: async (stage) => {
      const { connector, call, simulator, requests, failure } = stage;
      const ann = record(stage, { tag_ids: ["org_tag_sales"] });
      expect(await connector.setTags(targetOf(ann), ["org_tag_field"], call)).toMatchObject({ confirmed: true });
      expect(usersIn(simulator)).toMatchObject([{ tag_ids: ["org_tag_field"] }]);
      stage.forget();
      expect(await connector.setTags(targetOf(ann), ["org_tag_field"], call)).toMatchObject({ confirmed: true });
      expect(requests().filter(({ method }) => method !== "GET")).toEqual([]);
      expect(await failure(connector.setTags(targetOf(ann), ["org_tag_none"], call))).toMatchObject({ kind: "invalid", detail: expect.stringContaining("org_tag_none") as string });
    },
  },
  {
    name: "every create carries an idempotency key of its own",
    holds: async ({ connector, call, newcomer, simulator }) => {
      await simulator.setSwitches({ idempotency: "honoured", seedOnlyServer: "off" });
      await connector.create(newcomer("ada@acme.example"), call);
      await connector.create(newcomer("bea@acme.example"), call);
      expect(Object.keys((simulator.state() as EnlivyState).answered)).toHaveLength(2);
      expect(usersIn(simulator).map(({ email }) => email)).toEqual(["ada@acme.example", "bea@acme.example"]);
    },
  },
];

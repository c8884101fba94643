/**
 * Enlivy for the contract suite.
 *
 * @module
 */
import { enlivy, startEnlivy } from "../../../src/connectors/enlivy/simulator.ts";
import type { EnlivyState } from "../../../src/connectors/enlivy/simulated/state.ts";
import type { Capability } from "../../../src/model/capability.ts";
import { roleId } from "../../../src/model/ids.ts";
import { Secret } from "../../../src/runtime/secret.ts";
import type { Position, Subject } from "../subject.ts";
import { enlivyLaws } from "./enlivy-laws.ts";

/** What the document alone can do: it has no way to edit or delete anybody. */
const documented: readonly Capability[] = ["find", "get", "list", "create"];
const everything: readonly Capability[] = [...documented, "updateProfile", "setRole", "setTags", "listRoles", "deactivate", "reactivate", "delete"];

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const users = "^/organizations/org_1/users";
const leaver = "org_userrole_leaver";

/** What the shared laws presume and a position does not give; the laws of `enlivy-laws.ts` say what holds instead. */
const presumptions: readonly { readonly at: (position: Position) => boolean; readonly because: string; readonly laws: readonly string[] }[] = [
  {
    at: ({ emailFilter = "" }) => emailFilter.endsWith("case-exact"),
    because: "a filter that looks at letter case does not show whoever is written otherwise",
    laws: ["another letter case is the same address, both ways", "two records that differ only in case are both returned: choosing is not the connector's business"],
  },
  {
    at: ({ seedOnlyServer }) => seedOnlyServer !== "off",
    because: "a server that drops addresses cannot find anybody by one",
    laws: [
      "a newcomer is created once, with name and role, and the answer is the vendor's record", "creating twice is `exists`, in any letter case, and leaves one record",
      "somebody whom the lookup did not show yet is `exists` where the vendor says so, and never a second record", "leaves the create uncertain, sent once; a later look finds one account",
    ],
  },
  {
    at: ({ put }) => put === "full replace",
    because: "the first, partial edit is refused before anything is done, and a second one carries the whole record",
    laws: [
      "once a grant was acknowledged, a read-back that fails never says that nothing was done", "a new name reaches this account, and only what changes is sent",
      "a denial whose answer was lost is uncertain, and was sent once", "a grant or a new name whose answer was lost is uncertain, and was sent once", "no method sends more requests than its table says",
    ],
  },
];

export const enlivySubject: Subject = {
  name: "enlivy",
  switches: enlivy.switches,
  start: startEnlivy,
  setup: ({ url, apiKey }, change = {}) => ({
    connector: "enlivy", endpoints: "public", denyEndpoints: "inferred", onDeactivate: undefined, onDelete: undefined, egressAllow: ["127.0.0.1"], timeoutMs: 5_000,
    ...change,
    settings: { baseUrl: url, token: new Secret(apiKey), organizationId: "org_1", defaultRoleId: "org_userrole_employee", defaultCountry: "RO", noAccessRoleId: leaver, ...change.settings },
  }),
  facts: () => ({
    can: new Set(everything),
    lies: false,
    findsInactive: true,
    saysDuplicate: true,
    uniqueInAnyCase: true,
    knowsItsRoles: true,
    whenFull: undefined,
    passwordOptional: true,
    listCap: Infinity,
    denied: (who) => ({ ...who, active: false, role: leaver }),
  }),
  // Who is switched off has the role without access; the trash has laws of its own.
  seed: (people) => ({
    users: people.map(({ id, email, givenName = "Pat", familyName = "Doe", active = true, role = "org_userrole_employee" }) => ({
      ...(id === undefined ? {} : { id }), email, first_name: givenName, last_name: familyName, organization_user_role_id: active ? role : leaver,
    })),
  }),
  people: (simulator) =>
    (simulator.state() as EnlivyState).users.map(({ id, email, first_name, last_name, organization_user_role_id: role, deleted_at }) => ({
      id, email: email ?? "", givenName: first_name ?? "", familyName: last_name ?? "", active: deleted_at === null && role !== leaver, role,
    })),
  profile: { "name.givenName": "Ada", "name.familyName": "Byron" },
  defaultRole: roleId("org_userrole_employee"),
  otherRole: roleId("org_userrole_lead"),
  unknownRole: roleId("org_userrole_emperor"),
  weakKey: enlivy.apiKeys["elsewhere"] ?? "",
  calls: {
    create: { method: "POST", path: `${users}$` },
    lookUp: { method: "GET", path: `${users}\\?.*email=` },
    list: { method: "GET", path: `${users}\\?include=user_role` },
    one: (id) => ({ method: "GET", path: `${users}/${escaped(encodeURIComponent(id))}(\\?.*)?$` }),
    change: (id) => ({ path: `${users}/(restore.)?${escaped(encodeURIComponent(id))}(\\?.*)?$` }),
  },
  // `create` without the lookup, which is the caller's: 2 in all.
  requestsAtMost: { check: 2, control: 1, find: 1, get: 1, list: 1, create: 1, updateProfile: 1, setRole: 2, deactivate: 2, reactivate: 2, delete: 2 },
  wrongAnswers: {
    list: [{}, [], "text", null, { data: null }, { data: {} }, { data: [] }, { data: [null], meta: { pagination: { total_pages: 1 } } }, { data: [{ first_name: "No", last_name: "Id" }], meta: { pagination: { total_pages: 1 } } }, { users: [] }],
    one: [{}, [], null, { data: null }, { data: [] }, { data: { first_name: "No", last_name: "Id" } }, { data: { id: "org_user_somebody_else", email: "else@acme.example" } }],
    created: [{}, { data: {} }, { data: { id: { deep: 7 } } }, { data: [] }, { id: "org_user_1" }],
  },
  capabilities: { seed: documented, public: everything, observed: everything, inferred: everything },
  strategies: { onDeactivate: ["noAccessRole", "delete"], onDelete: ["delete", "noAccessRole"] },
  exempt: (law, position) => presumptions.find(({ at, laws }) => at(position) && laws.some((name) => law.includes(name)))?.because,
  own: enlivyLaws,
  contentType: "application/json",
};

/**
 * PeopleLens for the contract suite.
 *
 * @module
 */
import { peoplelens, startPeopleLens } from "../../../src/connectors/peoplelens/simulator.ts";
import type { PeopleLensState } from "../../../src/connectors/peoplelens/simulated/state.ts";
import { roleId } from "../../../src/model/ids.ts";
import { Secret } from "../../../src/runtime/secret.ts";
import type { Capability } from "../../../src/model/capability.ts";
import type { Subject } from "../subject.ts";
import { peoplelensLaws } from "./peoplelens-laws.ts";

/** Everything it can is in the seed document; tags and a list of roles are nowhere. */
const everything: readonly Capability[] = ["find", "get", "list", "create", "updateProfile", "setRole", "deactivate", "reactivate", "delete"];

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

export const peoplelensSubject: Subject = {
  name: "peoplelens",
  switches: peoplelens.switches,
  start: startPeopleLens,
  setup: ({ url, apiKey }, change = {}) => ({
    connector: "peoplelens", endpoints: "public", denyEndpoints: "inferred", onDeactivate: undefined, onDelete: undefined, egressAllow: ["127.0.0.1"], timeoutMs: 5_000,
    ...change,
    settings: { baseUrl: url, apiKey: new Secret(apiKey), ...change.settings },
  }),
  facts: (position) => ({
    can: new Set(everything),
    lies: position["liar"] === "success",
    findsInactive: position["listDisabled"] === "true",
    saysDuplicate: position["duplicate"] === "409" || (position["duplicate"] === "400" && position["errorBody"] !== "empty"),
    uniqueInAnyCase: position["emailUniqueCase"] === "insensitive",
    knowsItsRoles: position["unknownRole"] === "400",
    whenFull: position["seatLimit"] === "402" ? "refused" : position["seatLimit"] === "403" ? "credentials" : undefined,
    passwordOptional: position["passwordRequired"] === "false",
    listCap: position["listCap"] === "none" ? Infinity : Number(position["listCap"]),
  }),
  seed: (people, seats) => ({
    ...(seats === undefined ? {} : { seats }),
    users: people.map(({ id, email, givenName = "Pat", familyName = "Doe", active = true, role = "User" }) => ({
      ...(id === undefined ? {} : { id }), email, first_name: givenName, last_name: familyName, is_enabled: active, role, assignments: ["record-1"],
    })),
  }),
  people: (simulator) =>
    (simulator.state() as PeopleLensState).users.map(({ id, email, first_name, last_name, is_enabled, role }) => ({ id, email, givenName: first_name, familyName: last_name, active: is_enabled, role })),
  profile: { "name.givenName": "Ada", "name.familyName": "Byron" },
  defaultRole: roleId("User"),
  otherRole: roleId("Editor"),
  unknownRole: roleId("Emperor"),
  passwords: ["scim", "generate"],
  weakKey: peoplelens.apiKeys["member"] ?? "",
  calls: {
    create: { method: "POST", path: "^/api/users$" },
    lookUp: { method: "GET", path: "^/api/users\\?search=" },
    list: { method: "GET", path: "^/api/users$" },
    one: (id) => ({ method: "GET", path: `^/api/users/${escaped(encodeURIComponent(id))}$` }),
    change: (id) => ({ path: `^/api/users/${escaped(encodeURIComponent(id))}$` }),
  },
  // `create` without the lookup, which is the caller's: 3 in all.
  requestsAtMost: { check: 1, control: 1, find: 2, get: 1, list: 1, create: 2, updateProfile: 1, setRole: 2, deactivate: 2, reactivate: 2, delete: 2 },
  wrongAnswers: {
    list: [{}, [], "text", null, { users: null }, { users: {} }, { users: [null] }, { users: [{ first_name: "No", last_name: "Id" }] }, { data: [] }],
    one: [{}, [], null, { user: null }, { user: [] }, { user: { first_name: "No", last_name: "Id" } }, { user: { id: "usr-somebody-else", email: "else@acme.example", is_enabled: true } }],
    created: [{ success: true }, { success: true, user: {} }, { success: true, user: { id: 7 } }, { success: "yes", user: { id: "usr-1" } }],
  },
  capabilities: { seed: everything, public: everything, observed: everything, inferred: everything },
  strategies: { onDeactivate: ["disable", "delete"], onDelete: ["delete", "disable"] },
  own: peoplelensLaws,
  contentType: "application/json",
};

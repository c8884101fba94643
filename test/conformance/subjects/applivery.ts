/**
 * Applivery for the contract suite: opened with every call that anybody ever wrote or concluded, since most of it is weak.
 *
 * @module
 */
import { accountOf } from "../../../src/connectors/applivery/simulated/state.ts";
import type { AppliveryState } from "../../../src/connectors/applivery/simulated/state.ts";
import { applivery, startApplivery } from "../../../src/connectors/applivery/simulator.ts";
import type { Capability } from "../../../src/model/capability.ts";
import { roleId } from "../../../src/model/ids.ts";
import { Secret } from "../../../src/runtime/secret.ts";
import type { Position, Somebody, Subject } from "../subject.ts";
import { appliveryLaws } from "./applivery-laws.ts";

const read: readonly Capability[] = ["find", "get", "list", "listRoles"];
const changed: readonly Capability[] = ["setRole", "setTags", "reactivate"];
const denied: readonly Capability[] = ["deactivate", "delete"];

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const O = "^/v1/organizations/acme";

/** Which of the two weak calls exist in a position decides nearly everything. */
function possible({ putCollaborator, deleteCollaborator }: Position): { readonly can: ReadonlySet<Capability>; readonly strategies: readonly string[] } {
  const strategies = [...(deleteCollaborator === "on" ? ["remove"] : []), ...(putCollaborator === "on" ? ["unassign"] : [])];
  return { strategies, can: new Set<Capability>([...read, "create", ...(putCollaborator === "on" ? changed : []), ...(strategies.length > 0 ? denied : [])]) };
}

export const appliverySubject: Subject = {
  name: "applivery",
  switches: applivery.switches,
  start: startApplivery,
  setup: ({ url, apiKey }, change = {}) => ({
    connector: "applivery", endpoints: "inferred", denyEndpoints: "inferred", onDeactivate: undefined, onDelete: undefined, egressAllow: ["127.0.0.1"], timeoutMs: 5_000,
    ...change,
    settings: { baseUrl: url, apiKey: new Secret(apiKey), organizationId: "acme", ...change.settings },
  }),
  facts: (position) => ({
    ...possible(position),
    lies: false,
    findsInactive: true,
    saysDuplicate: true,
    uniqueInAnyCase: true,
    knowsItsRoles: true,
    whenFull: undefined, // a full plan refuses newcomers, not returns: a law of its own
    passwordOptional: true,
    listCap: Infinity,
    newcomerRole: position["newRole"] ?? "viewer",
    denied: (who) => (position["deleteCollaborator"] === "on" ? undefined : { ...who, role: "unassigned", active: false }),
    partial: ["unassign"],
    bodiless: position["putStatus"] === "204",
  }),
  seed: (people, seats) => ({
    ...(seats === undefined ? {} : { seats }),
    collaborators: people.map(({ id, email, givenName = "Pat", familyName = "Doe", active = true, role = "viewer" }) => ({
      ...(id === undefined ? {} : { id }), email, firstName: givenName, lastName: familyName, role: active ? role : "unassigned", tags: ["record-1"],
    })),
  }),
  people: (simulator) => {
    const state = simulator.state() as AppliveryState;
    return state.collaborators.flatMap((collaborator): readonly Somebody[] => {
      const account = accountOf(collaborator, state);
      if (!account || account.role === "serviceAccount") return [];
      return [{ id: collaborator.id, email: account.email, givenName: account.firstName, familyName: account.lastName, active: collaborator.role !== "unassigned", role: collaborator.role }];
    });
  },
  profile: { "name.givenName": "Ada", "name.familyName": "Byron" },
  defaultRole: roleId("viewer"),
  otherRole: roleId("editor"),
  unknownRole: roleId("emperor"),
  readsFirst: true,
  weakKey: applivery.apiKeys["viewer"] ?? "",
  calls: {
    create: { method: "POST", path: `${O}/oem/users$` },
    lookUp: { method: "GET", path: `${O}/collaborators/\\?.*email=` },
    list: { method: "GET", path: `${O}/collaborators/\\?` },
    one: () => ({ method: "GET", path: `${O}/collaborators/\\?` }),
    change: (id) => ({ path: `${O}/collaborators/${escaped(encodeURIComponent(id))}$` }),
  },
  // Every change reads first (the owner, and what travels together) and reads back; denials may need both strategies.
  requestsAtMost: { check: 1, control: 1, find: 1, get: 1, list: 1, create: 1, setRole: 3, setTags: 4, deactivate: 8, reactivate: 3, delete: 8 },
  wrongAnswers: {
    list: [{}, [], "text", null, { status: true }, { status: true, data: null }, { status: true, data: { items: {}, hasNextPage: false } }, { status: true, data: { items: [null], hasNextPage: false } }, { status: true, data: { items: [{ role: "viewer", user: { email: "ann@acme.example" } }], hasNextPage: false } },
      { status: true, data: { items: [] } }, { data: { items: [], hasNextPage: false } }, { status: "yes", data: { items: [], hasNextPage: false } }, { status: true, error: { code: 1, message: "no" }, data: { items: [], hasNextPage: false } }, { users: [] }],
    one: [{}, [], null, { status: true, data: { items: [null], hasNextPage: false } }, { status: true, data: { items: [{ role: "viewer" }], hasNextPage: false } }, { status: false, data: { items: [], hasNextPage: false } }],
    created: [{ status: true }, { status: true, data: {} }, { status: true, data: { collaborator: {} } }, { status: true, data: { collaborator: { id: 7.5 } } }, { data: { collaborator: { id: "65d000000000000000000001" } } }, { status: "yes", data: { collaborator: { id: "65d000000000000000000001" } } },
      { status: true, error: { message: "no" }, data: { collaborator: { id: "65d000000000000000000001" } } }, { status: true, data: { collaborator: { id: "65d000000000000000000001", user: { email: "somebody.else@acme.example" } } } }],
  },
  capabilities: {
    seed: ["create", "listRoles"],
    public: [...read, "create"],
    observed: [...read, "create", ...changed, ...denied],
    inferred: [...read, "create", ...changed, ...denied],
  },
  strategies: { onDeactivate: ["remove", "unassign"], onDelete: ["remove", "unassign"] },
  own: appliveryLaws,
  contentType: "application/json",
};

/**
 * TransactionLink for the contract suite. People there are members, and those who are invited and have not answered yet.
 *
 * @module
 */
import { statusOf, roleIds } from "../../../src/connectors/transactionlink/simulated/state.ts";
import type { TransactionLinkState } from "../../../src/connectors/transactionlink/simulated/state.ts";
import { startTransactionLink, transactionlink } from "../../../src/connectors/transactionlink/simulator.ts";
import type { Capability } from "../../../src/model/capability.ts";
import { roleId } from "../../../src/model/ids.ts";
import { Secret } from "../../../src/runtime/secret.ts";
import type { Somebody, Subject } from "../subject.ts";
import { transactionlinkLaws } from "./transactionlink-laws.ts";

/** There is no delete and there are no tags; inviting and the list of roles are not in the seed document. */
const everything: readonly Capability[] = ["find", "get", "list", "create", "updateProfile", "setRole", "listRoles", "deactivate", "reactivate"];
const seeded = everything.filter((capability) => capability !== "create" && capability !== "listRoles");

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const users = "^/organizations/users";
const nobody = { id: "7d7c3e58-0000-4000-8000-000000000000", email: "x@acme.example", roleId: roleIds.member, profile: {}, createdDateTime: "2026-01-01T00:00:00Z" };

export const transactionlinkSubject: Subject = {
  name: "transactionlink",
  switches: transactionlink.switches,
  start: startTransactionLink,
  setup: ({ url, apiKey }, change = {}) => ({
    connector: "transactionlink", endpoints: "public", denyEndpoints: "inferred", onDeactivate: undefined, onDelete: undefined, egressAllow: ["127.0.0.1"], timeoutMs: 5_000,
    ...change,
    settings: { baseUrl: url, token: new Secret(apiKey), defaultRoleId: roleIds.member, ...change.settings },
  }),
  facts: (position) => ({
    can: new Set(everything),
    invites: true,
    doubles: position["invitePending"] === "second one",
    saysDenied: position["terminateAgain"] !== "200",
    hides: { status: position["statusShown"] === "absent", names: position["profileShown"] === "empty", inactive: position["terminatedReadable"] === "404" },
    bodiless: position["writeAnswer"] === "empty",
    wantsNoBody: true,
    lies: false,
    findsInactive: position["terminatedListed"] === "true",
    saysDuplicate: true,
    uniqueInAnyCase: true,
    knowsItsRoles: true,
    whenFull: undefined,
    passwordOptional: true,
    listCap: Infinity,
  }),
  seed: (people) => ({
    users: people.map(({ id, email, givenName = "Pat", familyName = "Doe", active = true, role = roleIds.member }) => ({
      ...(id === undefined ? {} : { id }), email, firstName: givenName, lastName: familyName, roleId: role, status: active ? "ACTIVE" : "TERMINATED",
    })),
  }),
  people: (simulator) => {
    const { users: members, enrollments } = simulator.state() as TransactionLinkState;
    const named = (id: string, email: string, profile: { firstName: string | null; lastName: string | null }, active: boolean, role: string): Somebody => ({ id, email, givenName: profile.firstName ?? "", familyName: profile.lastName ?? "", active, role });
    return [
      ...members.map(({ id, email, profile, status, roleId: role }) => named(id, email, profile, status === "ACTIVE", role)),
      ...enrollments.filter((one) => statusOf(one, simulator.now()) === "PENDING").map(({ enrollmentId, email, profile, roleId: role }) => named(enrollmentId, email, profile, true, role)),
    ];
  },
  profile: { "name.givenName": "Ada", "name.familyName": "Byron" },
  defaultRole: roleId(roleIds.member),
  otherRole: roleId(roleIds.admin),
  unknownRole: roleId("11111111-2222-4333-8444-555555555555"),
  key: (text) => `tot_${text.replace(/[^A-Za-z0-9]/g, "")}`,
  writesWhole: true,
  weakKey: transactionlink.apiKeys["viewer"] ?? "",
  calls: {
    create: { method: "POST", path: "^/organizations/enrollments$" },
    lookUp: { method: "GET", path: "^/organizations/(users|enrollments)\\?" },
    list: { method: "GET", path: `${users}\\?` },
    one: (id) => ({ method: "GET", path: `${users}/${escaped(encodeURIComponent(id))}$` }),
    change: (id) => ({ path: `${users}/${escaped(encodeURIComponent(id))}/` }),
  },
  // A look-up scans members and, where there is none, invitations.
  requestsAtMost: { check: 2, control: 1, find: 2, get: 1, list: 1, create: 1, updateProfile: 2, setRole: 2, deactivate: 3, reactivate: 2 },
  wrongAnswers: {
    list: [{}, [], "text", null, { content: null, totalPages: 1 }, { content: {}, totalPages: 1 }, { content: [null], totalPages: 1 }, { content: [{ profile: {} }], totalPages: 1 }, { content: [] }, { content: [], totalPages: "1" }, { users: [] }],
    one: [{}, [], null, { email: "ann@acme.example" }, { user: nobody }, nobody],
    created: [{}, { enrollmentId: 7 }, { enrollmentId: "e-1" }, { enrollmentId: "e-1", email: "somebody.else@acme.example", status: "PENDING" }, [], { id: "e-1", email: "ada@acme.example" }],
  },
  capabilities: { seed: seeded, public: everything, observed: everything, inferred: everything },
  strategies: { onDeactivate: ["terminate"], onDelete: ["terminate"] },
  own: transactionlinkLaws,
  contentType: "application/json",
};

/**
 * Two days of traffic, as the IdPs really send it (docs: okta-developer-docs, reference/scim/scim-20; learn.microsoft.com,
 * use-scim-to-provision-users-and-groups): a joiner, a mover, a leaver, one who returns, and one who is deleted for good.
 *
 * Each step says what must come of it: the status, and the vendor calls in order. `{id}` is the person's SCIM id, `{run}` makes
 * names fresh, and a `*` in a call's path stands for the vendor's id.
 *
 * @module
 */
import type { Json } from "../model/json.ts";

export interface Step {
  readonly says: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: Json;
  readonly status: number;
  /** `METHOD path` of each vendor call, without query. */
  readonly calls: readonly string[];
}

export interface Day {
  readonly title: string;
  readonly connection: string;
  readonly userAgent: string;
  readonly steps: readonly Step[];
}

const core = "urn:ietf:params:scim:schemas:core:2.0:User";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const patch = (...operations: readonly Json[]): Json => ({ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: operations });

const one = "/api/users/*";
/** The look-up before it has asked the vendor for the address already. */
const createdAfterLookUp = ["POST /api/users", `GET ${one}`];
const created = ["GET /api/users", ...createdAfterLookUp];
const switched = [`PATCH ${one}`, `GET ${one}`];

const oktaUser = (given: string): { readonly [name: string]: Json } => ({
  schemas: [core],
  userName: "ada.{run}@acme.example",
  name: { givenName: given, familyName: "Lovelace" },
  emails: [{ primary: true, value: "ada.{run}@acme.example", type: "work" }],
  displayName: `${given} Lovelace`,
  locale: "en-US",
  externalId: "00u{run}",
  groups: [],
});

export const oktaDay: Day = {
  title: "A day with Okta, at PeopleLens AI",
  connection: "peoplelens",
  userAgent: "Okta SCIM Client 1.0.0",
  steps: [
    { says: "Ada is assigned: Okta looks her up first, and so does the bridge at the vendor", method: "GET", path: '/Users?filter=userName eq "ada.{run}@acme.example"&startIndex=1&count=100', status: 200, calls: ["GET /api/users"] },
    { says: "and creates her", method: "POST", path: "/Users", body: { ...oktaUser("Ada"), password: "1mz050nq", active: true }, status: 201, calls: createdAfterLookUp },
    { says: "the same push again is a conflict, not a second account", method: "POST", path: "/Users", body: { ...oktaUser("Ada"), password: "1mz050nq", active: true }, status: 409, calls: [] },
    { says: "Ada now goes by Augusta: a whole PUT, of which one name is new", method: "PUT", path: "/Users/{id}", body: { ...oktaUser("Augusta"), id: "{id}", active: true }, status: 200, calls: [`PATCH ${one}`] },
    { says: "the same PUT again changes nothing, so nobody is called", method: "PUT", path: "/Users/{id}", body: { ...oktaUser("Augusta"), id: "{id}", active: true }, status: 200, calls: [] },
    { says: "Ada leaves: PATCH without a path", method: "PATCH", path: "/Users/{id}", body: patch({ op: "replace", value: { active: false } }), status: 200, calls: switched },
    { says: "Ada returns", method: "PATCH", path: "/Users/{id}", body: patch({ op: "replace", value: { active: true } }), status: 200, calls: switched },
    { says: "and leaves again; Okta never deletes", method: "PATCH", path: "/Users/{id}", body: patch({ op: "replace", value: { active: false } }), status: 200, calls: switched },
  ],
};

export const entraDay: Day = {
  title: "A day with Entra ID, at PeopleLens AI",
  connection: "peoplelens",
  userAgent: "",
  steps: [
    { says: "Test connection: a name that nobody has", method: "GET", path: '/Users?filter=userName eq "9f1c2a52-4c0e-4f8f-8a66-0e9d2f4f7a10"', status: 200, calls: [] },
    {
      says: "Grace joins",
      method: "POST",
      path: "/Users",
      body: {
        schemas: [core, enterprise], externalId: "0a21f0f2-{run}", userName: "grace.{run}@acme.example", active: true, roles: [],
        emails: [{ primary: true, type: "work", value: "grace.{run}@acme.example" }], meta: { resourceType: "User" }, name: { formatted: "Grace Hopper", familyName: "Hopper", givenName: "Grace" },
      },
      status: 201,
      calls: created,
    },
    { says: "moves to Sales and gets a manager: kept and echoed, the vendor has no place for it", method: "PATCH", path: "/Users/{id}", body: patch({ op: "Add", path: `${enterprise}:department`, value: "Sales" }, { op: "Add", path: `${enterprise}:manager`, value: "00m-{run}" }), status: 200, calls: [] },
    { says: "marries: one operation per attribute, in capitals", method: "PATCH", path: "/Users/{id}", body: patch({ op: "Replace", path: "name.familyName", value: "Murray" }, { op: "Replace", path: 'phoneNumbers[type eq "mobile"].value', value: "+1 555 0100" }), status: 200, calls: [`PATCH ${one}`] },
    { says: "leaves: False, as a string", method: "PATCH", path: "/Users/{id}", body: patch({ op: "Replace", path: "active", value: "False" }), status: 200, calls: switched },
    { says: "returns, with the newer dialect", method: "PATCH", path: "/Users/{id}", body: patch({ op: "replace", path: "active", value: true }), status: 200, calls: switched },
    { says: "is deleted in Entra for good: access goes first, then the account", method: "DELETE", path: "/Users/{id}", status: 204, calls: [...switched, `DELETE ${one}`, `GET ${one}`] },
    { says: "and is gone", method: "GET", path: "/Users/{id}", status: 404, calls: [] },
  ],
};

const leaver = (title: string, connection: string, calls: { readonly join: readonly string[]; readonly leave: readonly string[]; readonly back: readonly string[]; readonly gone: readonly string[] }): Day => ({
  title: `The same four pushes, at ${title}`,
  connection,
  userAgent: "",
  steps: [
    { says: "Linus joins", method: "POST", path: "/Users", body: { schemas: [core], externalId: "lt-{run}", userName: "linus.{run}@acme.example", name: { givenName: "Linus", familyName: "Pauling" }, active: true }, status: 201, calls: calls.join },
    { says: "leaves", method: "PATCH", path: "/Users/{id}", body: patch({ op: "Replace", path: "active", value: "False" }), status: 200, calls: calls.leave },
    { says: "returns", method: "PATCH", path: "/Users/{id}", body: patch({ op: "replace", value: { active: true } }), status: 200, calls: calls.back },
    { says: "and is deleted", method: "DELETE", path: "/Users/{id}", status: 204, calls: calls.gone },
  ],
});

/** What one and the same push becomes at the other three vendors. */
export const leaverDays: readonly Day[] = [
  leaver("TransactionLink", "transactionlink", {
    join: ["GET /organizations/users", "GET /organizations/enrollments", "POST /organizations/enrollments"],
    leave: ["POST /organizations/enrollments/*/cancel", "GET /organizations/enrollments", "GET /organizations/users"],
    back: ["GET /organizations/enrollments", "GET /organizations/users", "GET /organizations/enrollments", "GET /organizations/users", "POST /organizations/enrollments"],
    gone: ["POST /organizations/enrollments/*/cancel", "GET /organizations/enrollments", "GET /organizations/users"],
  }),
  leaver("Enlivy", "enlivy", {
    join: ["GET /organizations/org_1/users", "POST /organizations/org_1/users"],
    leave: ["PUT /organizations/org_1/users/*", "GET /organizations/org_1/users/*"],
    back: ["PUT /organizations/org_1/users/*", "GET /organizations/org_1/users/*"],
    gone: ["PUT /organizations/org_1/users/*", "GET /organizations/org_1/users/*", "DELETE /organizations/org_1/users/*", "GET /organizations/org_1/users/*"],
  }),
  leaver("Applivery", "applivery", {
    join: ["GET /v1/organizations/acme/collaborators/", "POST /v1/organizations/acme/oem/users"],
    leave: ["GET /v1/organizations/acme/collaborators/", "DELETE /v1/organizations/acme/collaborators/*", "GET /v1/organizations/acme/collaborators/", "GET /v1/organizations/acme/collaborators/"],
    back: ["GET /v1/organizations/acme/collaborators/", "POST /v1/organizations/acme/oem/users"],
    gone: ["GET /v1/organizations/acme/collaborators/", "DELETE /v1/organizations/acme/collaborators/*", "GET /v1/organizations/acme/collaborators/", "GET /v1/organizations/acme/collaborators/"],
  }),
];

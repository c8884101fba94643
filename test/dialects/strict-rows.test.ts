/**
 * What the rows call a departure from the RFC is what a strict connection refuses; what they do not, it takes as it is written.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { normalise, quirks } from "../../src/dialects/dialect.ts";
import type { Pushed } from "../../src/dialects/quirk.ts";
import { readCreate, readReplace } from "../../src/scim/body.ts";
import { patchUser } from "../../src/scim/patch.ts";
import { patchGroup } from "../../src/scim/patch-group.ts";
import { tableOf } from "../../src/scim/schemas.ts";

const core = "urn:ietf:params:scim:schemas:core:2.0:User";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const post = (body: object): Pushed => ({ type: "User", method: "POST", body: { schemas: [core], userName: "ann", ...body } });
const patch = (operation: object, type: Pushed["type"] = "User"): Pushed => ({ type, method: "PATCH", body: { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [operation] } });

/** By the row's words. */
const departing: Readonly<Record<string, Pushed>> = {
  "names the schemas of SCIM 1.1": post({ schemas: ["urn:scim:schemas:core:1.0"] }),
  "puts the enterprise attributes under the URN of SCIM 1.1": post({ "urn:scim:schemas:extension:enterprise:1.0": { department: "Sales" } }),
  "calls the manager's value managerId, as SCIM 1.1 did": post({ schemas: [core, enterprise], [enterprise]: { manager: { managerId: "U9" } } }),
  "writes booleans as the texts true and false in whole resources": post({ active: "true" }),
  'writes booleans as the texts "True" and "False"': patch({ op: "replace", path: "active", value: "False" }),
  "names several attributes in one operation without a path, with dotted keys": patch({ op: "replace", value: { "name.givenName": "Ann" } }),
  "removes members by a list of values": patch({ op: "remove", path: "members", value: [{ value: "U1" }] }, "Group"),
  "writes the manager as a bare id, in a list, or empties it with a blank id": patch({ op: "add", path: `${enterprise}:manager`, value: "U9" }),
  "names attributes of the enterprise extension without its URN": patch({ op: "replace", path: "department", value: "Sales" }),
  "puts a dot between the URN and the attribute": patch({ op: "replace", path: `${enterprise}.manager`, value: { value: "U9" } }),
  "lists a misspelt URN, or Microsoft's own for groups, in schemas": post({ schemas: [core, "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"] }),
  "sends the resource's id, meta or groups along, which it can not change": patch({ op: "replace", value: { id: "U1", displayName: "Ann" } }),
  "changes a resource by an operation without a path that holds the whole of it, schemas included": patch({ op: "replace", value: { schemas: [core], displayName: "Ann" } }),
};

function read({ type, method, body }: Pushed, strict: boolean): unknown {
  const table = tableOf(type);
  const normal = normalise({ type, method, body }, strict).body;
  const current = type === "User" ? { userName: "ann", active: true } : { displayName: "Eng" };
  if (method === "PATCH") return (type === "User" ? patchUser : patchGroup)(table, current, normal, { strict, maxOperations: 10 });
  return method === "POST" ? readCreate(table, normal, { strict }) : readReplace(table, normal, current, { strict });
}

test("each departure has its example here", () => expect(Object.keys(departing).toSorted()).toEqual(quirks.filter(({ departsFrom }) => departsFrom !== undefined).map(({ is }) => is).toSorted()));

describe.each(Object.entries(departing))("%s", (is, pushed) => {
  test("is met", () => expect(normalise(pushed).quirks).toContain(is));
  test("is understood, and refused where the connection is strict", () => {
    expect(() => read(pushed, false)).not.toThrow();
    expect(() => read(pushed, true)).toThrow();
  });
});

test.each<[string, Pushed]>([
  ["begins the names of operations with a capital", patch({ op: "Replace", path: "active", value: false })],
  ["changes attributes in an operation without a path", patch({ op: "replace", value: { active: false } })],
  ["changes single values with add and without a path", patch({ op: "add", value: { active: false } })],
  ["puts the members of a group into an operation without a path", patch({ op: "replace", value: { members: [{ value: "U1" }] } }, "Group")],
  ["renames a group by a PUT that says nothing of its members", { type: "Group", method: "PUT", body: { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Eng" } }],
  ["creates people who are not active", post({ active: false })],
])("the RFC has it: %s", (is, pushed) => {
  expect(normalise(pushed).quirks).toContain(is);
  expect(() => read(pushed, true)).not.toThrow();
});

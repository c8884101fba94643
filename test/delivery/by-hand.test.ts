/**
 * A task says everything that whoever does it must know.
 *
 * @module
 */
import { expect, test } from "vitest";
import { openConnector } from "../../src/connectors/registry.ts";
import { roleIds } from "../../src/connectors/transactionlink/simulated/state.ts";
import { exactSteps } from "../../src/delivery/by-hand.ts";
import type { Capability } from "../../src/model/capability.ts";
import { roleId } from "../../src/model/ids.ts";
import type { Operation } from "../../src/model/operation.ts";

test.each<{ operation: Operation; steps: string }>([
  { operation: { kind: "updateProfile", changes: { "name.givenName": "Anne", title: null } }, steps: 'Do it. Wanted: name.givenName "Anne", title empty.' },
  { operation: { kind: "setTags", tags: ["berlin", "ops"], direction: "up" }, steps: "Do it. Wanted of the mapped tags: berlin, ops, and no other." },
  { operation: { kind: "setTags", tags: [], direction: "down" }, steps: "Do it. Wanted: none of the mapped tags." },
  { operation: { kind: "setRole", role: roleId("viewer"), direction: "down", reason: "r" }, steps: "Do it. Wanted: the role viewer." },
  { operation: { kind: "deactivate", reason: "r" }, steps: "Do it." },
])("the steps of $operation.kind name what is wanted", ({ operation, steps }) => {
  expect(exactSteps("Do it.", operation)).toBe(steps);
});

const vendors = [
  { connector: "peoplelens", settings: { baseUrl: "https://acme.peoplelensai.com", apiKey: "k" }, place: "https://acme.peoplelensai.com" },
  { connector: "transactionlink", settings: { token: "tot_12345678", defaultRoleId: roleIds.member }, place: "TransactionLink" },
  { connector: "enlivy", settings: { token: "t", organizationId: "org_1", defaultRoleId: "org_userrole_employee", defaultCountry: "RO" }, place: "Enlivy" },
  { connector: "applivery", settings: { apiKey: "k", organizationId: "acme" }, place: "Applivery" },
] as const;
/** Those that a leaver, a mover or a joiner may need. */
const needed: readonly Capability[] = ["create", "updateProfile", "setRole", "deactivate", "reactivate", "delete"];

test.each(vendors)("$connector's steps say where, whom and what, for everything that may be a task", async ({ connector, settings, place }) => {
  const { traits } = await openConnector({ connector, settings, endpoints: "public", denyEndpoints: "inferred", onDeactivate: undefined, onDelete: undefined, managedRoles: [], egressAllow: [], timeoutMs: 1_000 });
  for (const capability of needed) {
    const steps = traits.steps(capability, { email: "ann@acme.example", name: "Ann Lee", role: roleId("the-role") });
    expect(steps, capability).toContain(place);
    expect(steps, capability).toContain("Ann Lee <ann@acme.example>");
    if (["create", "setRole", "reactivate"].includes(capability) && !(connector === "peoplelens" && capability === "reactivate")) expect(steps, capability).toContain("the-role");
    expect(steps, capability).not.toMatch(/\{|mark this task as done/); // no hole left open, and no phrase that fits everything
  }
});

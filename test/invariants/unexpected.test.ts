/**
 * I8: 404 means that the resource does not exist, and a 2xx that it happens. Whatever breaks inside, in whichever step of whichever
 * push, the IdP hears 5xx.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Fault, type Failure } from "../../src/model/failure.ts";
import { holdId } from "../../src/model/ids.ts";
import { faceOf } from "../../src/scim/errors.ts";
import type { Store } from "../../src/store/store.ts";
import { ada, openWithVendor, patch } from "../support/house.ts";

type Opened = Awaited<ReturnType<typeof openWithVendor>>;
let opened: Opened;
beforeAll(async () => void (opened = await openWithVendor({ delivery: { deadline: "300ms", settle: "600ms" }, vendor: { timeout: "250ms" } })));
afterAll(() => opened.stop());

/** One way each through the store and to the vendor. */
const requests: readonly [string, (id: string, group: string) => readonly [string, string, object?]][] = [
  ["read", (id) => ["GET", `/Users/${id}`]],
  ["list", () => ["GET", "/Users"]],
  ["search", () => ["GET", `/Users?filter=${encodeURIComponent('userName eq "nobody@acme.example"')}`]],
  ["create", () => ["POST", "/Users", ada({ userName: `n${++number}@acme.example`, externalId: `n${number}` })]],
  ["rename", (id) => ["PATCH", `/Users/${id}`, patch({ op: "replace", path: "name.givenName", value: `Ada ${++number}` })]],
  ["role", (id) => ["PATCH", `/Users/${id}`, patch({ op: "replace", path: "roles", value: [{ value: ++number % 2 ? "Admins" : "Everyone" }] })]],
  ["disable", (id) => ["PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false })]],
  ["enable", (id) => ["PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: true })]],
  ["put", (id) => ["PUT", `/Users/${id}`, ada({ userName: emailOf.get(id), externalId: "put", title: `T ${++number}` })]],
  ["group read", (_, group) => ["GET", `/Groups/${group}`]],
  ["group create", () => ["POST", "/Groups", { displayName: `G ${++number}` }]],
  ["group members", (id, group) => ["PATCH", `/Groups/${group}`, patch({ op: ++number % 2 ? "add" : "remove", path: "members", value: [{ value: id }] })]],
  ["group put", (id, group) => ["PUT", `/Groups/${group}`, { displayName: "Everyone", members: [{ value: id }] }]],
  ["group delete", (_, group) => ["DELETE", `/Groups/${group}`]],
  ["delete", (id) => ["DELETE", `/Users/${id}`]],
];
let number = 0;
const emailOf = new Map<string, string>();

async function ready(): Promise<readonly [string, string]> {
  const userName = `p${++number}@acme.example`;
  const user = await opened.scim("POST", "/Users", ada({ userName, externalId: userName }));
  const group = await opened.scim("POST", "/Groups", { displayName: `Team ${number}`, members: [{ value: user.body.id }] });
  expect([user.status, group.status]).toEqual([201, 201]);
  emailOf.set(String(user.body.id), userName);
  return [String(user.body.id), String(group.body.id)];
}

const steps = ["read", "list", "commit", "commitGroup", "rollBack", "hold", "holder", "take", "record", "linkedTo", "openTask", "now"] as const satisfies readonly (keyof Store)[];
/** Where these fail, the push was not accepted, and nobody may be told that it was. */
const nothingIsOwnedYet: ReadonlySet<string> = new Set(["read", "list", "commit", "commitGroup", "hold"]);

describe.each(steps)("when the store's %s throws", (step) => {
  test.each([
    { what: "an error of somebody else's that talks of 404", thrown: () => Object.assign(new Error("not found"), { status: 404, code: "ENOENT" }) },
    { what: "something that is no error", thrown: () => ({ status: 404, scimType: "noTarget" }) as unknown as Error },
  ])("$what", async ({ thrown }) => {
    const store = opened.house.store as unknown as { [method: string]: unknown };
    for (const [name, request] of requests) {
      const [id, group] = await ready();
      const right = store[step];
      let times = 0;
      store[step] = async () => {
        times += 1;
        throw thrown();
      };
      const answer = await opened.scim(...request(id, group)).finally(() => (store[step] = right));
      if (times === 0) continue; // that push does not come by
      expect(answer.status === 404 || answer.status === 400, `${name}: ${answer.status} ${JSON.stringify(answer.body)}`).toBe(false);
      expect(JSON.stringify(answer.body ?? {})).not.toMatch(/not found|ENOENT|noTarget/);
      if (nothingIsOwnedYet.has(step)) expect(answer.status, name).toBeGreaterThanOrEqual(500);
    }
  });
});

describe.each([400, 401, 403, 404, 405, 409, 410, 422, 429, 500, 503])("when the vendor answers %i to everything", (status) => {
  test.each(requests)("%s is never 404, 401 or 403", async (_, request) => {
    const [id, group] = await ready();
    opened.vendor.addFault({ kind: "status", status, body: { error: "Not found" }, match: { times: "always" } });
    const answer = await opened.scim(...request(id, group));
    await opened.vendor.clearFaults();
    expect([401, 403, 404]).not.toContain(answer.status);
    expect(answer.status).not.toBe(202);
  });
});

const failures: { readonly [K in Failure["kind"]]: Omit<Extract<Failure, { kind: K }>, "detail" | "kind"> } = {
  invalid: {}, conflict: {}, notFound: {}, refused: { vendorStatus: 404 }, unsupported: { capability: "create", steps: "" }, throttled: { retryAfterSeconds: 1 },
  unreachable: {}, uncertain: {}, credentials: {}, held: { hold: holdId("h1") }, protocol: {}, internal: {},
};
test.each(Object.entries(failures))("a failure of the kind %s has a face of its own, and none says that the resource is missing or the IdP may not", (kind, more) => {
  const { status } = faceOf(new Fault({ kind, detail: "Said.", ...more } as Failure));
  expect([401, 403, 404]).not.toContain(status);
  expect(status).toBeGreaterThanOrEqual(400);
});
test("what was not thrown on purpose is 500 and says nothing", () => {
  for (const stranger of [new Error("secret"), "secret", undefined, { status: 404 }]) expect(faceOf(stranger)).toEqual({ status: 500, detail: "Internal error" });
});

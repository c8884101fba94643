/**
 * The same push once more while the first is still under way, as an IdP sends it that has not waited long enough: it is told what
 * becomes of the first, and nothing better.
 *
 * @module
 */
import { afterEach, expect, test } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import { ada, eventually, openWithVendor, patch } from "../support/house.ts";

const acme = connectionId("acme");
let opened: Awaited<ReturnType<typeof openWithVendor>>;
afterEach(() => opened.stop());
const vendorUser = () => (opened.vendor.state() as { users: { first_name: string; role: string }[] }).users[0];

test("a change that the vendor refuses while its twin waits is refused to both, and nothing of it stays", async () => {
  // One call a second: the first push has to wait for its turn, and its twin finds it waiting.
  opened = await openWithVendor({ budget: { requestsPerSecond: 1, burst: 1 } });
  const { body } = await opened.scim("POST", "/Users", ada());
  opened.vendor.addFault({ kind: "status", status: 422, body: { error: "first_name is not acceptable" }, match: { method: "PATCH", times: "always" } });
  const named = patch({ op: "replace", path: "name.givenName", value: "Augusta" });
  const first = opened.scim("PATCH", `/Users/${body.id}`, named);
  await eventually(async () => (await opened.house.store.hold(acme, body.id))?.due !== undefined);
  const twin = opened.scim("PATCH", `/Users/${body.id}`, named);
  expect([(await first).status, (await twin).status]).toEqual([400, 400]);
  expect((await opened.scim("GET", `/Users/${body.id}`)).body.name.givenName).toBe("Ada");
  expect(vendorUser()?.first_name).toBe("Ada");
});

test("a privileged role that is asked for again while the first call for it hangs is 503 again, not 200", async () => {
  opened = await openWithVendor({ delivery: { deadline: "400ms", settle: "4s" }, vendor: { timeout: "3s" } });
  const { body } = await opened.scim("POST", "/Users", ada());
  opened.vendor.addFault({ kind: "timeout", match: { method: "PATCH", times: 1 } });
  const admins = patch({ op: "replace", path: "roles", value: [{ value: "Admins" }] });
  for (let nth = 0; nth < 2; nth++) {
    const answer = await opened.scim("PATCH", `/Users/${body.id}`, admins);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, expect.stringMatching(/^\d+$/)]);
  }
  // What hung is looked at; it is not given behind anybody's back.
  await eventually(async () => (await opened.house.store.openWork(acme, 10)).some(({ due }) => due.dueAtMs === undefined), 20_000);
  expect(vendorUser()?.role).toBe("User");
  expect((await opened.scim("PATCH", `/Users/${body.id}`, admins)).status).toBe(200);
  expect(vendorUser()?.role).toBe("Admin");
}, 30_000);

test("a privileged role that is asked for while an older push's call hangs is 503 too: nobody has said yes to it when it is not given", async () => {
  opened = await openWithVendor({ delivery: { deadline: "400ms", settle: "4s" }, vendor: { timeout: "3s" } });
  const { body } = await opened.scim("POST", "/Users", ada());
  opened.vendor.addFault({ kind: "timeout", match: { method: "PATCH", times: 1 } });
  const named = opened.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "name.givenName", value: "Augusta" }));
  await eventually(() => opened.vendor.journal().some(({ method }) => method === "PATCH"));
  const admins = patch({ op: "replace", path: "roles", value: [{ value: "Admins" }] });
  const answer = await opened.scim("PATCH", `/Users/${body.id}`, admins);
  expect([answer.status, answer.headers.get("retry-after"), answer.body.detail]).toEqual([503, expect.stringMatching(/^\d+$/), expect.stringMatching(/^The role is kept as wanted, but it was not given/)]);
  expect((await named).status).toBe(200);
}, 30_000);

test("a create that comes once more after its person was renamed makes nobody a second time: 409", async () => {
  opened = await openWithVendor({});
  const { body } = await opened.scim("POST", "/Users", ada());
  expect((await opened.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "userName", value: "countess" }))).status).toBe(200);
  const again = await opened.scim("POST", "/Users", ada());
  expect([again.status, again.body.scimType, again.body.detail]).toEqual([409, "uniqueness", expect.stringContaining("This userName is taken by another user") as string]);
  expect((await opened.scim("GET", "/Users")).body.totalResults).toBe(1);
});

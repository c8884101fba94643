/**
 * I15: ids are ours, opaque, and given out once; neither the vendor's nor anything a client wrote.
 *
 * @module
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { isResourceId } from "../../src/model/ids.ts";
import { openWithVendor, ada } from "../support/house.ts";

type Opened = Awaited<ReturnType<typeof openWithVendor>>;
let opened: Opened;
beforeEach(async () => void (opened = await openWithVendor()));
afterEach(() => opened.stop());

test("the same person, deleted and created again and again, has another id each time", async () => {
  const ids = new Set<string>();
  for (let time = 1; time <= 5; time++) {
    const { status, body } = await opened.scim("POST", "/Users", ada());
    expect(status).toBe(201);
    expect(isResourceId(String(body.id))).toBe(true);
    ids.add(String(body.id));
    expect(ids.size).toBe(time);
    expect((await opened.scim("DELETE", `/Users/${body.id}`)).status).toBe(204);
    for (const id of ids) expect((await opened.scim("GET", `/Users/${id}`)).status).toBe(404);
  }
});

const supplied = "00000000-0000-4000-8000-000000000001";
test.each([
  { where: "id", more: { id: supplied } },
  { where: "ID", more: { ID: supplied } },
  { where: "externalId", more: { externalId: supplied } },
  { where: "meta", more: { meta: { location: `https://scim.example.com/Users/${supplied}`, version: supplied } } },
])("an id supplied as $where is not taken", async ({ where, more }) => {
  for (const [path, body] of [["/Users", ada(more)], ["/Groups", { displayName: "Team", ...more }]] as const) {
    const { status, body: made } = await opened.scim("POST", path, body);
    expect(status).toBe(201);
    expect(made.id).not.toBe(supplied);
    expect((await opened.scim("GET", `${path}/${supplied}`)).status).toBe(404);
    const renamed = await opened.scim("PUT", `${path}/${made.id}`, where === "ID" ? body : { ...body, id: supplied });
    expect(renamed.body.id).toBe(made.id);
  }
});

test("the vendor's id of the account is not the resource's, and opens nothing", async () => {
  const { body } = await opened.scim("POST", "/Users", ada());
  const account = (opened.vendor.state() as { users: { id: string }[] }).users[0]?.id ?? "";
  expect(account.replace(/^usr-/, "")).not.toBe(body.id);
  for (const id of [account, account.replace(/^usr-/, ""), String(body.id).toUpperCase(), `{${body.id}}`, String(body.id).replaceAll("-", "")]) expect((await opened.scim("GET", `/Users/${encodeURIComponent(id)}`)).status).toBe(404);
});

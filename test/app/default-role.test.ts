/**
 * Somebody to whom no value of the IdP has ever led to a role has the default role, and has no mapped one to lose: neither
 * `roles.fallback` nor the timeline may take it for a loss. On the simulated PeopleLens, whose default role stands in `roles.map` too.
 *
 * @module
 */
import { afterEach, describe, expect, test, vi } from "vitest";
import { showTimeline } from "../../src/command/timeline.ts";
import { ada, openWithVendor, patch } from "../support/house.ts";

const map = [{ idp: "Admins", vendor: "Admin", privileged: true }, { idp: "Editors", vendor: "Editor" }, { idp: "Everyone", vendor: "User" }];

type Opened = Awaited<ReturnType<typeof openWithVendor>>;
let opened: Opened | undefined;
const open = async (fallback: string | undefined) => (opened = await openWithVendor({ roles: { map, ...(fallback !== undefined && { fallback }) } }));
afterEach(async () => {
  await opened?.stop();
  opened = undefined;
});

const set = (values: readonly string[]) => patch({ op: "replace", path: "roles", value: values.map((value) => ({ value })) });
const account = ({ vendor }: Opened) => vendor.state().users.map(({ role, is_enabled }) => `${role} ${is_enabled ? "enabled" : "disabled"}`).join();
const writes = ({ vendor }: Opened) => vendor.journal().filter(({ method }) => method !== "GET").length;
/** What `drawbridge timeline` says, run in this process, which is quicker. */
async function reasonOf({ file }: Opened, id: string): Promise<string> {
  const printed = vi.spyOn(console, "log").mockImplementation(() => undefined);
  try {
    await showTimeline(id, { config: file, data: "", connection: "acme", json: true });
    return (JSON.parse(String(printed.mock.lastCall?.[0])) as { role: { reason: string } }).role.reason;
  } finally {
    printed.mockRestore();
  }
}

describe.each(["deactivate", "Viewer", "User", undefined])("with the fallback %s, a joiner without a mapped role", (fallback) => {
  test("gets the default role, by one write, and keeps it: the timeline says so", async () => {
    const house = await open(fallback);
    const { body } = await house.scim("POST", "/Users", ada());
    expect([account(house), writes(house)]).toEqual(["User enabled", 1]);
    await house.scim("PATCH", `/Users/${body.id}`, set(["Choir"]));
    await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "active", value: true }));
    expect([account(house), writes(house)]).toEqual(["User enabled", 1]);
    expect(await reasonOf(house, body.id as string)).toBe("User, the default role");
  });

  test("and then gets one that is the same at the vendor: no call, and losing it is a loss", async () => {
    const house = await open(fallback);
    const { body } = await house.scim("POST", "/Users", ada());
    await house.scim("PATCH", `/Users/${body.id}`, set(["Everyone"]));
    expect([account(house), writes(house)]).toEqual(["User enabled", 1]);
    expect(await reasonOf(house, body.id as string)).toBe('User, because "Everyone" is rank 3 in roles.map (a value of roles)');
    await house.scim("PATCH", `/Users/${body.id}`, set([]));
    expect(account(house)).toBe({ deactivate: "User disabled", Viewer: "Viewer enabled" }[String(fallback)] ?? "User enabled");
  });

  test("and then joins and leaves a group: that is a loss too", async () => {
    const house = await open(fallback);
    const { body } = await house.scim("POST", "/Users", ada());
    const group = await house.scim("POST", "/Groups", { displayName: "Everyone", members: [{ value: body.id }] });
    expect([account(house), writes(house)]).toEqual(["User enabled", 1]);
    await house.scim("PATCH", `/Groups/${group.body.id}`, patch({ op: "remove", path: "members", value: [{ value: body.id }] }));
    expect(account(house)).toBe({ deactivate: "User disabled", Viewer: "Viewer enabled" }[String(fallback)] ?? "User enabled");
  });
});

describe.each(["deactivate", "Viewer"])("with the fallback %s, somebody who was at the vendor before", (fallback) => {
  test.each(["a look-up", "a create"])("and is found by %s, without a role from the IdP, stays as they are", async (by) => {
    const house = await open(fallback);
    house.vendor.seed({ users: [{ email: "ada@acme.example", first_name: "Ada", last_name: "Lovelace", role: "Editor" }] });
    if (by === "a look-up") {
      const found = await house.scim("GET", `/Users?filter=${encodeURIComponent('userName eq "ada@acme.example"')}`);
      expect((await house.scim("PUT", `/Users/${found.body.Resources[0].id}`, ada())).status).toBe(200);
    } else expect((await house.scim("POST", "/Users", ada())).status).toBe(201);
    expect([account(house), writes(house)]).toEqual(["Editor enabled", 0]);
  });
});

/**
 * PeopleLens, simulated: the documents word for word, and every switch in every position.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import type { PeopleLensState } from "../../src/connectors/peoplelens/simulated/state.ts";
import { peoplelens, startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";

let simulator: RunningSimulator<PeopleLensState>;
beforeEach(async () => (simulator = await startPeopleLens()));
afterEach(() => simulator.stop());

/** Whatever an answer may hold; a test that reads what is not there fails by itself. */
interface Body {
  readonly user: { readonly id: string; readonly is_enabled: boolean };
  readonly users: readonly { readonly email: string }[];
  readonly data: readonly [{ readonly id: string; readonly action: string }];
  readonly pagination: { readonly total: number };
}
interface Reply {
  readonly status: number;
  readonly body: Body;
}
async function ask(method: string, path: string, body?: unknown, key = simulator.apiKey): Promise<Reply> {
  const response = await fetch(simulator.url + path, { method, headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as Body };
}
const ada = { email: "ada@acme.example", password: "Engine-1843", first_name: "Ada", last_name: "Byron" };
const create = (change: object = {}) => ask("POST", "/api/users", { ...ada, ...change });
const idOf = (email: string) => simulator.state().users.find((user) => user.email === email)?.id ?? "nobody";
const emailsFound = async (query: string) => ((await ask("GET", `/api/users?${query}`)).body.users).map(({ email }) => email);

test("the life of a user, in the documented shapes", async () => {
  const created = await create({ role: "Admin" });
  const { id } = created.body.user;
  expect(created).toEqual({ status: 200, body: { success: true, user: { id, email: "ada@acme.example" } } });
  const listed = { id, first_name: "Ada", last_name: "Byron", email: "ada@acme.example", company_role: null, is_enabled: true };
  expect((await ask("GET", "/api/users")).body).toEqual({ users: [listed] });
  expect((await ask("GET", `/api/users/${id}`)).body).toEqual({ user: { ...listed, user_preferences: [{ role: "Admin" }] } });
  expect(await ask("PATCH", `/api/users/${id}`, { first_name: "Augusta", role: "User", is_enabled: false })).toEqual({ status: 200, body: { success: true } });
  expect((await ask("GET", `/api/users/${id}`)).body.user).toMatchObject({ first_name: "Augusta", last_name: "Byron", is_enabled: false, user_preferences: [{ role: "User" }] });
  expect(await ask("DELETE", `/api/users/${id}`)).toEqual({ status: 200, body: { success: true } });
  expect((await ask("GET", `/api/users/${id}`)).status).toBe(404);
});

test.each([
  ["no e-mail", { email: undefined }], ["an e-mail that is none", { email: "ada" }], ["no password", { password: undefined }], ["an empty first name", { first_name: " " }],
  ["no last name", { last_name: null }], ["a number for a name", { first_name: 5 }], ["a role that nobody knows", { role: "Emperor" }], ["a role that is no text", { role: ["User"] }],
])("a create with %s is 400 and leaves nobody behind", async (_name, change) => {
  expect((await create(change)).status).toBe(400);
  expect(simulator.state().users).toEqual([]);
});

test("of a password only its shape is kept", async () => {
  await create();
  expect(simulator.state().users[0]?.password).toEqual({ length: 11, classes: 4 });
});

test("a member's key sees ids and names only, and may change nothing", async () => {
  await create();
  const { id } = simulator.state().users[0]!;
  const key = simulator.apiKeys["member"];
  expect((await ask("GET", "/api/users", undefined, key)).body).toEqual({ users: [{ id, first_name: "Ada", last_name: "Byron" }] });
  expect((await ask("GET", `/api/users/${id}`, undefined, key)).body).toEqual({ user: { id, first_name: "Ada", last_name: "Byron" } });
  const before = simulator.state();
  for (const [method, path] of [["POST", "/api/users"], ["PATCH", `/api/users/${id}`], ["DELETE", `/api/users/${id}`], ["GET", "/api/v1/users"], ["GET", "/api/v1/audit-logs"]] as const)
    expect((await ask(method, path, method === "GET" ? undefined : { is_enabled: false }, key)).status).toBe(403);
  expect(simulator.state()).toEqual(before);
});

test("search and role filter find what they find, traps included", async () => {
  simulator.seed("traps");
  expect(await emailsFound("search=ann@acme.example")).toEqual(["ann@acme.example", "joann@acme.example"]);
  expect(await emailsFound("search=GRACE@acme.example")).toEqual(["impostor@acme.example", "grace@acme.example"]);
  expect(await emailsFound("search=nobody@acme.example")).toEqual(["someone@acme.example"]);
  expect(await emailsFound("search=twin@acme.example")).toEqual(["twin@acme.example", "Twin@acme.example"]);
  expect(await emailsFound("role=Admin")).toEqual(["boss@acme.example"]);
  expect(await emailsFound("search=lee&role=Admin")).toEqual([]);
});

describe("switches", () => {
  test.each<[string, unknown]>([
    ["{error}", { error: "User not found" }], ["{error:{message,code}}", { error: { message: "User not found", code: "E404" } }], ["{message}", { message: "User not found" }], ["empty", undefined],
  ])("errorBody %s", async (position, body) => {
    await simulator.setSwitches({ errorBody: position });
    expect(await ask("GET", "/api/users/usr-nobody")).toEqual({ status: 404, body });
  });

  test("passwordRequired false lets a create without one through, but never an empty one", async () => {
    await simulator.setSwitches({ passwordRequired: false });
    expect((await create({ password: "" })).status).toBe(400);
    expect((await create({ password: undefined })).status).toBe(200);
    expect(simulator.state().users[0]?.password).toBeNull();
  });

  test.each([["none", "x", 200], ["8+", "short12", 400], ["8+", "longenough", 200], ["all classes", "Longenough1", 400], ["all classes", "Longenough-1", 200]])("passwordPolicy %s with %s → %i", async (position, password, status) => {
    await simulator.setSwitches({ passwordPolicy: position });
    expect((await create({ password })).status).toBe(status);
  });

  test.each<[string, number, unknown]>([
    ["409", 409, { error: "A user with this email already exists" }], ["400", 400, { error: "A user with this email already exists" }], ["200", 200, { success: false, error: "A user with this email already exists" }],
  ])("duplicate %s", async (position, status, body) => {
    await simulator.setSwitches({ duplicate: position });
    await create();
    expect(await create({ email: "ADA@acme.example" })).toEqual({ status, body });
    expect(simulator.state().users).toHaveLength(1);
  });

  test("emailUniqueCase sensitive lets two live side by side that differ only in case", async () => {
    await simulator.setSwitches({ emailUniqueCase: "sensitive" });
    await create();
    expect((await create({ email: "ADA@acme.example" })).status).toBe(200);
    expect((await create()).status).toBe(409);
    expect(simulator.state().users).toHaveLength(2);
  });

  test.each([["none", 120], ["50", 50], ["100", 100]])("listCap %s of 120 shows %i, searches included", async (position, shown) => {
    simulator.seed({ count: 120 });
    await simulator.setSwitches({ listCap: position });
    expect(await emailsFound("")).toHaveLength(shown);
    expect(await emailsFound("search=plain.example")).toHaveLength(shown);
  });

  test("listDisabled false hides who is switched off from lists and searches; the single record stays", async () => {
    simulator.seed("traps");
    expect(await emailsFound("search=left@")).toEqual(["left@acme.example"]);
    await simulator.setSwitches({ listDisabled: false });
    expect(await emailsFound("search=left@")).toEqual([]);
    expect((await ask("GET", `/api/users/${idOf("left@acme.example")}`)).body.user.is_enabled).toBe(false);
  });

  test("searchFields whole words: the whole address or a whole name, no part of one", async () => {
    simulator.seed("traps");
    await simulator.setSwitches({ searchFields: "whole words" });
    expect(await emailsFound("search=ann@acme.example")).toEqual(["ann@acme.example"]);
    expect(await emailsFound("search=grace@acme.example")).toEqual(["impostor@acme.example", "grace@acme.example"]);
    expect(await emailsFound("search=joan")).toEqual([]);
  });

  test("unknownRole stored keeps any text, on create and on change", async () => {
    await create();
    expect((await ask("PATCH", `/api/users/${idOf(ada.email)}`, { role: "Emperor" })).status).toBe(400);
    await simulator.setSwitches({ unknownRole: "stored" });
    expect((await ask("PATCH", `/api/users/${idOf(ada.email)}`, { role: "Emperor" })).status).toBe(200);
    expect((await create({ email: "b@acme.example", role: "Jester" })).status).toBe(200);
    expect(simulator.state().users.map(({ role }) => role)).toEqual(["Emperor", "Jester"]);
  });

  test.each([["402", 402], ["403", 403]])("seatLimit %s refuses a create and a switch-on beyond the seats; switching off frees one", async (position, status) => {
    simulator.seed({ seats: 1, users: [{ email: "off@acme.example", is_enabled: false }, { email: "on@acme.example" }] });
    await simulator.setSwitches({ seatLimit: position });
    expect((await create()).status).toBe(status);
    expect((await ask("PATCH", `/api/users/${idOf("off@acme.example")}`, { is_enabled: true })).status).toBe(status);
    expect((await ask("PATCH", `/api/users/${idOf("on@acme.example")}`, { is_enabled: false })).status).toBe(200);
    expect((await create()).status).toBe(200);
  });

  test.each([["ignored", 200, "Augusta"], ["400", 400, "Ada"]])("patchExtra %s; the e-mail never changes", async (position, status, first) => {
    await simulator.setSwitches({ patchExtra: position });
    await create();
    expect((await ask("PATCH", `/api/users/${idOf(ada.email)}`, { first_name: "Augusta", email: "new@acme.example" })).status).toBe(status);
    expect(simulator.state().users).toMatchObject([{ email: ada.email, first_name: first }]);
  });

  test("liar: every write is acknowledged, none is carried out", async () => {
    await create();
    await simulator.setSwitches({ liar: "success" });
    const before = simulator.state();
    expect(await create({ email: "b@acme.example" })).toMatchObject({ status: 200, body: { success: true } });
    expect(await ask("PATCH", `/api/users/${idOf(ada.email)}`, { is_enabled: false })).toEqual({ status: 200, body: { success: true } });
    expect(await ask("DELETE", `/api/users/${idOf(ada.email)}`)).toEqual({ status: 200, body: { success: true } });
    expect(simulator.state()).toEqual(before);
    expect(simulator.journal().slice(1).every(({ committed }) => !committed)).toBe(true);
  });

  test("delete hard: gone and unassigned, the address is free; delete soft: readable, off, unassigned, the address stays taken", async () => {
    for (const position of ["hard", "soft"]) {
      await simulator.reset();
      await simulator.setSwitches({ delete: position });
      simulator.seed({ users: [{ email: ada.email, assignments: ["candidate-1"] }] });
      const id = idOf(ada.email);
      await ask("DELETE", `/api/users/${id}`);
      expect((await ask("GET", `/api/users/${id}`)).status).toBe(position === "hard" ? 404 : 200);
      expect(simulator.state().users).toMatchObject(position === "hard" ? [] : [{ is_enabled: false, assignments: [], deleted: true }]);
      expect((await ask("PATCH", `/api/users/${id}`, { is_enabled: true })).status).toBe(404);
      expect((await create()).status).toBe(position === "hard" ? 200 : 409);
    }
  });

  test.each([["404", 404], ["success", 200]])("deleteTwice %s", async (position, status) => {
    await simulator.setSwitches({ deleteTwice: position });
    await create();
    const path = `/api/users/${idOf(ada.email)}`;
    expect((await ask("DELETE", path)).status).toBe(200);
    expect((await ask("DELETE", path)).status).toBe(status);
  });

  test.each<[string, (id: string, v1: string) => boolean]>([
    ["unprefixed", (id, v1) => id === `usr-${v1}`], ["same", (id, v1) => id === v1], ["different", (id, v1) => !id.includes(v1) && /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(v1)],
  ])("v1Ids %s", async (position, fits) => {
    await simulator.setSwitches({ v1Ids: position });
    await create();
    const { id } = (await ask("GET", "/api/v1/users?email=ada@acme.example")).body.data[0];
    expect(fits(idOf(ada.email), id)).toBe(true);
    expect((await ask("GET", `/api/v1/users/${id}`)).body.data).toEqual({ id, email: ada.email, first_name: "Ada", last_name: "Byron" });
    expect((await ask("DELETE", `/api/v1/users/${id}`)).status).toBe(200);
    expect(simulator.state().users).toEqual([]);
  });
});

test("/api/v1/users shows active users only, by the exact address", async () => {
  simulator.seed("traps");
  expect((await ask("GET", "/api/v1/users?email=left@acme.example")).body).toEqual({ data: [] });
  expect((await ask("GET", "/api/v1/users?email=ann@acme.example")).body.data).toHaveLength(1);
  expect((await ask("GET", "/api/v1/users?limit=3")).body.data).toHaveLength(3);
  expect((await ask("GET", "/api/v1/users?limit=0")).status).toBe(400);
});

test("the audit log shows what was done, page by page", async () => {
  await create();
  await ask("PATCH", `/api/users/${idOf(ada.email)}`, { is_enabled: false });
  await ask("DELETE", `/api/users/${idOf(ada.email)}`);
  const { data, pagination } = (await ask("GET", "/api/v1/audit-logs?limit=2&offset=1")).body;
  expect(data.map(({ action }) => action)).toEqual(["USER_UPDATED", "USER_CREATED"]);
  expect(pagination).toEqual({ total: 3, limit: 2, offset: 1 });
  expect((await ask("GET", "/api/v1/audit-logs?action=USER_DELETED")).body.pagination.total).toBe(1);
  expect((await ask("GET", "/api/v1/audit-logs?since=2999-01-01")).body.pagination.total).toBe(0);
  for (const query of ["limit=101", "limit=x", "offset=-1", "since=yesterday-ish"]) expect((await ask("GET", `/api/v1/audit-logs?${query}`)).status).toBe(400);
});

test("a key without the scheme, with another scheme, or of nobody is 401", async () => {
  for (const authorization of [simulator.apiKey, `Basic ${simulator.apiKey}`, "Bearer nobody", "Bearer "]) {
    expect((await fetch(`${simulator.url}/api/users`, { headers: { authorization } })).status).toBe(401);
  }
});

test("the journal's secret fields and the switches are those of the specification", () => {
  expect(peoplelens.secretFields).toEqual(["password"]);
  expect(Object.keys(peoplelens.switches)).toEqual(["errorBody", "passwordRequired", "passwordPolicy", "duplicate", "emailUniqueCase", "listCap", "listDisabled", "searchFields", "unknownRole", "seatLimit", "patchExtra", "liar", "delete", "deleteTwice", "v1Ids"]);
});

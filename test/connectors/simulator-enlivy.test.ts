/**
 * Enlivy, simulated: the documents word for word, and every switch in every position.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import type { EnlivyState } from "../../src/connectors/enlivy/simulated/state.ts";
import { enlivy, startEnlivy } from "../../src/connectors/enlivy/simulator.ts";

let simulator: RunningSimulator<EnlivyState>;
beforeEach(async () => (simulator = await startEnlivy()));
afterEach(() => simulator.stop());

interface Record {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly locale: string;
  readonly organization_user_role_id: string;
  readonly deleted_at: string | null;
}
interface Page {
  readonly data: readonly Record[];
  readonly meta: { readonly pagination: { readonly total: number; readonly count: number; readonly per_page: number; readonly current_page: number; readonly total_pages: number }; readonly navigation?: object };
}
interface Reply<Body> {
  readonly status: number;
  readonly body: Body;
  readonly requestId: string | null;
}
const users = "/organizations/org_1/users";
async function ask<Body = { readonly data: Record }>(method: string, path: string, body?: unknown, headers: Readonly<{ [name: string]: string }> = {}): Promise<Reply<Body>> {
  const response = await fetch(simulator.url + path, { method, headers: { authorization: `Bearer ${simulator.apiKey}`, "content-type": "application/json", ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as Body, requestId: response.headers.get("x-request-id") };
}
const page = async (query = "") => (await ask<Page>("GET", `${users}?${query}`)).body;
const refused = async (method: string, path: string, body?: unknown) => (await ask<{ readonly errors?: { readonly [field: string]: readonly string[] } }>(method, path, body)).body.errors;

const john = { organization_user_role_id: "org_userrole_employee", first_name: "John", last_name: "Smith", locale: "ro", country_code: "RO", address_city: "SECTOR1", address_county: "București", address_line_1: "Str. 1", address_iso_3166: "RO-B" };
const create = (change: object = {}, headers = {}) => ask("POST", users, { ...john, ...change }, headers);
const only = () => simulator.state().users[0]!;

test("the life of a user, in the documented shapes", async () => {
  const created = await create();
  const { id } = created.body.data;
  expect(id).toMatch(/^org_user_/);
  const shown = { ...john, id, organization_id: "org_1", name: "John Smith", email: null, phone_number: null, deleted_at: null };
  expect(created).toMatchObject({ status: 201, body: { data: shown } });
  expect(created.requestId).toMatch(/^req-/);
  expect((await ask("GET", `${users}/${id}`)).body.data).toMatchObject(shown);
  expect((await ask("PUT", `${users}/${id}`, { first_name: "Johnny", address_line_1: "Str. 2" })).body.data).toMatchObject({ ...shown, name: "Johnny Smith", first_name: "Johnny", address_line_1: "Str. 2" });
  expect((await ask("DELETE", `${users}/${id}`)).body.data.deleted_at).toMatch(/Z$/);
  expect((await ask("GET", `${users}/${id}`)).status).toBe(404);
  expect((await ask("POST", `${users}/restore/${id}`)).body.data).toMatchObject({ name: "Johnny Smith", deleted_at: null });
  expect(simulator.state().trail.map(({ event_type }) => event_type)).toEqual(["created", "updated", "deleted", "restored"]);
});

test("related data is shown only to whoever includes it", async () => {
  const { id } = (await create()).body.data;
  expect((await ask("GET", `${users}/${id}`)).body.data).not.toHaveProperty("user_role");
  expect((await ask("GET", `${users}/${id}?include=tag_ids,user_role`)).body.data).toMatchObject({ tag_ids: [], user_role: { id: "org_userrole_employee", can_use_backoffice: true, is_business_entity: false } });
});

test("the list has 53 people and companies, newest first, and counts itself", async () => {
  simulator.seed("traps");
  expect((await page("include_meta=navigation")).meta).toMatchObject({ navigation: { active: 53, trash: 0 }, pagination: { total: 53, count: 30, per_page: 30, current_page: 1, total_pages: 2 } });
  expect((await page()).data[0]?.email).toBe("person43@acme.example");
  expect((await page("order=asc")).data[0]?.email).toBe("ann@acme.example");
  for (const odd of ["0", "text", "-1"]) expect((await page(`page=${odd}`)).meta.pagination.current_page).toBe(1);
  expect(await page("page=9")).toMatchObject({ data: [], meta: { pagination: { total_pages: 2 } } });
});

test("who is added while somebody pages shifts the rows: one person is shown twice", async () => {
  simulator.seed("traps");
  const first = await page("per_page=50");
  await create({ email: "new@acme.example" });
  const second = await page("per_page=50&page=2");
  expect(second.data.map(({ id }) => id)).toContain(first.data.at(-1)?.id);
});

test("the traps stand: a customer with an employee's address, a company without first name, two without address", async () => {
  simulator.seed("traps");
  const { users: people } = simulator.state();
  expect(people).toHaveLength(53);
  expect(people.find(({ email }) => email === "ann@acme.example")).toMatchObject({ organization_user_role_id: "org_userrole_customer" });
  expect(people.filter(({ first_name }) => first_name === null)).toMatchObject([{ name: "Supplier SRL" }]);
  expect(people.filter(({ email }) => email === null)).toHaveLength(2);
  expect(people.map(({ last_name }) => last_name)).toEqual(expect.arrayContaining(["O'Brien", "Ștefănescu"]));
});

test.each([
  ["no role", { organization_user_role_id: undefined }, "organization_user_role_id"], ["a role that nobody knows", { organization_user_role_id: "org_userrole_emperor" }, "organization_user_role_id"],
  ["no country", { country_code: undefined }, "country_code"], ["a country's name", { country_code: "Romania" }, "country_code"], ["no last name", { last_name: undefined }, "last_name"],
  ["a name with digits", { first_name: "J0hn" }, "first_name"], ["a language that is not the organisation's", { locale: "fr" }, "locale"], ["null where it is not allowed", { address_line_1: null }, "address_line_1"],
  ["a number for a text", { address_city: 7 }, "address_city"], ["a dialling code for a region", { phone_number: "712345678", phone_number_country_code: "+40" }, "phone_number_country_code"],
  ["a phone number without a region", { phone_number: "712345678" }, "phone_number_country_code"], ["a province that is no ISO code", { address_iso_3166: "București" }, "address_iso_3166"],
  ["a company without its papers", { organization_user_role_id: "org_userrole_company", name: "Acme SRL" }, "organization_type"],
])("a create with %s is 422 about that field, and leaves nobody behind", async (_name, change, field) => {
  expect(Object.keys((await refused("POST", users, { ...john, ...change })) ?? {})).toContain(field);
  expect(simulator.state().users).toEqual([]);
});

test("names may have apostrophes and letters of every alphabet", async () => {
  expect((await create({ last_name: "O'Brien" })).status).toBe(201);
  expect((await create({ last_name: "Ștefănescu-Иванова" })).status).toBe(201);
});

test("four fields may be emptied, and a language that is gone may stay", async () => {
  simulator.seed({ users: [{ ...john, timezone: "Europe/Bucharest", locale: "en" }], locales: ["ro"] });
  const { id } = only();
  expect((await ask("PUT", `${users}/${id}`, { address_city: null, address_county: null, address_state: null, timezone: null, locale: "en" })).status).toBe(200);
  expect(only()).toMatchObject({ address_city: null, address_county: null, timezone: null, locale: "en", address_line_1: "Str. 1" });
  expect(await refused("PUT", `${users}/${id}`, { locale: "fr" })).toHaveProperty("locale");
});

test.each([
  ["q under three characters", "q=ab", "q"], ["more than 30 ids", `ids=${Array.from({ length: 31 }, (_, index) => `u${index}`).join(",")}`, "ids"], ["ids with q", "ids=a&q=abc", "ids"],
  ["a third kind of deleted", "deleted=2", "deleted"], ["an order that is none", "order=up", "order"], ["a role that nobody knows", "organization_user_role_id=x", "organization_user_role_id"], ["a page size of 0", "per_page=0", "per_page"],
])("a filter with %s is 422", async (_name, query, field) => {
  expect(Object.keys((await refused("GET", `${users}?${query}`)) ?? {})).toEqual([field]);
});

test("filters find what they find", async () => {
  simulator.seed("traps");
  const emails = async (query: string) => (await page(query)).data.map(({ email }) => email);
  expect(await emails("organization_user_role_id=org_userrole_leaver")).toEqual(["left@acme.example"]);
  expect((await page("can_use_backoffice=0&per_page=50")).meta.pagination.total).toBe(18);
  const { id } = simulator.state().users[4]!;
  await ask("DELETE", `${users}/${id}`);
  expect((await page(`ids=${id}`)).data).toEqual([]);
  expect((await page(`ids=${id}&deleted=-1`)).data).toMatchObject([{ id }]);
  expect((await page("deleted=1")).data).toMatchObject([{ id }]);
  expect((await page()).meta.pagination.total).toBe(52);
});

test("no token 401, a token of another organisation 403, another organisation 404, a reader's token writes nothing", async () => {
  const as = async (authorization: string, method = "GET", path = users) => (await ask(method, path, method === "GET" ? undefined : john, { authorization })).status;
  expect(await as(simulator.apiKey)).toBe(401);
  expect(await as("Bearer nobodys")).toBe(401);
  expect(await as(`Bearer ${simulator.apiKeys["elsewhere"]}`)).toBe(403);
  expect(await as(`Bearer ${simulator.apiKey}`, "GET", "/organizations/org_2/users")).toBe(404);
  expect(await as(`Bearer ${simulator.apiKeys["reader"]}`)).toBe(200);
  expect(await as(`Bearer ${simulator.apiKeys["reader"]}`, "POST")).toBe(403);
  expect(simulator.state().users).toEqual([]);
});

test("tags are set one at a time, roles are listed, and the trail says what changed", async () => {
  const { id } = (await create()).body.data;
  expect((await ask("PUT", `${users}/${id}/tag/org_tag_sales?include=tag_ids`)).body.data).toMatchObject({ tag_ids: ["org_tag_sales"] });
  expect((await ask("DELETE", `${users}/${id}/tag/org_tag_sales?include=tag_ids`)).body.data).toMatchObject({ tag_ids: [] });
  expect((await ask("PUT", `${users}/${id}/tag/org_tag_none`)).status).toBe(404);
  const roles = (await ask<{ readonly data: readonly { readonly id: string }[] }>("GET", "/organizations/org_1/user-roles")).body.data;
  expect(roles.map((role) => role.id)).toContain("org_userrole_leaver");
  await ask("PUT", `${users}/${id}`, { organization_user_role_id: "org_userrole_leaver" });
  const trail = (await ask<{ readonly data: readonly object[] }>("GET", `${users}/event-trails?subject_id=${id}&event_type=updated&include=changes`)).body.data;
  expect(trail[0]).toMatchObject({ subject_id: id, actor_organization_user_id: "org_user_owner", changes: { organization_user_role_id: { from: "org_userrole_employee", to: "org_userrole_leaver" } } });
});

describe("switches", () => {
  const setting = (switches: { readonly [name: string]: string }) => simulator.setSwitches(switches);

  test.each([["both names", "limit=2&per_page=2", 2], ["both names", "limit=2", 2], ["only limit", "per_page=2", 20], ["only limit", "limit=2", 2], ["only per_page", "limit=2", 30], ["only per_page", "per_page=2", 2]])("pageSize %s: %s shows %i a page", async (pageSize, query, size) => {
    await setting({ pageSize });
    simulator.seed("traps");
    expect((await page(query)).data).toHaveLength(size);
  });
  test("overMax: 51 a page are 50, or 422", async () => {
    simulator.seed("traps");
    expect((await page("per_page=51")).meta.pagination.per_page).toBe(50);
    await setting({ overMax: "422" });
    expect(await refused("GET", `${users}?per_page=51`)).toHaveProperty("per_page");
  });
  test.each([
    ["substring case-blind", ["joann@acme.example", "ann@acme.example"]], ["substring case-exact", ["joann@acme.example", "ann@acme.example"]], ["exact case-blind", ["ann@acme.example"]], ["exact case-exact", ["ann@acme.example"]],
  ])("emailFilter %s", async (emailFilter, found) => {
    await setting({ emailFilter });
    simulator.seed("traps");
    expect((await page("email=ann@acme.example")).data.map(({ email }) => email)).toEqual(found);
    expect((await page("email=MIXED.case@acme.example")).data).toHaveLength(emailFilter.endsWith("blind") ? 1 : 0);
  });
  test("unknownFilter: ignored, or 422", async () => {
    expect((await ask("GET", `${users}?colour=red`)).status).toBe(200);
    await setting({ unknownFilter: "422" });
    expect(await refused("GET", `${users}?colour=red`)).toHaveProperty("colour");
    expect((await ask("GET", `${users}?page=1&limit=50&per_page=50&include=user_role&deleted=-1&email=a@b`)).status).toBe(200);
  });
  test("seedOnlyServer: e-mail and phone are dropped without a word", async () => {
    await setting({ seedOnlyServer: "drops email and phone" });
    expect((await create({ email: "john@acme.example", phone_number: "712345678", phone_number_country_code: "RO" })).body.data).toMatchObject({ email: null, phone_number: null, first_name: "John" });
  });
  test("createStatus: 201 or 200", async () => {
    await setting({ createStatus: "200" });
    expect((await create()).status).toBe(200);
  });
  test("idempotency: ignored, the same key makes two; honoured, one, and the same answer", async () => {
    const twice = async (key: string) => [await create({}, { "idempotency-key": key }), await create({}, { "idempotency-key": key })].map(({ body }) => body.data.id);
    expect(new Set(await twice("a")).size).toBe(2);
    await setting({ idempotency: "honoured" });
    expect(new Set(await twice("b")).size).toBe(1);
    expect((await create({ first_name: "Jane" }, { "idempotency-key": "b" })).status).toBe(422);
    expect(simulator.state().users).toHaveLength(3);
  });
  test("duplicate: 422 about the e-mail, or 409; in any letter case", async () => {
    await create({ email: "john@acme.example" });
    expect(await refused("POST", users, { ...john, email: "John@acme.example" })).toEqual({ email: ["The email has already been taken."] });
    await setting({ duplicate: "409" });
    expect((await create({ email: "john@acme.example" })).status).toBe(409);
    expect(simulator.state().users).toHaveLength(1);
  });
  test("uniqueCountsTrash: an address in the trash is taken, or free", async () => {
    await create({ email: "john@acme.example" });
    await ask("DELETE", `${users}/${only().id}`);
    expect((await create({ email: "john@acme.example" })).status).toBe(422);
    await setting({ uniqueCountsTrash: "false" });
    expect((await create({ email: "john@acme.example" })).status).toBe(201);
  });
  test("put: partial keeps what is left out; full replace demands what is required and empties the rest", async () => {
    await create({ timezone: "Europe/Bucharest" });
    const { id } = only();
    await ask("PUT", `${users}/${id}`, { first_name: "Jack" });
    expect(only()).toMatchObject({ first_name: "Jack", timezone: "Europe/Bucharest" });
    await setting({ put: "full replace" });
    expect(Object.keys((await refused("PUT", `${users}/${id}`, { first_name: "Jim" })) ?? {})).toEqual(["organization_user_role_id", "country_code", "last_name"]);
    await ask("PUT", `${users}/${id}`, { organization_user_role_id: "org_userrole_lead", country_code: "RO", first_name: "Jim", last_name: "Smith" });
    expect(only()).toMatchObject({ first_name: "Jim", organization_user_role_id: "org_userrole_lead", timezone: null, address_line_1: null, locale: "ro" });
  });
  test.each([["405", 405], ["404", 404], ["updates the token's own user", 200]])("putCollection %s", async (putCollection, status) => {
    await setting({ putCollection });
    expect((await ask("PUT", users, { first_name: "Oops" })).status).toBe(status);
    expect(simulator.state().owner.first_name).toBe(status === 200 ? "Oops" : "Olga");
  });
  test("getDeleted and deleteTwice: 404, or the record", async () => {
    await create();
    const { id } = only();
    await ask("DELETE", `${users}/${id}`);
    expect([(await ask("GET", `${users}/${id}`)).status, (await ask("DELETE", `${users}/${id}`)).status]).toEqual([404, 404]);
    await setting({ getDeleted: "record with deleted_at", deleteTwice: "200" });
    expect((await ask("GET", `${users}/${id}`)).body.data.deleted_at).toMatch(/Z$/);
    expect((await ask("DELETE", `${users}/${id}`)).status).toBe(200);
    expect((await ask("PUT", `${users}/${id}`, { first_name: "Jack" })).status).toBe(404);
  });
  test.each([["404", 404], ["422", 422]])("restoreSwept %s: after the sweep nothing is left to restore", async (restoreSwept, status) => {
    await setting({ restoreSwept });
    await create();
    const { id } = only();
    await ask("DELETE", `${users}/${id}`);
    simulator.advance(31 * 86_400_000);
    expect((await ask("POST", `${users}/restore/${id}`)).status).toBe(status);
    expect((await page("deleted=-1")).data).toEqual([]);
  });
  test("every switch of the list above is one that the vendor has", () => {
    expect(Object.keys(enlivy.switches).toSorted()).toEqual(["createStatus", "deleteTwice", "duplicate", "emailFilter", "getDeleted", "idempotency", "overMax", "pageSize", "put", "putCollection", "restoreSwept", "seedOnlyServer", "uniqueCountsTrash", "unknownFilter"]);
  });
});

test.each([["an unknown field", { users: [{ colour: "red" }] }], ["a role that nobody knows", { users: [{ organization_user_role_id: "x" }] }], ["a stray word", { people: [] }], ["a number for a name", { users: [{ first_name: 1 }] }]])("a seed with %s is refused whole", (_name, records) => {
  expect(() => simulator.seed({ ...records })).toThrow();
  expect(simulator.state().users).toEqual([]);
});

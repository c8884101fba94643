/**
 * Applivery, simulated: the documents word for word, and every switch in every position.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import type { AppliveryState } from "../../src/connectors/applivery/simulated/state.ts";
import { applivery, appliveryLimit, startApplivery } from "../../src/connectors/applivery/simulator.ts";
import { simulateVendor } from "../../src/sandbox/simulate.ts";

let simulator: RunningSimulator<AppliveryState>;
beforeEach(async () => (simulator = await startApplivery()));
afterEach(() => simulator.stop());

interface Shown {
  readonly id: string;
  readonly role: string;
  readonly tags: readonly string[];
  readonly user: { readonly email: string; readonly role: string };
}
/** Whatever an answer may hold; a test that reads what is not there fails by itself. */
interface Body {
  readonly status: boolean;
  readonly data: { readonly collaborator: Shown; readonly oemSecret?: string; readonly items: readonly Shown[]; readonly limit: number; readonly page: number; readonly hasNextPage: boolean };
  readonly error: { readonly code?: number; readonly message: string };
}
interface Reply {
  readonly status: number;
  readonly body: Body;
  readonly location: string | null;
}
const O = "/v1/organizations/acme";
async function ask(method: string, path: string, body?: unknown, key: string | undefined = simulator.apiKey): Promise<Reply> {
  const response = await fetch(simulator.url + path, { method, redirect: "manual", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as Body, location: response.headers.get("location") };
}
const ada = { email: "ada@acme.example", firstName: "Ada", lastName: "Byron", tags: ["emea"] };
const create = (change: object = {}, key?: string) => ask("POST", `${O}/oem/users`, { ...ada, ...change }, key);
const collaborator = (email: string) => {
  const { accounts, collaborators } = simulator.state();
  const account = accounts.find((one) => one.email === email);
  return collaborators.find((one) => one.account === account?.id);
};
const pathOf = (email: string) => `${O}/collaborators/${collaborator(email)?.id}`;
const emailsOf = ({ body }: Reply) => body.data.items.map(({ user }) => user.email);
const list = async (query: string) => emailsOf(await ask("GET", `${O}/collaborators/?${query}`));
const people = (count: number) => simulator.seed({ count });
const hex = expect.stringMatching(/^[0-9a-f]{24}$/) as string;

test("a created user, in the documented shape, is on top of the list", async () => {
  const { status, body } = await create();
  const record = {
    id: hex, organization: simulator.state().organization.id, role: "viewer", tags: ["emea"],
    user: { id: hex, email: "ada@acme.example", firstName: "Ada", lastName: "Byron", picture: "", role: "user", ssoUser: false },
    detected: {}, createdBy: "65a000000000000000000001", updatedAt: expect.any(String) as string, createdAt: expect.any(String) as string,
  };
  expect({ status, body }).toEqual({ status: 200, body: { status: true, data: { collaborator: record, oemSecret: expect.stringMatching(/^[0-9a-f]{32}$/) as string } } });
  const listed = await ask("GET", `${O}/collaborators/?onlyUsers=true&limit=3`);
  expect(listed.body).toEqual({ status: true, data: { items: [body.data.collaborator], totalDocs: 1, limit: 3, hasPrevPage: false, hasNextPage: false, page: 1, totalPages: 1, prevPage: null, nextPage: null } });
});

test("the organization is named by id or slug; another one is 404", async () => {
  const { id } = simulator.state().organization;
  expect((await ask("GET", `/v1/organizations/${id}/collaborators/`)).status).toBe(200);
  expect(await ask("GET", "/v1/organizations/other/collaborators/")).toMatchObject({ status: 404, body: { status: false, error: { code: 3001, message: "Entity not found" } } });
});

test.each([
  ["no e-mail", { email: undefined }], ["no address", { email: "ada" }], ["two dots", { email: "a..da@acme.example" }], ["no top level", { email: "ada@acme" }], ["a letter that is not ASCII", { email: "jörg@acme.example" }],
  ["an address of more than 256", { email: `${"a".repeat(250)}@acme.example` }], ["a first name of more than 128", { firstName: "a".repeat(129) }], ["a name that is no text", { lastName: 7 }],
  ["tags that are no list", { tags: "emea" }], ["a tag of more than 128", { tags: ["a".repeat(129)] }], ["a tag that is no text", { tags: [1] }],
])("a create with %s is 400 and leaves nobody behind", async (_name, change) => {
  const before = simulator.state();
  expect(await create(change)).toMatchObject({ status: 400, body: { status: false, error: { code: 5209 } } });
  expect(simulator.state()).toEqual(before);
});

test("an address is kept lower-case, and taken in every case", async () => {
  expect((await create({ email: "Ada@Acme.Example" })).body.data.collaborator.user.email).toBe("ada@acme.example");
  expect((await create({ email: "ADA@acme.example" })).body.error.code).toBe(4009);
});

test("4009 is somebody here, and somebody in another workspace alike", async () => {
  simulator.seed("traps");
  for (const email of ["ann@acme.example", "elsewhere@acme.example"]) {
    expect(await create({ email })).toMatchObject({ status: 403, body: { status: false, error: { code: 4009, message: expect.stringContaining("If you already registered") as string } } });
  }
  expect(await list("email=elsewhere@acme.example")).toEqual([]);
});

test("5187 where the platform has switched OEM users off, 5017 where the plan is full", async () => {
  simulator.seed({ oem: false });
  expect(await create()).toMatchObject({ status: 400, body: { error: { code: 5187, message: "Feature block by platform configuration" } } });
  simulator.seed({ oem: true, seats: 1 });
  expect((await create()).status).toBe(200);
  expect(await create({ email: "b@acme.example" })).toMatchObject({ status: 400, body: { error: { code: 5017 } } });
});

describe("credentials", () => {
  test("no token is 4002, an unknown one or another scheme 4004", async () => {
    const codes = await Promise.all([undefined, "Bearer nobody", `Basic ${simulator.apiKey}`, simulator.apiKey].map(async (authorization) => {
      const response = await fetch(`${simulator.url}${O}/collaborators/`, { headers: authorization === undefined ? {} : { authorization } });
      return [response.status, ((await response.json()) as Body).error.code];
    }));
    expect(codes).toEqual([[401, 4002], [401, 4004], [401, 4004], [401, 4004]]);
  });

  test("a developer reads and writes nothing, a viewer does not even read", async () => {
    simulator.seed("traps");
    const before = simulator.state();
    for (const [name, read] of [["developer", 200], ["viewer", 403]] as const) {
      const key = simulator.apiKeys[name];
      for (const path of ["collaborators/", "collaborators/groups", "segment-permissions/"]) expect((await ask("GET", `${O}/${path}`, undefined, key)).status, `${name} ${path}`).toBe(read);
      for (const [method, path] of [["POST", `${O}/oem/users`], ["PUT", pathOf("ann@acme.example")], ["DELETE", pathOf("ann@acme.example")], ["PUT", `${O}/segment-permissions/65c000000000000000000001`], ["POST", `${O}/employees/`]] as const)
        expect((await ask(method, path, { ...ada }, key)).status, `${name} ${method} ${path}`).toBe(403);
    }
    expect(simulator.state()).toEqual(before);
  });
});

describe("the list", () => {
  test("pages from 1, newest first, with a flag for more", async () => {
    people(25);
    const pages = [];
    for (const page of [1, 2, 3]) pages.push((await ask("GET", `${O}/collaborators/?onlyUsers=true&limit=10&page=${page}`)).body.data);
    expect(pages.map(({ items, page, hasNextPage }) => [items.length, page, hasNextPage])).toEqual([[10, 1, true], [10, 2, true], [5, 3, false]]);
    expect(pages.flatMap(({ items }) => items.map(({ user }) => user.email))).toEqual(Array.from({ length: 25 }, (_, at) => `person${25 - at}@plain.example`));
  });

  test.each(["page=0", "page=x", "page=-1", "limit=0", "limit=1.5", "sort=a b", "sort=role:up", "role=boss", "onlyUsers=yes", `email=${"a".repeat(257)}`])("%s is 400", async (query) => {
    expect((await ask("GET", `${O}/collaborators/?${query}`)).status).toBe(400);
  });

  test("filters by role and tag, and sorts", async () => {
    simulator.seed("traps");
    expect(await list("role=editor&onlyUsers=true")).toEqual(["ann@acme.example"]);
    expect(await list("tags=emea")).toEqual(["ann@acme.example"]);
    expect(await list("tags[]=field&sort=createdAt")).toHaveLength(2);
    expect((await ask("GET", `${O}/collaborators/?onlyUsers=true&sort=role:desc`)).body.data.items.map(({ role }) => role)).toEqual(["viewer", "viewer", "unassigned", "owner", "editor", "admin"]);
    expect((await ask("GET", `${O}/collaborators/groups`)).body).toEqual({ status: true, data: { items: [{ value: "emea" }, { value: "field" }] } });
  });
});

describe("switches", () => {
  test.each([["substring", ["ann@acme.example.evil.example", "joann@acme.example", "ann@acme.example"]], ["prefix", ["ann@acme.example.evil.example", "ann@acme.example"]], ["exact", ["ann@acme.example"]]])("emailFilter %s, in any letter case", async (position, found) => {
    simulator.seed("traps");
    await simulator.setSwitches({ emailFilter: position });
    expect(await list("email=ANN@acme.example")).toEqual(found);
  });

  test.each([["10", 10], ["100", 100]])("defaultLimit %s", async (position, shown) => {
    people(120);
    await simulator.setSwitches({ defaultLimit: position });
    expect(await list("onlyUsers=true")).toHaveLength(shown);
  });

  test.each([["clamp 100", 100], ["none", 120]])("maxLimit %s of 500 shows %i of 120", async (position, shown) => {
    people(120);
    await simulator.setSwitches({ maxLimit: position });
    const { data } = (await ask("GET", `${O}/collaborators/?onlyUsers=true&limit=500`)).body;
    expect([data.items.length, data.limit, data.hasNextPage]).toEqual([shown, position === "none" ? 500 : 100, position !== "none"]);
  });

  test.each([["required", 404, null], ["301", 301, `${O}/collaborators/?page=1`], ["308", 308, `${O}/collaborators/?page=1`], ["optional", 200, null]])("trailingSlash %s", async (position, status, location) => {
    await simulator.setSwitches({ trailingSlash: position });
    expect(await ask("GET", `${O}/collaborators?page=1`)).toMatchObject({ status, location });
    expect((await ask("GET", `${O}/segment-permissions`)).status).toBe(status);
    expect((await ask("GET", `${O}/collaborators/?page=1`)).status).toBe(200);
  });

  test.each([["hides", 6], ["ignored", 10]])("onlyUsers %s shows %i of the traps", async (position, shown) => {
    simulator.seed("traps");
    await simulator.setSwitches({ onlyUsers: position });
    expect(await list("onlyUsers=true&limit=100")).toHaveLength(shown);
    expect(await list("limit=100")).toHaveLength(10);
  });

  test.each(["viewer", "unassigned", "admin"])("newRole %s is shown in the answer", async (position) => {
    await simulator.setSwitches({ newRole: position });
    expect((await create()).body.data.collaborator.role).toBe(position);
  });

  test("oemSecret absent: the answer holds the collaborator and nothing else", async () => {
    await simulator.setSwitches({ oemSecret: "absent" });
    expect(Object.keys((await create()).body.data)).toEqual(["collaborator"]);
  });

  test.each([["off", false], ["status:true", true]])("oldErrors %s", async (position, status) => {
    await simulator.setSwitches({ oldErrors: position });
    expect(await ask("DELETE", `${O}/collaborators/nobody`)).toMatchObject({ status: 404, body: { status, error: { code: 3001, message: "Entity not found" } } });
  });

  test.each([["5209", 5209], ["other", 5999]])("validationCode %s, for broken JSON too", async (position, code) => {
    await simulator.setSwitches({ validationCode: position });
    expect((await create({ email: "ada" })).body.error.code).toBe(code);
    const broken = await fetch(`${simulator.url}${O}/oem/users`, { method: "POST", headers: { authorization: `Bearer ${simulator.apiKey}` }, body: "{" });
    expect([broken.status, ((await broken.json()) as Body).error.code]).toEqual([400, code]);
  });

  test("putCollaborator and deleteCollaborator 404: nobody there, and no such call, answer alike", async () => {
    simulator.seed("traps");
    const before = simulator.state();
    for (const method of ["PUT", "DELETE"]) {
      const body = { role: "viewer", tags: [] };
      expect(await ask(method, pathOf("ann@acme.example"), body)).toEqual(await ask(method, `${O}/collaborators/65f000000000000000000000`, body));
    }
    expect(simulator.state()).toEqual(before);
  });

  test.each([["cleared", { role: "unassigned", tags: [] }], ["kept", { role: "editor", tags: ["emea", "field"] }]])("putOmitted %s", async (position, left) => {
    simulator.seed("traps");
    await simulator.setSwitches({ putCollaborator: "on", putOmitted: position });
    await ask("PUT", pathOf("ann@acme.example"), {});
    expect(collaborator("ann@acme.example")).toMatchObject(left);
    await ask("PUT", pathOf("ann@acme.example"), { role: "admin", tags: ["x"] });
    expect(collaborator("ann@acme.example")).toMatchObject({ role: "admin", tags: ["x"] });
  });

  test.each([["200", { status: true }], ["204", undefined]])("putStatus %s, for a removal too", async (position, body) => {
    simulator.seed("traps");
    await simulator.setSwitches({ putCollaborator: "on", deleteCollaborator: "on", putStatus: position });
    const changed = await ask("PUT", pathOf("ann@acme.example"), { role: "viewer", tags: [] });
    expect(changed.status).toBe(Number(position));
    if (body) expect(changed.body).toMatchObject({ ...body, data: { collaborator: { role: "viewer", tags: [], user: { email: "ann@acme.example" } } } });
    else expect(changed.body).toBeUndefined();
    expect(await ask("DELETE", pathOf("ann@acme.example"))).toMatchObject({ status: Number(position) });
    expect(collaborator("ann@acme.example")).toBeUndefined();
  });

  test.each([{ role: "owner" }, { role: "boss" }, { role: 7 }, { tags: "x" }, { tags: [1] }])("a change to %j is 400 and changes nothing", async (body) => {
    simulator.seed("traps");
    await simulator.setSwitches({ putCollaborator: "on" });
    const before = simulator.state();
    expect((await ask("PUT", pathOf("ann@acme.example"), { role: "viewer", tags: [], ...body })).status).toBe(400);
    expect(simulator.state()).toEqual(before);
  });

  test.each([["403", 403], ["400", 400]])("ownerChange %s: the owner is neither changed nor removed", async (position, status) => {
    simulator.seed("traps");
    await simulator.setSwitches({ putCollaborator: "on", deleteCollaborator: "on", ownerChange: position });
    expect((await ask("PUT", pathOf("olga@acme.example"), { role: "viewer", tags: [] })).status).toBe(status);
    expect((await ask("DELETE", pathOf("olga@acme.example"))).status).toBe(status);
    expect(collaborator("olga@acme.example")?.role).toBe("owner");
  });

  test.each([["4009", 403], ["200", 200]])("createAfterRemove %s: the account stayed on the platform", async (position, status) => {
    await simulator.setSwitches({ deleteCollaborator: "on", createAfterRemove: position });
    const { id, user } = (await create()).body.data.collaborator as Shown & { user: { id: string } };
    await ask("DELETE", pathOf(ada.email));
    const again = await create();
    expect(again.status).toBe(status);
    if (status !== 200) return expect(again.body.error.code).toBe(4009);
    expect(again.body.data.collaborator.id).not.toBe(id);
    expect(again.body.data.collaborator).toMatchObject({ user: { id: user.id } });
    simulator.seed({ outside: ["elsewhere@acme.example"] });
    expect((await create({ email: "elsewhere@acme.example" })).body.error.code).toBe(4009);
  });
});

describe("segment permissions", () => {
  const access = () => Object.fromEntries(simulator.state().access.map(({ email, role, permissions }) => [email, [role, ...permissions.map((id) => id.slice(-1))]]));

  test("let people in by address or tags, whatever their role; the state shows who still gets in", async () => {
    simulator.seed("traps");
    await simulator.setSwitches({ putCollaborator: "on", deleteCollaborator: "on", createAfterRemove: "200" });
    expect(access()).toEqual({ "ann@acme.example": ["editor", "1", "2"], "joann@acme.example": ["viewer", "1", "2"], "left@acme.example": ["unassigned", "3"] });
    await ask("PUT", pathOf("ann@acme.example"), { role: "unassigned", tags: [] });
    expect(access()["ann@acme.example"]).toEqual(["unassigned", "1"]);
    await ask("DELETE", pathOf("ann@acme.example"));
    expect(access()["ann@acme.example"]).toBeUndefined();
    await create({ email: "ann@acme.example", tags: [] });
    expect(access()["ann@acme.example"]).toEqual(["viewer", "1"]); // alive again after a re-hire
  });

  test("are listed page by page and can be searched and changed", async () => {
    simulator.seed("traps");
    expect((await ask("GET", `${O}/segment-permissions/?limit=2&page=2`)).body.data).toMatchObject({ items: [{ name: "Left over" }, { name: "Nobody's" }], totalDocs: 4, hasNextPage: false });
    expect((await ask("GET", `${O}/segment-permissions/?search=KIOSK`)).body.data.items).toMatchObject([{ id: "65c000000000000000000001", users: { emails: ["Ann@acme.example", "joann@acme.example"], groups: [] } }]);
    await ask("PUT", `${O}/segment-permissions/65c000000000000000000001`, { users: { emails: [] } });
    expect(access()["ann@acme.example"]).toEqual(["editor", "2"]);
    expect((await ask("PUT", `${O}/segment-permissions/65c0000000000000000000ff`, {})).status).toBe(404);
  });
});

test("app-store users are a population of their own", async () => {
  expect((await ask("POST", `${O}/employees/`, { email: ada.email })).status).toBe(200);
  expect(simulator.state().employees).toEqual([ada.email]);
  expect(await list("email=ada")).toEqual([]);
});

test("10,000 per hour with a burst of 100: the next one is 429 with Retry-After", async () => {
  await simulator.setSwitches({ limit: appliveryLimit });
  const asked = await Promise.all(Array.from({ length: 105 }, () => fetch(`${simulator.url}${O}/collaborators/groups`, { headers: { authorization: `Bearer ${simulator.apiKey}` } })));
  const late = asked.filter(({ status }) => status === 429);
  expect(late.length).toBeGreaterThan(0);
  expect(late[0]?.headers.get("retry-after")).toBe("1");
  expect(await late[0]?.json()).toEqual({ status: false, error: { message: "Too many requests" } });
});

test.each([
  { seed: { collaborators: [{ email: "a@b.example", rank: 1 }] }, field: "rank" }, { seed: { collaborators: [{ email: 7 }] }, field: "email" }, { seed: { collaborators: [{ email: "a@b.example", role: "boss" }] }, field: "role" },
  { seed: { users: [] }, field: "users" }, { seed: { permissions: [{ emails: "a@b.example" }] }, field: "emails" }, { seed: { seats: -1 }, field: "seats" },
  { seed: { collaborators: [{ email: "a@b.example", role: "owner" }, { email: "b@b.example", role: "owner" }] }, field: "role" }, { seed: { collaborators: [{ email: "a@b.example", id: "1" }, { email: "b@b.example", id: "1" }] }, field: "id" },
])("a seed that makes no sense is refused whole: $field", ({ seed, field }) => {
  const before = simulator.state();
  expect(() => simulator.seed(seed)).toThrow(expect.objectContaining({ failure: expect.objectContaining({ kind: "invalid", field }) as object }) as Error);
  expect(simulator.state()).toEqual(before);
});

test("it can be started by name, and its switches are those of the specification", async () => {
  const named = await simulateVendor("applivery", { seed: "traps" });
  expect((await fetch(`${named.controlUrl}/state`).then((answer) => answer.json() as Promise<AppliveryState>)).access).toHaveLength(3);
  await named.stop();
  expect(applivery.secretFields).toEqual(["oemSecret"]);
  expect(Object.keys(applivery.switches)).toEqual(["putCollaborator", "deleteCollaborator", "putOmitted", "putStatus", "newRole", "oemSecret", "oldErrors", "emailFilter", "defaultLimit", "maxLimit", "trailingSlash", "onlyUsers", "createAfterRemove", "validationCode", "ownerChange"]);
});

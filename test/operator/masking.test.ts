/**
 * What a viewer is shown: how things stand, and nobody's name.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { resourceId } from "../../src/model/ids.ts";
import { acts } from "../../src/operator/acts.ts";
import { address, anything, personalText } from "../../src/operator/fields.ts";
import { masked } from "../../src/operator/masking.ts";
import { ada, eventually, patch } from "../support/house.ts";
import { type Desk, openDesk } from "./desk.ts";

const covered = "•••";

describe("by the schema", () => {
  const schema = z.strictObject({
    name: address.nullable(), steps: personalText, text: z.string(), count: z.int(), names: z.array(address), any: anything,
    rows: z.array(z.looseObject({ id: z.int(), kind: z.string() })), either: z.union([z.strictObject({ who: address }), z.null()]), counts: z.record(z.string(), z.int()),
  });
  const cover = (more: Partial<z.output<typeof schema>>) => masked(schema, { name: null, steps: "", text: "", count: 1, names: [], any: null, rows: [], either: null, counts: {}, ...more });

  test.each([
    [{ name: "ada@acme.example" }, { name: `a${covered}@acme.example` }],
    [{ name: "ada.lovelace" }, { name: `a${covered}` }],
    [{ name: null }, { name: null }],
    [{ names: ["ada@acme.example", "eve"] }, { names: [`a${covered}@acme.example`, `e${covered}`] }],
    [{ either: { who: "ada" } }, { either: { who: `a${covered}` } }],
    [{ steps: "Call Ada" }, { steps: covered }],
    [{ text: "adopted ada@acme.example, not eve.o'hara+x@acme.example." }, { text: `adopted ${covered}@acme.example, not ${covered}@acme.example.` }],
    [{ text: "GET /users?email=ada%40acme.example" }, { text: `GET /users?email=${covered}%40acme.example` }],
    [{ text: "ädä@äcme.example" }, { text: `${covered}@äcme.example` }],
    [{ counts: { "given up": 3 } }, { counts: { "given up": 3 } }],
    [{ any: { a: "x", b: [1, true, "y", null], c: { d: "" } } }, { any: { a: covered, b: [1, true, covered, null], c: { d: "" } } }],
    [{ rows: [{ id: 1, kind: "push", method: "PATCH", before: { active: true, name: "Ada" }, after: { active: false } }] }, { rows: [{ id: 1, kind: "push", method: "PATCH", before: { active: true, name: covered }, after: { active: false } }] }],
    [{ rows: [{ id: 1, kind: "outcome", calls: [{ method: "GET", path: "/users?q=ada@acme.example", status: 200, body: { email: "ada@acme.example" } }] }] }, { rows: [{ id: 1, kind: "outcome", calls: [{ method: "GET", path: `/users?q=${covered}@acme.example`, status: 200, body: { email: covered } }] }] }],
    [{ rows: [{ id: 1, kind: "decision", drift: "profileChanged", from: "Ada", notes: ["Ada → Eve"] }] }, { rows: [{ id: 1, kind: "decision", drift: "profileChanged", from: covered, notes: [covered] }] }],
    [{ rows: [{ id: 1, kind: "decision", notes: ["adopted ada@acme.example"] }] }, { rows: [{ id: 1, kind: "decision", notes: [`adopted ${covered}@acme.example`] }] }],
    [{ rows: [{ id: 1, kind: "decision", reason: { name: "Ada" } }] }, { rows: [{ id: 1, kind: "decision", reason: { name: covered } }] }], // our word's place, and not our word
  ] as const)("%j becomes %j", (given, shown) => {
    expect(cover(given as never)).toMatchObject(shown as object);
  });

  test("the value itself stays as it was", () => {
    const given = { name: "ada@acme.example", steps: "s", text: "t", count: 1, names: ["ada"], any: { a: "x" }, rows: [], either: null, counts: {} };
    masked(schema, given);
    expect(given).toMatchObject({ name: "ada@acme.example", names: ["ada"], any: { a: "x" } });
  });
});

describe("over the API", () => {
  let desk: Desk;
  let id = "";
  let task = "";
  let hold = "";
  let run = "";
  let finding = "";
  const canary = /canary|4711|c-?a-?n-?a-?r-?y/i;
  beforeAll(async () => {
    desk = await openDesk({ rails: { massDeprovision: { count: 0, share: 0 }, protected: ["canary@acme.example"] } });
    const person = ada({ userName: "canary@acme.example", externalId: "canary-ext", name: { givenName: "Canary", familyName: "Bird-4711" }, displayName: "Canary Bird", phoneNumbers: [{ value: "+49 30 4711", type: "work" }], emails: [{ value: "canary@acme.example", type: "work", primary: true }], title: "Canary in chief" });
    id = String((await desk.house.scim("POST", "/Users", person)).body.id);
    await desk.house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "name.givenName", value: "Canary-Ann" }));
    await desk.house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false })); // held
    task = (await desk.store.openTask({ connection: "acme" as never, resource: resourceId(id), account: undefined, title: "By hand (canary@acme.example)", steps: 'Wanted: name.givenName "Canary".' })).id;
    hold = (await desk.store.holds(undefined, { open: true }))[0]!.id;
    await eventually(async () => (await desk.store.workOf("acme" as never, resourceId(id)))?.state === "done");
    const { id: account } = desk.vendor.state().users.find(({ email }) => email === "canary@acme.example")!;
    await fetch(`${desk.vendor.url}/api/users/${account}`, { method: "PATCH", headers: { Authorization: `Bearer ${desk.vendor.apiKey}`, "Content-Type": "application/json" }, body: '{"first_name":"Canary the other"}' });
    desk.vendor.seed({ users: [{ email: "another-canary@acme.example", first_name: "Canary", last_name: "4711", role: "User" }] });
    run = (await desk.store.askForReconciliation("acme" as never, { by: "test", policy: "report", mostMissing: undefined })).run.id;
    finding = await eventually(async () => (await desk.store.findings("acme" as never, { limit: 10 })).find(({ kind }) => kind === "profileChanged")?.id, 20_000);
    await eventually(async () => (await desk.store.reconciliation(run as never))?.state === "complete", 20_000);
  });
  afterAll(() => desk.stop());

  const reads = acts.filter(({ route, needs }) => needs === "viewer" && route.method === "GET").map(({ name, route }) => ({ name, path: route.path }));
  const filled = (path: string) => path.replace("{connection}", "acme").replace("{person}", id).replace("/operations/{id}", `/operations/${id}`).replace("/holds/{id}", `/holds/${hold}`).replace("/tasks/{id}", `/tasks/${task}`).replace("/reconciliations/{id}", `/reconciliations/${run}`).replace("/drift/{id}", `/drift/${finding}`);

  test.each(reads)("$name tells a viewer nobody's name, and an operator everything", async ({ name, path }) => {
    const all = name.endsWith(".list") && (name.startsWith("operations") || name.startsWith("holds") || name.startsWith("tasks")) ? "?all=true" : "";
    const [viewer, operator] = [await desk.api("viewer", "GET", filled(path) + all), await desk.api("operator", "GET", filled(path) + all)];
    expect([viewer.status, operator.status]).toEqual([200, 200]);
    expect(JSON.stringify(viewer.body)).not.toMatch(canary);
    if (["people.timeline", "operations.list", "operations.show", "holds.show", "tasks.list", "tasks.show", "audit.list", "drift.list", "drift.show", "drift.orphans"].includes(name)) expect(JSON.stringify(operator.body)).toMatch(canary);
  });

  test("whoever is found by a name is not told it", async () => {
    const { body } = await desk.api("viewer", "POST", "/people/search", { name: "canary@acme.example" });
    expect(body.items).toMatchObject([{ id, userName: `c${covered}@acme.example`, externalId: `c${covered}` }]);
    expect(JSON.stringify((await desk.api("viewer", "POST", "/people/search", { name: "cana" })).body)).not.toMatch(canary);
  });

  test("a viewer still sees what happened, and why", async () => {
    const { body } = await desk.api("viewer", "GET", `/connections/acme/people/${id}/timeline`);
    const kinds = body.entries.map(({ kind }: { kind: string }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(["push", "intent", "outcome", "hold"]));
    const intent = body.entries.find(({ kind }: { kind: string }) => kind === "intent");
    expect(intent.operations[0]).toMatchObject({ kind: "create", reason: expect.stringContaining("User") as string, email: covered });
    expect(body.role.reason).toContain("User");
    expect(body.person.link).toMatchObject({ login: `c${covered}@acme.example`, access: "active" });
  });

  test("nothing secret is in any answer to anybody", async () => {
    for (const { path } of reads) expect(JSON.stringify((await desk.api("approver", "GET", filled(path))).body)).not.toContain(desk.vendor.apiKey);
  });
});

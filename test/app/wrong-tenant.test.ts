/**
 * The credential is changed for one that opens another tenant of the same vendor. There everything answers, nobody of ours is found, and
 * none of it may be believed: no leaver is gone, and no joiner is made or found there.
 *
 * @module
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { connectionId } from "../../src/model/ids.ts";
import { ada, eventually, openTestHouse, patch, type TestHouse } from "../support/house.ts";
import { temporaryFolder } from "../support/postgres.ts";

const acme = connectionId("acme");
const off = patch({ op: "replace", path: "active", value: false });
const quick = { delivery: { deadline: "400ms", settle: "700ms" }, vendor: { timeout: "300ms" } };
const names = ["ann", "bo", "cy", "di", "eli"];

let folder: ReturnType<typeof temporaryFolder>;
let [ours, theirs]: Awaited<ReturnType<typeof startPeopleLens>>[] = [];
let house: TestHouse;
const ids = new Map<string, string>();

const open = async (vendor: NonNullable<typeof ours>) => (house = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, store: `file:${folder.path}/tenant.db`, connection: quick }));
const person = (name: string) => ada({ userName: `${name}@acme.example`, externalId: name });
const onAt = (vendor: typeof ours) => vendor!.state().users.filter(({ is_enabled }) => is_enabled).map(({ email }) => email.replace(/@.*/, "")).toSorted();
const written = (vendor: typeof ours) => vendor!.journal().filter(({ method }) => method !== "GET");

beforeEach(async () => {
  folder = temporaryFolder();
  [ours, theirs] = [await startPeopleLens(), await startPeopleLens({ random: 4711 })];
  theirs.seed({ count: 20 });
  theirs.seed({ users: [{ email: "zoe@acme.example", first_name: "Ada", last_name: "Lovelace", role: "User" }] });
  await open(ours);
  ids.clear();
  for (const name of names) ids.set(name, String((await house.scim("POST", "/Users", person(name))).body.id));
  await house.stop();
});
afterEach(async () => {
  await house.stop();
  await ours?.stop();
  await theirs?.stop();
  folder.remove();
});

test("a leaver who is not there is not taken for gone: 502, kept, and done once the credential is right", async () => {
  await open(theirs!);
  const answer = await house.scim("PATCH", `/Users/${ids.get("ann")}`, off);
  expect([answer.status, answer.body.detail]).toEqual([502, expect.stringContaining("another tenant")]);
  expect((await house.scim("DELETE", `/Users/${ids.get("bo")}`)).status).toBe(502);
  expect(onAt(ours)).toEqual(names);
  await house.stop();
  await open(ours!);
  await eventually(() => onAt(ours).join() === "cy,di,eli");
});

test("a joiner is neither made nor found there, by a push or by a look-up; a mover is not said to be gone", async () => {
  await open(theirs!);
  const from = written(theirs).length;
  for (const name of ["fay", "zoe"]) {
    const answer = await house.scim("POST", "/Users", person(name));
    expect([answer.status, answer.body.detail]).toEqual([502, expect.stringContaining("another tenant")]);
  }
  expect((await house.scim("GET", `/Users?filter=${encodeURIComponent('userName eq "zoe@acme.example"')}`)).body.totalResults).toBe(0);
  const moved = await house.scim("PATCH", `/Users/${ids.get("cy")}`, patch({ op: "replace", path: "name.givenName", value: "Cyan" }));
  expect([moved.status, moved.body.detail]).toEqual([502, expect.stringContaining("another tenant")]);
  expect(await house.house.store.tasks(acme, { open: true })).toEqual([]);
  expect(written(theirs).slice(from).filter(({ status }) => (status ?? 0) < 300)).toEqual([]);
  await house.stop();
  await open(ours!);
  expect((await house.scim("POST", "/Users", person("fay"))).status).toBe(201);
  expect(onAt(ours)).toEqual([...names, "fay"]);
});

test("somebody who was really removed is believed to be gone while others are there, and a joiner costs one look more than else, once", async () => {
  await open(ours!);
  const { users } = ours!.state();
  const gone = users.find(({ email }) => email.startsWith("ann"));
  const removed = await fetch(`${ours!.url}/api/users/${gone?.id}`, { method: "DELETE", headers: { Authorization: `Bearer ${ours!.apiKey}` } });
  expect(removed.ok).toBe(true);
  expect((await house.scim("PATCH", `/Users/${ids.get("ann")}`, off)).status).toBe(200);
  const calls = async (name: string) => {
    const from = ours!.journal().length;
    await house.scim("POST", "/Users", person(name));
    return ours!.journal().slice(from).filter(({ method }) => method === "GET").length;
  };
  const [first, second, third] = [await calls("fay"), await calls("gil"), await calls("hal")];
  expect([first - second, third - second]).toEqual([1, 0]);
});

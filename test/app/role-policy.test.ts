/**
 * A changed role policy is counted before it is in force; and no denial that nobody pushed passes the brake.
 *
 * @module
 */
import { afterEach, describe, expect, test } from "vitest";
import { type Config, readConfig } from "../../src/config.ts";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { connectionId, correlationId } from "../../src/model/ids.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { ada, eventually, openTestHouse, patch, type TestHouse, token } from "../support/house.ts";
import { temporaryFolder } from "../support/postgres.ts";

const acme = connectionId("acme");
const editors = { idp: "Editors", vendor: "Editor" };
const everyone = { idp: "Everyone", vendor: "User" };
const admins = { idp: "Admins", vendor: "Admin", privileged: true };
const former = { map: [admins, editors, everyone], fallback: "User" };
/** Takes access from everybody who lives on the fallback. */
const strict = { ...former, fallback: "deactivate" };
const two = { massDeprovision: { count: 2, share: 0 } };

interface Stage {
  readonly vendor: Awaited<ReturnType<typeof startPeopleLens>>;
  house: TestHouse;
  open(connection: JsonObject): Promise<TestHouse>;
  config(connection: JsonObject): Promise<Config>;
  end(): Promise<void>;
}
let stage: Stage | undefined;
afterEach(async () => {
  await stage?.end();
  stage = undefined;
});

async function begin(connection: JsonObject): Promise<Stage> {
  const vendor = await startPeopleLens();
  const folder = temporaryFolder();
  const store = `file:${folder.path}/test.db`;
  const open = (its: JsonObject) => openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, connection: its, store });
  const made: Stage = {
    vendor,
    house: await open(connection),
    open,
    config: (its) =>
      readConfig("test.yaml", {
        env: {},
        readFile: async () =>
          JSON.stringify({
            listen: { host: "127.0.0.1", port: 0 }, publicUrl: "http://scim.test", store, egress: { allow: ["127.0.0.1"] },
            connections: { acme: { connector: "peoplelens", auth: { bearer: [{ name: "test", token }] }, settings: { baseUrl: vendor.url, apiKey: vendor.apiKey }, budget: { requestsPerSecond: 1000, burst: 1000 }, ...its } },
          }),
      }),
    async end() {
      await made.house.stop();
      await vendor.stop();
      folder.remove();
    },
  };
  return (stage = made);
}

const join = async (house: TestHouse, name: string, roles: readonly string[]) =>
  (await house.scim("POST", "/Users", ada({ userName: `${name}@acme.example`, externalId: name, roles: roles.map((value) => ({ value })) }))).body.id as string;
/** People who had a mapped role and have lost it: they live on the fallback. */
async function fallen(house: TestHouse, count: number): Promise<readonly string[]> {
  const ids = [];
  for (let n = 0; n < count; n++) {
    const id = await join(house, `p${n}`, ["Editors"]);
    await house.scim("PATCH", `/Users/${id}`, patch({ op: "remove", path: "roles" }));
    ids.push(id);
  }
  return ids;
}
const active = ({ vendor }: Stage) => vendor.state().users.filter(({ is_enabled }) => is_enabled).map(({ email }) => email.replace(/@.*/, "")).toSorted();
const holds = ({ house }: Stage) => house.house.store.holds(acme, { open: true });
const decide = async (at: Stage, decision: "approved" | "rejected") => at.house.house.store.decideHold({ connection: acme, hold: (await holds(at))[0]!.id, resource: undefined, decision, by: "kim", correlation: correlationId("c-test") });

describe("at a reload", () => {
  test("within the limit it is taken over, remembered, and carried out at once; those who lose access count", async () => {
    const at = await begin({ roles: former, rails: two });
    await fallen(at.house, 2);
    const kept = await join(at.house, "kept", ["Editors"]);
    await at.house.house.reload(await at.config({ roles: strict, rails: two }));
    await eventually(() => active(at).join() === "kept");
    expect((await at.house.scim("PATCH", `/Users/${kept}`, patch({ op: "replace", path: "active", value: false }))).status).toBe(503);
  });

  test("over the limit it is refused as a whole; nobody loses anything until it is approved, and then without counting", async () => {
    const at = await begin({ roles: former, rails: two });
    const ids = await fallen(at.house, 4);
    const next = await at.config({ roles: strict, rails: two, strict: true });
    await expect(at.house.house.reload(next)).rejects.toThrow(/Held by the rail of changed role policies, hold h-\w{8}; nothing has been changed\. .* 4 people would have lost access/);
    await expect(at.house.house.reload(next)).rejects.toThrow();
    expect(await holds(at)).toMatchObject([{ rail: "configuration", waiting: 1 }]);
    // Still the former one, in every key: a touched person keeps access, unknown attributes are ignored.
    expect((await at.house.scim("PATCH", `/Users/${ids[0]}`, patch({ op: "replace", value: { title: "x", unheardOf: 1 } }))).status).toBe(200);
    expect(active(at)).toHaveLength(4);

    await decide(at, "approved");
    await eventually(() => active(at).length === 0);
    const kept = await join(at.house, "kept", ["Editors"]);
    expect((await at.house.scim("PATCH", `/Users/${kept}`, patch({ op: "replace", path: "active", value: false }))).status).toBe(200);
    await at.house.house.reload(next);
  });

  test("rejected, it stays as it was, and the same change asks again", async () => {
    const at = await begin({ roles: former, rails: two });
    await fallen(at.house, 3);
    const next = await at.config({ roles: strict, rails: two });
    await expect(at.house.house.reload(next)).rejects.toThrow();
    const [first] = await holds(at);
    await decide(at, "rejected");
    await expect(at.house.house.reload(next)).rejects.toThrow();
    expect((await holds(at))[0]?.id).not.toBe(first?.id);
    expect(active(at)).toHaveLength(3);
  });

  test("a configuration that takes it back ends the hold", async () => {
    const at = await begin({ roles: former, rails: two });
    await fallen(at.house, 3);
    await expect(at.house.house.reload(await at.config({ roles: strict, rails: two }))).rejects.toThrow();
    await at.house.house.reload(await at.config({ roles: former, rails: two }));
    expect(await holds(at)).toEqual([]);
  });

  test("a lower role for everybody does not count, and is carried out at once", async () => {
    const at = await begin({ roles: former, rails: two });
    for (let n = 0; n < 4; n++) await join(at.house, `p${n}`, ["Editors"]);
    await at.house.house.reload(await at.config({ roles: { map: [admins, { idp: "Others", vendor: "Editor" }, { idp: "Editors", vendor: "User" }], fallback: "User" }, rails: two }));
    await eventually(() => at.vendor.state().users.every(({ role }) => role === "User"));
    expect(active(at)).toHaveLength(4);
  });

  test("a protected person's role and the last administrator's are asked about too", async () => {
    const at = await begin({ roles: former, rails: two });
    await join(at.house, "root", ["Admins", "Everyone"]);
    const without = { map: [{ idp: "Somebody", vendor: "Admin", privileged: true }, editors, everyone], fallback: "User" };
    await expect(at.house.house.reload(await at.config({ roles: without, rails: two }))).rejects.toThrow(/No other active account in a privileged role would be left/);
    await decide(at, "rejected");
    await join(at.house, "glass", ["Editors"]);
    const lower = { map: [admins, { idp: "X", vendor: "Editor" }, { idp: "Editors", vendor: "User" }], fallback: "User" };
    await expect(at.house.house.reload(await at.config({ roles: lower, rails: { ...two, protected: ["glass@acme.example"] } }))).rejects.toThrow(/protected account/);
  });
});

describe("at a start", () => {
  test("the connection goes on with the policy that was in force, and takes the new one over within seconds of its approval", async () => {
    const at = await begin({ roles: former, rails: two });
    const ids = await fallen(at.house, 4);
    await at.house.stop();
    at.house = await at.open({ roles: strict, rails: two, strict: true });
    expect(await holds(at)).toMatchObject([{ rail: "configuration", waiting: 1 }]);
    expect((await at.house.scim("PATCH", `/Users/${ids[0]}`, patch({ op: "replace", path: "title", value: "x" }))).status).toBe(200);
    // Everything else of the new configuration is in force.
    expect((await at.house.scim("PATCH", `/Users/${ids[0]}`, patch({ op: "replace", value: { unheardOf: 1 } }))).status).toBe(400);
    expect(active(at)).toHaveLength(4);

    // Still so after another start, in the same hold.
    const [hold] = await holds(at);
    await at.house.stop();
    at.house = await at.open({ roles: strict, rails: two });
    expect((await holds(at)).map(({ id }) => id)).toEqual([hold?.id]);
    await decide(at, "approved");
    await eventually(() => active(at).length === 0);
    expect(await at.house.house.store.approved(10)).toEqual([]);
  });

  test("an unchanged policy asks nobody", async () => {
    const at = await begin({ roles: strict, rails: two });
    await join(at.house, "p0", ["Editors"]);
    await at.house.stop();
    at.house = await at.open({ roles: strict, rails: two });
    expect(await holds(at)).toEqual([]);
    expect(active(at)).toEqual(["p0"]);
  });
});

describe("a denial that nobody pushed", () => {
  /** As if the vendor had been restored from a backup: who was switched off is on again, and we find out. */
  test("is counted before it is carried out, waits when it is one too many, and goes on when approved", async () => {
    const at = await begin({ roles: former, rails: two });
    const ids = [];
    for (let n = 0; n < 4; n++) ids.push(await join(at.house, `p${n}`, ["Editors"]));
    const { store } = at.house.house;
    // The desired state of all four is changed past the rails, which is what an older version would have left behind.
    for (const id of ids) {
      const held = (await store.hold(acme, id as never))!;
      const { attributes, version } = held;
      await store.commit({ connection: acme, type: "User", id: id as never, readAt: version, attributes: { ...attributes, active: false }, keys: { name: String(attributes?.["userName"]), externalId: undefined, email: undefined, emails: [], active: false, search: {} }, bodyDigest: undefined, journal: [], due: { lane: "deny", lease: undefined } });
    }
    await eventually(async () => active(at).length === 2 && (await holds(at))[0]?.waiting === 2 && (await store.openWork(acme, 10)).length === 2);
    const parked = await store.openWork(acme, 10);
    expect(parked.map(({ due }) => [due.dueAtMs, due.failure?.kind])).toEqual([[undefined, "held"], [undefined, "held"]]);
    expect((await holds(at))[0]).toMatchObject({ rail: "brake" });
    // A push of such a person does not let the denial through either.
    const stays = ids.find((_, n) => active(at).includes(`p${n}`));
    expect((await at.house.scim("PATCH", `/Users/${stays}`, patch({ op: "replace", path: "title", value: "x" }))).status).toBe(200);
    expect(active(at)).toHaveLength(2);
    await decide(at, "approved");
    await eventually(() => active(at).length === 0);
    await eventually(async () => (await store.openWork(acme, 10)).length === 0);
  });
});

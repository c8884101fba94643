/**
 * What every simulated vendor shares: ports, journal, faults, clock, limit, state file. Played on PeopleLens.
 *
 * @module
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { VendorFault } from "../../src/connectors/kit/simulator/faults.ts";
import type { RunningSimulator, SimulatorOptions } from "../../src/connectors/kit/simulator/running.ts";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import type { PeopleLensState } from "../../src/connectors/peoplelens/simulated/state.ts";
import { simulateVendor } from "../../src/sandbox/simulate.ts";

let running: RunningSimulator<PeopleLensState>[] = [];
afterEach(async () => {
  await Promise.all(running.map((simulator) => simulator.stop()));
  running = [];
});

async function start(options: SimulatorOptions = {}): Promise<RunningSimulator<PeopleLensState>> {
  const simulator = await startPeopleLens(options);
  running.push(simulator);
  return simulator;
}

const person = (email: string) => ({ email, password: "hunter2-Hunter2", first_name: "Ada", last_name: "Byron" });

function ask(simulator: RunningSimulator, method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  return fetch(simulator.url + path, {
    method, redirect: "manual", headers: { authorization: `Bearer ${simulator.apiKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }), ...(signal ? { signal } : {}),
  });
}
const create = (simulator: RunningSimulator, email = "ada@acme.example") => ask(simulator, "POST", "/api/users", person(email));

function control(simulator: RunningSimulator, method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(simulator.controlUrl + path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

describe("the journal", () => {
  test("shows every request in order, without credential and password", async () => {
    const simulator = await start();
    await create(simulator);
    await ask(simulator, "GET", "/api/users?search=ada");
    await fetch(`${simulator.url}/api/users`, { headers: { authorization: "Bearer stolen" } });
    await fetch(`${simulator.url}/api/users`);
    expect(simulator.journal()).toMatchObject([
      { number: 1, method: "POST", path: "/api/users", credential: "admin", body: { email: "ada@acme.example", password: "[secret]" }, status: 200, committed: true },
      { number: 2, method: "GET", path: "/api/users?search=ada", credential: "admin", body: null, status: 200, committed: false },
      { number: 3, credential: "unknown", status: 401, committed: false },
      { number: 4, credential: "none", status: 401, committed: false },
    ]);
    const shown = JSON.stringify([simulator.journal(), simulator.state()]);
    for (const secret of [simulator.apiKey, "hunter2-Hunter2", "stolen"]) expect(shown).not.toContain(secret);
  });
});

describe("faults", () => {
  const broken = "no answer";
  const outcome = async (asked: Promise<Response>) => asked.then(async (response) => `${response.status} ${await response.text()}`).catch(() => broken);

  test.each<[string, VendorFault, { status: number | typeof broken; body?: string; records: number }]>([
    ["status", { kind: "status", status: 503, body: "<h1>Down</h1>", headers: { "x-request-id": "r1" } }, { status: 503, body: "<h1>Down</h1>", records: 0 }],
    ["status after the commit", { kind: "status", status: 500, body: { error: "boom" }, committed: true }, { status: 500, body: '{"error":"boom"}', records: 1 }],
    ["delay", { kind: "delay", ms: 5 }, { status: 200, body: "success", records: 1 }],
    ["resetBefore", { kind: "resetBefore" }, { status: broken, records: 0 }],
    ["resetAfter", { kind: "resetAfter" }, { status: broken, records: 1 }],
    ["lateCommit", { kind: "lateCommit", ms: 60_000 }, { status: broken, records: 0 }],
    ["truncate", { kind: "truncate" }, { status: broken, records: 1 }],
    ["a clean truncate", { kind: "truncate", clean: true }, { status: 200, body: '{"success"', records: 1 }],
    ["garbage200", { kind: "garbage200" }, { status: 200, body: "Sign in", records: 1 }],
    ["emptyBody200", { kind: "emptyBody200" }, { status: 200, body: "", records: 1 }],
    ["slowBody", { kind: "slowBody", ms: 1, bytes: 20 }, { status: 200, body: "success", records: 1 }],
    ["retryAfter", { kind: "retryAfter", after: 86400 }, { status: 429, body: "Too many requests", records: 0 }],
    ["retryAfter of a proxy", { kind: "retryAfter", after: "absent", as: "proxy" }, { status: 429, body: "<h1>429", records: 0 }],
    ["redirect", { kind: "redirect", to: "http://elsewhere.invalid/" }, { status: 302, body: "", records: 0 }],
    ["hugeBody", { kind: "hugeBody", bytes: 200_000 }, { status: 200, body: " ".repeat(1000), records: 1 }],
    ["down", { kind: "down" }, { status: broken, records: 0 }],
  ])("%s: what the client sees and what the vendor did", async (_name, fault, { status, body, records }) => {
    const simulator = await start();
    simulator.addFault(fault);
    const seen = await outcome(create(simulator));
    expect(seen).toMatch(status === broken ? /^no answer$/ : new RegExp(`^${status} `));
    if (body !== undefined) expect(seen).toContain(body);
    expect(simulator.state().users).toHaveLength(records);
    expect(simulator.journal()).toMatchObject([{ fault: fault.kind, committed: records === 1 }]);
  });

  test.each([["seconds", 7, /^7$/], ["a date", "date", /GMT$/], ["absent", "absent", undefined], ["text", "soon", /^soon$/]])("Retry-After as %s", async (_name, after, shown) => {
    const simulator = await start();
    simulator.addFault({ kind: "retryAfter", after });
    const header = (await ask(simulator, "GET", "/api/users")).headers.get("retry-after");
    if (shown) expect(header).toMatch(shown);
    else expect(header).toBeNull();
  });

  test("timeout never answers, and does nothing unless told to", async () => {
    const simulator = await start();
    simulator.addFault({ kind: "timeout" }, { kind: "timeout", committed: true, match: { path: "/api/users", nth: 2 } });
    for (const email of ["a@acme.example", "b@acme.example"]) {
      const given = new AbortController();
      const asked = ask(simulator, "POST", "/api/users", person(email), given.signal);
      while (simulator.journal().at(-1)?.body === undefined || simulator.journal().length < (email.startsWith("a") ? 1 : 2)) await new Promise((resolve) => setTimeout(resolve, 2));
      given.abort();
      await expect(asked).rejects.toThrow();
    }
    expect(simulator.state().users.map(({ email }) => email)).toEqual(["b@acme.example"]);
    expect(simulator.journal().map(({ status }) => status)).toEqual([null, null]);
  });

  test("lateCommit is carried out when its time has come, once", async () => {
    const simulator = await start();
    simulator.addFault({ kind: "lateCommit", ms: 60_000 });
    await expect(create(simulator)).rejects.toThrow();
    simulator.advance(50_000);
    expect(simulator.state().users).toHaveLength(0);
    simulator.advance(10_000);
    simulator.advance(60_000);
    expect(simulator.state().users).toHaveLength(1);
    expect(simulator.journal()).toMatchObject([{ committed: true, status: null }]);

    simulator.addFault({ kind: "lateCommit", ms: 1_000 });
    await expect(ask(simulator, "PATCH", `/api/users/${simulator.state().users[0]?.id}`, { first_name: "Augusta" })).rejects.toThrow();
    for (let round = 0; round < 3; round += 1) simulator.advance(1_000);
    expect(simulator.state().audit.map(({ action }) => action)).toEqual(["USER_CREATED", "USER_UPDATED"]);
  });

  test("a late commit meets the vendor as it is by then", async () => {
    const simulator = await start();
    simulator.addFault({ kind: "lateCommit", ms: 60_000 });
    await expect(create(simulator)).rejects.toThrow();
    await create(simulator);
    simulator.advance(60_000);
    expect(simulator.state().users).toHaveLength(1);
  });

  test("lists and single records lag apart", async () => {
    const simulator = await start();
    simulator.addFault({ kind: "staleRead", ms: 30_000, match: { path: "/api/users" } });
    await create(simulator);
    const [user] = simulator.state().users;
    const listed = async () => ((await (await ask(simulator, "GET", "/api/users")).json()) as { users: unknown[] }).users.length;
    expect((await ask(simulator, "GET", `/api/users/${user?.id}`)).status).toBe(200);
    expect(await listed()).toBe(0);
    simulator.advance(30_001);
    expect(await listed()).toBe(1);
  });

  test("nth and times choose among the requests that match", async () => {
    const simulator = await start();
    simulator.addFault({ kind: "status", status: 500, match: { method: "GET", path: "^/api/users\\?search=", nth: 2, times: 2 } });
    const statuses: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      statuses.push((await ask(simulator, "GET", "/api/users?search=a")).status, (await ask(simulator, "GET", "/api/users")).status);
    }
    expect(statuses).toEqual([200, 200, 500, 200, 500, 200, 200, 200]);
  });
});

test("the plug: pulled, connections are refused; put back, the port is the same and the records are there", async () => {
  const simulator = await start();
  await create(simulator);
  await simulator.setSwitches({ down: "on" });
  const refused = await ask(simulator, "GET", "/api/users").catch((thrown: unknown) => thrown);
  expect(refused).toMatchObject({ cause: { code: "ECONNREFUSED" } });
  expect(simulator.journal()).toHaveLength(1);
  await simulator.setSwitches({ down: "off" });
  expect(await (await ask(simulator, "GET", "/api/users")).json()).toMatchObject({ users: [{ email: "ada@acme.example" }] });
});

test("pulling the plug breaks what is under way", async () => {
  const simulator = await start();
  simulator.addFault({ kind: "timeout" });
  const hanging = ask(simulator, "GET", "/api/users").catch((thrown: unknown) => thrown);
  while (simulator.journal().length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  await simulator.setSwitches({ down: "on" });
  expect(await hanging).toBeInstanceOf(Error);
}, 5_000);

test("a plug that a fault pulled comes back by itself in the vendor's time, or when faults are cleared", async () => {
  const simulator = await start();
  simulator.addFault({ kind: "down", ms: 10_000 }, { kind: "down", match: { nth: 2 } });
  await expect(ask(simulator, "GET", "/api/users")).rejects.toThrow();
  await expect(ask(simulator, "GET", "/api/users")).rejects.toThrow();
  simulator.advance(10_000);
  await simulator.setSwitches({});
  await expect(ask(simulator, "GET", "/api/users")).rejects.toThrow(); // the second fault
  await simulator.clearFaults();
  expect((await ask(simulator, "GET", "/api/users")).status).toBe(200);
});

test.each([["vendor", "application/json"], ["proxy", "text/html"]])("the rate limit is a bucket per credential; 429 as a %s's", async (as, type) => {
  const simulator = await start();
  await simulator.setSwitches({ limit: { perSecond: 0.5, burst: 2, as } });
  const asked = [await ask(simulator, "GET", "/api/users"), await ask(simulator, "GET", "/api/users"), await ask(simulator, "GET", "/api/users")];
  expect(asked.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(asked[2]?.headers.get("content-type")).toContain(type);
  expect(Number(asked[2]?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect((await fetch(`${simulator.url}/api/users`, { headers: { authorization: `Bearer ${simulator.apiKeys["member"]}` } })).status).toBe(200);
  simulator.advance(2_000);
  expect((await ask(simulator, "GET", "/api/users")).status).toBe(200);
});

describe("the state file", () => {
  let folder = "";
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("carries records, clock and ids over a restart", async () => {
    folder = mkdtempSync(join(tmpdir(), "simulator-"));
    const stateFile = join(folder, "vendor.json");
    const first = await start({ stateFile, seed: "traps" });
    first.advance(3_600_000);
    await create(first);
    const before = first.state();
    await first.stop();

    const second = await start({ stateFile, seed: "traps" });
    expect(second.state()).toEqual(before);
    expect(second.now()).toBeGreaterThan(Date.now() + 3_500_000);
    await create(second, "new@acme.example");
    const ids = second.state().users.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(readdirSync(folder)).toEqual(["vendor.json"]);
    expect(readFileSync(stateFile, "utf8")).not.toContain("hunter2");
  });

  test("of another vendor, or no state at all, is refused and left alone", async () => {
    folder = mkdtempSync(join(tmpdir(), "simulator-"));
    const stateFile = join(folder, "vendor.json");
    for (const text of ["not json", '{"vendor":"enlivy","state":{}}', "null"]) {
      writeFileSync(stateFile, text);
      await expect(startPeopleLens({ stateFile })).rejects.toThrow(/not that of a simulated peoplelens/);
      expect(readFileSync(stateFile, "utf8")).toBe(text);
    }
  });
});

describe("the control port", () => {
  test("offers everything that a test in the same process has", async () => {
    const simulator = await start();
    expect(await (await control(simulator, "GET", "/options")).json()).toMatchObject({ switches: { duplicate: "409", down: "off" }, limit: "off", possible: { duplicate: ["409", "400", "200"] } });
    expect(await (await control(simulator, "PUT", "/options", { duplicate: 400, passwordRequired: false })).json()).toMatchObject({ switches: { duplicate: "400", passwordRequired: "false" } });
    expect((await control(simulator, "POST", "/seed", { named: "traps" })).status).toBe(200);
    expect(await (await control(simulator, "GET", "/state")).json()).toMatchObject({ users: [{ email: "ann@acme.example" }, {}, {}, {}, {}, {}, {}, {}, {}, {}] });
    expect(await (await control(simulator, "POST", "/faults", [{ kind: "resetBefore", match: { method: "GET" } }])).json()).toHaveLength(1);
    await expect(ask(simulator, "GET", "/api/users")).rejects.toThrow();
    expect(await (await control(simulator, "DELETE", "/faults")).json()).toEqual([]);
    expect((await ask(simulator, "GET", "/api/users")).status).toBe(200);
    const before = simulator.now();
    await control(simulator, "POST", "/clock", { advanceMs: 5_000 });
    expect(simulator.now() - before).toBeGreaterThanOrEqual(5_000);
    expect(await (await control(simulator, "GET", "/journal")).json()).toMatchObject([{ fault: "resetBefore" }, { status: 200 }]);
    await control(simulator, "POST", "/reset");
    expect(simulator.state().users).toEqual([]);
    expect(simulator.journal()).toEqual([]);
    expect(simulator.options().switches["duplicate"]).toBe("409");
  });

  test.each<[string, string, string, unknown, RegExp]>([
    ["an unknown switch", "PUT", "/options", { duplicates: "409" }, /no switch "duplicates"; possible: errorBody, /],
    ["an unknown position", "PUT", "/options", { liar: "on", duplicate: "418" }, /"liar".*possible: off, success/],
    ["an inherited name", "PUT", "/options", { constructor: "x" }, /no switch "constructor"/],
    ["a limit that is none", "PUT", "/options", { duplicate: "400", limit: { perSecond: 0, burst: 1 } }, /"limit" is "off" or/],
    ["an unknown fault", "POST", "/faults", { kind: "explode" }, /possible: status, delay, /],
    ["a misspelt field of a fault", "POST", "/faults", { kind: "delay", milliseconds: 5 }, /"milliseconds".*possible: ms/],
    ["a broken pattern", "POST", "/faults", { kind: "timeout", match: { path: "(" } }, /"path"/],
    ["one bad fault among good ones", "POST", "/faults", [{ kind: "timeout" }, { kind: "nothing" }], /possible/],
    ["an unknown seed", "POST", "/seed", { named: "paradise" }, /possible: traps/],
    ["a seeded user that makes no sense", "POST", "/seed", { users: [{ email: "x@acme.example" }, { email: 5 }] }, /"email"/],
    ["a clock that runs backwards", "POST", "/clock", { advanceMs: -1 }, /advanceMs/],
    ["no object", "PUT", "/options", [1], /object/],
  ])("refuses %s, says what is possible and changes nothing", async (_name, method, path, body, detail) => {
    const simulator = await start();
    const before = [simulator.options(), simulator.state(), simulator.faults()];
    const refused = await control(simulator, method, path, body);
    expect(refused.status).toBe(400);
    const { error, possible } = (await refused.json()) as { error: string; possible: object };
    expect(error).toMatch(detail);
    expect(possible).toHaveProperty("errorBody");
    expect([simulator.options(), simulator.state(), simulator.faults()]).toEqual(before);
  });

  test("names what there is for an unknown path, and turns browsers away", async () => {
    const simulator = await start();
    expect((await control(simulator, "GET", "/nothing")).status).toBe(404);
    expect((await fetch(`${simulator.controlUrl}/reset`, { method: "POST", headers: { origin: "https://evil.example" } })).status).toBe(403);
  });
});

test("the same requests lead to the same ids, whatever the machine", async () => {
  const ids = async () => {
    const simulator = await start();
    await create(simulator, "a@acme.example");
    await create(simulator, "b@acme.example");
    return simulator.state().users.map(({ id }) => id);
  };
  const first = await ids();
  expect(await ids()).toEqual(first);
  expect(first[0]).toMatch(/^usr-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("malformed JSON is 400, a body over 1 MiB is 413, an unknown path 404; the vendor goes on", async () => {
  const simulator = await start();
  const raw = (body: string) => fetch(`${simulator.url}/api/users`, { method: "POST", headers: { authorization: `Bearer ${simulator.apiKey}` }, body });
  expect((await raw("{")).status).toBe(400);
  expect((await raw(`"${"x".repeat(1024 * 1024)}"`)).status).toBe(413);
  expect((await ask(simulator, "GET", "/api/elsewhere")).status).toBe(404);
  expect((await ask(simulator, "GET", "//")).status).toBe(404);
  expect((await create(simulator)).status).toBe(200);
});

test("vendors are simulated by name; an unknown one is refused with those that are possible", async () => {
  const simulator = await simulateVendor("peoplelens", { seed: { users: [{ email: "one@acme.example" }] } });
  expect(simulator.state()).toMatchObject({ users: [{ email: "one@acme.example" }] });
  await simulator.stop();
  await expect(simulateVendor("toString")).rejects.toThrow(/possible: peoplelens/);
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { connectionId } from "../../src/model/ids.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { openSandbox } from "../../src/sandbox/sandbox.ts";
import { hashOf } from "../../src/tokens.ts";
import { ada, eventually, openWithVendor, patch, token } from "../support/house.ts";
import { freePort, type ServerProcess, startServer } from "../support/process.ts";

const acme = connectionId("acme");
const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end();
});

async function open(connection?: Parameters<typeof openWithVendor>[0]) {
  const house = await openWithVendor(connection);
  ended.push(house.stop);
  return house;
}

async function folderOfItsOwn(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-running-"));
  ended.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const bearer = (text: string) => ({ Authorization: `Bearer ${text}` });
const statusWith = async (base: string, text: string) => {
  const answer = await fetch(`${base}/Users`, { headers: bearer(text) });
  await answer.arrayBuffer();
  return answer.status;
};

describe("tokens in the store", () => {
  const add = (house: Awaited<ReturnType<typeof open>>, name: string, text: string, expiresMs?: number) => house.house.store.addToken(acme, { name, hash: hashOf(text).toString("hex"), expiresMs });
  const soonMs = 3_000; // looked for once a second

  test("a new one opens the connection soon, a revoked one is refused soon, and the configured one works all the time", async () => {
    const house = await open();
    const second = "second-token-of-more-than-thirty-two-characters";
    expect(await statusWith(house.base, second)).toBe(401);
    await add(house, "second", second);
    await eventually(async () => (await statusWith(house.base, second)) === 200, soonMs);
    expect(await statusWith(house.base, token)).toBe(200);

    await house.house.store.revokeToken(acme, "second");
    const refused = await eventually(async () => {
      const answer = await house.scim("GET", "/Users", undefined, bearer(second));
      return answer.status !== 200 && answer;
    }, soonMs);
    expect(refused.body).toEqual({ schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"], status: "401", detail: expect.any(String) });
    expect([refused.status, refused.headers.get("www-authenticate"), refused.headers.get("content-type")]).toEqual([401, expect.stringMatching(/^Bearer/), expect.stringMatching(/^application\/scim\+json/)]);
    expect(await statusWith(house.base, token)).toBe(200);
  });

  test("two that overlap both open it, for a rotation; one ends by itself when it expires", async () => {
    const house = await open();
    const [old, young] = ["the-old-token-of-a-rotation-0123456789", "the-young-token-of-a-rotation-0123456789"];
    const expiresMs = Date.now() + 4_000;
    await add(house, "old", old, expiresMs);
    await add(house, "young", young);
    await house.house.store.addToken(acme, { name: "dead", hash: hashOf("expired-token-0123456789-0123456789").toString("hex"), expiresMs: Date.now() - 1 });
    await eventually(async () => (await statusWith(house.base, young)) === 200, soonMs);
    expect(await Promise.all([old, young, token, "expired-token-0123456789-0123456789"].map((text) => statusWith(house.base, text)))).toEqual([200, 200, 200, 401]);
    await eventually(async () => (await statusWith(house.base, old)) === 401, 8_000);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresMs);
    expect(await statusWith(house.base, young)).toBe(200);
  });

  test("a token of one connection opens no other, whatever its name", async () => {
    const house = await open();
    const stray = "a-token-of-another-connection-0123456789";
    await house.house.store.addToken(connectionId("globex"), { name: "test", hash: hashOf(stray).toString("hex"), expiresMs: undefined });
    const seen = "a-token-of-this-connection-0123456789";
    await add(house, "seen", seen);
    await eventually(async () => (await statusWith(house.base, seen)) === 200, soonMs);
    expect(await statusWith(house.base, stray)).toBe(401);
    expect(await statusWith(house.base.replace("/acme/", "/globex/"), stray)).toBe(401);
  });
});

describe("SIGHUP", () => {
  const others = { second: "second-token-of-more-than-thirty-two-characters", globex: "globex-token-of-more-than-thirty-two-characters" };

  async function running() {
    const folder = await folderOfItsOwn();
    const vendor = await startPeopleLens();
    ended.push(() => vendor.stop());
    const file = join(folder, "drawbridge.json");
    const port = await freePort();
    const connection = (tokens: object) => ({ connector: "peoplelens", auth: { bearer: Object.entries(tokens).map(([name, text]) => ({ name, token: text })) }, settings: { baseUrl: vendor.url, apiKey: vendor.apiKey }, budget: { requestsPerSecond: 1000, burst: 1000 } });
    const first = { publicUrl: "http://localhost:8080", store: `file:${join(folder, "running.db")}`, egress: { allow: ["127.0.0.1"] }, connections: { acme: connection({ test: token }) } };
    const server = await startServer(file, first, port);
    ended.push(() => server.kill9());
    return {
      server,
      first,
      connection,
      globex: server.base.replace("/acme/", "/globex/"),
      async reload(document: object | string) {
        await writeFile(file, typeof document === "string" ? document : JSON.stringify({ ...document, listen: { host: "127.0.0.1", port } }));
        process.kill(server.pid, "SIGHUP");
      },
    };
  }
  const said = (server: ServerProcess, text: string) => eventually(() => server.output().includes(text));

  /** Four clients that never stop asking. */
  function load(base: string) {
    const failures: unknown[] = [];
    let answered = 0;
    let going = true;
    const clients = Array.from({ length: 4 }, async (_, client) => {
      for (let turn = 0; going; turn++) {
        const wish = turn % 5 === 0 ? { method: "POST", body: JSON.stringify(ada({ userName: `p${client}-${turn}@acme.example`, externalId: `p${client}-${turn}` })) } : {};
        const status = await fetch(`${base}/Users${wish.method ? "" : "?count=1"}`, { ...wish, headers: { ...bearer(token), "Content-Type": "application/scim+json" } })
          .then(async (answer) => (await answer.arrayBuffer(), answer.status))
          .catch(String);
        answered += 1;
        if (status !== (wish.method ? 201 : 200)) failures.push({ ...wish, status });
      }
    });
    return {
      answered: () => answered,
      async stop() {
        going = false;
        await Promise.all(clients);
        return failures;
      },
    };
  }

  test("takes over a new token and a new connection without a restart and without one failing request; a token that left the file is refused", async () => {
    const { server, first, connection, globex, reload } = await running();
    expect([await statusWith(server.base, others.second), await statusWith(globex, others.globex)]).toEqual([401, 401]);
    const clients = load(server.base);
    await eventually(() => clients.answered() > 20);
    await reload({ ...first, connections: { acme: connection({ test: token, second: others.second }), globex: connection({ test: others.globex }) } });
    await said(server, "took over the configuration");
    expect([await statusWith(server.base, others.second), await statusWith(globex, others.globex)]).toEqual([200, 200]);
    expect([await statusWith(globex, token), await statusWith(server.base, others.globex)]).toEqual([401, 401]);
    const before = clients.answered();
    await reload(first);
    await eventually(async () => (await statusWith(server.base, others.second)) === 401);
    await eventually(() => clients.answered() > before + 20);
    expect(await clients.stop()).toEqual([]);
    expect(await statusWith(globex, others.globex)).toBe(401);
    process.kill(server.pid, 0); // still the same process
  });

  test("with a broken file keeps what it has and says its mistakes, and takes over the mended one", async () => {
    const { server, first, connection, reload } = await running();
    const clients = load(server.base);
    await reload({ ...first, connections: { acme: { ...connection({ second: others.second }), conector: "x", delivery: { deadline: "soon" } } } });
    const lines = () => server.output().split("\n").filter((text) => /kept the former configuration|a mistake in the configuration/.test(text)).map((text) => String(JSON.parse(text).detail));
    await eventually(() => lines().length === 3);
    expect(lines()[0]).toContain("2 mistakes");
    expect(lines().some((text) => text.includes("connections.acme.conector"))).toBe(true);
    expect(lines().some((text) => text.includes("connections.acme.delivery.deadline"))).toBe(true);
    expect(server.output()).not.toContain(others.second);
    expect([await statusWith(server.base, token), await statusWith(server.base, others.second)]).toEqual([200, 401]);

    await reload("connections: [");
    await eventually(() => server.output().split("kept the former configuration").length === 3);
    expect(await statusWith(server.base, token)).toBe(200);

    await reload({ ...first, connections: { acme: connection({ test: token, second: others.second }) } });
    await said(server, "took over the configuration");
    expect([await statusWith(server.base, token), await statusWith(server.base, others.second)]).toEqual([200, 200]);
    expect(await clients.stop()).toEqual([]);
  });

  test("that fails after the file was read, as over a vendor's manifest with mistakes, leaves nothing of it in force", async () => {
    const { server, first, connection, globex, reload } = await running();
    const manifest = join(await folderOfItsOwn(), "globex.yaml");
    await writeFile(manifest, "not: a manifest\n");
    await reload({ ...first, connections: { acme: connection({ second: others.second }), globex: { ...connection({ globex: others.globex }), connector: manifest } } });
    await said(server, "kept the former configuration");
    await new Promise((resolve) => setTimeout(resolve, 2_200)); // the tokens have been read twice since
    expect([await statusWith(server.base, token), await statusWith(server.base, others.second), await statusWith(globex, others.globex)]).toEqual([200, 401, 401]);
  });
});

describe("livez and readyz", () => {
  const health = async (base: string, word: string, method = "GET") => {
    const answer = await fetch(new URL(`/${word}`, base), { method });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
  };

  test("need no token; nothing waits and nobody is down", async () => {
    const { base } = await open();
    expect(await health(base, "livez")).toEqual({ status: 200, body: { ok: true } });
    expect(await health(base, "readyz")).toEqual({ status: 200, body: { ok: true, detail: { store: "ok", worker: "ok", oldestDenialSeconds: 0, denials: {}, vendorsDown: [], openHolds: 0, unsentNotices: 0 } } });
    expect(await health(base, "readyz", "HEAD")).toEqual({ status: 200, body: undefined });
    expect((await health(base, "readyz", "POST")).status).toBe(405);
  });

  test("a vendor that is down leaves both ok: it is named, with the age of the oldest denial, and forgotten when it is back", async () => {
    const house = await open({ delivery: { deadline: "300ms", settle: "1s" }, vendor: { timeout: "300ms" } });
    const ids = await Promise.all(Array.from({ length: 6 }, async (_, n) => (await house.scim("POST", "/Users", ada({ userName: `p${n}@acme.example`, externalId: `p${n}` }))).body.id));
    await house.vendor.setSwitches({ down: "on" });
    await Promise.all(ids.map((id) => house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false }))));
    const ready = await eventually(async () => {
      const told = await health(house.base, "readyz");
      return told.body.detail.vendorsDown.length > 0 && told.body.detail.oldestDenialSeconds >= 1 && told;
    });
    expect(ready).toEqual({ status: 200, body: { ok: true, detail: { store: "ok", worker: "ok", oldestDenialSeconds: expect.any(Number), denials: { acme: expect.any(Number) }, vendorsDown: ["acme"], openHolds: 0, unsentNotices: 0 } } });
    expect((await health(house.base, "livez")).status).toBe(200);
    expect(JSON.stringify(ready)).not.toContain("@");

    await house.vendor.setSwitches({ down: "off" });
    await eventually(async () => {
      const { detail } = (await health(house.base, "readyz")).body;
      return detail.vendorsDown.length === 0 && detail.oldestDenialSeconds === 0;
    }, 15_000);
  });
});

test("the correlation id is in the header of every answer and at the end of every error's detail, and never the same", async () => {
  const house = await open();
  const { body: user } = await house.scim("POST", "/Users", ada());
  const wishes: readonly (readonly [number, string, string, unknown?, Record<string, string>?])[] = [
    [200, "GET", "/Users"],
    [200, "GET", `/Users/${user.id}`],
    [400, "GET", "/Users?filter=userName%20eq"],
    [400, "GET", "/Users?count=many"],
    [400, "POST", "/Users", { userName: 7 }],
    [400, "PATCH", `/Users/${user.id}`, patch({ op: "replace", path: "id", value: "x" })],
    [401, "GET", "/Users", undefined, bearer("wrong")],
    [404, "GET", "/Users/2819c223-7f76-453a-919d-413861904646"],
    [404, "DELETE", "/Groups/no-uuid"],
    [404, "GET", "/Nobody"],
    [405, "PATCH", "/Users", {}],
    [409, "POST", "/Users", ada()],
    [412, "DELETE", `/Users/${user.id}`, undefined, { "If-Match": 'W/"stale"' }],
    [413, "POST", "/Users", ada({ title: "x".repeat(2 * 1024 * 1024) })],
    [415, "POST", "/Users", {}, { "Content-Type": "text/plain" }],
    [501, "GET", "/Me"],
    [400, "POST", "/Bulk", {}],
  ];
  const seen = new Set<string | null>();
  for (const [status, method, path, body, headers] of wishes) {
    const answer = await house.scim(method, path, body, headers);
    const correlation = answer.headers.get("x-correlation-id");
    expect([method, path, answer.status, correlation]).toEqual([method, path, status, expect.stringMatching(/^[\w-]{8,}$/)]);
    if (status >= 400) expect(answer.body).toMatchObject({ schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"], status: String(status), detail: expect.stringMatching(new RegExp(`\\S \\[${correlation}\\]$`)) });
    seen.add(correlation);
  }
  expect(seen.size).toBe(wishes.length);
});

test("500 requests at once on the connections of four vendors: no answer carries another connection's address", async () => {
  const sandbox = await openSandbox({ dataDir: await folderOfItsOwn(), port: 0, log: silentLog });
  ended.push(sandbox.stop);
  const send = async (base: string, secret: string, method: string, path: string, body?: unknown) => {
    const answer = await fetch(base.replace("localhost", "127.0.0.1") + path, { method, headers: { ...bearer(secret), "Content-Type": "application/scim+json" }, ...(body !== undefined && { body: JSON.stringify(body) }) });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  const person = (name: string) => ada({ userName: `${name}@acme.example`, externalId: name, emails: [{ value: `${name}@acme.example`, type: "work", primary: true }] });
  const places = await Promise.all(sandbox.places.map(async (place) => ({ ...place, id: JSON.parse((await send(place.base, place.token, "POST", "/Users", person("first"))).text).id as string })));
  expect(places).toHaveLength(4);

  const wishes = (id: string, n: number): readonly [string, string, unknown?] => {
    if (n % 25 === 0) return ["POST", "/Users", person(`p${n}`)];
    if (n % 5 === 1) return ["GET", "/Users?count=5"];
    if (n % 5 === 2) return ["POST", "/Users/.search", { schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] }];
    if (n % 5 === 3) return ["GET", "/ResourceTypes"];
    return ["GET", `/Users/${id}`];
  };
  const answers = await Promise.all(
    Array.from({ length: 500 }, async (_, n) => {
      const place = places[n % 4]!;
      return { place, ...(await send(place.base, place.token, ...wishes(place.id, Math.floor(n / 4)))) };
    }),
  );
  const strays = answers.flatMap(({ place, headers, text }) => {
    const addresses = [...text.matchAll(/"location":"([^"]*)"/g)].map(([, address]) => address ?? "");
    for (const name of ["location", "content-location"]) if (headers.has(name)) addresses.push(headers.get(name)!);
    return addresses.filter((address) => !address.startsWith(`${place.base}/`)).map((address) => `${place.connection}: ${address}`);
  });
  expect(strays).toEqual([]);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 201]));
  expect(answers.every(({ text }) => text.includes('"location":"'))).toBe(true);
});

describe("conditional requests", () => {
  /** Not fetch: it adds Cache-Control: no-cache, and may answer from what it knows. */
  const plain = (method: string, address: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number | undefined; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
      const asked = httpRequest(address, { method, headers: { ...bearer(token), ...headers }, agent: false }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString() }));
      });
      asked.on("error", reject).end();
    });

  test.each([
    ["PUT", ada({ title: "Boss" })],
    ["PATCH", patch({ op: "replace", path: "title", value: "Boss" })],
    ["PATCH", patch({ op: "replace", path: "active", value: false })],
    ["DELETE", undefined],
  ])("%s with a stale If-Match is 412 and changes nothing, here and at the vendor; with the current one it is done", async (method, body) => {
    const house = await open();
    const { body: created } = await house.scim("POST", "/Users", ada());
    const path = `/Users/${created.id}`;
    const { body: current } = await house.scim("PATCH", path, patch({ op: "replace", path: "name.givenName", value: "Augusta" }));
    expect(current.meta.version).not.toBe(created.meta.version);
    const calls = house.vendor.journal().length;
    expect((await house.scim(method, path, body, { "If-Match": created.meta.version })).body).toMatchObject({ status: "412" });
    expect((await house.scim("GET", path)).body).toEqual(current);
    expect(house.vendor.journal().length).toBe(calls);
    expect((await house.scim(method, path, body, { "If-Match": current.meta.version })).status).toBe(method === "DELETE" ? 204 : 200);
  });

  test("a stale If-Match on a group is 412 and changes nobody", async () => {
    const house = await open();
    const { body: user } = await house.scim("POST", "/Users", ada());
    const { body: group } = await house.scim("POST", "/Groups", { displayName: "Team" });
    const join = patch({ op: "add", path: "members", value: [{ value: user.id }] });
    expect((await house.scim("PATCH", `/Groups/${group.id}`, join, { "If-Match": 'W/"stale"' })).status).toBe(412);
    expect((await house.scim("GET", `/Groups/${group.id}`)).body).toEqual(group);
    expect((await house.scim("PATCH", `/Groups/${group.id}`, join, { "If-Match": group.meta.version })).status).toBe(200);
  });

  test("If-None-Match with the current version is 304 without a body, with an older one 200", async () => {
    const house = await open();
    const { body: created } = await house.scim("POST", "/Users", ada());
    const address = `${house.base}/Users/${created.id}`;
    const same = await plain("GET", address, { "If-None-Match": created.meta.version });
    expect([same.status, same.text, same.headers["etag"]]).toEqual([304, "", created.meta.version]);
    await house.scim("PATCH", `/Users/${created.id}`, patch({ op: "replace", path: "name.givenName", value: "Augusta" }));
    const changed = await plain("GET", address, { "If-None-Match": created.meta.version });
    expect([changed.status, JSON.parse(changed.text).name.givenName]).toEqual([200, "Augusta"]);
  });

  test("HEAD has the status and the headers of GET and no body, on a resource, a list, discovery and an error", async () => {
    const house = await open();
    const { body: created } = await house.scim("POST", "/Users", ada());
    for (const path of [`/Users/${created.id}`, "/Users", "/Schemas", "/ServiceProviderConfig", "/Users/2819c223-7f76-453a-919d-413861904646"]) {
      const [get, head] = [await plain("GET", house.base + path), await plain("HEAD", house.base + path)];
      const kept = ({ headers }: typeof get) => ["content-type", "etag", "location", "content-length", "cache-control"].map((name) => headers[name]);
      expect([path, head.status, head.text, kept(head)]).toEqual([path, get.status, "", kept(get)]);
      expect(get.text).not.toBe("");
    }
  });
});

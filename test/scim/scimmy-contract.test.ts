import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters, { SCIMMY as theirs } from "scimmy-routers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { during, type Exchange, exchange } from "../../src/scim/exchange.ts";
import { scimSide } from "../../src/scim/resources.ts";
import { ada, openWithVendor, patch } from "../support/house.ts";

// What src/scim and src/http rely on in scimmy and scimmy-routers without their documentation promising it.

const root = new URL("../../", import.meta.url);
const json = (file: string) => JSON.parse(readFileSync(new URL(file, root), "utf8"));

interface Made {
  readonly given: readonly unknown[];
  readonly verb: string;
  readonly sent: readonly unknown[];
}
const made: Made[] = [];
const basepaths: (string | undefined)[] = [];
let answer: () => unknown = () => ({ zebra: 1, apple: 2 });
let contexts = 0;
let handled = 0;

function probe(name: string) {
  const definition = new SCIMMY.Types.SchemaDefinition(name, `urn:ietf:params:scim:schemas:test:${name}` as never);
  return class extends SCIMMY.Types.Resource {
    static override get endpoint() {
      return `/${name}s`;
    }
    static override get schema() {
      return { definition } as never;
    }
    static override basepath(path?: string): never {
      basepaths.push(path);
      return this as never;
    }
    readonly #given: readonly unknown[];
    constructor(...given: readonly unknown[]) {
      super();
      this.#given = given;
    }
    #note(verb: string, sent: readonly unknown[]): never {
      made.push({ given: this.#given, verb, sent });
      return answer() as never;
    }
    override async read(...sent: readonly unknown[]): Promise<never> {
      return this.#note("read", sent);
    }
    override async write(...sent: readonly unknown[]): Promise<never> {
      return this.#note("write", sent);
    }
    override async patch(...sent: readonly unknown[]): Promise<never> {
      return this.#note("patch", sent);
    }
    override async dispose(...sent: readonly unknown[]): Promise<never> {
      return this.#note("dispose", sent);
    }
  };
}

const current = { base: "the exchange of this request" } as Exchange;
let reached: { readonly error: unknown; readonly headersSent: boolean } | undefined;
let server: ReturnType<express.Express["listen"]>;
let at: string;

beforeAll(async () => {
  scimSide(); // ours first: its router reads the declared classes, and no probe is among them
  SCIMMY.Resources.declare(probe("Probe") as never, "Probe" as never);
  const router = new SCIMMYRouters({
    type: "bearer",
    handler: () => {
      handled += 1;
      return "nobody asks for this";
    },
    context: () => {
      contexts += 1;
      return Promise.resolve(exchange());
    },
  } as never) as unknown as express.RequestHandler;
  SCIMMY.Resources.declare(probe("Late") as never, "Late" as never);

  const app = express();
  Object.defineProperty(app.request, "query", { value: {}, writable: true, enumerable: true, configurable: true });
  app.use((req, res, next) => {
    req.query = Object.fromEntries(new URL(req.url, "http://test").searchParams);
    if (req.headers["x-read-before"] === undefined) return during(current, () => void router(req, res, next));
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
      req.body = { bytes: Buffer.concat(chunks).length };
      during(current, () => void router(req, res, next));
    });
  });
  app.use(((error, _req, res, _next) => {
    reached = { error, headersSent: res.headersSent };
    if (!res.headersSent) res.status(418).end();
  }) as express.ErrorRequestHandler);
  await new Promise<void>((listening) => (server = app.listen(0, "127.0.0.1", () => listening())));
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((closed) => {
  server.closeAllConnections();
  server.close(closed);
}));
beforeEach(() => {
  made.length = basepaths.length = contexts = handled = 0;
  reached = undefined;
  answer = () => ({ zebra: 1, apple: 2 });
});

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(at + path, { method, headers: { ...(body !== undefined && { "Content-Type": "application/scim+json" }), ...headers }, ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }) });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

describe("1: what is constructed and called, and which status goes out", () => {
  const body = { userName: "ada" };
  const calls = [
    { method: "GET", path: "/Probes?filter=a", given: [{ filter: "a" }], verb: "read", sent: [current], status: 200 },
    { method: "POST", path: "/Probes?attributes=a", body, given: [{ attributes: "a" }], verb: "write", sent: [body, current], status: 201 },
    { method: "GET", path: "/Probes/7?attributes=a", given: ["7", { attributes: "a" }], verb: "read", sent: [current], status: 200 },
    { method: "PUT", path: "/Probes/7?attributes=a", body, given: ["7", { attributes: "a" }], verb: "write", sent: [body, current], status: 200 },
    { method: "PATCH", path: "/Probes/7?attributes=a", body, given: ["7", { attributes: "a" }], verb: "patch", sent: [body, current], status: 200 },
    { method: "DELETE", path: "/Probes/7?attributes=a", given: ["7"], verb: "dispose", sent: [current], status: 204 },
  ];
  test.each(calls)("$method $path", async ({ method, path, body: sentBody, given, verb, sent, status }) => {
    expect((await ask(method, path, sentBody)).status).toBe(status);
    expect(made).toEqual([{ given, verb, sent }]);
    expect(made[0]?.sent.at(-1)).toBe(current);
  });

  test("what comes back is sent as JSON, own properties in their order, as application/scim+json", async () => {
    expect(await ask("GET", "/Probes/7")).toEqual({ status: 200, type: expect.stringMatching(/^application\/scim\+json/), text: '{"zebra":1,"apple":2}' });
  });

  test("a patch that returns nothing is a 204: so a push with nothing to show goes out", async () => {
    answer = () => undefined;
    expect(await ask("PATCH", "/Probes/7", body)).toMatchObject({ status: 204, text: "" });
  });
});

test("2: basepath is set on every declared class at every request, to a path without a host: ours must not believe it", async () => {
  await ask("GET", "/Probes");
  await ask("GET", "/Probes/7");
  expect(basepaths).toEqual(["", "", "", ""]); // two probes, two requests
});

test("3: super() without arguments parses nothing and leaves the id to us", () => {
  const Probe = SCIMMY.Resources.declared("Probe" as never) as unknown as new (...given: unknown[]) => { id?: string; filter?: unknown };
  const resource = new Probe('x" or id pr or id eq "', { filter: "((((", attributes: "__proto__.x" });
  expect([resource.id, resource.filter, ({} as Record<string, unknown>)["x"]]).toEqual([undefined, undefined, undefined]);
  resource.id = "anything at all";
  expect(resource.id).toBe("anything at all");
});

test("4: context is awaited once a request, inside our AsyncLocalStorage; handler is called and its result ignored", async () => {
  const [one, two] = await Promise.all([ask("GET", "/Probes/1"), ask("GET", "/Probes/2")]);
  expect([one?.status, two?.status, contexts, handled]).toEqual([200, 200, 2, 2]);
  expect(made.every(({ sent }) => sent.at(-1) === current)).toBe(true);
});

describe("5: the router's body parser leaves a body alone that our door has read", () => {
  const large = JSON.stringify({ displayName: "x".repeat(2 * 1024 * 1024) });
  test("2 MiB, read before: passes, and the body is ours", async () => {
    expect((await ask("POST", "/Probes", large, { "x-read-before": "yes" })).status).toBe(201);
    expect(made[0]?.sent[0]).toEqual({ bytes: large.length });
  });
  test("2 MiB, not read before: refused by its limit of 1 MiB", async () => {
    expect((await ask("POST", "/Probes", large)).status).toBe(413);
    expect(made).toEqual([]);
  });
});

test("6: startIndex and count arrive as numbers through a query property of our own", async () => {
  await ask("GET", "/Probes?startIndex=11&count=5&filter=7");
  expect(made[0]?.given).toEqual([{ startIndex: 11, count: 5, filter: "7" }]);
});

describe("7: the error route", () => {
  const fail = (error: Error) => {
    answer = () => {
      throw error;
    };
    return ask("GET", "/Probes/7");
  };

  test("a SCIMError from scimmy's list keeps status, scimType and detail", async () => {
    const { status, text } = await fail(new SCIMMY.Types.Error(400, "invalidFilter", "not so"));
    expect([status, JSON.parse(text)]).toMatchObject([400, { status: "400", scimType: "invalidFilter", detail: "not so" }]);
    expect(reached).toBeUndefined();
  });

  test.each([422, 429, 502, 503, 504])("a status that scimmy cannot say (%i) reaches the next error route with nothing sent: class Elsewhere relies on it", async (status) => {
    expect((await fail(Object.assign(new Error("ours"), { status }))).status).toBe(418);
    expect(reached?.headersSent).toBe(false);
  });

  test("a pair of status and scimType that it refuses does too", async () => {
    expect((await fail(new SCIMMY.Types.Error(409, "mutability", "ours"))).status).toBe(418);
    expect(reached?.headersSent).toBe(false);
  });

  test("a plain error is sent with its text, and only then the next error route is called: ours returns when headers are sent", async () => {
    const { status, text } = await fail(new Error("db: secret"));
    expect([status, JSON.parse(text).detail]).toEqual([500, "db: secret"]);
    expect(reached?.headersSent).toBe(true);
  });
});

test("8: an empty ListResponse keeps the three numbers and lets Resources and nextCursor be assigned", () => {
  const list = new SCIMMY.Messages.ListResponse([], { startIndex: 5, itemsPerPage: 10, totalResults: 14 });
  const page = Array.from({ length: 10 }, (_, index) => ({ id: String(index) }));
  const sent = JSON.parse(JSON.stringify(Object.assign(list, { Resources: page, nextCursor: "next" })));
  expect(sent).toEqual({ schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], totalResults: 14, startIndex: 5, itemsPerPage: 10, Resources: page, nextCursor: "next" });
});

describe("11: what the schema table is compiled from", () => {
  test("describe() gives a definition as a document, with the URN and the attributes", () => {
    const { id, name, attributes } = JSON.parse(JSON.stringify(SCIMMY.Schemas.User.definition.describe()));
    expect([id, name]).toEqual(["urn:ietf:params:scim:schemas:core:2.0:User", "User"]);
    expect(attributes.find((attribute: { name: string }) => attribute.name === "userName")).toMatchObject({ type: "string", required: true, multiValued: false, mutability: "readWrite", returned: "default", uniqueness: "server" });
    const emails = attributes.find((attribute: { name: string }) => attribute.name === "emails");
    expect(emails).toMatchObject({ type: "complex", multiValued: true });
    expect(emails.subAttributes.find((sub: { name: string }) => sub.name === "type").canonicalValues).toEqual(["work", "home", "other"]);
  });

  test("an attribute's fields have the names that describe() reads them from", () => {
    const attribute = new SCIMMY.Types.Attribute("complex", "parent", { multiValued: true }, [new SCIMMY.Types.Attribute("string", "child")]);
    expect(Object.keys(attribute.config)).toEqual(expect.arrayContaining(["required", "mutable", "multiValued", "caseExact", "returned", "uniqueness", "direction", "canonicalValues"]));
    expect((attribute.subAttributes as unknown as { name: string }[]).map(({ name }) => name)).toEqual(["child"]);
  });

  test("the password is never returned and the groups are read-only, because scimmy says so", () => {
    const { attributes } = JSON.parse(JSON.stringify(SCIMMY.Schemas.User.definition.describe())) as { attributes: { name: string; returned: string; mutability: string }[] };
    const of = (name: string) => attributes.find((attribute) => attribute.name === name);
    expect([of("password")?.returned, of("groups")?.mutability]).toEqual(["never", "readOnly"]);
  });
});

describe("through our app", () => {
  let house: Awaited<ReturnType<typeof openWithVendor>>;
  beforeAll(async () => (house = await openWithVendor()));
  afterAll(() => house.stop());

  test("1, 4: an answer of the router carries the address of its request, not a base path that scimmy holds", async () => {
    const { body } = await house.scim("POST", "/Users", ada());
    expect(body.meta.location).toBe(`http://scim.test/scim/acme/v2/Users/${body.id}`);
  });

  test("5: a group of more than 2 MiB gets in", async () => {
    const members = Array.from({ length: 12_000 }, (_, n) => ({ value: `${n}-${"x".repeat(180)}` }));
    expect(JSON.stringify(members).length).toBeGreaterThan(2 * 1024 * 1024);
    expect((await house.scim("POST", "/Groups", { displayName: "Large", members })).status).toBe(201);
  });

  test("9: no operation of a Bulk reaches scimmy, whose loop checks no version and takes bulkId:x in a path for an id", async () => {
    const { body: made } = await house.scim("POST", "/Users", ada({ userName: "bulk@acme.example", externalId: "bulk" }));
    const operations = [{ method: "PATCH", path: `/Users/${made.id}`, version: 'W/"stale"', data: patch({ op: "replace", path: "title", value: "Boss" }) }];
    const { body } = await house.scim("POST", "/Bulk", { schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], Operations: operations });
    expect(body.Operations).toMatchObject([{ status: "412" }]);
    expect((await house.scim("GET", `/Users/${made.id}`)).body.title).toBeUndefined();
  });

  test("10: scimmy's SearchRequest refuses a count of 0; our search never asks it", async () => {
    const request = { schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], count: 0 };
    expect(() => new SCIMMY.Messages.SearchRequest(request as never)).toThrow(/count/);
    const { status, body } = await house.scim("POST", "/Users/.search", request);
    expect([status, body.itemsPerPage, body.Resources ?? []]).toEqual([200, 0, []]);
  });

  test("12: scimmy's PatchOp refuses a path of null at once and evaluates no path; our PATCH never asks it", async () => {
    const { body } = await house.scim("POST", "/Users", ada({ userName: "bo@acme.example", externalId: "bo" }));
    const nameless = patch({ op: "replace", path: null, value: { active: false } });
    expect(() => new SCIMMY.Messages.PatchOp(nameless as never)).toThrow();
    expect(() => new SCIMMY.Messages.PatchOp(patch({ op: "remove", path: "no.such[path" }) as never)).not.toThrow();
    expect((await house.scim("PATCH", `/Users/${body.id}`, nameless)).body.active).toBe(false);
  });

  test("13: attributes=__proto__.x on every route leaves Object.prototype clean", async () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const { body: user } = await house.scim("POST", "/Users", ada({ userName: "cy@acme.example", externalId: "cy" }));
    const { body: group } = await house.scim("POST", "/Groups", { displayName: "Team" });
    const search = { schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], attributes: ["__proto__.x"], filter: '__proto__.x eq "1"' };
    const routes: readonly (readonly [string, string, unknown?])[] = [
      ...["/Users", "/Groups", `/Users/${user.id}`, `/Groups/${group.id}`, "/Schemas", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", "/Schemas/x", "/ResourceTypes", "/ResourceTypes/User", "/ServiceProviderConfig", "/Me"].flatMap((path) => [["GET", path], ["HEAD", path]] as const),
      ["POST", "/Users", ada({ userName: "di@acme.example", externalId: "di" })],
      ["POST", "/Groups", { displayName: "Other" }],
      ["PUT", `/Users/${user.id}`, ada({ userName: "cy@acme.example", externalId: "cy" })],
      ["PUT", `/Groups/${group.id}`, { displayName: "Team" }],
      ["PATCH", `/Users/${user.id}`, patch({ op: "add", path: "__proto__.x", value: "1" })],
      ["PATCH", `/Users/${user.id}`, patch({ op: "replace", path: "title", value: "Boss" })],
      ["PATCH", `/Groups/${group.id}`, patch({ op: "remove", path: 'members[__proto__.x eq "1"]' })],
      ["POST", "/.search", search],
      ["POST", "/Users/.search", search],
      ["POST", "/Groups/.search", search],
      ["POST", "/Bulk", { Operations: [] }],
      ["DELETE", `/Groups/${group.id}`],
      ["DELETE", `/Users/${user.id}`],
    ];
    for (const [method, path, body] of routes) {
      for (const query of ["attributes=__proto__.x", "excludedAttributes=__proto__.x", "filter=__proto__.x%20eq%20%221%22", "sortBy=__proto__.x"]) {
        const { status } = await house.scim(method, `${path}?${query}`, body);
        expect([method, path, query, status, Object.getOwnPropertyNames(Object.prototype)]).toEqual([method, path, query, expect.toSatisfy((code: number) => code < 500 || code === 501), before]);
      }
    }
  });
});

test("13: stock still pollutes; the day it does not, discovery could be its own again", async () => {
  const script = `
    import express from "express";
    import SCIMMYRouters from "scimmy-routers";
    const app = express().use(new SCIMMYRouters({ type: "bearer", handler: () => "" }));
    const server = app.listen(0, "127.0.0.1", async () => {
      await fetch("http://127.0.0.1:" + server.address().port + "/ResourceTypes?attributes=__proto__.x").then((answer) => answer.text());
      console.log(JSON.stringify("x" in {}));
      process.exit(0);
    });`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { cwd: root, timeout: 15_000 });
  expect(stdout.trim()).toBe("true");
});

describe("14: one scimmy in the process", () => {
  test("the router's scimmy is the one that we import, and no second copy is installed", () => {
    expect(theirs).toBe(SCIMMY);
    expect(Object.keys(json("package-lock.json").packages).filter((path) => path.endsWith("node_modules/scimmy"))).toEqual(["node_modules/scimmy"]);
  });

  test("classes are read when the router is made: one that is declared later is not served", async () => {
    expect((await ask("GET", "/Probes")).status).toBe(200);
    expect((await ask("GET", "/Lates")).status).toBe(404);
  });

  test("a second class under a name that is taken throws; so scimSide() makes one router and gives it again", () => {
    expect(() => SCIMMY.Resources.declare(probe("Other") as never, "User" as never)).toThrow(/already declared/);
    expect(scimSide().router).toBe(scimSide().router);
  });

  test.each([["scimmy", "1.3.5"], ["scimmy-routers", "1.3.2"]])("%s is pinned to the version that this file was written for, and that one is installed", (name, version) => {
    expect([json("package.json").dependencies[name], json(`node_modules/${name}/package.json`).version]).toEqual([version, version]);
  });
});

/**
 * Something wrong on the wire, on each of the three hops: IdP → us, us → vendor, us → PostgreSQL. Whatever it is: one account, an
 * acknowledged denial is true, and no answer says what is not so.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import { ada, eventually, openTestHouse, patch, token } from "../support/house.ts";
import { startLenientVendor } from "../support/lenient-vendor.ts";
import { startProxy, type WireFault, wireFaults } from "../support/proxy.ts";
import { engines } from "../support/stores.ts";

const acme = connectionId("acme");
const quick = { delivery: { deadline: "900ms", settle: "1300ms" }, vendor: { timeout: "600ms" } };
const portOf = (url: string): number => Number(new URL(url).port);
const postgres = engines.find(({ name }) => name === "postgres");
if (!postgres) throw new Error("no PostgreSQL to test on");

interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** What an IdP makes of it: an answer in SCIM, or none. */
async function ask(base: string, method: string, path: string, body?: unknown): Promise<Answer | undefined> {
  try {
    const answer = await fetch(base + path, {
      method, redirect: "manual", signal: AbortSignal.timeout(3_000),
      headers: { authorization: `Bearer ${token}`, connection: "close", ...(body !== undefined && { "content-type": "application/scim+json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return answer.status === 302 ? undefined : { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Repeats what had no good answer. @returns every answer, the last one good */
async function insist(base: string, method: string, path: string, body: unknown): Promise<readonly (Answer | undefined)[]> {
  const answers: (Answer | undefined)[] = [];
  for (let tries = 0; tries < 12; tries++) {
    const answer = await ask(base, method, path, body);
    answers.push(answer);
    if (answer && answer.status < 500) return answers;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  throw new Error(`no good answer: ${JSON.stringify(answers)}`);
}

interface Stage {
  readonly base: string;
  readonly straight: string;
  readonly store: Awaited<ReturnType<typeof openTestHouse>>["house"]["store"];
  readonly users: () => readonly { readonly id: string; readonly is_enabled: boolean }[];
  plan(fault: WireFault, fits: (request: string) => boolean): void;
  met(): number;
  close(): Promise<void>;
}

async function open(hop: "IdP" | "vendor" | "PostgreSQL"): Promise<Stage> {
  const vendor = await startLenientVendor();
  const place = hop === "PostgreSQL" ? await postgres!.place() : undefined;
  const inside = hop === "vendor" ? await startProxy(portOf(vendor.url)) : place ? await startProxy(portOf(place.url), () => true) : undefined;
  const vendorUrl = hop === "vendor" && inside ? `http://127.0.0.1:${inside.port}` : vendor.url;
  // The driver's patience with a silent database, which is half a minute, is too long for a test.
  const store = place && inside ? `${place.url.replace(`:${portOf(place.url)}/`, `:${inside.port}/`)}&query_timeout=1500` : undefined;
  const test = await openTestHouse({ vendorUrl, apiKey: vendor.apiKey, connection: quick, ...(store !== undefined && { store }) });
  const proxy = inside ?? (await startProxy(portOf(test.base)));
  return {
    base: hop === "IdP" ? test.base.replace(`:${portOf(test.base)}/`, `:${proxy.port}/`) : test.base,
    straight: test.base,
    store: test.house.store,
    users: () => vendor.state().users,
    plan: proxy.plan,
    met: () => proxy.met,
    async close() {
      await test.stop();
      await proxy.close();
      await place?.remove();
      await vendor.stop();
    },
  };
}

/** Good answers that an IdP may get to a create that it repeats. */
const fine = (answers: readonly (Answer | undefined)[]): boolean => answers.slice(0, -1).every((answer) => answer === undefined || (answer.status >= 502 && answer.status <= 504));

async function join(stage: Stage): Promise<string> {
  const answers = await insist(stage.base, "POST", "/Users", ada());
  expect(fine(answers), JSON.stringify(answers)).toBe(true);
  const last = answers.at(-1)!;
  expect([201, 409], JSON.stringify(last.body)).toContain(last.status);
  const found = await ask(stage.straight, "GET", '/Users?filter=userName%20eq%20"ada@acme.example"');
  expect(found?.body.totalResults).toBe(1);
  if (last.status === 201) expect(found?.body.Resources[0].id).toBe(last.body.id);
  return String(found?.body.Resources[0].id);
}

async function leave(stage: Stage, id: string): Promise<void> {
  const answers = await insist(stage.base, "PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false }));
  expect(fine(answers), JSON.stringify(answers)).toBe(true);
  expect([answers.at(-1)?.status, answers.at(-1)?.body.active]).toEqual([200, false]);
}

const atRest = (stage: Stage) => eventually(async () => (await stage.store.openWork(acme, 10)).length === 0, 30_000);

async function playCreate(stage: Stage): Promise<void> {
  const id = await join(stage);
  await atRest(stage);
  expect(stage.users()).toMatchObject([{ is_enabled: true }]);
  await leave(stage, id);
  await atRest(stage);
  expect(stage.users()).toMatchObject([{ is_enabled: false }]);
  expect(await stage.store.firstBrokenRow(acme)).toBeUndefined();
}

async function playDenial(stage: Stage, fault: WireFault, fits: (request: string) => boolean): Promise<void> {
  const id = await join(stage);
  await atRest(stage);
  stage.plan(fault, fits);
  await leave(stage, id);
  await atRest(stage);
  expect(stage.users()).toMatchObject([{ is_enabled: false }]);
  expect(await stage.store.firstBrokenRow(acme)).toBeUndefined();
}

async function on(hop: Parameters<typeof open>[0], play: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await open(hop);
  try {
    await play(stage);
    expect(stage.met()).toBe(1);
  } finally {
    await stage.close();
  }
}

const starts = (method: string) => (request: string) => request.startsWith(method);

describe.concurrent("between the IdP and us", () => {
  test.each(wireFaults)("create: %s", (fault) => on("IdP", (stage) => (stage.plan(fault, starts("POST")), playCreate(stage))), 60_000);
  test.each(wireFaults)("deactivate: %s", (fault) => on("IdP", (stage) => playDenial(stage, fault, starts("PATCH"))), 60_000);
});

describe.concurrent("between us and the vendor", () => {
  test.each(wireFaults)("create: %s", (fault) => on("vendor", (stage) => (stage.plan(fault, starts("POST")), playCreate(stage))), 60_000);
  test.each(wireFaults)("deactivate: %s", (fault) => on("vendor", (stage) => playDenial(stage, fault, starts("PATCH"))), 60_000);
  test.each(["half-open", "cut answer", "HTML with 200", "redirect"] as const)("the look before a create: %s", (fault) => on("vendor", (stage) => (stage.plan(fault, starts("GET")), playCreate(stage))), 60_000);
});

/** A statement as PostgreSQL's protocol carries it. */
const statement = (word: string) => (message: string) => message.startsWith("Q") && message.slice(5).startsWith(word);
const queries = ["reset before the request", "reset after its body", "half-open", "swallowed", "drip", "cut answer", "doubled answer", "TLS garbage"] as const satisfies readonly WireFault[];

/** One after the other: what hangs holds its lock, and the tests' databases are one to PostgreSQL's locks. Whose commit it is, is a matter of chance. */
describe("between us and PostgreSQL, at COMMIT", () => {
  test.each(queries)("create: %s", (fault) => on("PostgreSQL", (stage) => (stage.plan(fault, statement("commit")), playCreate(stage))), 60_000);
  test.each(queries)("deactivate: %s", (fault) => on("PostgreSQL", (stage) => playDenial(stage, fault, statement("commit"))), 60_000);
  test.each(["reset before the request", "swallowed"] as const)("deactivate, at the beginning of a transaction: %s", (fault) => on("PostgreSQL", (stage) => playDenial(stage, fault, statement("begin"))), 60_000);
});

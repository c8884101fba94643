/**
 * Hooks: what they may do, when they exist, and what they can never reach.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { capabilitiesOf } from "../../src/connectors/connector.ts";
import type { Target } from "../../src/connectors/connector.ts";
import type { HookKit, Hooks } from "../../src/connectors/hooks.ts";
import { hookProblems } from "../../src/connectors/manifest-hooks.ts";
import { openConnector } from "../../src/connectors/registry.ts";
import { Fault, failureOf } from "../../src/model/failure.ts";
import { accountId, roleId } from "../../src/model/ids.ts";
import { acme, engine } from "./support/engine.ts";
import { aCall } from "./support/vendor.ts";

const target: Target = { account: accountId("p-1"), kind: "account", email: "ann@acme.example" };
const ann = { id: "p-1", role: "viewer", tags: [], user: { email: "ann@acme.example" } };
const list = { data: { items: [ann], more: false } };
const failing = async (run: Promise<unknown> | undefined) => failureOf(await Promise.resolve(run).then(() => { throw new Error("it did not fail"); }, (thrown: unknown) => thrown));
const unsupported = () => new Fault({ kind: "unsupported", detail: "not here", capability: "get", steps: "" });

describe("a hooked method", () => {
  const hooks: Hooks = { methods: { setRole: { needs: ["put"], open: (kit, base) => async (who, role, call) => ({ ...(await base.setRole?.(who, role, call)), confirmed: false, complete: true, note: `${kit.title} was asked kindly` }) } } };

  test("takes the place of the manifest's own, and can build on it", async () => {
    let role = "viewer";
    const { connector, requests } = engine(acme(), ({ method, body }) => { if (method === "PUT") role = String(body?.["role"]); return { data: { ...ann, role } }; }, { hooks });
    expect(await connector.setRole?.(target, roleId("editor"), aCall())).toEqual({ confirmed: false, complete: true, note: "Acme was asked kindly" });
    expect(requests.map(({ call }) => call)).toEqual(["get", "put", "get"]);
  });

  test("exists only where every call that it needs may be used; else the manifest's own stays, or the reason is said", () => {
    const weak: Hooks = { methods: { setTags: { needs: ["put"], open: () => async () => ({ confirmed: true, complete: true }) }, updateProfile: { needs: ["remove"], open: () => () => Promise.reject(new Error("never")) } } };
    const { connector } = engine(acme(), () => null, { hooks: weak, endpoints: "public" });
    expect(capabilitiesOf(connector)).not.toContain("setTags");
    expect(connector.traits.missing("setTags")).toBe('the evidence for "put" is "observed", and endpoints allows "public"');
    expect(capabilitiesOf(connector)).toContain("updateProfile");
    expect(connector.traits.missing("updateProfile")).toBeUndefined();
  });

  test("adds what the manifest does not have, and then nothing is missing", async () => {
    const manifest = acme((raw) => delete raw.operations.setTags);
    expect(engine(manifest, () => null).connector.traits.missing("setTags")).toMatch(/no call/);
    const { connector } = engine(manifest, () => null, { hooks: { methods: { setTags: { needs: [], open: () => async () => ({ confirmed: true, complete: true }) } } } });
    expect(await connector.setTags?.(target, [], aCall())).toEqual({ confirmed: true, complete: true });
    expect(connector.traits.missing("setTags")).toBeUndefined();
  });

  test.each(["deactivate", "delete"] as const)("%s goes by denyEndpoints, everything else by endpoints", async (name) => {
    const seen: boolean[] = [];
    const look = (kit: HookKit) => async () => { seen.push(kit.may("remove")); return { confirmed: true, complete: true }; };
    const { connector } = engine(acme(), () => null, { endpoints: "public", denyEndpoints: "inferred", hooks: { methods: { [name]: { needs: ["remove"], open: look }, updateProfile: { needs: [], open: look } } } });
    await connector[name]?.(target, aCall());
    await connector.updateProfile?.(target, { title: "x" }, aCall());
    expect(seen).toEqual([true, false]);
  });

  test("is told off for a call that may not be used, and nothing is sent", async () => {
    const naughty: Hooks = { methods: { get: { needs: [], open: (kit) => async (who, call) => { await kit.run("put", { values: { id: who.account } }, call); return undefined; } } } };
    const { connector, requests } = engine(acme(), () => null, { endpoints: "public", hooks: naughty });
    expect((await failing(connector.get?.(target, aCall()))).kind).toBe("internal");
    expect(requests).toEqual([]);
  });

  test("that throws unsupported has capability and steps filled in", async () => {
    const { connector } = engine(acme(), () => null, { hooks: { methods: { reactivate: { needs: [], open: () => () => Promise.reject(unsupported()) } } } });
    expect(await failing(connector.reactivate?.(target, undefined, aCall()))).toMatchObject({ kind: "unsupported", capability: "reactivate", steps: expect.stringContaining("ann@acme.example") });
  });
});

describe("a hooked strategy", () => {
  const manifest = acme((raw) => {
    raw.denials.strategies = {
      ask: { hook: "ask", uses: ["search"], effect: "asked to go", reversible: true },
      remove: { ...raw.denials.strategies.remove, hook: "sure" },
    };
    raw.denials.deactivate = ["ask", "remove"];
  });
  const sure: NonNullable<Hooks["strategies"]>[string] = (_kit, written) => async (who, call) => ({ ...(await written?.(who, call)), confirmed: true, complete: true, note: "made sure" });

  test("carries out the denial, under its own name; `unsupported` leads to the next, which can build on what is written", async () => {
    const asked: string[] = [];
    let there = true;
    const { connector, requests } = engine(manifest, ({ method }) => { there &&= method !== "DELETE"; return method === "GET" ? { data: { items: there ? [ann] : [], more: false } } : undefined; }, { hooks: { strategies: { sure, ask: (kit) => (who) => { asked.push(`${kit.may("search")} ${who.account}`); return Promise.reject(unsupported()); } } } });
    expect(await connector.deactivate?.(target, aCall())).toEqual({ confirmed: true, complete: true, gone: true, note: "made sure", by: "remove" });
    expect(asked).toEqual(["true p-1"]);
    expect(requests.map(({ call }) => call)).toEqual(["list", "remove", "list"]);
  });

  test("exists only where the calls that it uses may be used", async () => {
    const hooks: Hooks = { strategies: { sure, ask: () => async () => ({ confirmed: true, complete: false, left: "the badge" }) } };
    const [all, none] = (["public", "seed"] as const).map((denyEndpoints) => engine(manifest, () => null, { denyEndpoints, hooks }).connector);
    expect(await all?.deactivate?.(target, aCall())).toEqual({ confirmed: true, complete: false, left: "the badge", by: "ask" });
    expect(none?.deactivate).toBeUndefined();
    expect(none?.traits.missing("deactivate")).toBe('the evidence for "search" is "public", and denyEndpoints allows "seed"');
  });

  test("that nobody brought is a mistake in the manifest, and so is a call that a hook needs and nobody knows", async () => {
    expect(hookProblems(manifest, { strategies: { ask: () => async () => ({ confirmed: true, complete: true }) }, methods: { get: { needs: ["nowhere"], open: () => async () => undefined } } })).toEqual([
      { path: "denials.strategies.remove.hook", message: expect.stringContaining('"sure" is not in the hooks of acme') },
      { path: "hooks.methods.get.needs", message: 'there is no call "nowhere"' },
    ]);
    const applivery = fileURLToPath(new URL("../../src/connectors/applivery/manifest.yaml", import.meta.url));
    const setup = { connector: applivery, settings: { apiKey: "key", organizationId: "acme" }, endpoints: "public", denyEndpoints: "inferred", onDeactivate: undefined, onDelete: undefined, egressAllow: [], timeoutMs: 1_000 } as const;
    expect(await failing(openConnector(setup))).toMatchObject({ kind: "invalid", detail: expect.stringContaining("data only") });
  });
});

describe("the kit", () => {
  /** A kit as a method's hook gets it. */
  const kitOf = (answer: Parameters<typeof engine>[1] = () => list, more: Parameters<typeof engine>[2] = {}, manifest = acme()) => {
    let kit: HookKit | undefined;
    const opened = engine(manifest, answer, { ...more, hooks: { methods: { get: { needs: [], open: (given) => { kit = given; return async () => undefined; } } } } });
    return { kit: kit as unknown as HookKit, ...opened };
  };

  test("shows the settings without the secrets, and the credential nowhere", () => {
    const { kit } = kitOf();
    expect(kit.settings).toEqual({ baseUrl: "https://acme.example", organizationId: "org-1" });
    expect(inspect(kit, { depth: 12, showHidden: true })).not.toContain("tot_123");
  });

  test("reads items, pages, accounts", async () => {
    const { kit } = kitOf(({ call }) => (call === "get" ? { data: ann } : call === "create" ? {} : list));
    expect(kit.account(await kit.item("get", { values: { id: "p-1" } }, aCall()))).toMatchObject({ id: "p-1", role: "viewer", active: true });
    expect((await failing(kit.item("create", {}, aCall()))).kind).toBe("protocol");
    for await (const page of kit.pages("list", {}, aCall())) expect(page).toEqual([ann]);
    expect(await kit.lookUp("list", target.account, aCall())).toMatchObject({ record: ann, account: { id: "p-1" } });
    expect(kit.protectedBecause({ ...ann, role: "owner" })).toBe("the owner is never changed");
  });

  test("scans once for all who ask, and again after a write", async () => {
    const { kit, requests } = kitOf();
    const scan = kit.scan("list");
    const call = { ...aCall(), sinceMs: 0 };
    await Promise.all([scan.byEmail("ANN@acme.example", call), scan.all(call)]);
    await scan.all(call);
    expect(requests).toHaveLength(1);
    await kit.run("put", { values: { id: "p-1" } }, aCall());
    expect(await scan.byEmail("ann@acme.example", call)).toHaveLength(1);
    expect(requests.map((one) => one.call)).toEqual(["list", "put", "list"]);
  });

  test("believes nothing that was read before a write that is under way", async () => {
    let meanwhile: Promise<unknown> | undefined;
    const call = { ...aCall(), sinceMs: 0 };
    const { kit, requests } = kitOf(({ method }) => { if (method === "PUT") meanwhile = scan.all(call); return list; });
    const scan = kit.scan("list");
    await scan.all(call);
    await kit.run("put", { values: { id: "p-1" } }, aCall());
    await meanwhile;
    expect(requests.map((one) => one.call)).toEqual(["list", "put", "list"]);
  });

  test("makes bodies as the manifest's own methods do, and says what was left out", () => {
    const { kit } = kitOf(undefined, {}, acme((raw) => { raw.fields[3] = { ...raw.fields[3], oneOf: ["en"], unfit: "leaveOut" }; }));
    const said: string[] = [];
    expect(kit.createBody({ email: "new@acme.example", profile: { "name.givenName": "Eve", locale: "de" }, role: undefined, password: undefined }, (text) => said.push(text))).toEqual({ user: { email: "new@acme.example", first: "Eve" }, country: "RO" });
    expect(kit.changeBody({ "name.givenName": "Eva" })).toEqual({ user: { first: "Eva" } });
    expect(kit.changeBody({ "name.givenName": "Eva" }, { user: { last: "Low", locale: null }, country: "DE" }, { known: { locale: "en" } })).toEqual({ user: { first: "Eva", last: "Low", locale: "en" }, country: "DE" });
    expect(said).toEqual(["locale was left out: it is none of the vendor's locales (en)"]);
    expect([kit.same("email", "Ann@acme.example", "ann@ACME.example"), kit.same("locale", "en", "de"), kit.same("locale", "de", "en"), kit.same("unheard", "a", "a")]).toEqual([true, true, false, true]);
    expect(kit.steps("deactivate", { email: "ann@acme.example" })).toContain("ann@acme.example");
  });
});

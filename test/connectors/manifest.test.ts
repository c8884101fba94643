import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { readManifest } from "../../src/connectors/manifest-read.ts";
import { manifestJsonSchema } from "../../src/connectors/manifest-schema.ts";
import { readSettings } from "../../src/connectors/manifest-settings.ts";
import { Secret } from "../../src/runtime/secret.ts";

const text = readFileSync(new URL("../../src/connectors/peoplelens/manifest.yaml", import.meta.url), "utf8");

// oxlint-disable-next-line no-explicit-any
type Loose = any;

const broken = (spoil: (manifest: Loose) => void): readonly { path: string; message: string }[] => {
  const manifest = parse(text) as Loose;
  spoil(manifest);
  const read = readManifest(stringify(manifest));
  return read.ok ? [] : read.problems;
};

describe("a manifest's mistakes", () => {
  test.each<{ is: string; spoil: (manifest: Loose) => void; path: string; says: RegExp }>([
    { is: "an unknown key", spoil: (m) => (m.retries = 3), path: "retries", says: /not known/ },
    { is: "an unknown key deep inside", spoil: (m) => (m.calls.list.timeout = "3s"), path: "calls.list.timeout", says: /not known/ },
    { is: "a call without evidence", spoil: (m) => delete m.calls.list.evidence, path: "calls.list.evidence", says: /./ },
    { is: "an evidence that does not exist", spoil: (m) => (m.calls.list.evidence = "hearsay"), path: "calls.list.evidence", says: /./ },
    { is: "a call without repeat-safety", spoil: (m) => delete m.calls.create.repeat, path: "calls.create.repeat", says: /./ },
    { is: "a denial that does not say how it is confirmed", spoil: (m) => delete m.denials.strategies.disable.confirm, path: "denials.strategies.disable.confirm", says: /./ },
    { is: "a write that does not say how it is confirmed", spoil: (m) => delete m.operations.setRole.confirm, path: "operations.setRole.confirm", says: /./ },
    { is: "a denial by a call that may happen once", spoil: (m) => (m.calls.update.repeat = "once"), path: "denials.strategies.disable.call", says: /repeated/ },
    { is: "a denial by a read", spoil: (m) => (m.denials.strategies.disable.call = "get"), path: "denials.strategies.disable.call", says: /read/ },
    { is: "a partial denial that does not say what is left", spoil: (m) => (m.denials.strategies.disable.complete = false), path: "denials.strategies.disable.left", says: /left/ },
    { is: "a strategy that needs an unknown setting", spoil: (m) => (m.denials.strategies.disable.needs = ["roleId"]), path: "denials.strategies.disable.needs", says: /roleId/ },
    { is: "a default strategy that does not exist", spoil: (m) => m.denials.deactivate.push("terminate"), path: "denials.deactivate", says: /terminate/ },
    { is: "an operation by a call that does not exist", spoil: (m) => (m.operations.find.call = "lookup"), path: "operations.find.call", says: /no call "lookup"/ },
    { is: "a confirmation by a call that does not exist", spoil: (m) => (m.denials.strategies.delete.confirm.call = "show"), path: "denials.strategies.delete.confirm.call", says: /show/ },
    { is: "a confirmation by a write", spoil: (m) => (m.denials.strategies.delete.confirm.call = "update"), path: "denials.strategies.delete.confirm.call", says: /read/ },
    { is: "a control that does not exist", spoil: (m) => (m.control = "ping"), path: "control", says: /ping/ },
    { is: "a search that does not say where its items are", spoil: (m) => delete m.calls.search.items, path: "operations.find.call", says: /items/ },
    { is: "a create that does not say where its record is", spoil: (m) => delete m.calls.create.item, path: "operations.create.call", says: /item/ },
    { is: "a GET that is no read", spoil: (m) => (m.calls.get.repeat = "same"), path: "calls.get.repeat", says: /read/ },
    { is: "a write that claims to be a read", spoil: (m) => (m.calls.update.repeat = "read"), path: "calls.update.repeat", says: /GET/ },
    { is: "a path that leaves the origin", spoil: (m) => (m.calls.list.path = "//evil.example/users"), path: "calls.list.path", says: /slash/ },
    { is: "a placeholder that nobody fills", spoil: (m) => (m.calls.get.path = "/api/users/{account}"), path: "calls.get.path", says: /account/ },
    { is: "a secret in a path", spoil: (m) => (m.calls.get.path = "/api/{apiKey}/{id}"), path: "calls.get.path", says: /secret/ },
    { is: "a secret in a task's steps", spoil: (m) => (m.manual.create = "log in with {apiKey}"), path: "manual.create", says: /secret/ },
    { is: "a body that uses what was not read first", spoil: (m) => (m.operations.setRole.body.tags = "{current.tags}"), path: "operations.setRole.body", says: /current\.tags/ },
    { is: "a merge without a read", spoil: (m) => (m.operations.updateProfile.body = "allFields"), path: "operations.updateProfile.readFirst", says: /read/ },
    { is: "an error rule without a condition", spoil: (m) => m.errors.rules.push({ failure: "conflict" }), path: "errors.rules.8", says: /condition/ },
    { is: "an error rule on a 5xx", spoil: (m) => m.errors.rules.push({ status: [503], failure: "notFound" }), path: "errors.rules.8.status.0", says: /499/ },
    { is: "a failure that a rule may not name", spoil: (m) => (m.errors.rules[1].failure = "unreachable"), path: "errors.rules.1.failure", says: /./ },
    { is: "a regular expression that is none", spoil: (m) => (m.settings.baseUrl.pattern = "("), path: "settings.baseUrl.pattern", says: /regular/ },
    { is: "a default outside the choices", spoil: (m) => (m.settings.password.default = "none"), path: "settings.password.default", says: /choices/ },
    { is: "a secret with a default", spoil: (m) => (m.settings.apiKey.default = "changeme"), path: "settings.apiKey.default", says: /default/ },
    { is: "a choice that a field forgets", spoil: (m) => delete m.fields.at(-1).bySetting.password.omit, path: "fields.5.bySetting.password", says: /omit/ },
    { is: "a transform that does not exist", spoil: (m) => (m.fields[0].transform = "rot13"), path: "fields.0.transform", says: /./ },
    { is: "a required field that can be cleared", spoil: (m) => (m.fields[1].clear = "null"), path: "fields.1.clear", says: /never cleared/ },
    { is: "no field for the e-mail", spoil: (m) => m.fields.shift(), path: "fields", says: /email/ },
    { is: "an activity that cannot be told", spoil: (m) => delete m.account.active[0].equals, path: "account.active.0", says: /exactly one/ },
    { is: "an operator's action by a call that does not exist", spoil: (m) => (m.operatorActions = { resetMfa: { call: "reset", effect: "x" } }), path: "operatorActions.resetMfa.call", says: /no call "reset"/ },
    { is: "an operator's action by a read", spoil: (m) => (m.operatorActions = { resetMfa: { call: "get", effect: "x" } }), path: "operatorActions.resetMfa.call", says: /a read does nothing/ },
    { is: "an operator's call that a push could lead to", spoil: (m) => (m.operatorActions = { resetMfa: { call: "update", effect: "x" } }), path: "operatorActions.resetMfa.call", says: /a push could lead to it/ },
    { is: "an action that no command knows", spoil: (m) => (m.operatorActions = { wipe: { call: "update", effect: "x" } }), path: "operatorActions.wipe", says: /not known/ },
    { is: "a capability that does not exist", spoil: (m) => (m.manual.suspend = "x"), path: "manual.suspend", says: /./ },
  ])("$is is reported at $path", ({ spoil, path, says }) => {
    const problems = broken(spoil);
    expect(problems.filter((problem) => problem.path === path && says.test(problem.message)), JSON.stringify(problems)).not.toEqual([]);
  });

  test("the manifest as it is has none", () => expect(broken(() => {})).toEqual([]));

  test("mistakes of shape and of reference are reported together", () => {
    const paths = broken((m) => {
      m.retries = 3;
      delete m.calls.list.evidence;
      m.control = "ping";
      m.calls.update.repeat = "once";
    }).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["retries", "calls.list.evidence", "control", "denials.strategies.disable.call"]));
  });

  test.each([
    { is: "broken YAML", yaml: "calls: {", says: /./ },
    { is: "a key that stands twice", yaml: "title: a\ntitle: b\n", says: /unique/i },
    { is: "an empty file", yaml: "", says: /./ },
    { is: "a list", yaml: "- 1\n", says: /./ },
  ])("$is is a problem, not an exception", ({ yaml, says }) => {
    const read = readManifest(yaml);
    expect(read.ok ? "" : read.problems.map(({ message }) => message).join()).toMatch(says);
  });
});

test("the grammar is published as JSON Schema", () => {
  const schema = manifestJsonSchema() as Loose;
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties.calls.additionalProperties.required).toEqual(expect.arrayContaining(["method", "path", "evidence", "repeat"]));
});

test("FACTS.md names every call of the manifest with the same evidence and the same request", () => {
  const facts = readFileSync(new URL("../../src/connectors/peoplelens/FACTS.md", import.meta.url), "utf8");
  const rows = [...facts.matchAll(/^\| `(\w+)` \| `([A-Z]+) ([^`?]+)[^`]*` \| `(\w+)` \| (\w+) \|/gm)].map(([, call, method, path, evidence, repeat]) => ({ call, method, path, evidence, repeat }));
  const manifest = parse(text) as Loose;
  expect(rows).toEqual(Object.entries<Loose>(manifest.calls).map(([call, { method, path, evidence, repeat }]) => ({ call, method, path, evidence, repeat })));
});

describe("a connection's settings", () => {
  const read = readManifest(text);
  if (!read.ok) throw new Error("the manifest is broken");
  const { manifest } = read;
  const good = { baseUrl: "https://acme.peoplelensai.com", apiKey: "plk-1" };
  const problems = (settings: Record<string, unknown>) => {
    const result = readSettings(manifest, settings);
    return result.ok ? [] : result.problems;
  };

  test("what is good is sorted into open and secret, with the defaults", () => {
    const result = readSettings(manifest, { ...good, apiKey: new Secret("plk-1"), baseUrl: new Secret(good.baseUrl) });
    expect(result).toEqual({ ok: true, settings: { open: { baseUrl: good.baseUrl, defaultRole: "User", password: "generate" }, secret: { apiKey: expect.any(Secret) } } });
    expect(result.ok && result.settings.secret["apiKey"]?.reveal()).toBe("plk-1");
  });

  test.each<{ is: string; change: Record<string, unknown>; path: string; says: RegExp }>([
    { is: "a missing one", change: { apiKey: undefined }, path: "settings.apiKey", says: /missing: API key of an administrator/ },
    { is: "an empty one", change: { apiKey: "" }, path: "settings.apiKey", says: /empty/ },
    { is: "an empty secret from the environment", change: { apiKey: new Secret(" ") }, path: "settings.apiKey", says: /empty/ },
    { is: "a key with its scheme", change: { apiKey: "Bearer plk-1" }, path: "settings.apiKey", says: /without "Bearer"/ },
    { is: "a key with a line break", change: { apiKey: new Secret("plk-1\n") }, path: "settings.apiKey", says: /line breaks/ },
    { is: "a key that no header carries", change: { apiKey: "plk-ü" }, path: "settings.apiKey", says: /ASCII/ },
    { is: "a path in the address", change: { baseUrl: "https://acme.peoplelensai.com/api" }, path: "settings.baseUrl", says: /https:\/\/acme\.peoplelensai\.com/ },
    { is: "an address without scheme", change: { baseUrl: "acme.peoplelensai.com" }, path: "settings.baseUrl", says: /for example/ },
    { is: "a choice that does not exist", change: { password: "random" }, path: "settings.password", says: /generate, scim, omit/ },
    { is: "an unknown name", change: { apikey: "x" }, path: "settings.apikey", says: /baseUrl, apiKey, defaultRole, password/ },
    { is: "a list where a text should be", change: { defaultRole: ["User"] }, path: "settings.defaultRole", says: /text/ },
    { is: "a prototype's name", change: { constructor: "x" }, path: "settings.constructor", says: /not a setting/ },
  ])("$is is reported at $path", ({ change, path, says }) => {
    const found = problems({ ...good, ...change });
    expect(found.filter((problem) => problem.path === path && says.test(problem.message)), JSON.stringify(found)).toHaveLength(1);
  });

  test("all mistakes at once, and no value is shown", () => {
    const found = problems({ baseUrl: "plk-pasted-into-the-wrong-line", apiKey: "Bearer plk-hidden", password: "plk-too" });
    expect(found.map(({ path }) => path)).toEqual(["settings.baseUrl", "settings.apiKey", "settings.password"]);
    expect(JSON.stringify(found)).not.toContain("plk-");
  });
});

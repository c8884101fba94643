/**
 * `drawbridge connector test` finds what is wrong with a manifest, tries the laws, and says what it did not try.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { newManifest } from "../../../src/connectors/authoring/new-manifest.ts";
import { testManifest } from "../../../src/connectors/authoring/test-manifest.ts";
import { evidences } from "../../../src/model/capability.ts";
import { failureOf } from "../../../src/model/failure.ts";

// oxlint-disable-next-line no-explicit-any
type Loose = any;

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "drawbridge-manifest-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const written = (text: string): string => {
  const path = join(folder, `manifest-${++count}.yaml`);
  writeFileSync(path, text);
  return path;
};
const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
/** The skeleton with a change. */
const changed = (change: (manifest: Loose) => void): string => {
  const raw: Loose = parse(newManifest("acme"));
  change(raw);
  return written(JSON.stringify(raw));
};

describe.each([
  ["the skeleton", () => written(newManifest("acme-couriers"))],
  ["the example that is only data", () => at("examples/connectors/parcelpost/manifest.yaml")],
  ["PeopleLens", () => at("src/connectors/peoplelens/manifest.yaml")],
  ["one with weak evidence, partial denials and a raw token", () => at("test/connectors/support/acme.yaml")],
] as const)("%s", (_name, path) => {
  test("passes every law that it can be tried by", async () => {
    const report = await testManifest(path());
    expect(report.problems).toEqual([]);
    expect(report.laws.filter(({ outcome }) => outcome !== "holds")).toEqual([]);
    expect(report.laws.length).toBeGreaterThan(25);
    expect(report.ok).toBe(true);
    expect(Object.keys(report.methods)).toEqual([...evidences]);
    expect(report.notExercised.join(" ")).toContain("The vendor itself was not asked");
  });
});

test("what the connector cannot do is said, and laws that need it are not claimed", async () => {
  const report = await testManifest(changed((raw) => { delete raw.operations.find; delete raw.operations.setRole; raw.calls.update.evidence = "observed"; }));
  expect(report.ok).toBe(true);
  expect(report.laws.filter(({ outcome }) => outcome === "not exercised").map(({ detail }) => detail)).toContain("the connector has no find");
  expect(report.notExercised).toContainEqual('"setRole": Acme has no call for it.');
  expect(report.methods.public).not.toContain("deactivate");
  expect(report.methods.observed).toContain("deactivate");
});

describe("mistakes in the manifest are named by their path, and nothing is tried", () => {
  test.each<{ is: string; path: () => string; problem: { readonly path: unknown; readonly message: unknown } }>([
    { is: "a file that is not there", path: () => join(folder, "nowhere.yaml"), problem: { path: "", message: expect.stringContaining("ENOENT") } },
    { is: "no YAML", path: () => written("connector: [acme"), problem: { path: "line 1", message: expect.any(String) } },
    { is: "a word that nobody knows", path: () => changed((raw) => { raw.acount = raw.account; }), problem: { path: "acount", message: "is not known here" } },
    { is: "a call that is not there", path: () => changed((raw) => { raw.operations.get.call = "show"; }), problem: { path: "operations.get.call", message: 'there is no call "show"' } },
    { is: "a hook", path: () => changed((raw) => { raw.denials.strategies.disable.hook = "mine"; }), problem: { path: "denials.strategies.disable.hook", message: expect.stringContaining("data only") } },
    { is: "a rule behind one that takes all its answers", path: () => changed((raw) => { raw.errors.rules.push({ status: [400], code: ["E7"], failure: "conflict" }); }), problem: { path: "errors.rules.6", message: "never applies: every answer that it means is taken by errors.rules.3" } },
    { is: "a rule about a code, and no place of a code", path: () => changed((raw) => { raw.errors.code = []; raw.errors.rules.unshift({ code: [5], failure: "conflict" }); }), problem: { path: "errors.code", message: expect.stringContaining("no place of a code") } },
    { is: "a rule about a field, and no place of complaints", path: () => changed((raw) => { raw.errors.rules.unshift({ field: "email", failure: "conflict" }); }), problem: { path: "errors.fields", message: expect.stringContaining("no place of complaints") } },
    { is: "a setting that nothing made up fits", path: () => changed((raw) => { raw.settings.apiKey.pattern = "^k[0-9]{3}-[a-f]{9}!$"; }), problem: { path: "settings.apiKey.example", message: expect.stringContaining("give an example") } },
  ])("$is", async ({ path, problem }) => {
    const report = await testManifest(path());
    expect(report).toMatchObject({ ok: false, laws: [], methods: {} });
    expect(report.problems).toContainEqual(problem);
    expect(report.notExercised[0]).toContain("Nothing was tried");
  });
});

describe("a manifest that does not hold together breaks a law", () => {
  test.each<{ is: string; change: (raw: Loose) => void; law: RegExp; detail: RegExp }>([
    { is: "a 409 that is not understood", change: (raw) => { raw.errors.rules[2].failure = "invalid"; }, law: /^a create for an address that is taken/, detail: /409/ },
    { is: "a 429 that is not", change: (raw) => { raw.errors.rules[5].failure = "refused"; }, law: /^429/, detail: /ended as refused/ },
    { is: "a 401 that is not", change: (raw) => { raw.errors.rules[0].failure = "refused"; }, law: /^401/, detail: /ended as refused/ },
    { is: "a 404 that is the credential's fault", change: (raw) => { raw.errors.rules[1].failure = "credentials"; }, law: /^one account is read by its id/, detail: /credentials/ },
    { is: "roles that the lookup does not show", change: (raw) => { delete raw.account.role; }, law: /^a lookup compares/, detail: /does not show the role/ },
    { is: "a reactivation that writes the wrong word", change: (raw) => { raw.operations.reactivate.body.status = "activ"; }, law: /^who was switched off can come back/, detail: /still shows the old state/ },
    { is: "a denial that writes the wrong word", change: (raw) => { raw.denials.strategies.disable.body.status = "active"; }, law: /^deactivate by "disable" ends the access/, detail: /still shows the old state/ },
    { is: "a denial that writes the wrong word and is not read back", change: (raw) => { raw.denials.strategies.disable.body.status = "active"; raw.denials.strategies.disable.confirm = "none"; }, law: /^deactivate by "disable" ends the access/, detail: /still active/ },
    { is: "two parts in one place", change: (raw) => { raw.fields.push({ scim: "displayName", to: "job_title", sentOn: ["update"], evidence: "public" }); }, law: /^a change of the profile/, detail: /title also changed displayName/ },
    { is: "a password that would be written down", change: (raw) => { raw.fields.push({ scim: "password", to: "password", sentOn: ["create"], writeOnly: true, evidence: "public" }); }, law: /^the credential is in nothing/, detail: /http\.neverLog/ },
  ])("$is", async ({ change, law, detail }) => {
    const report = await testManifest(changed(change));
    expect(report.problems).toEqual([]);
    expect(report.ok).toBe(false);
    expect(report.laws.filter(({ outcome }) => outcome === "broken")).toContainEqual({ name: expect.stringMatching(law), outcome: "broken", detail: expect.stringMatching(detail) });
  });
});

test("ids of an unusual shape need an example, and then it is tried", async () => {
  const unusual = (more: Loose) => changed((raw) => { Object.assign(raw.account, { idPattern: "^u:[a-f]{3}[0-9]{4}:[a-f]{3}[0-9]{4}$" }, more); });
  expect(await testManifest(unusual({}))).toMatchObject({ ok: false, laws: [], problems: [{ path: "account.idExample", message: expect.stringContaining("give an example") }] });
  expect((await testManifest(unusual({ idExample: "u:abc1234:def5678" }))).laws.filter(({ outcome }) => outcome !== "holds")).toEqual([]);
});

describe("a new manifest", () => {
  test("carries the name it was given", () => {
    expect(parse(newManifest("blue-sky"))).toMatchObject({ connector: "blue-sky", title: "Blue Sky", immutable: { email: expect.stringContaining("Blue Sky") } });
  });

  test.each(["", "Acme", "a b", "../x", "1a", "a\nb"])("%j is no name", (name) => {
    let thrown: unknown;
    try {
      newManifest(name);
    } catch (caught) {
      thrown = caught;
    }
    expect(failureOf(thrown)).toMatchObject({ kind: "invalid", field: "name" });
  });
});

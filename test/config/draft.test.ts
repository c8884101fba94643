/**
 * What `drawbridge init` writes: read back, it is what was chosen; and a file that was there keeps every letter.
 *
 * @module
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { examineConfig } from "../../src/config.ts";
import { addConnection } from "../../src/config/add-connection.ts";
import { type ConnectionDraft, connectionText, fileText, scalar } from "../../src/config/draft-text.ts";
import { told } from "../../src/config/problem.ts";

const draft = (more: Partial<ConnectionDraft> = {}): ConnectionDraft => ({
  name: "acme",
  connector: "peoplelens",
  title: "PeopleLens AI",
  settings: [{ name: "baseUrl", label: "address of the tenant", value: "https://acme.peoplelensai.com" }, { name: "apiKey", label: "API key of an administrator", value: { env: "ACME_API_KEY" } }],
  endpoints: undefined,
  roles: { map: [{ idp: "PeopleLens Admins", vendor: "Admin", privileged: true, vendorName: "Admin" }], fallback: "User" },
  onDeactivate: [{ name: "disable", effect: "signing in is switched off" }],
  onDelete: [{ name: "disable", effect: "signing in is switched off" }],
  brake: { window: "60m", count: 10, share: 0.1 },
  protected: ["break-glass@acme.example"],
  domains: ["acme.example"],
  observe: true,
  reconcile: undefined,
  ...more,
});

const env = { ACME_API_KEY: "a-key-of-acme", GLOBEX_API_KEY: "a-key-of-globex", ENTRA_SCIM_TOKEN: "dbt_0123456789abcdefghijklmnopqrstuvwxyz" };
const examine = (text: string) => examineConfig("drawbridge.yaml", { env, readFile: async () => text });

describe("a scalar", () => {
  test("reads back as the text that it was, alone and in braces", () => {
    const odd = fc.string({ unit: fc.constantFrom(..."aA1.:/-+@_# ,'\"&*!|>%{}[]~=<?") }); // what means something to YAML, close together
    fc.assert(fc.property(fc.oneof({ arbitrary: odd, weight: 4 }, fc.string(), fc.string({ unit: "binary" }), fc.constantFrom("yes", "null", "1e3", "0x1f", "1_000", "12:30", "~", "- a", "#b", "a: b", "a #b", "&x", "*x", "!x", "{a}", "[a]", "a,b", "%a", "@a", "`a`", "'a'", "\"", "1.2.3", "0f0e7c52-1c3b-4c0a-9a77-000000000003", "127.0.0.1", "10.0.0.0/8", "2024-01-02", ".inf", "=", "<<", "a::", "a:b:")), (text) => {
      expect(parse(`a: ${scalar(text)}`)).toEqual({ a: text });
      expect(parse(`a: { b: ${scalar(text)}, c: [${scalar(text)}] }`)).toEqual({ a: { b: text, c: [text] } });
    }), { numRuns: 5_000 });
  });
  test("is plain where people expect it to be", () => {
    for (const text of ["acme", "PeopleLens Admins", "https://acme.peoplelensai.com", "http://127.0.0.1:9301", "file:./data/drawbridge.db", "break-glass@acme.example", "127.0.0.1", "10.0.0.0/8", "0f0e7c52-1c3b-4c0a-9a77-000000000003"]) expect(scalar(text)).toBe(text);
  });
});

describe("a new file", () => {
  const file = { listen: { host: "0.0.0.0", port: 8080 }, publicUrl: "https://scim.example.com", store: "file:./data/drawbridge.db", egressAllow: [] };

  test("has no mistake and no warning, and says what was chosen", async () => {
    const { config, problems, warnings } = await examine(fileText({ ...file, connection: draft() }));
    expect([...problems, ...warnings].map(told)).toEqual([]);
    expect(config).toMatchObject({ publicUrl: "https://scim.example.com", listen: { host: "0.0.0.0", port: 8080 }, egressAllow: [] });
    expect(config?.connections).toMatchObject([{ id: "acme", connector: "peoplelens", mode: "observe", onDeactivate: ["disable"], onDelete: ["disable"], policy: { roles: { map: [{ idp: "PeopleLens Admins", vendor: "Admin", privileged: true }], fallback: "User" }, protectedEmails: ["break-glass@acme.example"], domains: ["acme.example"], brake: { count: 10, share: 0.1, windowMs: 3_600_000 } } }]);
  });

  test.each<readonly [string, Partial<ConnectionDraft>]>([
    ["nothing is mapped", { roles: { map: [], fallback: undefined } }],
    ["only a fallback", { roles: { map: [], fallback: "deactivate" } }],
    ["weaker evidence", { endpoints: "observed" }],
    ["nothing of its own for deletions", { onDelete: [] }],
    ["nobody protected, no domain, nothing observed", { protected: [], domains: [], observe: false }],
    ["a secret in a file, a list, odd names", { settings: [{ name: "baseUrl", label: "a", value: "https://acme.peoplelensai.com" }, { name: "apiKey", label: "b", value: { file: "secrets/acme key" } }, { name: "locales", label: "c", value: ["ro", "no"] }], roles: { map: [{ idp: "A: {b}, \"c\" #d", vendor: "0", privileged: false, vendorName: "Zero" }], fallback: undefined } }],
  ])("with %s", async (_, more) => {
    const { problems } = await examineConfig("drawbridge.yaml", { env, readFile: async (path) => (path.endsWith("acme key") ? "a-key" : fileText({ ...file, egressAllow: ["127.0.0.1", "10.0.0.0/8"], connection: draft(more) })) });
    expect(problems.map(told)).toEqual([]);
  });

  test("holds no line that nobody can read at a glance", () => {
    expect(fileText({ ...file, connection: draft() }).split("\n").filter((line) => line.length > 150)).toEqual([]);
  });
});

const adding = { connection: draft({ name: "globex", settings: [{ name: "baseUrl", label: "address of the tenant", value: "https://globex.peoplelensai.com" }, { name: "apiKey", label: "API key", value: { env: "GLOBEX_API_KEY" } }] }), publicUrl: "https://scim.example.com", allow: [] };
const acme = 'connector: peoplelens\n    settings: { baseUrl: https://acme.peoplelensai.com, apiKey: "${ACME_API_KEY}" }';

const files: readonly (readonly [string, string])[] = [
  ["comments and blanks everywhere", `# ours\n\npublicUrl: https://scim.example.com   # behind nginx\n\n\nconnections: # two of them\n  # the first\n  acme: # since March\n    ${acme} # key of Ann\n    # the end of acme\n\n# the end of the file\n`],
  ["keys behind the connections", `publicUrl: https://scim.example.com\nconnections:\n  acme:\n    ${acme}\n\n# where we listen\nlisten: { port: 8081 }\n`],
  ["another indentation", `publicUrl: https://scim.example.com\nconnections:\n    acme:\n        connector: peoplelens\n        settings:\n            baseUrl: https://acme.peoplelensai.com\n            apiKey: "\${ACME_API_KEY}"\n`],
  ["no line end at the end", `publicUrl: https://scim.example.com\nconnections:\n  acme:\n    ${acme}`],
  ["a text over several lines at the end", `publicUrl: https://scim.example.com\nconnections:\n  acme:\n    connector: peoplelens\n    settings:\n      apiKey: "\${ACME_API_KEY}"\n      baseUrl: >-\n        https://acme.peoplelensai.com\n`],
  ["no connection yet", "publicUrl: https://scim.example.com\nconnections:\nlisten: { port: 8081 }\n"],
  ["empty braces", "publicUrl: https://scim.example.com\nconnections: {} # none yet\nlisten: { port: 8081 }\n"],
  ["no key for connections", "publicUrl: https://scim.example.com\nlisten: { port: 8081 }\n"],
];

describe("a connection is added to a file with", () => {
  test.each(files)("%s", async (_, before) => {
    const added = addConnection(before, adding);
    expect(added).toHaveProperty("text");
    const after = "text" in added ? added.text : "";
    const { config, problems } = await examine(after);
    expect(problems.map(told)).toEqual([]);
    expect(config?.connections.map(({ id }) => id)).toContain("globex");
    const [was, is] = [parse(before) as Record<string, unknown>, parse(after) as Record<string, Record<string, unknown>>];
    const { globex: _new, ...others } = is["connections"] ?? {};
    expect({ ...is, connections: others }).toEqual({ ...was, connections: was["connections"] ?? {} });
    // Every line that was there is there, in the same order.
    const lines = after.split("\n");
    let at = 0;
    for (const line of before.split("\n").filter((one) => one.trim() !== "" && !/^connections: ?(\{\}.*)?$/.test(one))) {
      at = lines.indexOf(line, at) + 1;
      expect(at, line).toBeGreaterThan(0);
    }
  });

  test.each([
    ["none", "", "egress: { allow: [127.0.0.1] }"],
    ["a list in brackets", "egress: { allow: [10.0.0.0/8] } # the lab\n", "egress: { allow: [10.0.0.0/8, 127.0.0.1] } # the lab"],
    ["an empty list", "egress: { allow: [] }\n", "egress: { allow: [127.0.0.1] }"],
    ["the host already", "egress: { allow: [127.0.0.1] }\n", "egress: { allow: [127.0.0.1] }"],
  ])("egress.allow: %s", async (_, egress, wanted) => {
    const added = addConnection(`publicUrl: https://scim.example.com\n${egress}\n# ours\nconnections:\n  acme:\n    ${acme}\n`, { ...adding, allow: ["127.0.0.1"] });
    expect("text" in added ? added.text : "").toContain(wanted);
    const { config, problems } = await examine("text" in added ? added.text : "");
    expect([problems, config?.egressAllow.includes("127.0.0.1")]).toEqual([[], true]);
  });

  test("JSON", async () => {
    const before = JSON.stringify({ publicUrl: "https://scim.example.com", connections: { acme: { connector: "peoplelens", settings: { baseUrl: "https://acme.peoplelensai.com", apiKey: "${ACME_API_KEY}" } } } });
    const added = addConnection(before, { ...adding, allow: ["10.0.0.7"] });
    const { config, problems } = await examine("text" in added ? added.text : "");
    expect([problems, config?.connections.map(({ id }) => id as string), config?.egressAllow]).toEqual([[], ["acme", "globex"], ["10.0.0.7"]]);
  });

  test.each([
    ["the name", `connections:\n  globex:\n    ${acme}\n`, /named globex already/],
    ["the name, in JSON", '{"connections":{"globex":{}}}', /named globex already/],
    ["connections in braces on a line", "connections: { acme: { connector: peoplelens } }\n", /in braces/],
    ["a list of hosts below each other", `egress:\n  allow:\n    - 10.0.0.0/8\nconnections:\n  acme:\n    ${acme}\n`, /add 127\.0\.0\.1 to it/],
    ["no keys at all", "- a\n", /does not hold keys/],
  ])("%s is refused, and nothing is changed", (_, before, why) => {
    expect(addConnection(before, { ...adding, allow: ["127.0.0.1"] })).toEqual({ refused: expect.stringMatching(why) as string });
  });
});

test("a section can be read on its own", () => {
  expect(Object.keys(parse(connectionText(draft(), "https://scim.example.com", "")) as object)).toEqual(["acme"]);
});

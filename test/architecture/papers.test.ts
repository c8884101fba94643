/**
 * What is written beside the code is whole and true: decisions have their parts, links lead somewhere, the README's configuration is right,
 * and no paper or source names a place that exists on one machine only.
 *
 * @module
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { examineConfig } from "../../src/config.ts";
import { told } from "../../src/config/problem.ts";
import { root } from "./cruise.ts";

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const papers = ["README.md", "CHANGELOG.md", ...globSync("{docs,examples,scim-schemas,test,src}/**/*.md", { cwd: root })];
const decisions = globSync("docs/adr/[0-9]*.md", { cwd: root }).toSorted();

describe("decisions", () => {
  test("are numbered without a gap", () => {
    expect(decisions.map((path) => Number(/(\d{4})-/.exec(path)?.[1]))).toEqual(decisions.map((_, at) => at + 1));
  });

  test.each(decisions)("%s has its four parts, and one page", (path) => {
    const text = read(path);
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(["Context", "Decision", "Consequences", "How we would notice that it was wrong"]);
    expect(text.split("\n").length).toBeLessThan(60);
    expect(Number(/^# (\d+)\. \S/.exec(text)?.[1])).toBe(Number(/(\d{4})-/.exec(path)?.[1]));
  });

  test("stand in the list, each under its title", () => {
    const listed = [...read("docs/adr/README.md").matchAll(/\[\d+\]\((.*?)\) \| (.*?) \|/g)].map(([, file, title]) => `${file} ${title}`);
    expect(listed).toEqual(decisions.map((path) => `${path.replace("docs/adr/", "")} ${/^# \d+\. (.*)$/m.exec(read(path))?.[1]}`));
  });
});

test.each(papers)("the links of %s lead somewhere", (path) => {
  const targets = [...read(path).replace(/```[\s\S]*?```/g, "").matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target = ""]) => target).filter((target) => !/^[a-z]+:/.test(target));
  expect(targets.filter((target) => !existsSync(join(root, dirname(path), target)))).toEqual([]);
});

test("the README's configuration has no mistake", async () => {
  const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(read("README.md")) ?? [];
  const env = { ENTRA_SCIM_TOKEN: "dbt_0123456789abcdefghijklmnopqrstuvwxyz", PEOPLELENS_API_KEY: "key" };
  const { config, problems, warnings } = await examineConfig("drawbridge.yaml", { env, readFile: () => Promise.resolve(yaml) });
  expect([...problems, ...warnings].map(told)).toEqual([]);
  expect(config?.connections.map(({ id }) => id)).toEqual(["peoplelens-prod"]);
});

test.each(["docs/okta.md", "docs/entra.md"])("every way in that %s shows is a right one", async (path) => {
  const blocks = [...read(path).matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = ""]) => yaml);
  expect(blocks.length).toBeGreaterThan(2);
  const env = Object.fromEntries(["OKTA_SCIM_TOKEN", "OKTA_SCIM_PASSWORD", "ENTRA_CLIENT_SECRET", "ENTRA_SCIM_TOKEN", "PEOPLELENS_API_KEY"].map((name) => [name, `${name}-of-more-than-thirty-two-characters`]));
  for (const auth of blocks) {
    const text = `publicUrl: https://scim.example.com\nconnections:\n  acme:\n    connector: peoplelens\n    settings: { baseUrl: https://acme.peoplelensai.com, apiKey: "\${PEOPLELENS_API_KEY}" }\n${auth.replace(/^/gm, "    ").trimEnd()}\n`;
    const { problems, warnings } = await examineConfig("drawbridge.yaml", { env, readFile: () => Promise.resolve(text) });
    expect([...problems, ...warnings].map(told)).toEqual([]);
  }
});

test("the README's map of src/ names what is there", () => {
  const [, map = ""] = /```\nsrc\/\n([\s\S]*?)```/.exec(read("README.md")) ?? [];
  const named = map.split("\n").filter((line) => line.startsWith("  ")).flatMap((line) => line.trim().split(/ {3,}/)[0]?.split(/ +/) ?? []);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !existsSync(join(root, "src", name)))).toEqual([]);
});

test("every script that the README names exists", () => {
  const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> };
  const named = [...read("README.md").matchAll(/npm (?:run )?(start|test|[a-z]+)\b/g)].map(([, name = ""]) => name).filter((name) => !["ci", "run", "install"].includes(name));
  expect([...new Set(named)].filter((name) => scripts[name] === undefined)).toEqual([]);
});

test("no file names a folder of somebody's machine", () => {
  const files = globSync("{README.md,CHANGELOG.md,Dockerfile,.ci/*,{src,test,docs,examples,bin,bench,scim-schemas}/**/*.{ts,mjs,cjs,md,yaml,json}}", { cwd: root });
  const local = /(?<![\w.])\/(?:home|root|work)\/[a-z]/;
  expect(files.length).toBeGreaterThan(30);
  expect(local.test(["", "home", "ann", "x"].join("/"))).toBe(true);
  expect(files.filter((path) => path !== "test/architecture/papers.test.ts" && local.test(read(path)))).toEqual([]);
});

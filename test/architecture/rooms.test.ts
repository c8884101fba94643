/**
 * The rooms hold: the real tree is clean, and every rule catches an import that was planted against it.
 *
 * The plants go into a copy outside the project. A cruise that sees no modules finds no violations either, hence the counts.
 *
 * @module
 */
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cruise, root } from "./cruise.ts";
import type { Cruised } from "./cruise.ts";

test("the imports of src/ keep to the rooms", async () => {
  const { modules, violations } = await cruise(root);
  expect(violations).toEqual([]);
  expect(modules).toBeGreaterThan(30);
}, 60_000);

interface Plant {
  readonly file: string;
  readonly text: string;
  readonly rule: string;
}

/** A planted file that imports one thing; it is itself imported nowhere, which is no orphan as long as it imports. */
const imports = (file: string, target: string, rule: string, type = ""): Plant => ({ file: `src/${file}`, text: `import ${type}{ x } from ${JSON.stringify(target)};\nexport type X = typeof x;\n`, rule });
const types = "type ";

const plants: readonly Plant[] = [
  ...["dialects", "scim", "rails", "plan", "store", "delivery", "bridge", "http", "reconcile", "connectors/kit", "runtime"].map((room) => imports(`model/planted-${room.replace("/", "-")}.ts`, `../${room}/target.ts`, "model-imports-only-what-it-may", types)),
  imports("runtime/planted.ts", "../store/target.ts", "runtime-imports-only-what-it-may", types),
  imports("scim/planted.ts", "../dialects/target.ts", "scim-imports-only-what-it-may", types),
  imports("rails/planted.ts", "../store/target.ts", "rails-imports-only-what-it-may", types),
  imports("plan/planted.ts", "../store/target.ts", "plan-imports-only-what-it-may", types),
  imports("dialects/planted.ts", "../plan/target.ts", "dialects-imports-only-what-it-may", types),
  imports("store/planted.ts", "../delivery/target.ts", "store-imports-only-what-it-may", types),
  imports("delivery/planted.ts", "../scim/target.ts", "delivery-imports-only-what-it-may", types),
  imports("delivery/planted-kit.ts", "../connectors/kit/target.ts", "delivery-imports-only-what-it-may"),
  imports("reconcile/planted.ts", "../delivery/target.ts", "reconcile-imports-only-what-it-may", types),
  imports("connectors/planted.ts", "../store/target.ts", "connectors-imports-only-what-it-may", types),
  imports("bridge/planted.ts", "../http/target.ts", "bridge-imports-only-what-it-may", types),
  imports("bridge/planted-kit.ts", "../connectors/kit/target.ts", "bridge-imports-only-what-it-may", types),
  imports("doctor/planted.ts", "../delivery/target.ts", "doctor-imports-only-what-it-may", types),
  imports("operator/planted.ts", "../http/target.ts", "operator-imports-only-what-it-may", types),
  imports("operator/planted-kit.ts", "../connectors/kit/target.ts", "operator-imports-only-what-it-may", types),
  imports("http/planted-operator.ts", "../operator/target.ts", "http-takes-only-types-of-the-bridge"),
  imports("http/planted.ts", "../store/target.ts", "http-imports-only-what-it-may", types),
  imports("http/planted-scim.ts", "../scim/target.ts", "http-takes-only-types-of-the-bridge"),
  imports("http/planted-bridge.ts", "../bridge/target.ts", "http-takes-only-types-of-the-bridge"),
  imports("connectors/peoplelens/planted.ts", "../enlivy/target.ts", "a-vendor-sees-contract-kit-and-model", types),
  imports("connectors/peoplelens/deep/planted.ts", "../../enlivy/target.ts", "a-vendor-sees-contract-kit-and-model"),
  imports("connectors/enlivy/planted.ts", "../registry-target.ts", "a-vendor-sees-contract-kit-and-model"),
  imports("connectors/kit/planted.ts", "../enlivy/target.ts", "the-kit-knows-no-vendor", types),
  imports("connectors/connector.ts", "./registry-target.ts", "the-contract-imports-nothing-of-its-room", types),
  imports("scim/planted-app.ts", "../app.ts", "nobody-imports-what-wires", types),
  imports("config/planted.ts", "../sandbox/target.ts", "nobody-imports-what-wires"),
  imports("config/planted-store.ts", "../store/target.ts", "the-configuration-knows-words-only", types),
  ...[
    { library: "express", room: "bridge" },
    { library: "helmet", room: "scim" },
    { library: "jose", room: "bridge" },
    { library: "scimmy", room: "dialects" },
    { library: "scimmy-routers", room: "http" },
    { library: "kysely", room: "plan" },
    { library: "better-sqlite3", room: "delivery" },
    { library: "pg", room: "bridge" },
    { library: "undici", room: "connectors/peoplelens" },
    { library: "winston", room: "http" },
    { library: "prom-client", room: "http" },
    { library: "@opentelemetry/api", room: "http" },
    { library: "@opentelemetry/sdk-trace", room: "http" },
    { library: "@opentelemetry/exporter-trace-otlp-http", room: "http" },
    { library: "@opentelemetry/resources", room: "http" },
    { library: "@clack/prompts", room: "doctor" },
    { library: "commander", room: "http" },
  ].flatMap(({ library, room }) => [imports(`${room}/planted-${library}.ts`, library, `${library}-lives-in-one-room`), imports(`${room}/planted-types-${library}.ts`, library, `${library}-lives-in-one-room`, types)]),
  imports("plan/circle-a.ts", "./circle-b.ts", "no-circles"),
  { file: "src/plan/orphan.ts", text: "export const alone = 1;\n", rule: "no-orphans" },
  imports("app.ts", "./newroom/target.ts", "no-unknown-rooms"),
  imports("plan/planted-absent.ts", "./absent.ts", "nothing-unresolved"),
  imports("plan/planted-test.ts", "../../test/target.ts", "no-test-code-in-the-product"),
  imports("plan/planted-dev.ts", "fast-check", "no-development-packages-in-the-product"),
];

/** What the plants import. */
const targets = ["dialects", "scim", "rails", "plan", "store", "delivery", "reconcile", "bridge", "operator", "http", "runtime", "connectors/kit", "connectors/enlivy", "sandbox", "newroom"].map((room) => `src/${room}/target.ts`).concat("src/connectors/registry-target.ts", "test/target.ts");

let folder = "";
let planted: Cruised;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "drawbridge-rooms-"));
  await cp(join(root, "src"), join(folder, "src"), { recursive: true });
  for (const file of ["package.json", "tsconfig.json"]) await cp(join(root, file), join(folder, file));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const circle = imports("plan/circle-b.ts", "./circle-a.ts", "", types);
  for (const { file, text } of [...targets.map((target) => ({ file: target, text: "export const x = 1;\n" })), circle, ...plants]) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  planted = await cruise(folder);
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(plants)("$file is caught by $rule", ({ file, rule }) => {
  expect(planted.violations.filter(({ from }) => from === file).map((violation) => violation.rule)).toContain(rule);
});

test("http may take the exchange of a request, and types of anything in scim and bridge", async () => {
  const allowed = [imports("http/exchange-user.ts", "../scim/exchange.ts", ""), imports("http/types-scim.ts", "../scim/target.ts", "", types), imports("http/types-bridge.ts", "../bridge/target.ts", "", types)];
  for (const { file, text } of allowed) await writeFile(join(folder, file), text);
  const { modules, violations } = await cruise(folder);
  expect(modules).toBeGreaterThan(planted.modules);
  expect(violations.filter(({ from }) => allowed.some(({ file }) => file === from))).toEqual([]);
}, 60_000);

test("every rule has a plant", () => {
  const config = createRequire(import.meta.url)("./dependency-cruiser.cjs") as { readonly forbidden: readonly { readonly name: string }[] };
  expect(config.forbidden.map(({ name }) => name).filter((name) => !plants.some(({ rule }) => rule === name))).toEqual([]);
});

/**
 * Who may import whom, as data: DESIGN section 9. Checked by `npm run architecture` and, with planted violations, by the tests beside it.
 *
 * @module
 */

/** What each room may import besides itself, model and runtime. */
const may = {
  model: [],
  runtime: ["model"],
  scim: [],
  rails: ["plan"],
  plan: [],
  dialects: ["scim"],
  store: ["plan", "rails"],
  delivery: ["plan", "rails", "store", "connectors/connector"],
  reconcile: ["plan", "rails", "store", "connectors/connector"],
  doctor: ["config", "connectors", "store"],
  connectors: [],
  bridge: ["dialects", "scim", "rails", "plan", "store", "delivery", "reconcile", "connectors/connector"],
  operator: ["bridge", "scim", "plan", "store", "delivery", "reconcile"],
  http: ["bridge", "scim", "operator"],
};
const open = (room) => (room === "model" ? [] : ["model", "runtime"]);
/** These wire the rooms together, so they may import them all; no room imports them. */
const wiring = "^src/((main|app|operating|operator-api|tokens|credentials)\\.ts$|command/|sandbox/)";
/** Read by everyone who wires, knows the words only. */
const configuration = "^src/(config/|config\\.ts$)";

const rooms = Object.entries(may).map(([room, others]) => ({
  name: `${room}-imports-only-what-it-may`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: { path: "^src/", pathNot: [room, ...others, ...open(room)].map((other) => `^src/${other}[/.]`) },
}));

/** Where each library lives. */
const homes = [
  { library: "express", home: "^src/http/" },
  { library: "helmet", home: "^src/http/" },
  { library: "jose", home: "^src/http/" },
  { library: "scimmy", home: "^src/scim/" },
  { library: "scimmy-routers", home: "^src/scim/" },
  { library: "kysely", home: "^src/store/" },
  { library: "better-sqlite3", home: "^src/store/" },
  { library: "pg", home: "^src/store/" },
  { library: "undici", home: "^src/connectors/kit/" },
  { library: "winston", home: "^src/runtime/" },
  { library: "prom-client", home: "^src/runtime/" },
  { library: "@opentelemetry/api", home: "^src/runtime/" },
  { library: "@opentelemetry/sdk-trace", home: "^src/runtime/" },
  { library: "@opentelemetry/exporter-trace-otlp-http", home: "^src/runtime/" },
  { library: "@opentelemetry/resources", home: "^src/runtime/" },
  { library: "@clack/prompts", home: "^src/command/" },
  { library: "commander", home: "^src/(main\\.ts$|command/)" },
];
const fences = homes.map(({ library, home }) => ({
  name: `${library}-lives-in-one-room`,
  severity: "error",
  from: { path: "^src/", pathNot: home },
  to: { path: `node_modules/(@types/)?${library}/` },
}));

module.exports = {
  forbidden: [
    ...rooms,
    ...fences,
    {
      name: "http-takes-only-types-of-the-bridge",
      comment: "What runs behind the door is handed to it by app.ts; only the exchange that a request carries is filled in there.",
      severity: "error",
      from: { path: "^src/http/" },
      to: { path: "^src/(scim|bridge|operator)/", pathNot: "^src/scim/exchange\\.ts$", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "a-vendor-sees-contract-kit-and-model",
      comment: "Never another vendor, never the registry.",
      severity: "error",
      from: { path: "^src/connectors/(?!kit/|authoring/)([^/]+)/" },
      to: { path: "^src/connectors/", pathNot: ["^src/connectors/$1/", "^src/connectors/kit/", "^src/connectors/(connector|setup|hooks)\\.ts$"] },
    },
    {
      name: "the-kit-knows-no-vendor",
      severity: "error",
      from: { path: "^src/connectors/kit/" },
      to: { path: "^src/connectors/", pathNot: ["^src/connectors/kit/", "^src/connectors/(connector|setup)\\.ts$"] },
    },
    { name: "the-contract-imports-nothing-of-its-room", severity: "error", from: { path: "^src/connectors/(connector|setup)\\.ts$" }, to: { path: "^src/connectors/" } },
    { name: "nobody-imports-what-wires", severity: "error", from: { path: "^src/", pathNot: wiring }, to: { path: wiring } },
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-orphans", severity: "error", from: { orphan: true, path: "^src/", pathNot: "^src/main\\.ts$" }, to: {} },
    { name: "no-unknown-rooms", severity: "error", from: {}, to: { path: "^src/", pathNot: [...Object.keys(may).map((room) => `^src/${room}/`), wiring, configuration] } },
    { name: "the-configuration-knows-words-only", severity: "error", from: { path: configuration }, to: { path: "^src/", pathNot: [configuration, "^src/(model|runtime)/", "^src/connectors/setup\\.ts$"] } },
    { name: "nothing-unresolved", severity: "error", from: { path: "^src/" }, to: { couldNotResolve: true } },
    { name: "no-test-code-in-the-product", severity: "error", from: { path: "^src/" }, to: { path: "^(test|bench|examples)/" } },
    { name: "no-development-packages-in-the-product", severity: "error", from: { path: "^src/" }, to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only"] } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // Imports of types count: a type that two rooms need moves to model/.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "node", "default"] },
  },
};

/**
 * The fuzz finds what it is there to find: faults put in on purpose, one at a time.
 *
 * @module
 */
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Filter } from "../../src/model/filter.ts";
import { invalid } from "../../src/model/failure.ts";
import { isObject, type Json } from "../../src/model/json.ts";
import { playCases } from "./cases.ts";
import { type Code, realCode } from "./code.ts";
import { type Ground, openGround } from "./ground.ts";
import { play } from "./play.ts";
import { allTargets, type Weighted } from "./targets/all.ts";

let ground: Ground;
let targets: readonly Weighted[] = [];
beforeAll(async () => {
  ground = await openGround();
  targets = allTargets(ground);
});
afterAll(() => ground.close());

const operationsOf = (body: unknown): readonly Record<string, unknown>[] => {
  const list = isObject(body) ? body["Operations"] : undefined;
  return Array.isArray(list) ? list.filter(isObject) : [];
};

/** Takes so much CPU time, on a busy machine as well. */
function busy(forMs: number): void {
  const used = () => process.threadCpuUsage().user + process.threadCpuUsage().system;
  for (const until = used() + forMs * 1_000; used() < until; );
}

const valueIn = (filter: Filter): string => (filter.kind === "compare" ? String(filter.value) : "");

const planted: readonly (readonly [string, string, Partial<Code>, RegExp])[] = [
  [
    "a pattern that takes for ever",
    "filter",
    { parseFilter: (table, text, caps) => (/^(a+)+$/.test(String(text)) ? realCode.parseFilter(table, "userName pr") : realCode.parseFilter(table, text, caps)) },
    /does not end|takes \d+ ms/,
  ],
  [
    "inputs that take 70 ms",
    "patch",
    {
      patchUser: (table, current, body, options) => {
        if (operationsOf(body).length === 1) busy(70);
        return realCode.patchUser(table, current, body, options);
      },
    },
    /takes \d+ ms|does not end/,
  ],
  [
    "a path that leads to a prototype",
    "patch",
    {
      patchUser: (table, current, body, options) => {
        for (const { path } of operationsOf(body)) {
          const [first = "", second] = String(path).split(".");
          if (second !== undefined) ((({}) as Record<string, Record<string, unknown>>)[first] ?? {})[second] = true;
        }
        return realCode.patchUser(table, current, body, options);
      },
    },
    /a prototype has changed/,
  ],
  [
    "a TypeError",
    "filter",
    { parseFilter: (table, text, caps) => (String(text).includes("[") && !String(text).includes("]") ? (undefined as unknown as { at: Filter }).at : realCode.parseFilter(table, text, caps)) },
    /throws TypeError/,
  ],
  [
    "recursion without a bound",
    "json",
    { readJson: (bytes, most) => (bytes.toString().includes("[[") ? (function deeper(n: number): number { return deeper(n + 1) + 1; })(0) : realCode.readJson(bytes, most)) },
    /throws RangeError/,
  ],
  ["an error without a scimType", "path", { parsePath: (table, path) => { if (path.endsWith("]x")) throw Object.assign(invalid("invalidPath", "no"), { failure: { kind: "internal", detail: "no" } }); return realCode.parsePath(table, path); } }, /without a scimType/],
  ["an error that repeats the input", "filter", { parseFilter: (table, text, caps) => { if (String(text).includes("\u0000")) throw invalid("invalidFilter", `bad ${String(text)}`); return realCode.parseFilter(table, text, caps); } }, /cannot be printed|characters/],
  [
    "a parser that loses a not",
    "filter",
    { parseFilter: (table, text, caps) => { const filter = realCode.parseFilter(table, text, caps); return filter.kind === "not" && filter.of.kind === "compare" ? filter.of : filter; } },
    /another filter/,
  ],
  ["a precedence that is lost in printing", "filter", { parseFilter: (table, text, caps) => realCode.parseFilter(table, caps === undefined ? text : String(text).replaceAll(/[()]/g, ""), caps) }, /another filter|Fault/],
  ["a value pasted into SQL", "filter", { filterCondition: (engine, connection, type, filter) => (filter.kind === "compare" ? sql<boolean>`${realCode.filterCondition(engine, connection, type, filter)} and ${sql.lit(valueIn(filter))} = ${sql.lit(valueIn(filter))}` : realCode.filterCondition(engine, connection, type, filter)) }, /the SQL depends on a value/],
  ["an input that is changed", "patch", { normalise: (pushed) => { if (operationsOf(pushed.body).length > 1) (pushed.body as Record<string, Json>)["Operations"] = []; return realCode.normalise(pushed); } }, /throws TypeError/],
  ["a read-only attribute that is kept", "patch", { patchUser: (...given) => { const done = realCode.patchUser(...given); return done.changed ? { ...done, attributes: { ...done.attributes, id: "x" } } : done; } }, /id is among what is kept/],
  ["an add that adds twice", "patch", { patchUser: (table, current, body, options) => { const done = realCode.patchUser(table, current, body, options); return operationsOf(body).some(({ path }) => path === "roles") ? { ...done, changed: true, attributes: { ...done.attributes, roles: [...((current["roles"] ?? []) as readonly Json[]), { value: "again" }] } } : done; } }, /a second time changes something/],
  ["a remove by filter that empties the group", "patch", { patchGroup: (...given) => { const done = realCode.patchGroup(...given); return done.members.some(({ kind }) => kind === "remove") ? { ...done, members: [{ kind: "clear" as const }] } : done; } }, /nobody asked to empty/],
  ["an empty list that is kept", "body", { readCreate: (...given) => { const done = realCode.readCreate(...given); return { ...done, attributes: { ...done.attributes, emails: [] } }; } }, /empty list/],
  ["an answer that says something else than was written", "body", { show: (...given) => ({ ...realCode.show(...given), title: "Boss" }) }, /changes something: title/],
  ["a path that is decoded twice", "address", { targetOf: (url) => { const read = realCode.targetOf(url); return { ...read, segments: read.segments.map((one) => (one.includes("@") ? `${one}/..` : one)) }; } }, /two readers|another one/],
  ["a JSON reader that keeps the last of two names", "json", { readJson: (bytes, most) => { try { return realCode.readJson(bytes, most); } catch (thrown) { if (bytes.length < 200 && bytes.toString().startsWith("{")) return { a: JSON.parse(bytes.toString()) as unknown }; throw thrown; } } }, /disagree|throws SyntaxError/],
  ["a cursor that anybody can write", "bulk and cursor", { openCursors: (key) => ({ ...realCode.openCursors(key), open: () => "everywhere" }) }, /a cursor opens/],
];

test.each(planted)("%s is found, and made small", (_name, name, fault, what) => {
  const { target } = targets.find((one) => one.target.name === name)!;
  const code = { ...realCode, ...fault };
  const { failure } = play(target, code, { seed: 4, inputs: 4_000, patienceMs: 2_500, watchdogMs: 500, shrinkMs: 2_000 });
  expect(failure?.what).toMatch(what);
  expect(JSON.stringify(failure?.input).length).toBeLessThan(5_000);
  // The case by itself fails again with the fault, and not without.
  const kept = [{ target: name, input: failure?.input }];
  expect(playCases(kept, targets, code, 500)[0]?.wrong).toMatch(what);
  expect(playCases(kept, targets, realCode)[0]?.wrong).toBeUndefined();
});

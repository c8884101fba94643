/**
 * The rules of the house hold in src/, and each of them was seen to catch something.
 *
 * @module
 */
import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { root } from "./cruise.ts";
import { exportedNames, forbiddenWords, importsWithoutEnding, lineCount, longWithoutReason, looseTodos, opensWithModuleComment, revealCount } from "./house-rules.ts";
import type { SourceFile } from "./house-rules.ts";

const committed = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8")) as T;
const read = (pattern: string): readonly SourceFile[] =>
  globSync(pattern, { cwd: root }).map((path) => ({ path: path.replaceAll("\\", "/"), text: readFileSync(root + path, "utf8") })).toSorted((a, b) => a.path.localeCompare(b.path));
const source = read("src/**/*.ts");
const tests = read("test/**/*.ts");

describe("in src/", () => {
  test("there is something to look at", () => {
    expect(source.length).toBeGreaterThan(30);
  });

  test("no file has more than 250 lines without a reason in long-files.json", () => {
    expect(longWithoutReason(source, committed("long-files.json"))).toEqual([]);
  });

  test("files are small: half of them have at most 120 lines", () => {
    const sizes = source.map(lineCount).toSorted((a, b) => a - b);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThanOrEqual(120);
  });

  test("every file opens by saying what it is for", () => {
    expect(source.filter((file) => !opensWithModuleComment(file)).map(({ path }) => path)).toEqual([]);
  });

  test("no file and no export has a name that says nothing", () => {
    const named = source.flatMap((file) => [file.path.replace(/\.ts$/, ""), ...exportedNames(file).map((name) => `${file.path} ${name}`)]);
    expect(named.filter((name) => forbiddenWords(name.replace(/^src\//, "")).length > 0)).toEqual([]);
  });

  test("nothing is exported as default, and no file is a barrel", () => {
    expect(source.filter((file) => exportedNames(file).includes("default")).map(({ path }) => path)).toEqual([]);
    expect(source.filter(({ path }) => /(^|\/)index\.[a-z]+$/.test(path)).map(({ path }) => path)).toEqual([]);
  });

  test("imports name the file that exists", () => {
    expect(source.flatMap(importsWithoutEnding)).toEqual([]);
  });

  test("secrets leave their box only where reveals.json says, and says why", () => {
    const found = Object.fromEntries(source.map((file) => [file.path, revealCount(file)] as const).filter(([, times]) => times > 0));
    const listed = committed<Record<string, { times: number; why: string }>>("reveals.json");
    expect(found).toEqual(Object.fromEntries(Object.entries(listed).map(([path, { times }]) => [path, times])));
    expect(Object.values(listed).filter(({ why }) => why.trim() === "")).toEqual([]);
  });

  test("a TODO carries the number of its issue", () => {
    expect([...source, ...tests.filter(({ path }) => !path.startsWith("test/architecture/"))].flatMap(looseTodos)).toEqual([]);
  });
});

describe("the rules catch", () => {
  const file = (text: string, path = "src/x.ts"): SourceFile => ({ path, text });
  const lines = (count: number): SourceFile => file("x\n".repeat(count));

  test("a long file, a reason that is blank, and a reason that is not needed any more", () => {
    expect(longWithoutReason([lines(250)], {})).toEqual([]);
    expect(longWithoutReason([lines(251)], {})).toEqual(["src/x.ts has more than 250 lines and no reason"]);
    expect(longWithoutReason([lines(251)], { "src/x.ts": " " })).toHaveLength(1);
    expect(longWithoutReason([lines(251)], { "src/x.ts": "one table" })).toEqual([]);
    expect(longWithoutReason([lines(9)], { "src/x.ts": "one table" })).toEqual(["src/x.ts needs no reason any more"]);
  });

  test.each([
    { text: "/**\n * What for.\n *\n * @module\n */\nexport {};\n", opens: true },
    { text: "#!/usr/bin/env node\n/**\n * What for.\n *\n * @module\n */\n", opens: true },
    { text: "export const a = 1;\n/**\n * Late.\n *\n * @module\n */\n", opens: false },
    { text: "/**\n * No tag.\n */\n", opens: false },
    { text: "/**\n * @module\n */\n", opens: false }, // says nothing
    { text: "// What for. @module\n", opens: false },
  ])("a file that does not open by saying what it is for: $opens", ({ text, opens }) => {
    expect(opensWithModuleComment(file(text))).toBe(opens);
  });

  test.each([
    { name: "store/session-manager", words: ["manager"] },
    { name: "http/errorHandler", words: ["handler"] },
    { name: "json-utils", words: ["utils"] },
    { name: "utilities", words: ["utilities"] },
    { name: "parseHelpers", words: ["helpers"] },
    { name: "common", words: ["common"] },
    { name: "UserService", words: ["service"] },
    { name: "IdPProvider", words: ["provider"] },
    { name: "PAYLOAD", words: ["payload"] },
    { name: "fullSync", words: ["sync"] },
    { name: "async-step", words: [] },
    { name: "synchronous", words: [] },
    { name: "scim/serviceProviderConfig", words: [] }, // RFC 7643, section 5
    { name: "uncommon", words: [] },
  ])("the name $name carries $words", ({ name, words }) => {
    expect(forbiddenWords(name)).toEqual(words);
  });

  test("every way to export a name", () => {
    const text = `export const a = 1, { b, c: [d] } = x; export function e() {} export class F {} export type G = 1; export interface H {}
      const i = 1; export { i, i as j }; export * as k from "./k.ts"; export * from "./l.ts"; const hidden = 1;`;
    expect(exportedNames(file(text))).toEqual(["a", "b", "d", "e", "F", "G", "H", "i", "j", "k"]);
  });

  test.each(["export default 1;", "export default function f() {}", "const a = 1; export { a as default };", "export default class {}"])("a default export: %s", (text) => {
    expect(exportedNames(file(text))).toContain("default");
  });

  test("an import that names no file", () => {
    expect(importsWithoutEnding(file('import a from "./a"; import type { B } from "../b.js"; import c from "./c.ts"; import d from "node:fs";'))).toEqual(["src/x.ts: ./a", "src/x.ts: ../b.js"]);
  });

  test("every secret that is taken out of its box, and no word in a comment", () => {
    expect(revealCount(file("/** reveal( */ const a = b.reveal(); const open = secret?.reveal; // x.reveal()"))).toBe(2);
  });

  test("a TODO without a number", () => {
    expect(looseTodos(file("// TODO later\n// TODO #12: soon\n// TODO(#3) too"))).toEqual(["src/x.ts:1"]);
  });
});

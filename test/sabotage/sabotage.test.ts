/**
 * The sabotage suite, as far as every change can afford it: all edits still fit, all named tests exist, the paper is current, and a few
 * guards are really taken away. `npm run sabotage` takes all of them.
 *
 * `UPDATE=1` writes the list of invariants anew; the table is written by the full run.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Edit, edits, type Invariant, invariants } from "./edits.ts";
import { startOf, statements, tableIn } from "./table.ts";
import { copyTree, edited, root, shortName, type Tree } from "./tree.ts";

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const named = edits.map((edit) => ({ ...edit, title: `${edit.invariant} without ${edit.guard}` }));

test("every invariant has a guard to take away", () => {
  expect((Object.keys(invariants) as Invariant[]).filter((one) => !edits.some(({ invariant }) => invariant === one))).toEqual([]);
  expect(new Set(edits.map(startOf)).size).toBe(edits.length);
});

test.each(named)("$title: the edit fits, and the test that must notice exists", (edit) => {
  expect(edited(read(edit.file), edit)).not.toBe(read(edit.file));
  expect(edit.tests.length).toBeGreaterThan(0);
  for (const { file, name } of edit.tests) {
    const text = read(file);
    // Names of tables are put together when they run; then the last words of the name stand there, or its first.
    const words = name.split(" ");
    const parts = words.flatMap((_, at) => [words.slice(at).join(" "), words.slice(0, at + 1).join(" ")]);
    expect(parts.some((part) => text.includes(part)), `${file}: ${name}`).toBe(true);
  }
});

test("an edit that does not fit exactly once is refused", () => {
  const edit: Edit = { invariant: "I1", guard: "g", file: "f", from: "if (a)", to: "if (true)", tests: [] };
  expect(edited("if (a) b; if (c) d;", edit)).toBe("if (true) b; if (c) d;");
  expect(() => edited("if (c) d;", edit)).toThrow(/fits 0 times/);
  expect(() => edited("if (a) b; if (a) d;", edit)).toThrow(/fits 2 times/);
  expect(() => edited("if (a)", { ...edit, from: "" })).toThrow(/fits 0 times/);
});

describe("docs/proofs-invariants.md", () => {
  const paper = "docs/proofs-invariants.md";

  test("says what each invariant is (UPDATE=1 writes it)", () => {
    const [before = "", rest = ""] = read(paper).split(/(?<=<!-- invariants: begin -->\n)/);
    const right = `${before}${statements().join("\n")}\n${rest.slice(rest.indexOf("<!-- invariants: end -->"))}`;
    if (process.env["UPDATE"] === "1") writeFileSync(join(root, paper), right);
    expect(read(paper)).toBe(right);
  });

  test("has a row for every guard, in order, each with one of its tests (npm run sabotage writes them)", () => {
    const rows = tableIn(read(paper)).split("\n").filter((line) => line.startsWith("| I"));
    expect(rows.map((row, at) => row.slice(0, startOf(edits[at] as Edit).length))).toEqual(edits.map(startOf));
    for (const [at, edit] of edits.entries()) expect(edit.tests.some(({ file }) => rows[at]?.slice(startOf(edit).length).startsWith(`${shortName(file)} › `))).toBe(true);
  });
});

describe("a guard that is taken away here and now is missed", () => {
  let tree: Tree | undefined;
  afterAll(() => tree?.remove());
  const few = ["the refusal of privileged accounts", "the return to what was before a refused push"];

  test.each(named.filter(({ guard }) => few.includes(guard)))("$title", { timeout: 60_000 }, async (edit) => {
    tree ??= copyTree();
    expect((await tree.run(edit.tests)).failed).toEqual([]);
    const { failed } = await tree.run(edit.tests, edit);
    expect(failed.some((one) => edit.tests.some(({ file }) => one.startsWith(shortName(file))))).toBe(true);
    expect((await tree.run(edit.tests)).failed).toEqual([]);
  });
});

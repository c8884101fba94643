/**
 * Takes every guard away, one at a time, on a copy, and demands that a test notices:
 *
 *   npm run sabotage                 all of them; prints the table and writes it into docs/proofs-invariants.md
 *   npm run sabotage -- I4 lease     only those whose invariant is, or whose guard holds, one of these words; the other rows stay
 *
 * Exits with 1 when an edit does not fit or names what is not there, when the house itself is red, or when nothing went red.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Edit, edits } from "./edits.ts";
import { misspelt } from "./names.ts";
import { rowIn, type Row, tableOf, withTable } from "./table.ts";
import { copyTree, edited, root } from "./tree.ts";

const atOnce = Number(process.env["SABOTAGE_AT_ONCE"] ?? 3);
const words = process.argv.slice(2);
const chosen = words.length === 0 ? edits : edits.filter(({ invariant, guard }) => words.some((word) => invariant === word || guard.includes(word)));
const print = (line: string): void => void process.stdout.write(`${line}\n`);

function faults(): readonly string[] {
  return chosen.flatMap((edit) => {
    try {
      edited(readFileSync(join(root, edit.file), "utf8"), edit);
      return [];
    } catch (thrown) {
      return [String(thrown)];
    }
  });
}

async function all(): Promise<number> {
  const unfitting = faults();
  const unfit = unfitting.length > 0 ? unfitting : misspelt(chosen);
  for (const fault of unfit) print(fault);
  if (unfit.length > 0) return 1;

  const waiting: (Edit | "as it is")[] = ["as it is", ...chosen];
  const rows = new Map<Edit, Row>();
  const missed: string[] = [];
  const work = async (): Promise<void> => {
    const tree = copyTree();
    try {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        if (next === "as it is") {
          const { passed, failed, output } = await tree.run(chosen.flatMap(({ tests }) => tests));
          const absent = chosen.flatMap(({ tests }) => tests).filter(({ name }) => !passed.some((one) => one.includes(name)));
          for (const one of failed) missed.push(`red without any edit: ${one}`);
          for (const { file, name } of absent) missed.push(`no such test passes: ${file} ${name}`);
          if (passed.length === 0) print(output.slice(-3_000));
          print(`as it is: ${passed.length} tests green, ${failed.length} red`);
          continue;
        }
        const { failed, passed, output } = await tree.run(next.tests, next);
        const [red] = failed;
        print(`${next.invariant} without ${next.guard}: ${red ?? "NOTHING WENT RED"}`);
        if (red !== undefined) rows.set(next, { edit: next, red });
        else missed.push(`nothing noticed: ${next.invariant} without ${next.guard} (${passed.length} green)${passed.length === 0 ? `\n${output.slice(-2_000)}` : ""}`);
      }
    } finally {
      tree.remove();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));

  print("");
  print(tableOf(edits.flatMap((edit) => rows.get(edit) ?? [])));
  for (const one of missed) print(one);
  print(`${rows.size} guards taken away and noticed, ${missed.length} not`);
  if (missed.length > 0) return 1;
  const paper = join(root, "docs/proofs-invariants.md");
  const text = readFileSync(paper, "utf8");
  writeFileSync(paper, withTable(text, tableOf(edits.flatMap((edit) => rows.get(edit) ?? rowIn(text, edit) ?? []))));
  return 0;
}

process.exitCode = await all();

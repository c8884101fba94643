/**
 * The table of docs/proofs-invariants.md: what was taken away, and which test noticed.
 *
 * @module
 */
import { type Edit, type Invariant, invariants } from "./edits.ts";

export const begin = "<!-- sabotage: begin -->\n";
export const end = "<!-- sabotage: end -->\n";

export interface Row {
  readonly edit: Edit;
  /** The first test that failed, as `app/delivery › its full name`. */
  readonly red: string;
}

const head = "| invariant | without … | test that went red |\n| --- | --- | --- |\n";
/** What stands in a row before the test; the same whenever the table is written. */
export const startOf = ({ invariant, guard, file }: Edit): string => `| ${invariant} | ${guard} (\`${file}\`) | `;

export const tableOf = (rows: readonly Row[]): string => head + rows.map(({ edit, red }) => `${startOf(edit)}${red.replaceAll("|", "\\|")} |\n`).join("");

export function withTable(text: string, table: string): string {
  const [before = "", rest = ""] = text.split(begin);
  return before + begin + table + end + (rest.split(end)[1] ?? "");
}

export const tableIn = (text: string): string => text.split(begin)[1]?.split(end)[0] ?? "";

/** The row as an earlier run has written it. */
export function rowIn(text: string, edit: Edit): Row | undefined {
  const line = tableIn(text).split("\n").find((one) => one.startsWith(startOf(edit)));
  return line === undefined ? undefined : { edit, red: line.slice(startOf(edit).length, -2).replaceAll("\\|", "|") };
}

export const statements = (): readonly string[] => (Object.keys(invariants) as Invariant[]).map((invariant) => `* **${invariant}** ${invariants[invariant]}`);

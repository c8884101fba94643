/**
 * What is wrong with a configuration, said so that a person can mend it: where, and what would be right.
 *
 * No problem ever quotes a value. A key that stands in the wrong place may hold a secret.
 *
 * @module
 */
export type Path = readonly (string | number)[];

export interface Problem {
  /** `connections.peoplelens-prod.delivery.deadline`; empty for the file as a whole. */
  readonly path: string;
  /** 1-based line of the file; `undefined` where there is none (the file cannot be read). */
  readonly line: number | undefined;
  /** What is wrong and what would be right, without path and line. */
  readonly says: string;
}

/** A finding before it is known on which line it stands. */
export interface Finding {
  readonly path: Path;
  readonly says: string;
}

/** Every mistake of a file at once. `message` is ready to be shown. */
export class ConfigMistakes extends Error {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  constructor(file: string, problems: readonly Problem[], warnings: readonly Problem[]) {
    super(`${file} has ${problems.length} ${problems.length === 1 ? "mistake" : "mistakes"}:\n${problems.map((problem) => `  ${told(problem)}`).join("\n")}`);
    this.name = "ConfigMistakes";
    this.problems = problems;
    this.warnings = warnings;
  }
}

/** One problem as one line of text. */
export const told = ({ path, line, says }: Problem): string => `${line === undefined ? "" : `line ${line}  `}${path === "" ? "" : `${path}: `}${says}`;

/** `["connections", "a", "roles", "map", 0]` → `connections.a.roles.map[0]` */
export const pathText = (path: Path): string => path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("").replace(/^\./, "");

/** The known word that `word` was probably meant to be. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const wanted = letters(word);
  const ranked = known.map((candidate) => ({ candidate, distance: distance(wanted, letters(candidate)) })).toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(1, Math.floor(best.candidate.length / 3)) ? best.candidate : undefined;
}

/** `mass_deprovision` and `massDeprovision` are one slip of the pen apart, not two. */
const letters = (word: string): string => word.slice(0, 64).toLowerCase().replace(/[-_ ]/g, "");

/** Insertions, deletions, substitutions and swaps of neighbours that lead from one word to the other. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let least = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) least = Math.min(least, (beforeLast[column - 2] ?? 0) + 1);
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

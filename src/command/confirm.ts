/**
 * What is dangerous asks first: on a terminal, or by `--yes`. Without either nothing happens.
 *
 * @module
 */
import { createInterface } from "node:readline/promises";

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {}

/** @throws UsageError where nobody can be asked, or the answer is not yes */
export async function confirmed(question: string, { yes }: { readonly yes?: boolean }): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new UsageError(`${question} Nobody can be asked here: say --yes. Nothing was done.`);
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    if (!/^y(es)?$/i.test((await asking.question(`${question} [y/N] `)).trim())) throw new UsageError("Nothing was done.");
  } finally {
    asking.close();
  }
}

/** A question whose answer is no wherever nobody can be asked. */
export async function agreed(question: string): Promise<boolean> {
  return confirmed(question, {}).then(() => true, () => false);
}

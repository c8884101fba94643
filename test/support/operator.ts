/**
 * An operator at the command line, beside a running house.
 *
 * @module
 */
import { execFile } from "node:child_process";

const main = new URL("../../src/main.ts", import.meta.url).pathname;

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `drawbridge …words --config file` */
export const operator = (file: string) => (...words: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => execFile(process.execPath, [main, ...words, "--config", file], { timeout: 60_000 }, (error, out, err) => resolve({ code: error ? Number(error.code ?? 1) : 0, out, err })));

/** The one document of a command with `--json`. */
// oxlint-disable-next-line typescript/no-explicit-any
export function documentOf({ code, out, err }: Ran): any {
  if (code !== 0) throw new Error(`the command failed: ${err}`);
  return JSON.parse(out);
}

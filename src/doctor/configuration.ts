/**
 * The configuration as the reader judges it, in the doctor's words.
 *
 * @module
 */
import type { Examined } from "../config.ts";
import { counted, failure, type Finding, ok, warning } from "./finding.ts";

/** @param file as people call it */
export function configFindings(file: string, { config, problems, warnings }: Examined): readonly Finding[] {
  const check = "configuration";
  const where = (line: number | undefined) => (line === undefined ? file : `${file}, line ${line}`);
  const what = (path: string) => (path === "" ? "" : `${path}: `);
  return [
    ...problems.map(({ path, line, says }) => failure(check, `${what(path)}${says}.`, `Correct it in ${where(line)}; drawbridge validate shows every mistake at once.`)),
    ...(config ? [ok(check, `${file} is valid: ${counted(config.connections.length, "connection")}.`)] : []),
    ...warnings.map(({ path, line, says }) => warning(check, `${what(path)}${says}.`, `Change it in ${where(line)}, unless it is meant.`)),
  ];
}

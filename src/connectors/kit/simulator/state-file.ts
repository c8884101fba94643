/**
 * State that survives a restart of the simulated vendor: one JSON file, replaced whole after every commit.
 *
 * Written beside and renamed, so that a process killed in the middle leaves the state before or the state after.
 *
 * @module
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { Fault } from "../../../model/failure.ts";

export interface Remembered<State> {
  readonly vendor: string;
  readonly state: State;
  readonly clockAheadMs: number;
  readonly random: number;
}

/** @returns `undefined` when there is no file yet. @throws Fault `invalid` for a file that is not this vendor's state */
export function readStateFile<State>(file: string, vendor: string): Remembered<State> | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (thrown) {
    if ((thrown as { code?: string }).code === "ENOENT") return undefined;
    throw thrown;
  }
  const remembered = parsed<State>(text);
  if (remembered?.vendor !== vendor) throw new Fault({ kind: "invalid", detail: `The state file is not that of a simulated ${vendor}; remove it or name another` });
  return remembered;
}

function parsed<State>(text: string): Remembered<State> | undefined {
  try {
    return JSON.parse(text) as Remembered<State>;
  } catch {
    return undefined;
  }
}

export function writeStateFile<State>(file: string, remembered: Remembered<State>): void {
  const beside = `${file}.new`;
  writeFileSync(beside, JSON.stringify(remembered));
  renameSync(beside, file);
}

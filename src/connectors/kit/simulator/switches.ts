/**
 * The switches of a simulated vendor: one for everything that its documents leave open, and what every vendor shares.
 *
 * @module
 */
import { Fault } from "../../../model/failure.ts";
import type { SwitchTable } from "./definition.ts";

/** Shared by all: `down: on` closes the listening socket, so that connections are refused. */
export const sharedSwitches = { down: ["off", "on"] } as const satisfies SwitchTable;

/** Switch → position. Numbers and booleans are understood too: `{ "duplicate": 409, "passwordRequired": true }`. */
export type SwitchSetting = Readonly<Record<string, string | number | boolean>>;

export interface Switches {
  position(name: string): string;
  all(): Readonly<Record<string, string>>;
  readonly possible: SwitchTable;
  /** All or nothing. @throws Fault `invalid`, which names what is possible */
  set(wanted: Readonly<Record<string, unknown>>): void;
  /** Back to where they stood at the start. */
  reset(): void;
}

export function openSwitches(own: SwitchTable, start: SwitchSetting = {}): Switches {
  const possible: SwitchTable = { ...own, ...sharedSwitches };
  const standing = new Map<string, string>();

  const set = (wanted: Readonly<Record<string, unknown>>) => {
    for (const [name, position] of Object.entries(wanted)) refuseUnknown(possible, name, position);
    for (const [name, position] of Object.entries(wanted)) standing.set(name, String(position));
  };
  const reset = () => {
    for (const [name, [first]] of Object.entries(possible)) standing.set(name, first);
    set(start);
  };
  reset();

  return {
    possible,
    set,
    reset,
    all: () => Object.fromEntries(standing),
    position: (name) => {
      const position = standing.get(name);
      if (position === undefined) throw new Error(`The simulator has no switch "${name}"`);
      return position;
    },
  };
}

function refuseUnknown(possible: SwitchTable, name: string, position: unknown): void {
  const positions = Object.hasOwn(possible, name) ? possible[name] : undefined;
  if (!positions) throw new Fault({ kind: "invalid", field: name, detail: `There is no switch "${name}"; possible: ${Object.keys(possible).join(", ")}, limit` });
  if (typeof position === "object" || !positions.includes(String(position))) throw new Fault({ kind: "invalid", field: name, detail: `The switch "${name}" has no such position; possible: ${positions.join(", ")}` });
}

/**
 * In which positions of its switches a simulated vendor is tried: as it stands, each switch alone in each other position,
 * and seeded random combinations.
 *
 * @module
 */
import type { SwitchTable } from "../../src/connectors/kit/simulator/definition.ts";
import { seeded } from "../../src/connectors/kit/simulator/seeded.ts";
import type { Position } from "./subject.ts";

export interface NamedPosition {
  readonly name: string;
  readonly position: Position;
}

/** @param combinations how many random ones */
export function positionsOf(switches: SwitchTable, combinations: number, seed: number): readonly NamedPosition[] {
  const standing: Position = Object.fromEntries(Object.entries(switches).map(([name, [first]]) => [name, first]));
  const flips = Object.entries(switches).flatMap(([name, [, ...others]]) => others.map((other) => ({ name: `${name}=${other}`, position: { ...standing, [name]: other } })));
  const random = seeded(seed);
  const combined = Array.from({ length: combinations }, () => {
    const position = Object.fromEntries(Object.entries(switches).map(([name, positions]) => [name, positions[random.below(positions.length)] ?? positions[0]]));
    return { name: Object.entries(position).filter(([name, at]) => at !== standing[name]).map(([name, at]) => `${name}=${at}`).join(" "), position };
  });
  return [{ name: "default", position: standing }, ...flips, ...combined];
}

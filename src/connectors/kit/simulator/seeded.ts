/**
 * Random that is the same in every run (mulberry32), so that a failing position can be played again.
 *
 * @module
 */
export interface Seeded {
  /** A number from 0 up to but not including 1. */
  next(): number;
  /** A whole number from 0 up to but not including `below`. */
  below(below: number): number;
  /** A lower-case UUID, version 4. */
  uuid(): string;
  /** `length` lower-case hex digits. */
  hex(length: number): string;
  /** Where it stands, to be carried over a restart. */
  position(): number;
}

/** @param start a seed, or the `position()` of an earlier one */
export function seeded(start: number): Seeded {
  let position = start >>> 0;
  const next = () => {
    position = (position + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(position ^ (position >>> 15), position | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const hex = (length: number) => Array.from({ length }, () => below(16).toString(16)).join("");
  const uuid = () => `${hex(8)}-${hex(4)}-4${hex(3)}-${"89ab"[below(4)]}${hex(3)}-${hex(12)}`;
  return { next, below, uuid, hex, position: () => position };
}

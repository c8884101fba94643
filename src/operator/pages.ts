/**
 * Pages of a list: a cursor is where the page before ended, so nobody is shown twice or left out because others came or went meanwhile.
 *
 * @module
 */
import { Declined } from "./declined.ts";

export interface Page<Item> {
  readonly items: Item[];
  readonly next: string | null;
}

type Position = readonly (string | number)[];

export const cursorOf = (position: Position): string => Buffer.from(JSON.stringify(position)).toString("base64url");

/**
 * @param shape what the position holds, an example
 * @throws Declined `invalid` for a text that no page has given
 */
export function positionIn<Shape extends Position>(cursor: string | undefined, shape: Shape): Shape | undefined {
  if (cursor === undefined) return undefined;
  let position: unknown;
  try {
    position = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    position = undefined;
  }
  if (!Array.isArray(position) || position.length !== shape.length || position.some((part, at) => typeof part !== typeof shape[at] || (typeof part === "number" && !Number.isSafeInteger(part)))) {
    throw new Declined("invalid", "The cursor is none that a page has given.", [{ path: "cursor", says: "is unknown" }]);
  }
  return position as unknown as Shape;
}

/** A page of what the store gives whole. @param keyOf a text that tells each item from every other; the list is shown in its order */
export function pageOfAll<Item>(all: readonly Item[], keyOf: (item: Item) => string, { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined }): Page<Item> {
  const [after] = positionIn(cursor, [""]) ?? [];
  const behind = all.toSorted((a, b) => compare(keyOf(a), keyOf(b))).filter((item) => after === undefined || compare(keyOf(item), after) > 0);
  const items = behind.slice(0, limit);
  const last = items.at(-1);
  return { items, next: behind.length > items.length && last !== undefined ? cursorOf([keyOf(last)]) : null };
}

/** In order of time, then of name. */
export const timedKey = (ms: number, name: string): string => `${String(ms).padStart(16, "0")} ${name}`;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Tables for a terminal: columns as wide as what stands in them, nothing from outside that could move the cursor.
 *
 * @module
 */
import { harmless } from "./timeline-words.ts";

type Cell = string | number | boolean | null | undefined;

/** @param rows under the heads; null and undefined are shown as a dash */
export function table(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = [heads, ...rows.map((row) => row.map((cell) => (cell === null || cell === undefined || cell === "" ? "–" : harmless(String(cell)))))];
  const widths = heads.map((_, at) => Math.max(...texts.map((row) => row[at]?.length ?? 0)));
  return texts.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ").trimEnd()).join("\n");
}

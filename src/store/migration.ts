/**
 * What one step of the database's history is.
 *
 * @module
 */
import type { ColumnWords } from "./engine.ts";

export interface Migration {
  readonly name: string;
  statements(words: ColumnWords): readonly string[];
}

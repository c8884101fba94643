/**
 * `drawbridge backup FILE`: a sound copy of the embedded database, while the server runs.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { readConfig } from "../config.ts";
import { backUp } from "../store/backup.ts";
import { print, type Where } from "./with-store.ts";
import { world } from "./world.ts";

/** @throws Error on PostgreSQL, whose own tools do this better; or when FILE exists */
export async function backup(file: string, options: Where): Promise<void> {
  const store = await storeOf(options);
  if (!store.startsWith("file:")) throw new Error("The store is a PostgreSQL: back it up with pg_dump, or with continuous archiving (docs/deploying.md).");
  const from = resolve(store.slice("file:".length));
  const { bytes, journals } = backUp(from, resolve(file));
  const ends = journals.map(({ connection, seq, hash }) => `  ${connection}: the journal ends at row ${seq}, ${hash}`);
  print(options, { file: resolve(file), bytes, journals }, [`${file}: ${bytes} bytes, sound.`, ...ends].join("\n"));
}

async function storeOf(options: Where): Promise<string> {
  return options.config === undefined ? `file:${join(options.data, "drawbridge.db")}` : (await readConfig(options.config, world)).store;
}

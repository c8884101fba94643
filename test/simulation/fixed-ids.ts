/**
 * Ids of resources decide the order of equals, so in a simulation they come from the seed as well.
 *
 * @module
 */
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import type { Random } from "./random.ts";

/** Until it is called back, `randomUUID` asks the seed. Returns what puts everything back. */
export function fixIds(random: Random): () => void {
  const { randomUUID } = crypto;
  const hex = (digits: number) => Array.from({ length: digits }, () => random.between(0, 15).toString(16)).join("");
  crypto.randomUUID = () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  syncBuiltinESMExports();
  return () => {
    crypto.randomUUID = randomUUID;
    syncBuiltinESMExports();
  };
}

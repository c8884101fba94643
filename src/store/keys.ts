/**
 * Keys that the house makes for itself, once, and that all processes on the database share.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import type { Engine } from "./engine.ts";
import type { KeyStore } from "./store.ts";

export const keyStore = ({ db }: Engine): KeyStore => ({
  async key(name) {
    const known = () => db.selectFrom("keys").select("value").where("name", "=", name).executeTakeFirst();
    const found = await known();
    if (found) return found.value;
    // Of two processes that begin at once, the second finds what the first has made.
    await db.insertInto("keys").values({ name, value: randomBytes(32).toString("base64url") }).onConflict((clash) => clash.column("name").doNothing()).execute();
    const made = await known();
    if (!made) throw new Error("the key that was just made is not there");
    return made.value;
  },
});

/**
 * SCIM tokens that were made by command; only their hashes are kept.
 *
 * @module
 */
import type { ConnectionId } from "../model/ids.ts";
import type { Engine } from "./engine.ts";
import { journalled } from "./journal.ts";
import type { TokenTable } from "./schema.ts";
import type { StoredToken, TokenStore } from "./store.ts";
import { undo, writing } from "./writing.ts";

export const tokenStore = (engine: Engine): TokenStore => {
  const { db } = engine;
  return {
    addToken: (connection, { name, hash, expiresMs }, journal = []) =>
      writing(engine, connection, undefined, async (begun) => {
        const token = { connection, name, hash, created_ms: begun.nowMs, expires_ms: expiresMs ?? null, last_used_ms: null };
        const { numInsertedOrUpdatedRows } = await begun.tx.insertInto("tokens").values(token).onConflict((one) => one.columns(["connection", "name"]).doNothing()).executeTakeFirstOrThrow();
        if (numInsertedOrUpdatedRows === 0n) return undo("exists" as const);
        await journalled(begun, journal);
        return "added" as const;
      }),

    revokeToken: (connection, name, journal = []) =>
      writing(engine, connection, undefined, async (begun) => {
        const { numDeletedRows } = await begun.tx.deleteFrom("tokens").where("connection", "=", connection).where("name", "=", name).executeTakeFirstOrThrow();
        if (numDeletedRows === 0n) return undo(false);
        await journalled(begun, journal);
        return true;
      }),

    async tokens(connection) {
      const all = db.selectFrom("tokens").selectAll().orderBy("connection").orderBy("created_ms").orderBy("name");
      return (await (connection === undefined ? all : all.where("connection", "=", connection)).execute()).map(storedToken);
    },

    async usedToken(connection, name, atMs) {
      // Late reports of several processes never turn the clock back.
      const unused = db.updateTable("tokens").set({ last_used_ms: atMs }).where("connection", "=", connection).where("name", "=", name);
      await unused.where(({ or, eb }) => or([eb("last_used_ms", "is", null), eb("last_used_ms", "<", atMs)])).execute();
    },
  };
};

const storedToken = ({ connection, name, hash, created_ms, expires_ms, last_used_ms }: TokenTable): StoredToken => ({
  connection: connection as ConnectionId,
  name,
  hash,
  createdMs: created_ms,
  expiresMs: expires_ms ?? undefined,
  lastUsedMs: last_used_ms ?? undefined,
});

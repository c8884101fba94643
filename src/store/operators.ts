/**
 * Operator tokens; only their hashes are kept. Who made and revoked which stands in a journal of their own, in the same transaction.
 *
 * @module
 */
import type { Role } from "../model/operator.ts";
import { operatorsJournal } from "../model/operator.ts";
import type { Engine } from "./engine.ts";
import { journalled } from "./journal.ts";
import type { OperatorStore } from "./operator-contract.ts";
import { undo, writing } from "./writing.ts";

export const operatorStore = (engine: Engine): OperatorStore => ({
  addOperator: ({ name, hash, role, expiresMs, by }, journal) =>
    writing(engine, operatorsJournal, undefined, async (begun) => {
      const token = { name, hash, role, created_ms: begun.nowMs, created_by: by, expires_ms: expiresMs ?? null, last_used_ms: null };
      const { numInsertedOrUpdatedRows } = await begun.tx.insertInto("operators").values(token).onConflict((one) => one.column("name").doNothing()).executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows === 0n) return undo("exists" as const);
      await journalled(begun, journal);
      return "added" as const;
    }),

  revokeOperator: (name, journal) =>
    writing(engine, operatorsJournal, undefined, async (begun) => {
      const { numDeletedRows } = await begun.tx.deleteFrom("operators").where("name", "=", name).executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) return undo(false);
      await journalled(begun, journal);
      return true;
    }),

  async operators() {
    const rows = await engine.db.selectFrom("operators").selectAll().orderBy("name").execute();
    return rows.map(({ name, hash, role, created_ms, created_by, expires_ms, last_used_ms }) => ({ name, hash, role: role as Role, createdMs: created_ms, by: created_by, expiresMs: expires_ms ?? undefined, lastUsedMs: last_used_ms ?? undefined }));
  },

  async usedOperator(name, atMs) {
    // Late reports of several processes never turn the clock back.
    const unused = engine.db.updateTable("operators").set({ last_used_ms: atMs }).where("name", "=", name);
    await unused.where(({ or, eb }) => or([eb("last_used_ms", "is", null), eb("last_used_ms", "<", atMs)])).execute();
  },
});

/**
 * The tables that the operator API brought.
 *
 * @module
 */
import type { Migration } from "./migration.ts";

export const operatorTables: Migration = {
  name: "operator tokens",
  statements: ({ text, integer }) => [
    `create table operators (
      name ${text} primary key, hash ${text} not null, role ${text} not null, created_ms ${integer} not null, created_by ${text} not null,
      expires_ms ${integer}, last_used_ms ${integer})`,
  ],
};

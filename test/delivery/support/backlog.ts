/**
 * A hundred thousand people whose new name the vendor does not have yet, written past the store.
 *
 * @module
 */
import SqliteFile from "better-sqlite3";
import type { FastVendor } from "./fast-vendor.ts";

const table = (name: string, database: SqliteFile.Database) => (database.prepare(`select name from pragma_table_info('${name}')`).all() as { name: string }[]).map((column) => column.name);

/**
 * Copies the one person of the connection, who is due, so many times.
 *
 * @param file of a store that is open; @param template the account of the person that is copied
 */
export function fillBacklog(file: string, connection: string, template: string, count: number, vendor: FastVendor): void {
  const database = new SqliteFile(file);
  const numbers = `with recursive t (n) as (select 1 union all select n + 1 from t where n < ${count})`;
  const copy = (name: string, skip: readonly string[], as: Record<string, string>) => {
    const columns = table(name, database).filter((column) => !skip.includes(column));
    database.exec(`insert into ${name} (${columns.join(", ")}) ${numbers} select ${columns.map((column) => as[column] ?? `${name}.${column}`).join(", ")} from ${name} cross join t where ${name}.connection = '${connection}'`);
  };
  try {
    database.transaction(() => {
      copy("resources", ["seq"], { id: "'id-' || n", name_key: "name_key || n", label: "label || n", email_key: "null" });
      copy("links", [], { resource: "'id-' || n", account: "account || '-' || n", login: "account || '-' || n || '@acme.example'" });
      copy("due", [], { resource: "'id-' || n", due_at: "due.due_at - 1000000 + n" });
    })();
  } finally {
    database.close();
  }
  const like = vendor.accounts.get(template);
  if (!like) throw new Error("the person to be copied has no account");
  for (let n = 1; n <= count; n++) vendor.accounts.set(`${template}-${n}`, { ...like, id: `${template}-${n}` as never, email: `${template}-${n}@acme.example` });
}

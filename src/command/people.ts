/**
 * `drawbridge people NAME`: who answers to a name, on one connection or on all.
 *
 * @module
 */
import { searchPeople } from "../operator/people.ts";
import { table } from "./table.ts";
import { withActs } from "./with-acts.ts";
import { print, type Where } from "./with-store.ts";

export async function findPeople(name: string, options: Where & { readonly connection?: string }): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const { items } = await ask(searchPeople, { name, connection: options.connection });
    const rows = items.map((one) => [one.id, one.connection, one.userName, one.externalId, one.deleted ? "deleted" : one.active ? "active" : "not active", one.account, one.access]);
    print(options, items, rows.length === 0 ? `Nobody answers to "${name}".` : table(["ID", "CONNECTION", "USERNAME", "EXTERNALID", "WANTED", "ACCOUNT", "ACCESS"], rows));
  });
}

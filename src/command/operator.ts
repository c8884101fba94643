/**
 * `drawbridge operator create|list|revoke`: tokens of the operator API; and `whoami`, how the journal names whoever sits here.
 *
 * @module
 */
import { createOperator as create, listOperators as list, revokeOperator as revoke } from "../operator/operators.ts";
import { whoAmI } from "../operator/whoami.ts";
import { table } from "./table.ts";
import { everyPage, withActs } from "./with-acts.ts";
import { print, type Where } from "./with-store.ts";

interface Signed extends Where {
  readonly by?: string;
}

export async function createOperator(options: Signed & { readonly name: string; readonly role: string; readonly expires?: string }): Promise<void> {
  await withActs(options, async ({ ask, world }) => {
    const made = await ask(create, { name: options.name, role: options.role, expires: options.expires });
    print(options, made, `Operator token "${made.name}", role ${made.role}, expires ${made.expires ?? "never"} (shown this once): ${made.token}\nIt opens ${world.publicUrl}/api/v1 within a second.`);
  });
}

export async function listOperators(options: Where): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const { items } = await everyPage((cursor) => ask(list, { cursor, limit: 500 }));
    const rows = items.map((one) => [one.id, one.role, one.from, one.created, one.createdBy, one.expires ?? "never", one.lastUsed ?? "never"]);
    print(options, items, rows.length === 0 ? "No operator tokens." : table(["NAME", "ROLE", "FROM", "CREATED", "BY", "EXPIRES", "LAST USED"], rows));
  });
}

export async function revokeOperator(name: string, options: Signed): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const revoked = await ask(revoke, { name });
    print(options, revoked, `Revoked "${name}"; a running server refuses it within a second.`);
  });
}

export async function sayWho(options: Signed): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const me = await ask(whoAmI, {});
    print(options, me, `${me.name} (role ${me.role})`);
  });
}

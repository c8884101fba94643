/**
 * `drawbridge token create|list|revoke`: SCIM tokens of a connection; only their hash is kept.
 *
 * @module
 */
import { createToken as create, listTokens as list, revokeToken as revoke } from "../operator/tokens.ts";
import { everyPage, withActs } from "./with-acts.ts";
import { print, type Where } from "./with-store.ts";

interface Signed extends Where {
  readonly connection: string;
  readonly by?: string;
}

export async function createToken(options: Signed & { readonly name: string; readonly expires?: string }): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const made = await ask(create, { connection: options.connection, name: options.name, expires: options.expires });
    print(options, made, `Token "${made.name}" (shown this once): ${made.token}`);
  });
}

export async function listTokens(options: Where & { readonly connection?: string }): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const { items } = await everyPage((cursor) => ask(list, { connection: options.connection, cursor, limit: 500 }));
    print(options, items, items.map(({ id, created, expires, lastUsed }) => `${id}  created ${created}  expires ${expires ?? "never"}  last used ${lastUsed ?? "never"}`).join("\n") || "No tokens in the store.");
  });
}

export async function revokeToken(name: string, options: Signed): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const revoked = await ask(revoke, { connection: options.connection, name });
    print(options, revoked, `Revoked "${name}"; a running server refuses it within a second.`);
  });
}

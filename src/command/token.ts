/**
 * `drawbridge token create|list|revoke`: written to the store; a running server notices within a second.
 *
 * @module
 */
import { connectionId } from "../model/ids.ts";
import { systemClock } from "../runtime/clock.ts";
import { newToken } from "../runtime/new-id.ts";
import { hashOf } from "../tokens.ts";
import { print, type Where, withStore } from "./with-store.ts";

export async function createToken(options: Where & { readonly connection: string; readonly name: string; readonly expires?: string }): Promise<void> {
  const expiresMs = options.expires === undefined ? undefined : systemClock.now() + lifetimeMs(options.expires);
  await withStore(options, async (store, known) => {
    if (!known.includes(options.connection)) throw new Error(`There is no connection "${options.connection}"; configured: ${known.join(", ")}.`);
    const token = newToken();
    const added = await store.addToken(connectionId(options.connection), { name: options.name, hash: hashOf(token).toString("hex"), expiresMs });
    if (added === "exists") throw new Error(`The connection has a token named "${options.name}" already; revoke it first, or choose another name.`);
    const expires = expiresMs === undefined ? null : new Date(expiresMs).toISOString();
    print(options, { name: options.name, token, expires }, `Token "${options.name}" (shown this once): ${token}`);
  });
}

export async function listTokens(options: Where & { readonly connection?: string }): Promise<void> {
  await withStore(options, async (store) => {
    const tokens = (await store.tokens(options.connection === undefined ? undefined : connectionId(options.connection))).map(({ connection, name, createdMs, expiresMs, lastUsedMs }) => ({
      id: `${connection}/${name}`, connection, name, created: iso(createdMs), expires: iso(expiresMs), lastUsed: iso(lastUsedMs),
    }));
    print(options, tokens, tokens.map(({ id, created, expires, lastUsed }) => `${id}  created ${created}  expires ${expires ?? "never"}  last used ${lastUsed ?? "never"}`).join("\n") || "No tokens in the store.");
  });
}

export async function revokeToken(name: string, options: Where & { readonly connection: string }): Promise<void> {
  await withStore(options, async (store) => {
    if (!(await store.revokeToken(connectionId(options.connection), name))) throw new Error(`The connection has no token named "${name}" in the store. Tokens of the configuration are revoked there.`);
    print(options, { name, revoked: true }, `Revoked "${name}"; a running server refuses it within a second.`);
  });
}

/** @throws for anything but a number with d, h or m behind it */
function lifetimeMs(text: string): number {
  const [, amount, unit] = /^(\d{1,5})(d|h|m)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) throw new Error('--expires must be a duration such as 90d, 12h or 30m.');
  return Number(amount) * { d: 86_400_000, h: 3_600_000, m: 60_000 }[unit as "d" | "h" | "m"];
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

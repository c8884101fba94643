/**
 * SCIM tokens: what an IdP proves itself with at one connection. Only a token's hash is kept, so it is shown once.
 *
 * @module
 */
import { hash } from "node:crypto";
import { z } from "zod";
import { newCorrelationId, newToken } from "../runtime/new-id.ts";
import { act, type Actor, connectionIn, connectionsIn } from "./act.ts";
import { Declined } from "./declined.ts";
import { connectionField, duration, isoOrNull, iso, onlyConnection, pageOf, paging, time, tokenName } from "./fields.ts";
import { pageOfAll } from "./pages.ts";

const token = z.strictObject({ id: z.string(), connection: z.string(), name: z.string(), created: time, expires: time.nullable().describe("null = never."), lastUsed: time.nullable() });

/** What is kept of a token. */
export const keptOf = (text: string): string => hash("sha256", text, "hex");

export const listTokens = act({
  name: "tokens.list",
  says: "The SCIM tokens that were made by command or here. Those of the configuration stand in the configuration.",
  needs: "viewer",
  route: { method: "GET", path: "/tokens" },
  command: "token list",
  input: z.strictObject({ connection: onlyConnection, ...paging }),
  output: pageOf(token),
  async run({ connection, ...page }, _, world) {
    const ones = connectionsIn(world, connection);
    const known = (await world.store.tokens(connection === undefined ? undefined : ones[0])).filter((one) => ones.includes(one.connection));
    const { items, next } = pageOfAll(known, (one) => `${one.connection}/${one.name}`, page);
    return { items: items.map((one) => ({ id: `${one.connection}/${one.name}`, connection: one.connection, name: one.name, created: iso(one.createdMs), expires: isoOrNull(one.expiresMs), lastUsed: isoOrNull(one.lastUsedMs) })), next };
  },
});

export const createToken = act({
  name: "tokens.create",
  says: "Makes a SCIM token for a connection. The answer is the only place where it is ever shown.",
  needs: "approver",
  route: { method: "POST", path: "/connections/{connection}/tokens" },
  command: "token create",
  input: z.strictObject({ connection: connectionField, name: tokenName, expires: duration.optional().describe("Such as 90d; default: never.") }),
  output: z.strictObject({ name: z.string(), token: z.string().describe("Shown this once."), expires: time.nullable() }),
  async run({ name, expires, ...input }, by, world) {
    const connection = connectionIn(world, input.connection);
    const expiresMs = expires === undefined ? undefined : (await world.store.now()) + expires;
    const made = newToken();
    const added = await world.store.addToken(connection, { name, hash: keptOf(made), expiresMs }, [noted("token create", by, { token: name, expires: isoOrNull(expiresMs) })]);
    if (added === "exists") throw new Declined("conflict", `The connection has a token named "${name}" already; revoke it first, or choose another name.`);
    return { name, token: made, expires: isoOrNull(expiresMs) };
  },
});

export const revokeToken = act({
  name: "tokens.revoke",
  says: "Takes a SCIM token away; running servers refuse it within a second.",
  needs: "approver",
  route: { method: "DELETE", path: "/connections/{connection}/tokens/{name}" },
  command: "token revoke",
  input: z.strictObject({ connection: connectionField, name: tokenName }),
  output: z.strictObject({ name: z.string(), revoked: z.literal(true) }),
  async run({ name, ...input }, by, world) {
    const connection = connectionIn(world, input.connection);
    if (!(await world.store.revokeToken(connection, name, [noted("token revoke", by, { token: name })]))) throw new Declined("notFound", `The connection has no token named "${name}" in the store. Tokens of the configuration are revoked there.`);
    return { name, revoked: true as const };
  },
});

/** A journal row about no person. */
export const noted = (operator: string, by: Actor, more: { readonly [name: string]: string | number | boolean | null }) => ({ kind: "decision" as const, resource: undefined, correlation: newCorrelationId(), data: { operator, by: by.name, ...more } });

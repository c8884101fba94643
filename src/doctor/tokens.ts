/**
 * With what the IdP comes in: whether there is anything, how long it is good for, and whether what was pasted into the IdP is it.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { ConnectionConfig } from "../config.ts";
import type { StoredToken } from "../store/store.ts";
import { counted, failure, type Finding, note, ok, warning } from "./finding.ts";
import { isPass } from "./pass.ts";

const day = 86_400_000;
const soonDays = 30;

/** @param stored every connection's, as the store has them */
export function tokenFindings({ id, bearer, auth }: ConnectionConfig, stored: readonly StoredToken[], nowMs: number): readonly Finding[] {
  const check = "token.there";
  const own = stored.filter(({ connection, name }) => connection === id && !isPass(name));
  const live = own.filter(({ expiresMs }) => expiresMs === undefined || expiresMs > nowMs);
  const ways = [...(bearer.length + live.length > 0 ? [counted(bearer.length + live.length, "token")] : []), ...(auth.basic.length > 0 ? ["Basic"] : []), ...(auth.oauth ? ["client credentials"] : []), ...(auth.jwt ? ["a trusted issuer"] : [])];
  const gone = own.filter((token) => !live.includes(token));
  if (ways.length === 0) {
    const why = gone.length > 0 ? `its ${gone.length === 1 ? "token has" : "tokens have"} run out (${gone.map(({ name }) => name).join(", ")})` : "there is no token for it";
    return [failure(check, `No IdP can come in: ${why}.`, `Make one (drawbridge token create --connection ${id} --name NAME) and paste it into Okta's "HTTP Header: Authorization" or Entra's "Secret Token".`)];
  }
  const ending = live.flatMap(({ name, expiresMs }) => (expiresMs !== undefined && expiresMs - nowMs < soonDays * day ? [{ name, days: Math.floor((expiresMs - nowMs) / day) }] : []));
  return [
    ok(check, `An IdP can come in by ${ways.join(", ")}.`),
    ...ending.map(({ name, days }) => warning("token.expiry", `The token ${name} runs out in ${counted(days, "day")}.`, `Make another one (drawbridge token create), paste it into the IdP, test the connection there, then revoke ${name}.`)),
    ...gone.map(({ name }) => note("token.expiry", `The token ${name} has run out; drawbridge token revoke ${name} --connection ${id} takes it away.`)),
  ];
}

/** Where a person has pasted a token, in the IdPs' own words. */
const fields = `Okta's "HTTP Header: Authorization" or Entra's "Secret Token"`;

/**
 * What was pasted into the IdP, by whoever has it at hand.
 *
 * @param pasted as it was pasted; quoted nowhere
 */
export function pastedFinding(pasted: string, { id, bearer }: ConnectionConfig, others: readonly ConnectionConfig[], stored: readonly StoredToken[], nowMs: number): Finding {
  const check = "token.pasted";
  const text = pasted.replace(/\r?\n$/, "");
  const bare = text.trim();
  if (bare === "") return failure(check, "The field for the token is empty.", `Paste the token into ${fields}.`);
  if (/^bearer\s/i.test(bare)) return failure(check, `The word Bearer was pasted along with the token.`, `Paste the token alone into ${fields}; the IdP adds the word by itself.`);
  if (/\s/.test(bare)) return failure(check, "There is a blank or a line break inside the token.", `Paste it again into ${fields}, in one piece.`);
  const digest = createHash("sha256").update(bare).digest("hex");
  const found = stored.find(({ hash }) => hash === digest);
  if (found?.connection === id && found.expiresMs !== undefined && found.expiresMs <= nowMs) return failure(check, `The token ${found.name} has run out.`, `Make another one (drawbridge token create --connection ${id} --name NAME) and paste it into ${fields}.`);
  if (found?.connection === id) return ok(check, `It is the token ${found.name} of this connection.`);
  const isOf = (tokens: ConnectionConfig["bearer"]) => tokens.find(({ token }) => token.reveal() === bare);
  const configured = isOf(bearer);
  if (configured) return ok(check, `It is the token ${configured.name} of this connection.`);
  const other = found?.connection ?? others.find((connection) => isOf(connection.bearer))?.id;
  if (other !== undefined) return failure(check, `It is a token of the connection ${other}.`, `Paste a token of ${id} into ${fields}, or write ${other} into the IdP's base URL (Okta) or Tenant URL (Entra).`);
  return failure(check, `It is no token that this server knows: mistyped, cut off, or taken back.`, `Make one (drawbridge token create --connection ${id} --name NAME) and paste it into ${fields}.`);
}

/**
 * Fresh names and secrets.
 *
 * @module
 */
import { randomBytes, randomUUID } from "node:crypto";
import type { CorrelationId, HoldId, ReconciliationId, ResourceId } from "../model/ids.ts";
import { correlationId, holdId, reconciliationId, resourceId } from "../model/ids.ts";

export const newResourceId = (): ResourceId => resourceId(randomUUID());

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
/** Random bytes are fetched in bulk: asking the system for twelve at a time costs ten times the rest. */
const pool = { bytes: Buffer.alloc(0), at: 0 };

function randomByte(): number {
  if (pool.at >= pool.bytes.length) {
    pool.bytes = randomBytes(4096);
    pool.at = 0;
  }
  return pool.bytes[pool.at++] ?? 0;
}

/** Short enough to be read out on the telephone: `c-` and 12 characters of a 32-letter alphabet (60 bits). */
export const newCorrelationId = (): CorrelationId => correlationId("c-" + letters(12));

/** What the IdP's administrator reads in an answer and an operator types: `h-` and 8 characters (40 bits). */
export const newHoldId = (): HoldId => holdId("h-" + letters(8));

export const newReconciliationId = (): ReconciliationId => reconciliationId("r-" + letters(8));

function letters(count: number): string {
  let text = "";
  for (let at = 0; at < count; at++) text += alphabet[randomByte() & 31];
  return text;
}

/** A SCIM token: `dbt_` and 256 random bits. */
export const newToken = (): string => "dbt_" + randomBytes(32).toString("base64url");

/** An operator's token: a prefix of its own, so that secret scanners and people tell it from an IdP's. */
export const newOperatorToken = (): string => "dbo_" + randomBytes(32).toString("base64url");

/**
 * Fresh names and secrets.
 *
 * @module
 */
import { randomBytes, randomUUID } from "node:crypto";
import type { CorrelationId, ResourceId } from "../model/ids.ts";
import { correlationId, resourceId } from "../model/ids.ts";

export const newResourceId = (): ResourceId => resourceId(randomUUID());

/** Short enough to be read out on the telephone: `c-` and 12 characters of a 32-letter alphabet (60 bits). */
export function newCorrelationId(): CorrelationId {
  const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  return correlationId("c-" + Array.from(randomBytes(12), (byte) => alphabet[byte & 31]).join(""));
}

/** A SCIM token: `dbt_` and 256 random bits. */
export const newToken = (): string => "dbt_" + randomBytes(32).toString("base64url");

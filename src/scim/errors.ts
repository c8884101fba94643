/**
 * How a failure looks to a SCIM client: one exhaustive table (RFC 7644, 3.12).
 *
 * 404 means that the resource does not exist and nothing else: an IdP that reads it believes the leaver is gone. 401 and 403
 * never come from here: an IdP takes them as a verdict on its own token. Whatever was not thrown on purpose is a plain 500.
 *
 * @module
 */
import type { CorrelationId } from "../model/ids.ts";
import type { Failure } from "../model/failure.ts";
import { failureOf } from "../model/failure.ts";
import type { JsonObject } from "../model/json.ts";
import type { Face } from "./exchange.ts";

/** Thrown where the answer itself is known: 404, 412, 413, a hold. */
export class Refusal extends Error {
  readonly face: Face;
  constructor(face: Face) {
    super(face.detail);
    this.name = "Refusal";
    this.face = face;
  }
}

export const missing = (type: "User" | "Group"): Refusal => new Refusal({ status: 404, detail: `There is no such ${type.toLowerCase()} on this connection.` });

/** A person decides about it, so an IdP need not ask more often. */
const heldRetryAfterSeconds = 3_600;

const faces: { readonly [K in Failure["kind"]]: (failure: Extract<Failure, { kind: K }>) => Omit<Face, "detail"> } = {
  invalid: ({ scimType }) => (scimType === "uniqueness" ? { status: 409, scimType } : { status: 400, scimType: scimType ?? "invalidValue" }),
  conflict: () => ({ status: 409, scimType: "uniqueness" }),
  notFound: () => ({ status: 409 }), // the account, not the resource: see the module note
  refused: () => ({ status: 400, scimType: "invalidValue" }),
  unsupported: () => ({ status: 501 }),
  throttled: ({ retryAfterSeconds }) => ({ status: 503, retryAfterSeconds }),
  unreachable: () => ({ status: 503, retryAfterSeconds: 30 }),
  uncertain: () => ({ status: 503, retryAfterSeconds: 30 }),
  credentials: () => ({ status: 502 }),
  protocol: () => ({ status: 502 }),
  held: () => ({ status: 503, retryAfterSeconds: heldRetryAfterSeconds }),
  internal: () => ({ status: 500 }),
};

/** The face of a known failure. */
export const faceOfFailure = (failure: Failure): Face => ({ ...faces[failure.kind](failure as never), detail: failure.detail });

/** The face of anything thrown; a stranger's text never leaves the house. */
export const faceOf = (thrown: unknown): Face => (thrown instanceof Refusal ? thrown.face : faceOfFailure(failureOf(thrown)));

/** The body of RFC 7644, 3.12, with the correlation id where an administrator reads it. */
export const errorBody = (face: Face, correlation: CorrelationId): JsonObject => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
  ...(face.scimType && { scimType: face.scimType }),
  detail: `${face.detail} [${correlation}]`,
  status: String(face.status),
});

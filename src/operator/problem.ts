/**
 * How an act that was not done looks to whoever asked over the API (RFC 9457): one exhaustive table for refusals of ours and one for
 * what vendors and the rest of the house answer.
 *
 * @module
 */
import { STATUS_CODES } from "node:http";
import { z } from "zod";
import { failureOf, Fault, type Failure } from "../model/failure.ts";
import type { CorrelationId } from "../model/ids.ts";
import { Declined, type Reason } from "./declined.ts";

export const problemSchema = z.strictObject({
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("What is wrong, in a sentence, and the correlation id."),
  kind: z.string().describe("The same for scripts: invalid, unauthorised, forbidden, notFound, conflict, changed, …"),
  correlation: z.string().describe("Also the header x-correlation-id, the log's field and, where something was done, the journal's."),
  errors: z.array(z.strictObject({ path: z.string(), says: z.string() })).optional().describe("What is wrong with which field."),
});
export type Problem = z.output<typeof problemSchema>;

/** What is told of a failure, before it has its correlation id. */
export interface Told {
  readonly status: number;
  readonly kind: string;
  readonly detail: string;
  readonly retryAfterSeconds?: number;
  readonly errors?: Problem["errors"];
}

const reasons: { readonly [K in Reason]: number } = { invalid: 400, forbidden: 403, notFound: 404, conflict: 409, changed: 412 };

/** 404 is about what was asked for here; what the vendor does not know is the vendor's answer. */
const failures: { readonly [K in Failure["kind"]]: number } = {
  invalid: 400, conflict: 409, notFound: 502, refused: 502, unsupported: 501, throttled: 503, unreachable: 503, uncertain: 504, credentials: 502, protocol: 502, held: 409, internal: 500,
};

/** @param isAway whether the store's answer means that it is out of reach */
export function toldOf(thrown: unknown, isAway: (thrown: unknown) => boolean): Told {
  if (thrown instanceof Declined) return { status: reasons[thrown.reason], kind: thrown.reason, detail: thrown.message, ...(thrown.complaints.length > 0 && { errors: [...thrown.complaints] }) };
  if (!(thrown instanceof Fault) && isAway(thrown)) return { status: 503, kind: "away", detail: "Drawbridge cannot reach or write its own database at the moment.", retryAfterSeconds: 30 };
  const failure = failureOf(thrown);
  const retryAfterSeconds = failure.kind === "throttled" ? failure.retryAfterSeconds : failure.kind === "unreachable" ? 30 : undefined;
  return { status: failures[failure.kind], kind: failure.kind, detail: failure.detail, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

export const problemOf = ({ status, kind, detail, errors }: Told, correlation: CorrelationId): Problem => ({
  type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, detail: `${detail} [${correlation}]`, kind, correlation, ...(errors && { errors }),
});

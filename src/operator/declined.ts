/**
 * An act that is not done, and why, in words for whoever asked. Faults of the rest of the house pass through as they are.
 *
 * @module
 */
import { Fault } from "../model/failure.ts";

/** `changed`: it is not what was looked at any more. */
export type Reason = "invalid" | "forbidden" | "notFound" | "conflict" | "changed";

/** What is wrong with one field. */
export interface Complaint {
  /** `limit`; empty = the request as a whole. */
  readonly path: string;
  readonly says: string;
}

export class Declined extends Error {
  readonly reason: Reason;
  readonly complaints: readonly Complaint[];
  constructor(reason: Reason, says: string, complaints: readonly Complaint[] = []) {
    super(says);
    this.name = "Declined";
    this.reason = reason;
    this.complaints = complaints;
  }
}

/** The bridge's word about a person who is not there, or is several, as an operator's answer. */
export async function declining<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (thrown) {
    const { kind, detail } = thrown instanceof Fault ? thrown.failure : { kind: undefined, detail: "" };
    throw kind === "notFound" || kind === "conflict" || kind === "invalid" ? new Declined(kind === "invalid" ? "conflict" : kind, detail) : thrown;
  }
}

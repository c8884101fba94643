/**
 * Failures: one closed union, one thrown class.
 *
 * Whatever goes wrong on purpose is a `Fault` that carries one of these; anything else thrown anywhere is a bug and
 * becomes `internal`. Every edge has an exhaustive table over `kind`, so a new kind does not compile until each answers.
 *
 * @module
 */
import type { Capability } from "./capability.ts";
import type { HoldId, ResourceId } from "./ids.ts";

export type Failure =
  /** A value is wrong: the IdP's (found by us) or in the vendor's eyes. */
  | { readonly kind: "invalid"; readonly detail: string; readonly scimType?: ScimType; readonly field?: string }
  /** Somebody else has it. */
  | { readonly kind: "conflict"; readonly detail: string; readonly holder?: ResourceId }
  /** The vendor does not know the account. Says nothing about the person until a positive control has passed. */
  | { readonly kind: "notFound"; readonly detail: string }
  /** A business rule of the vendor's says no. */
  | { readonly kind: "refused"; readonly detail: string; readonly vendorStatus: number }
  /** No call for it exists, or none that the operator allows. `steps`: what a person must do instead. */
  | { readonly kind: "unsupported"; readonly detail: string; readonly capability: Capability; readonly steps: string }
  /** Surely not carried out; come again. */
  | { readonly kind: "throttled"; readonly detail: string; readonly retryAfterSeconds: number }
  /** Never sent, or only a read: repeat freely. */
  | { readonly kind: "unreachable"; readonly detail: string }
  /** A write without a clear answer, perhaps carried out: look before repeating. */
  | { readonly kind: "uncertain"; readonly detail: string }
  /** The vendor refuses our credential. Never the IdP's fault. */
  | { readonly kind: "credentials"; readonly detail: string }
  /** A clear answer that contradicts the vendor's documents, or a "yes" without effect. */
  | { readonly kind: "protocol"; readonly detail: string }
  /** A rail has stopped it, and a person decides. */
  | { readonly kind: "held"; readonly detail: string; readonly hold: HoldId }
  /** A bug of ours. */
  | { readonly kind: "internal"; readonly detail: string };

const kinds: { readonly [K in Failure["kind"]]: true } = { invalid: true, conflict: true, notFound: true, refused: true, unsupported: true, throttled: true, unreachable: true, uncertain: true, credentials: true, protocol: true, held: true, internal: true };
export const failureKinds: ReadonlySet<string> = new Set(Object.keys(kinds));

/** RFC 7644, table 9, and RFC 9865, section 2. */
export type ScimType =
  | "invalidFilter" | "tooMany" | "uniqueness" | "mutability" | "invalidSyntax" | "invalidPath" | "noTarget" | "invalidValue" | "invalidVers" | "sensitive"
  | "invalidCursor" | "expiredCursor" | "invalidCount";

/** The one thing that is thrown on purpose. Its detail may be shown to an IdP's administrator. */
export class Fault extends Error {
  readonly failure: Failure;
  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.detail, options);
    this.name = "Fault";
    this.failure = failure;
  }
}

/** The account belongs to somebody else by now, so the link was not written. */
export class LinkTaken extends Fault {}

/** The same where the vendor has just made the account: that must never be, so the connection freezes until a person has looked. */
export class Breach extends LinkTaken {}

/** Reads the failure out of anything thrown. A stranger's text goes to the log, never to the IdP. */
export const failureOf = (thrown: unknown): Failure => (thrown instanceof Fault ? thrown.failure : { kind: "internal", detail: "Internal error" });

/** The commonest fault: a request that is wrong. */
export const invalid = (scimType: ScimType, detail: string): Fault => new Fault({ kind: "invalid", scimType, detail });

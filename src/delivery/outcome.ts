/**
 * How converging one resource ended, as the reply to a push needs it.
 *
 * @module
 */
import type { Failure } from "../model/failure.ts";

export type Outcome =
  /** Applied = desired. */
  | { readonly kind: "done" }
  /** Owned and on its way: the worker goes on. */
  | { readonly kind: "pending"; readonly failure: Failure | undefined }
  /** A denial that the vendor refuses: kept, retried for ever, alarmed; the IdP is told. */
  | { readonly kind: "owned"; readonly failure: Failure }
  /** Refused for good, and the desired state is as it was before. */
  | { readonly kind: "undone"; readonly failure: Failure }
  /** Given up, with an alarm; the desired state stays. */
  | { readonly kind: "failed"; readonly failure: Failure }
  /** A denial that could be done only in part; a task names the rest. */
  | { readonly kind: "partial"; readonly left: string }
  /** Nothing can be created until the IdP gives what the vendor demands. */
  | { readonly kind: "waits"; readonly for: readonly string[] };

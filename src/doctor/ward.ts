/**
 * What the doctor looks at, and with which eyes.
 *
 * @module
 */
import type { Config, ConnectionConfig } from "../config.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Store } from "../store/store.ts";

export interface Ward {
  readonly config: Config;
  /** `undefined` where the database cannot be worked with (`look-at-store.ts` says why). */
  readonly store: Store | undefined;
  readonly clock: Clock;
  /** Of this process: proxies that we do not use, authorities that an IdP does not trust. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Authorities, PEM, whose certificates an IdP believes. Default: those that Node brings along. */
  readonly authorities?: readonly string[];
  readonly timeoutMs: number;
  /** Aborts when a person has had enough; what was begun is cleaned up all the same. */
  readonly signal: AbortSignal;
}

export interface Bed extends Ward {
  readonly connection: ConnectionConfig;
}

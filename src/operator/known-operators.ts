/**
 * Which tokens open the operator API: those of the configuration and those that were made by command or over the API.
 *
 * Looked up once a second, so that a token made or revoked elsewhere counts at once; a request never waits for it. When the store has
 * not answered for a minute, nobody's token can be known.
 *
 * @module
 */
import type { Role } from "../model/operator.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { regularly } from "../runtime/regularly.ts";
import type { StoredOperator } from "../store/operator-contract.ts";
import type { Store } from "../store/store.ts";

export interface OperatorToken {
  readonly name: string;
  /** SHA-256 of the token. */
  readonly hash: Buffer;
  /** ms since 1970; `undefined` = never. */
  readonly expiresMs: number | undefined;
  readonly role: Role;
}

export interface KnownOperators {
  /** @throws Error when the store has been away for too long */
  tokens(): readonly OperatorToken[];
  /** As they were known last, however long ago: for what only reads numbers. */
  lastKnown(): readonly OperatorToken[];
  used(name: string): void;
  /** From now on these of the configuration, and no others of it. */
  use(configured: readonly OperatorToken[]): void;
  /** Reads the store's now. */
  look(): Promise<void>;
  flush(): Promise<void>;
  stop(): void;
}

const lookEveryMs = 1_000;
const trustedForMs = 60_000;
/** When a token was used last is written down with every so-manieth look. */
const flushEvery = 30;

export function knowOperators(store: Store, clock: Clock, log: Log): KnownOperators {
  const stopping = new AbortController();
  const lastUsed = new Map<string, number>();
  let configured: readonly OperatorToken[] = [];
  let stored: readonly OperatorToken[] = [];
  let seenMs = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    stored = (await store.operators()).map(tokenOf);
    seenMs = clock.now();
  }

  async function flush(): Promise<void> {
    const batch = [...lastUsed];
    lastUsed.clear();
    for (const [name, atMs] of batch) await store.usedOperator(name, atMs);
  }

  let turn = 0;
  const turned = async (): Promise<void> => {
    await look();
    if (++turn % flushEvery === 0) await flush();
  };
  void regularly({ clock, everyMs: lookEveryMs, signal: stopping.signal }, turned, (thrown) => log.warn("the operator tokens could not be read", { error: String(thrown) }));

  const lastKnown = () => [...configured, ...stored];
  return {
    tokens() {
      if (clock.now() - seenMs > trustedForMs) throw new Error("the operator tokens have not been read for a minute");
      return lastKnown();
    },
    lastKnown,
    used: (name) => void lastUsed.set(name, clock.now()),
    use: (next) => void (configured = next),
    look,
    flush,
    stop: () => stopping.abort(),
  };
}

const tokenOf = ({ name, hash, role, expiresMs }: StoredOperator): OperatorToken => ({ name, hash: Buffer.from(hash, "hex"), role, expiresMs });

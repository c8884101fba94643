/**
 * Which tokens open which connection: those of the configuration and those that `drawbridge token create` put into the store.
 *
 * Looked up once a second, so that a token made or revoked on the command line counts at once; a request never waits for it.
 * When the store has not answered for a minute, nobody's token can be known: the door says 503, never 401.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { ConnectionConfig } from "./config.ts";
import type { DoorToken } from "./http/door.ts";
import type { ConnectionId } from "./model/ids.ts";
import type { Clock } from "./runtime/clock.ts";
import type { Log } from "./runtime/log.ts";
import { regularly } from "./runtime/regularly.ts";
import type { Store, StoredToken } from "./store/store.ts";

export interface Tokens {
  /** `undefined` = no such connection. @throws when the store has been away for too long */
  of(connection: ConnectionId): readonly DoorToken[] | undefined;
  /** Whether there are any, as far as is known. */
  any(connection: ConnectionId): boolean;
  used(connection: ConnectionId, name: string): void;
  /** From now on these connections and no others. @throws when the store is away; then nothing has changed */
  take(connections: readonly ConnectionConfig[]): Promise<void>;
  flush(): Promise<void>;
  stop(): void;
}

const lookEveryMs = 1_000;
const trustedForMs = 60_000;
/** When a token was used last is written down with every so-manieth look. */
const flushEvery = 30;

export const hashOf = (token: string): Buffer => createHash("sha256").update(token).digest();

export function watchTokens(store: Store, clock: Clock, log: Log): Tokens {
  const stopping = new AbortController();
  const lastUsed = new Map<string, { readonly connection: ConnectionId; readonly name: string; readonly atMs: number }>();
  let known = new Map<ConnectionId, readonly DoorToken[]>();
  let current: readonly ConnectionConfig[] = [];
  let seenMs = 0;

  async function look(next?: readonly ConnectionConfig[]): Promise<void> {
    const stored = await store.tokens();
    current = next ?? current;
    known = new Map(current.map(({ id, bearer }) => [id, [...bearer.map(({ name, token }) => ({ name, hash: hashOf(token.reveal()), expiresMs: undefined })), ...stored.filter(({ connection }) => connection === id).map(doorToken)]]));
    seenMs = clock.now();
  }

  async function flush(): Promise<void> {
    const batch = [...lastUsed.values()];
    lastUsed.clear();
    for (const { connection, name, atMs } of batch) await store.usedToken(connection, name, atMs);
  }

  let turn = 0;
  const turned = async (): Promise<void> => {
    await look();
    if (++turn % flushEvery === 0) await flush();
  };
  void regularly({ clock, everyMs: lookEveryMs, signal: stopping.signal }, turned, (thrown) => log.warn("the tokens could not be read", { error: String(thrown) }));

  return {
    of(connection) {
      if (clock.now() - seenMs > trustedForMs) throw new Error("the tokens have not been read for a minute");
      return known.get(connection);
    },
    any: (connection) => (known.get(connection)?.length ?? 0) > 0,
    used: (connection, name) => void lastUsed.set(`${connection}/${name}`, { connection, name, atMs: clock.now() }),
    take: look,
    flush,
    stop: () => stopping.abort(),
  };
}

const doorToken = ({ name, hash, expiresMs }: StoredToken): DoorToken => ({ name, hash: Buffer.from(hash, "hex"), expiresMs });

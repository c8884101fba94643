/**
 * What this process knows to be committed, connection by connection: the last row of the journal that it wrote itself.
 *
 * A database that loses its last commits, by a failover to a standby that was behind or by an old copy put in its place, is whole in
 * itself: no constraint and no chain of hashes shows that something is missing. Whoever was told that it was committed can tell.
 *
 * @module
 */
import type { ConnectionId } from "../model/ids.ts";
import type { Engine } from "./engine.ts";

export interface Tail {
  readonly seq: number;
  readonly hash: string;
}

/** By the engine's connection to its database, which a wrapped engine shares. */
const tails = new WeakMap<Engine["db"], Map<ConnectionId, Tail>>();

export const tailOf = ({ db }: Engine, connection: ConnectionId): Tail | undefined => tails.get(db)?.get(connection);

export function rememberTail({ db }: Engine, connection: ConnectionId, { seq, hash }: Tail): void {
  const known = tails.get(db) ?? new Map<ConnectionId, Tail>();
  tails.set(db, known);
  if (seq > (known.get(connection)?.seq ?? 0)) known.set(connection, { seq, hash });
}

export const forgetTail = ({ db }: Engine, connection: ConnectionId): void => void tails.get(db)?.delete(connection);

/** Leaves the transaction that found it out. */
export class TailLost extends Error {
  readonly reason: string;
  constructor({ seq }: Tail) {
    super("the end of the journal is missing");
    this.name = "TailLost";
    this.reason = `the journal's row ${seq}, which this server had committed, is gone or another one: the database has lost its latest commits, and pushes that were acknowledged are missing. Let the IdP send everybody again before it is thawed`;
  }
}

/**
 * @param headSeq of the journal's last row; 0 = there is none
 * @param hash of the row at the tail's place; `null` = there is no such row
 */
export function isLost({ seq, hash: own }: Tail, headSeq: number, hash: string | null): boolean {
  if (headSeq < seq) return true;
  return hash !== null && hash !== own; // no row there, and later ones: it was exported and pruned
}

/**
 * What the house may ask of the rows that all processes share about a vendor, its budget and its outages: a part of the contract in `store.ts`.
 *
 * @module
 */
import type { ConnectionId } from "../model/ids.ts";

export interface BudgetStore {
  /**
   * Draws tokens from a bucket that all processes on this database share, in database time. A bucket that nobody has drawn from is full.
   *
   * @returns how many were there, 0 … `most`; where there was none, after how many ms one may be
   */
  draw(connection: ConnectionId, pool: string, wanted: Draw): Promise<Drawn>;
  /** No bucket of this connection's lesser calls is to be drawn from for so long; a rest that ends later stays. */
  rest(connection: ConnectionId, forMs: number): Promise<void>;
}

export interface Draw {
  readonly perSecond: number;
  readonly burst: number;
  /** So many tokens stay for others. */
  readonly leave: number;
  readonly most: number;
}

export interface Drawn {
  readonly tokens: number;
  /** 0 where a token was drawn. */
  readonly waitMs: number;
  /** How long the vendor still wants to be left alone. */
  readonly restMs: number;
}

export interface OutageStore {
  /** Connections whose vendor is down, whoever has found out. */
  outages(): Promise<readonly ConnectionId[]>;
  /** The vendor is down; its first probe may go after `probeAfterMs`. */
  markDown(connection: ConnectionId, probeAfterMs: number): Promise<void>;
  markUp(connection: ConnectionId): Promise<void>;
  /** Whether this caller, of all processes, may probe now; then nobody may for another `everyMs`. */
  takeProbe(connection: ConnectionId, everyMs: number): Promise<boolean>;
}

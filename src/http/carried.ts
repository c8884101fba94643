/**
 * Fills the exchange in: what one HTTP request carries through scimmy to the bridge, without a trace of express.
 *
 * @module
 */
import type { Request } from "express";
import type { ConnectionId, CorrelationId } from "../model/ids.ts";
import type { Answers, Exchange, Face } from "../scim/exchange.ts";
import type { DoorOptions } from "./door.ts";
import type { Visit } from "./visit.ts";

/** Where a connection's resources live; from the configuration, so no header of a client's can bend it. */
export const baseOf = (publicUrl: string, connection: ConnectionId): string => `${publicUrl}/scim/${connection}/v2`;

export const exchangeOf = (options: DoorOptions, visit: Visit, connection: ConnectionId, req: Request): Exchange => new Carried(options, visit, connection, req);

/**
 * A class for its getter: one in an object literal is a new closure, thus a new hidden class, for each request, and with that every
 * request would stay in memory until the next full collection.
 */
class Carried implements Exchange {
  readonly bridge: Answers;
  readonly base: string;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly correlation: CorrelationId;
  face: Face | undefined = undefined;
  readonly #options: DoorOptions;
  readonly #connection: ConnectionId;
  readonly #res: Visit["res"];
  #answered: Promise<boolean> | undefined;

  constructor(options: DoorOptions, { correlation, res }: Visit, connection: ConnectionId, { headers }: Request) {
    this.bridge = options.bridge(connection);
    this.base = baseOf(options.publicUrl, connection);
    this.ifMatch = headers["if-match"];
    this.ifNoneMatch = headers["if-none-match"];
    this.correlation = correlation;
    this.#options = options;
    this.#connection = connection;
    this.#res = res;
  }

  /** Made when somebody asks: only creates do. */
  get answered(): Promise<boolean> {
    return (this.#answered ??= writtenOut(this.#res));
  }

  setHeader(name: string, value: string): void {
    this.#res.setHeader(name, value);
  }

  crashed(thrown: unknown): void {
    this.#options.log.error("a bug answered 500", { connection: this.#connection, correlation: this.correlation, error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
  }
}

/** `finish`: every byte was handed to the operating system. `close` before it: the client was gone. */
function writtenOut(res: Visit["res"]): Promise<boolean> {
  if (res.writableFinished || res.closed || res.destroyed) return Promise.resolve(res.writableFinished);
  return new Promise((resolve) => {
    res.once("finish", () => resolve(true));
    res.once("close", () => resolve(res.writableFinished));
  });
}

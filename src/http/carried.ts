/**
 * Fills the exchange in: what one HTTP request carries through scimmy to the bridge, without a trace of express.
 *
 * @module
 */
import type { Request } from "express";
import type { ConnectionId } from "../model/ids.ts";
import type { Exchange } from "../scim/exchange.ts";
import type { DoorOptions } from "./door.ts";
import type { Visit } from "./visit.ts";

/** Where a connection's resources live; from the configuration, so no header of a client's can bend it. */
export const baseOf = (publicUrl: string, connection: ConnectionId): string => `${publicUrl}/scim/${connection}/v2`;

export function exchangeOf(options: DoorOptions, { correlation, res }: Visit, connection: ConnectionId, req: Request): Exchange {
  let answered: Promise<boolean> | undefined;
  return {
    bridge: options.bridge(connection),
    base: baseOf(options.publicUrl, connection),
    ifMatch: req.headers["if-match"],
    ifNoneMatch: req.headers["if-none-match"],
    correlation,
    // Made when somebody asks: only creates do.
    get answered() {
      return (answered ??= writtenOut(res));
    },
    setHeader: (name, value) => void res.setHeader(name, value),
    crashed: (thrown) => options.log.error("a bug answered 500", { connection, correlation, error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) }),
    face: undefined,
  };
}

/** `finish`: every byte was handed to the operating system. `close` before it: the client was gone. */
function writtenOut(res: Visit["res"]): Promise<boolean> {
  if (res.writableFinished || res.closed || res.destroyed) return Promise.resolve(res.writableFinished);
  return new Promise((resolve) => {
    res.once("finish", () => resolve(true));
    res.once("close", () => resolve(res.writableFinished));
  });
}

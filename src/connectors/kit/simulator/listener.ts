/**
 * A listening socket on 127.0.0.1 that can be closed and opened again on the same port: a plug that can be pulled.
 *
 * @module
 */
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Listener {
  readonly url: string;
  /** Refuses connections from now on and breaks those that are open. */
  close(): Promise<void>;
  /** Listens again on the port it had. */
  reopen(): Promise<void>;
}

/** @param port 0 = any free one. @throws the operating system's error when the port is taken */
export async function listen(answer: RequestListener, port: number): Promise<Listener> {
  // A client's half-open connection must not be cut by a timer of ours while a test lets it wait.
  const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 60_000 }, answer);
  const open = async (wanted: number) => {
    server.listen(wanted, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const given = await open(port);

  // One change at a time, in the order asked for: close and reopen may be called at once.
  let settled: Promise<unknown> = Promise.resolve();
  const next = (change: () => Promise<unknown>): Promise<void> => {
    const changed = settled.then(change);
    settled = changed.catch(() => undefined);
    return changed.then(() => undefined);
  };
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${given}`,
    close: () => next(close),
    reopen: () => next(async () => (server.listening ? given : open(given))),
  };
}

/**
 * A tiny vendor for tests: real HTTP on 127.0.0.1, scripted per request, and it remembers what arrived.
 *
 * @module
 */
import { createServer } from "node:http";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Call, Exchanged } from "../../../src/connectors/connector.ts";
import { correlationId } from "../../../src/model/ids.ts";

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Vendor {
  readonly origin: string;
  readonly port: number;
  /** Every request whose body was read to its end. */
  readonly seen: Seen[];
  connections(): number;
  stop(): Promise<void>;
}

export type Script = (request: Seen, response: ServerResponse, socket: Socket) => void;

export async function startVendor(script: Script): Promise<Vendor> {
  const seen: Seen[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const one = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() };
      seen.push(one);
      script(one, response, request.socket);
    });
    request.on("error", () => {});
  });
  server.on("connection", () => void connections++);
  server.on("clientError", (_, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    seen,
    connections: () => connections,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const json = (response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
};

/** A call that remembers what was written down. */
export function aCall(signal: AbortSignal = new AbortController().signal): Call & { readonly exchanges: Exchanged[] } {
  const exchanges: Exchanged[] = [];
  return { signal, correlation: correlationId("c-test"), exchanges, record: (exchange) => void exchanges.push(exchange) };
}

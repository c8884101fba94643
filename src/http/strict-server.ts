/**
 * Node's HTTP server with everything strict that can be, and our own words wherever Node would answer by itself.
 *
 * @module
 */
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { Face } from "../scim/exchange.ts";
import type { ScimSide } from "../scim/resources.ts";
import type { Tuning } from "./door.ts";
import { SCIM_JSON } from "./errors.ts";

export function strictServer(listener: RequestListener, tuning: Tuning, errorBody: ScimSide["errorBody"]): Server {
  const latest = new WeakMap<Duplex, ServerResponse>();
  const serve: RequestListener = (req, res) => {
    latest.set(req.socket, res);
    listener(req, res);
  };
  const server = createServer(
    {
      headersTimeout: tuning.headersTimeoutMs,
      requestTimeout: tuning.requestTimeoutMs,
      keepAliveTimeout: tuning.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(500, tuning.headersTimeoutMs), // Node looks for slow clients only so often; its default is 30 s
      maxHeaderSize: tuning.maxHeaderBytes,
      insecureHTTPParser: false,
      requireHostHeader: false, // checked in head.ts, which answers with a body and a correlation id
    },
    serve,
  );
  server.maxHeadersCount = 0; // Node would drop the ones above the count without a word; head.ts refuses them
  server.maxConnections = tuning.maxSockets;
  server.on("checkContinue", serve); // body.ts says 100 once the token is known
  server.on("checkExpectation", serve); // head.ts says 417
  server.on("connect", (_req, socket) => answerRaw(socket, { status: 405, detail: "This server is no proxy." }, errorBody));
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => broken(error, socket, latest.get(socket), errorBody));
  return server;
}

/** The parser gave up, or a client was too slow. */
function broken(error: NodeJS.ErrnoException, socket: Duplex, last: ServerResponse | undefined, errorBody: ScimSide["errorBody"]): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  if (last && !last.writableEnded) {
    // What broke came behind a whole request: that one still gets its own answer, and then the connection ends.
    if (last.req.complete) {
      if (!last.headersSent) last.setHeader("connection", "close");
      return;
    }
    if (last.headersSent) return void last.end(); // a refusal that was only waiting for the body to stop
  }
  answerRaw(socket, faces[error.code ?? ""] ?? { status: 400, detail: "The request is not valid HTTP." }, errorBody);
}

const faces: Readonly<Record<string, Face>> = {
  HPE_HEADER_OVERFLOW: { status: 431, detail: "The head of the request is too large." },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, detail: "The chunk extensions are too large." },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: "The request took too long to arrive." },
};

const reasons: Readonly<Record<number, string>> = { 400: "Bad Request", 405: "Method Not Allowed", 408: "Request Timeout", 413: "Content Too Large", 431: "Request Header Fields Too Large" };

/** Where Node made no response object: written by hand, and the connection ends. */
function answerRaw(socket: Duplex, face: Face, errorBody: ScimSide["errorBody"]): void {
  const correlation = newCorrelationId();
  const text = JSON.stringify(errorBody(face, correlation));
  const head = [
    `HTTP/1.1 ${face.status} ${reasons[face.status]}`,
    `content-type: ${SCIM_JSON}`,
    `content-length: ${Buffer.byteLength(text)}`,
    `x-correlation-id: ${correlation}`,
    ...(face.status === 405 ? ["allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"] : []),
    "cache-control: no-store",
    "connection: close",
  ];
  socket.on("error", () => socket.destroy());
  socket.end(`${head.join("\r\n")}\r\n\r\n${text}`);
  // A client that never reads would keep its half open.
  setTimeout(() => (socket as Socket).destroy(), 1000).unref();
}

/**
 * A TCP proxy between two parties, with something wrong on the wire when asked: on the next request (HTTP), or the next statement
 * (PostgreSQL), that a test picks.
 *
 * @module
 */
import { createServer, connect, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** What is done to one exchange. The request is held whole before it is judged, the answer as it comes. */
export const wireFaults = [
  /** The connection is reset and nothing of the request has gone on. */
  "reset before the request",
  /** Only the request's first half reaches the other side. */
  "reset after its head",
  /** The request arrives whole; the connection is reset when the answer begins. */
  "reset after its body",
  "reset inside the answer",
  /** The request arrives, the answer never does, and the connection stays open. */
  "half-open",
  /** The request never arrives, and the connection stays open. */
  "swallowed",
  /** The answer comes byte by byte. */
  "drip",
  /** The answer's first half, and then an orderly end. */
  "cut answer",
  "doubled answer",
  /** The answer says that it is longer than it is. */
  "wrong length",
  /** A page of somebody in between, with status 200; the request has gone on. */
  "HTML with 200",
  /** Elsewhere; the request has not gone on. */
  "redirect",
  /** The request has gone on, and what comes back is no HTTP. */
  "TLS garbage",
] as const;
export type WireFault = (typeof wireFaults)[number];

export interface Proxy {
  readonly port: number;
  /** The next exchange whose request fits meets the fault. */
  plan(fault: WireFault, fits: (request: string) => boolean): void;
  /** How many exchanges have met one. */
  readonly met: number;
  close(): Promise<void>;
}

const dripMs = 40;
const page = "<!doctype html><title>Sign in</title><h1>Please sign in</h1>";
const htmlAnswer = `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: ${page.length}\r\n\r\n${page}`;
const redirectAnswer = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/elsewhere\r\ncontent-length: 0\r\n\r\n";
const tlsAlert = Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x28]);

/** @param whole whether these bytes are a whole request; default: an HTTP request with its body, of the length that its head says */
export async function startProxy(target: number, whole: (bytes: Buffer) => boolean = wholeRequest): Promise<Proxy> {
  let planned: { readonly fault: WireFault; readonly fits: (request: string) => boolean } | undefined;
  let met = 0;
  const open = new Set<Socket>();

  const server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    let fault: WireFault | undefined;
    let held = Buffer.alloc(0);
    for (const [socket, other] of [[near, far], [far, near]] as const) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => other.destroy()).on("close", () => {
        open.delete(socket);
        other.destroy();
      });
    }

    near.on("data", (chunk: Buffer) => {
      if (fault) return; // whatever comes behind the broken exchange is lost with it
      held = Buffer.concat([held, chunk]);
      if (!whole(held)) return;
      const request = held;
      held = Buffer.alloc(0);
      if (!planned?.fits(request.toString("latin1"))) return void far.write(request);
      fault = planned.fault;
      planned = undefined;
      met += 1;
      send(fault, request, near, far);
    });
    far.on("data", (chunk: Buffer) => answer(fault, chunk, near));
    far.on("end", () => near.end());
    near.on("end", () => far.end());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));

  return {
    port: (server.address() as AddressInfo).port,
    plan: (fault, fits) => void (planned = { fault, fits }),
    get met() {
      return met;
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function send(fault: WireFault, request: Buffer, near: Socket, far: Socket): void {
  switch (fault) {
    case "reset before the request":
      return void near.resetAndDestroy();
    case "reset after its head":
      far.write(request.subarray(0, Math.max(1, headLength(request))));
      return void setTimeout(() => {
        near.resetAndDestroy();
        far.resetAndDestroy();
      }, 15);
    case "swallowed":
      return;
    case "redirect":
      return void near.write(redirectAnswer);
    default:
      far.write(request);
  }
}

const headLength = (request: Buffer): number => {
  const end = request.indexOf("\r\n\r\n");
  return end < 0 ? Math.floor(request.length / 2) : end + 4;
};

function answer(fault: WireFault | undefined, chunk: Buffer, near: Socket): void {
  switch (fault) {
    case "reset after its body":
      return void near.resetAndDestroy();
    case "reset inside the answer":
      return void near.write(chunk.subarray(0, Math.floor(chunk.length / 2)), () => setTimeout(() => near.resetAndDestroy(), 10));
    case "half-open":
    case "swallowed":
    case "redirect":
      return;
    case "drip":
      return drip(chunk, near);
    case "cut answer":
      return void near.end(chunk.subarray(0, Math.floor(chunk.length / 2)));
    case "doubled answer":
      return void near.write(Buffer.concat([chunk, chunk]));
    case "wrong length":
      return void near.write(chunk.toString("latin1").replace(/(content-length: *)(\d+)/i, (_, name: string, length: string) => name + (Number(length) + 7)), "latin1");
    case "HTML with 200":
      return void near.write(htmlAnswer);
    case "TLS garbage":
      return void near.end(tlsAlert);
    default:
      near.write(chunk);
  }
}

function drip(chunk: Buffer, near: Socket): void {
  let at = 0;
  const timer = setInterval(() => {
    if (near.destroyed || at >= chunk.length) return clearInterval(timer);
    near.write(chunk.subarray(at, ++at));
  }, dripMs).unref();
}

function wholeRequest(bytes: Buffer): boolean {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const [, length = "0"] = /content-length: *(\d+)/i.exec(bytes.subarray(0, end).toString("latin1")) ?? [];
  return bytes.length >= end + 4 + Number(length);
}

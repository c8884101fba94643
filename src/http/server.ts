/**
 * The door: an express app on a strict server, opened and closed.
 *
 * express has three layers and no routes of its own: what a request meets, and in which order, stands in `way-in.ts`.
 *
 * @module
 */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type Express } from "express";
import { openAttempts } from "./attempts.ts";
import { type Door, type DoorOptions, tuning as defaults } from "./door.ts";
import { notThere } from "./errors.ts";
import { lastRoute } from "./last.ts";
import { admission } from "./limits.ts";
import { strictServer } from "./strict-server.ts";
import { type House, wayIn } from "./way-in.ts";

export function openDoor(options: DoorOptions): Door {
  const tuning = { ...defaults, ...options.tuning };
  const house: House = { options, admission: admission(tuning), operators: admission(operatorTuning), attempts: openAttempts(options.clock), visits: new Set(), closing: false };
  const app = appOf(house);
  const server = strictServer(app, tuning, options.scim.errorBody);
  let closed: Promise<void> | undefined;
  return {
    app,
    server,
    listen: (host, port) => listen(server, host, port),
    close: () => (closed ??= close(server, house, tuning.drainMs)),
  };
}

/** Places of their own, so that operators and IdPs do not wait for each other: requests at once for each token, and bytes over all. */
const operatorTuning = { maxAtOnce: 16, maxBodyBytesAtOnce: 1_048_576 };

function appOf(house: House): Express {
  const app = express();
  app.disable("x-powered-by"); // helmet, asked once in headers.ts, is not there to remove it
  app.disable("etag"); // ours is meta.version, not a hash of the body
  app.set("query parser", false);
  // express 5 parses the query anew at every access, so what scimmy-routers writes into it would be lost; a plain property keeps it.
  Object.defineProperty(app.request, "query", { value: {}, writable: true, enumerable: true, configurable: true });
  app.use(wayIn(house));
  app.use(() => {
    throw notThere();
  });
  app.use(lastRoute(house.options));
  return app;
}

function listen(server: Server, host: string, port: number): Promise<{ readonly port: number }> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve({ port: (server.address() as AddressInfo).port });
    });
  });
}

/** Nobody new comes in; who is inside is answered and told to leave; after `drainMs` the rest is cut. */
function close(server: Server, house: House, drainMs: number): Promise<void> {
  house.closing = true;
  for (const { res } of house.visits) if (!res.headersSent) res.setHeader("connection", "close");
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), drainMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}

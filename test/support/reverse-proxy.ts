/**
 * What ends TLS before Drawbridge, with the habits that such things have when somebody has set them up in a hurry.
 *
 * @module
 */
import { createServer as createPlain, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer as createSecure, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";

export interface Habits {
  /** Default: none, plain http. */
  readonly tls?: ServerOptions;
  readonly stripsAuthorization?: boolean;
  readonly dropsQuery?: boolean;
  /** Put before every path on the way in. */
  readonly prefix?: string;
  /** Taken off the path where it is there; what does not begin with it is 404. */
  readonly under?: string;
  readonly refuses?: readonly string[];
  readonly largestBody?: number;
  readonly redirectsTo?: string;
  /** Instead of going on. */
  readonly answers?: { readonly status: number; readonly body: string };
  /** The same, under /scim/ alone. */
  readonly guards?: number;
  readonly contentType?: string;
}

export interface ReverseProxy {
  readonly port: number;
  close(): Promise<void>;
}

/** @param target the port of what stands behind it */
export async function startReverseProxy(target: number, habits: Habits): Promise<ReverseProxy> {
  const answer = (req: IncomingMessage, res: ServerResponse) => void pass(target, habits, req, res);
  const server = habits.tls ? createSecure(habits.tls, answer) : createPlain(answer);
  server.on("tlsClientError", () => {}); // the doctor tries versions and certificates on purpose
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function pass(target: number, habits: Habits, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const end = (status: number, text = "<h1>nginx</h1>") => void res.writeHead(status, { "content-type": "text/html" }).end(text);
  const { method = "GET", url = "/" } = req;
  if (habits.redirectsTo !== undefined) return void res.writeHead(301, { location: habits.redirectsTo + url }).end();
  if (habits.answers) return end(habits.answers.status, habits.answers.body);
  if (habits.refuses?.includes(method)) return end(405);
  if (habits.largestBody !== undefined && body.length > habits.largestBody) return end(413);
  if (habits.guards !== undefined && url.startsWith("/scim/")) return end(habits.guards);
  if (habits.under !== undefined && !url.startsWith(habits.under)) return end(404);
  const inside = (habits.prefix ?? "") + (habits.under === undefined ? url : url.slice(habits.under.length));
  const headers = { ...req.headers, host: `127.0.0.1:${target}` };
  if (habits.stripsAuthorization) delete headers.authorization;
  const onward = request({ host: "127.0.0.1", port: target, method, path: habits.dropsQuery ? inside.split("?")[0] : inside, headers, agent: false }, (back) => {
    res.writeHead(back.statusCode ?? 502, { ...back.headers, ...(habits.contentType !== undefined && { "content-type": habits.contentType }) });
    back.pipe(res);
  });
  onward.on("error", () => end(502));
  onward.end(body);
}

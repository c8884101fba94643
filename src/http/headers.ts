/**
 * The headers of every answer, for an API that no browser shows: nothing may be loaded, framed, guessed or remembered, and there
 * is no CORS header on purpose.
 *
 * helmet decides what they are. None depends on the request, so it is asked once, when this file is loaded, and its answer is
 * repeated.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import helmet from "helmet";

const decide = helmet({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
  xFrameOptions: { action: "deny" },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xPoweredBy: false,
  xXssProtection: false,
});

const headers: (readonly [string, string])[] = [];
decide({} as IncomingMessage, { setHeader: (name: string, value: string) => headers.push([name, value]) } as unknown as ServerResponse, (thrown?: unknown) => {
  if (thrown) throw thrown as Error;
});

export function setHeaders(res: ServerResponse): void {
  for (const [name, value] of headers) res.setHeader(name, value);
}

/**
 * The running server: does it answer here, does it answer under its public address, and how does it feel.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { isPublicAddress } from "../connectors/kit/addresses.ts";
import type { ClockSeen } from "./clock.ts";
import { type Answered, exchange, isDrawbridge, jsonOf, silence } from "./exchange.ts";
import { counted, failure, type Finding, note, ok, warning } from "./finding.ts";
import { lookAtTls } from "./tls.ts";
import type { Ward } from "./ward.ts";

export interface ServerSeen {
  readonly findings: readonly Finding[];
  /** Where the server answers, without a slash at the end; `undefined` = not there. */
  readonly here: URL | undefined;
  /** The public address, if it leads to a Drawbridge and could be trusted with a token. */
  readonly outside: URL | undefined;
  readonly clocks: readonly ClockSeen[];
}

/** A denial that is this old has been paged about. */
const lateSeconds = 300;

export async function lookAtServer(ward: Ward): Promise<ServerSeen> {
  const { config } = ward;
  const here = hereOf(config.listen);
  const outside = new URL(config.publicUrl);
  const isOne = here.origin === outside.origin;
  const local = await get(ward, here, "/livez");
  const address = isOne ? { findings: [], usable: true } : await lookAtAddress(ward, outside);
  const far = isOne || !address.usable ? undefined : await get(ward, outside, "/livez");
  const isHere = isDrawbridge(local);
  const isOutside = far?.kind === "answered" && isDrawbridge(far) && far.status === 200;
  const ready = isHere ? await get(ward, here, "/readyz") : isOutside ? await get(ward, outside, "/readyz") : undefined;
  return {
    findings: [
      liveFinding(local, here, isOutside),
      ...(isTrial(outside) ? [note("url.reachable", `publicUrl is ${outside.origin}: good for trials on this machine; no IdP can push there.`)] : []),
      ...address.findings,
      ...(far === undefined ? [] : [outsideFinding(far, outside, isHere)]),
      ...(ready === undefined ? [] : readyFindings(ready)),
    ],
    here: isHere ? here : undefined,
    outside: isOne ? (isHere ? outside : undefined) : isOutside ? outside : undefined,
    clocks: far?.kind === "answered" && far.dateMs !== undefined && !isTrial(outside) ? [{ whose: outside.hostname, aheadMs: far.dateMs - ward.clock.now() }] : [],
  };
}

/** A wildcard is answered on loopback, too. */
function hereOf({ host, port }: Ward["config"]["listen"]): URL {
  const name = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : isIP(host) === 6 ? `[${host}]` : host;
  return new URL(`http://${name}:${port}`);
}

const isTrial = ({ protocol, hostname }: URL): boolean => protocol === "http:" && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);

const get = (ward: Ward, base: URL, path: string): Promise<Answered> =>
  exchange({ method: "GET", url: new URL(base.href.replace(/\/$/, "") + path), timeoutMs: ward.timeoutMs, signal: ward.signal, authorities: ward.authorities });

/** Name and certificate, before anything is sent there. */
async function lookAtAddress(ward: Ward, url: URL): Promise<{ readonly findings: readonly Finding[]; readonly usable: boolean }> {
  if (isTrial(url)) return { findings: [], usable: true };
  if (url.protocol === "http:") return { findings: [failure("url.tls", "publicUrl is http, and Okta and Entra push to https only.", "Put something that ends TLS before Drawbridge, and write its https address into publicUrl.")], usable: false };
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = isIP(host) === 0 ? await lookup(host, { all: true }).catch(() => []) : [{ address: host }];
  if (addresses.length === 0) return { findings: [failure("url.name", `The name ${host} of publicUrl is not known to DNS.`, `Make the DNS record, or correct publicUrl and with it the IdP's base URL (Okta) and Tenant URL (Entra).`)], usable: false };
  const inside = addresses.filter(({ address }) => !isPublicAddress(address));
  const name = inside.length === 0 ? [] : [warning("url.name", `The name ${host} of publicUrl leads to ${inside[0]?.address}, which is no public address.`, "Unless IdPs see another address under that name, publish one that the internet can reach; Entra's on-premises agent is the way without.")];
  const tls = await lookAtTls({ url, authorities: ward.authorities, timeoutMs: ward.timeoutMs, nowMs: ward.clock.now() });
  return { findings: [...name, ...tls], usable: !tls.some(({ check, outcome }) => check === "url.certificate" && outcome === "failure") };
}

function liveFinding(local: Answered, here: URL, isOutside: boolean): Finding {
  const check = "server.live";
  if (isDrawbridge(local)) return ok(check, `The server answers at ${here.origin}.`);
  if (isOutside) return note(check, `No server answers at ${here.origin}, seen from here; the one behind publicUrl does.`);
  if (local.kind === "silent") return failure(check, `No server answers at ${here.origin}: ${silence(local.code)}.`, "Start it (drawbridge serve --config FILE), and see in its log why it may have ended.");
  return failure(check, `Something answers at ${here.origin}, and it is no Drawbridge.`, "Give Drawbridge a port of its own in listen.port, or end what has taken it.");
}

function outsideFinding(far: Answered, url: URL, isHere: boolean): Finding {
  const check = "url.reachable";
  if (isDrawbridge(far) && far.kind === "answered" && far.status === 200) return ok(check, `publicUrl leads to a Drawbridge.`);
  if (far.kind === "silent") return failure(check, `Nobody answers at publicUrl: ${silence(far.code)}.`, `Open the way to ${url.host} (firewall, load balancer, proxy), or correct publicUrl.`);
  if (isDrawbridge(far)) return failure(check, `publicUrl leads to a Drawbridge under another path (${far.status}).`, `Have the proxy pass ${url.host}${url.pathname === "/" ? "" : url.pathname}/… on to Drawbridge as /…, with nothing added or taken away.`);
  if (far.status >= 300 && far.status < 400) return failure(check, `publicUrl answers with a redirect (${far.status}${far.headers["location"] === undefined ? "" : ` to ${originOf(far.headers["location"], url)}`}), which no IdP follows.`, `Write the address that it leads to into publicUrl, and into the IdP's base URL (Okta) and Tenant URL (Entra).`);
  if ([502, 503, 504].includes(far.status)) return failure(check, `The proxy at publicUrl does not reach Drawbridge (${far.status})${isHere ? ", which does answer here" : ""}.`, "Correct host and port of Drawbridge in the proxy's configuration.");
  return failure(check, `What answers at publicUrl is no Drawbridge (${far.status}).`, `Have the proxy pass ${url.host}${url.pathname === "/" ? "" : url.pathname}/… on to Drawbridge, or correct publicUrl.`);
}

const originOf = (location: string, base: URL): string => (URL.canParse(location, base.href) ? new URL(location, base).origin : "elsewhere");

function readyFindings(ready: Answered): readonly Finding[] {
  const body = jsonOf(ready);
  const detail = (body?.["detail"] ?? {}) as { readonly store?: unknown; readonly oldestDenialSeconds?: unknown; readonly openHolds?: unknown; readonly unsentNotices?: unknown };
  if (body?.["ok"] !== true) return [failure("server.ready", detail.store === "away" ? "The server runs and cannot reach its database." : "The server runs and is not ready.", "See what is said of the database above, and the server's log.")];
  const late = typeof detail.oldestDenialSeconds === "number" ? detail.oldestDenialSeconds : 0;
  const holds = typeof detail.openHolds === "number" ? detail.openHolds : 0;
  return [
    ok("server.ready", "It can do its work."),
    ...(late >= lateSeconds ? [failure("server.denials", `A denial waits for ${counted(Math.round(late / 60), "minute")} to be carried out.`, "See who it is in the alarms, and with drawbridge timeline why; the vendor's credential is the commonest reason.")] : []),
    ...(holds > 0 ? [warning("server.holds", `${counted(holds, "hold")} wait${holds === 1 ? "s" : ""} for a person.`, "Look with drawbridge holds list, and approve or reject.")] : []),
  ];
}

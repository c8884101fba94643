/**
 * What ends TLS at the public address: which versions it speaks, whom its certificate names, until when, and whether an IdP can follow the
 * chain to an authority that everybody knows. Looks without trusting: nothing is sent over the sockets that are opened here.
 *
 * @module
 */
import { isIP } from "node:net";
import { connect, type PeerCertificate, rootCertificates, type SecureVersion, type TLSSocket } from "node:tls";
import { failure, type Finding, ok, warning } from "./finding.ts";

export interface TlsSeen {
  /** `undefined` = verified. */
  readonly problem: string | undefined;
  readonly protocol: string | null;
  readonly certificate: PeerCertificate;
  /** How many certificates were sent. */
  readonly chain: number;
  /** The last one of them is signed by itself. */
  readonly isRooted: boolean;
}

export interface TlsAsked {
  readonly url: URL;
  /** Authorities, PEM. Default: those that Node brings along, whatever this machine trusts besides. */
  readonly authorities?: readonly string[] | undefined;
  readonly timeoutMs: number;
  /** ms since 1970. */
  readonly nowMs: number;
}

const day = 86_400_000;
const soonDays = 21;

/** @returns nothing for an address that nobody answers at: that is said elsewhere */
export async function lookAtTls(asked: TlsAsked): Promise<readonly Finding[]> {
  const seen = await handshake(asked, {});
  if (!seen) return [];
  const [old, recent] = [await handshake(asked, { maxVersion: "TLSv1.2" }), await handshake(asked, { minVersion: "TLSv1.3" })];
  return [certificateFinding(seen, asked), versionFinding(old !== undefined, recent !== undefined)];
}

function versionFinding(speaksOld: boolean, speaksRecent: boolean): Finding {
  if (!speaksOld) return failure("url.versions", "TLS 1.3 alone is spoken at the public address, and Entra does not come with 1.3 alone.", "Switch TLS 1.2 on beside 1.3 at whatever ends TLS before Drawbridge.");
  if (!speaksRecent) return warning("url.versions", "TLS 1.2 is spoken at the public address, but not 1.3.", "Switch TLS 1.3 on beside 1.2 at whatever ends TLS before Drawbridge.");
  return ok("url.versions", "TLS 1.2 and 1.3 are spoken at the public address.");
}

function certificateFinding({ problem, certificate, chain, isRooted }: TlsSeen, { url, nowMs }: TlsAsked): Finding {
  const check = "url.certificate";
  const untilMs = Date.parse(certificate.valid_to);
  const until = new Date(untilMs).toISOString().slice(0, 10);
  switch (problem) {
    case undefined: {
      const days = Math.floor((untilMs - nowMs) / day);
      if (days < soonDays) return warning(check, `The certificate of ${url.hostname} runs out in ${days} days (${until}).`, "Renew it, and see why that has not happened by itself; an IdP that meets an expired one stops.");
      return ok(check, `The certificate of ${url.hostname} is good until ${until}, and comes from a public authority.`);
    }
    case "CERT_HAS_EXPIRED":
      return failure(check, `The certificate of ${url.hostname} has run out (${until}).`, "Renew the certificate at whatever ends TLS before Drawbridge.");
    case "CERT_NOT_YET_VALID":
      return failure(check, `The certificate of ${url.hostname} is not valid before ${certificate.valid_from}.`, "Look at this machine's clock, then at the certificate.");
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return failure(check, `The certificate is for ${namesOf(certificate)}, not for ${url.hostname}.`, `Get a certificate for ${url.hostname}, or let publicUrl, the IdP's base URL (Okta) and Tenant URL (Entra) name a host that it is for.`);
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
      return failure(check, `The certificate of ${url.hostname} is self-signed, and no IdP accepts one.`, "Get one from a public authority (Let's Encrypt is one) for whatever ends TLS before Drawbridge.");
    default:
      if (chain < 2 && !isRooted) return failure(check, `The certificate of ${url.hostname} comes without the one that signed it, or is signed by an authority that is not public.`, "Install the whole chain (fullchain.pem, not cert.pem) at whatever ends TLS before Drawbridge.");
      return failure(check, `The certificate of ${url.hostname} comes from an authority that is not public, which Okta and Entra do not know.`, "Get one from a public authority for whatever ends TLS before Drawbridge.");
  }
}

const namesOf = ({ subject, subjectaltname }: PeerCertificate): string => subjectaltname?.replace(/DNS:|IP Address:/g, "") ?? String(subject.CN ?? "nobody");

/** @returns `undefined` = no TLS came about */
function handshake({ url, authorities = rootCertificates, timeoutMs }: TlsAsked, versions: { readonly maxVersion?: SecureVersion; readonly minVersion?: SecureVersion }): Promise<TlsSeen | undefined> {
  return new Promise((resolve) => {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const socket = connect({ host, port: Number(url.port || 443), ...(isIP(host) === 0 && { servername: host }), ca: [...authorities], rejectUnauthorized: false, timeout: timeoutMs, ...versions });
    const end = (seen: TlsSeen | undefined) => {
      socket.destroy();
      resolve(seen);
    };
    socket.once("secureConnect", () => end(seenOn(socket)));
    socket.once("error", () => end(undefined));
    socket.once("timeout", () => end(undefined));
  });
}

function seenOn(socket: TLSSocket): TlsSeen {
  const certificate = socket.getPeerCertificate(true);
  const sent = new Set<string>();
  let last = certificate as ReturnType<TLSSocket["getPeerCertificate"]> & { issuerCertificate?: PeerCertificate };
  while (!sent.has(last.fingerprint256)) {
    sent.add(last.fingerprint256);
    if (!last.issuerCertificate) break;
    last = last.issuerCertificate;
  }
  const error = socket.authorizationError as unknown;
  const code = error instanceof Error ? ((error as { code?: string }).code ?? error.message) : (error as string | null);
  return { problem: socket.authorized ? undefined : (code ?? "UNKNOWN"), protocol: socket.getProtocol(), certificate, chain: sent.size, isRooted: last.issuerCertificate?.fingerprint256 === last.fingerprint256 };
}
